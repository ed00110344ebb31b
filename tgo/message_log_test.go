package tgo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// entries returns the JSON of log entries with these ids.
func entries(ids ...int) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = fmt.Sprintf(`{"id": %d, "sender_number_id": 1, "message_type": "text", "content": null, "status": "sent", "sent_at": null}`, id)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// collect reads the whole log, up to a limit that no test should reach.
func collect(t *testing.T, client *tgo.Client, q tgo.MessageQuery) ([]int64, error) {
	t.Helper()
	var ids []int64
	for entry, err := range client.Messages(t.Context(), q) {
		if err != nil {
			return ids, err
		}
		if ids = append(ids, entry.ID); len(ids) > 10_000 {
			t.Fatal("the log does not end")
		}
	}
	return ids, nil
}

// Each range over the log starts again from the beginning, whether the one before reached the end or not.
func TestMessagesRangedTwice(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		ids := map[int]string{1: entries(4, 3), 2: entries(2, 1)}
		answer(w, 200, `{"data": `+ids[pageAsked(r)]+`, "meta": {"last_page": 2}}`)
	})
	log := client.Messages(t.Context(), tgo.MessageQuery{})
	for _, most := range []int{3, 4, 4} {
		var ids []int64
		for entry, err := range log {
			if err != nil {
				t.Fatal(err)
			}
			if ids = append(ids, entry.ID); len(ids) == most {
				break
			}
		}
		if want := []int64{4, 3, 2, 1}[:most]; !slices.Equal(ids, want) {
			t.Errorf("%v, not %v", ids, want)
		}
	}
}

func TestMessagePageAndQuery(t *testing.T) {
	fake := tgotest.New(t, func(c *tgotest.Config) { c.PageSize = 2 })
	for i := range 5 {
		if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	page, err := fake.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: 2})
	if err != nil || page.Page != 2 || page.NextPage != 3 || page.LastPage != 3 || page.Total != 5 || len(page.Entries) != 2 {
		t.Errorf("%+v, %v", page, err)
	}
	if ids, err := collect(t, fake.Client, tgo.MessageQuery{Page: 2}); err != nil || fmt.Sprint(ids) != "[3 2 1]" {
		t.Errorf("%v, %v", ids, err)
	}
	if _, err := fake.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: -1}); !errors.Is(err, tgo.ErrValidation) {
		t.Error(err)
	}
	for _, err := range fake.Client.Messages(t.Context(), tgo.MessageQuery{}) {
		if err != nil {
			t.Error(err)
		}
		break // must not panic, and must end the reading
	}
}

// An empty page after the last one has the number of pages.
func TestPageAfterTheLast(t *testing.T) {
	page, err := always(t, 200, `{"data": [], "meta": {"last_page": "3", "total": "5"}}`).MessagePage(t.Context(), tgo.MessageQuery{Page: 9})
	if err != nil || page.LastPage != 3 || page.Total != 5 || page.NextPage != 0 || page.Page != 9 {
		t.Errorf("%+v, %v", page, err)
	}
}

// An entry that cannot be read does not hide the others.
func TestOddEntriesOfTheLog(t *testing.T) {
	const fields = `"sender_number_id": "1", "message_type": "text", "status": "sent", "content": "x"`
	page := `{"data": {"0": {"id": 9, ` + fields + `, "sent_at": "2025-01-10 08:00:00"}, "3": {"id": 8, ` + fields + `, "sent_at": "soon"},
		"5": {` + fields + `}, "7": 5, "8": {"id": "x", "content": ["` + testKey + `"]}, "9": {"id": "-4"}, "10": {"id": 7, ` + fields + `}}}`
	client := always(t, 200, page)
	for range 2 {
		var said []string
		for entry, err := range client.Messages(t.Context(), tgo.MessageQuery{}) {
			if err != nil {
				t.Fatal(err)
			}
			if entry.Err != nil && !errors.Is(entry.Err, tgo.ErrUnreadable) || !json.Valid(entry.Raw) {
				t.Errorf("%+v", entry)
			}
			said = append(said, fmt.Sprint(entry.ID, entry.SenderNumberID, entry.Content, " ", strings.TrimPrefix(fmt.Sprint(entry.Err), "tgo: read message log: the response cannot be read: ")))
		}
		want := []string{
			"9 1x <nil>", `8 1x data[1].sent_at: "soon" is not a time`, `0 1x data[2] has no "id"`, `0 0 data[3]: 5 is not an object`,
			`0 0 data[4].id: "x" is not a 64-bit integer`, `-4 0 data[5] has no "id"`, "7 1x <nil>",
		}
		if strings.Join(said, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s", strings.Join(said, "\n"))
		}
	}
	if page, err := client.MessagePage(t.Context(), tgo.MessageQuery{}); err != nil || len(page.Entries) != 7 || string(page.Entries[3].Raw) != "5" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := always(t, 200, `{"data": ["a", 1]}`).MessagePage(t.Context(), tgo.MessageQuery{}); !errors.Is(err, tgo.ErrUnreadable) {
		t.Errorf("a list without an object was read as a log: %v", err)
	}
}

// Entries without ids do not hide each other, and pages of such entries that repeat are detected.
func TestEntriesWithoutIDs(t *testing.T) {
	requests := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		n := min(pageAsked(r), 3)
		answer(w, 200, fmt.Sprintf(`{"data": [{"id": 0, "content": "%d"}, {"id": 0, "content": "b%d"}], "meta": {"last_page": 1000}}`, n, n))
	})
	var contents []string
	var last error
	for entry, err := range client.Messages(t.Context(), tgo.MessageQuery{}) {
		if last = err; err == nil {
			contents = append(contents, entry.Content)
		}
	}
	if fmt.Sprint(contents) != "[1 b1 2 b2 3 b3]" || !errors.Is(last, tgo.ErrUnreadable) || requests > 6 {
		t.Errorf("%v, %v, %d requests", contents, last, requests)
	}
}

// NextPage is the number of the next page if the link has one that is greater.
func TestNumberOfTheNextPage(t *testing.T) {
	for rest, want := range map[string]int{
		`"last_page": 3`: 3, `"next_page_url": "?page=7&per_page=1"`: 7, `"next_page_url": "?page=2"`: 0, `"next_page_url": "?cursor=x"`: 0, `"has_more": true`: 0,
	} {
		page, err := always(t, 200, `{"data": [`+number(1)+`], `+rest+`}`).MessagePage(t.Context(), tgo.MessageQuery{Page: 2})
		if err != nil || page.NextPage != want || page.Page != 2 {
			t.Errorf("%s: %+v, %v", rest, page, err)
		}
	}
}
