package tgo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// number is a sender number that can send, with this id and the phone +2010000000ID.
func number(id int) string {
	return fmt.Sprintf(`{"id": %d, "phone": "+2010000000%02d", "status": "active", "verification_status": "active"}`, id, id)
}

// Lists of every kind are read to their last page, whatever says that there is one. Links are not followed.
func TestListsWithPages(t *testing.T) {
	for name, page := range map[string]string{
		"resource collection": `{"data": [%s], "links": {"next": "https://another.example/?page=%d"}, "meta": {"last_page": 3}}`,
		"paginator":           `{"data": {"5": %s}, "next_page_url": "https://another.example/?page=%d", "last_page": "3", "links": [{"url": null}]}`,
		"links alone":         `{"data": [%s], "links": {"next": "/x?page=%d"}}`,
	} {
		asked := map[string]int{}
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked[r.URL.RequestURI()]++
			n := pageAsked(r)
			if strings.HasSuffix(r.URL.Path, "/messages") {
				answer(w, 200, `{"data": [{"id": 1, "sender_number_id": 3, "message_type": "text", "content": "x"}]}`)
				return
			}
			body := fmt.Sprintf(page, number(n), n+1)
			if n == 3 && name == "links alone" {
				body = `{"data": [` + number(3) + `], "links": {"next": null}}`
			}
			answer(w, 200, body)
		})
		numbers, err := client.SenderNumbers(t.Context())
		if err != nil || len(numbers) != 3 || numbers[2].ID != 3 {
			t.Errorf("%s: %+v, %v", name, numbers, err)
		}
		if asked["/api/v1/sender-numbers"] != 1 || asked["/api/v1/sender-numbers?page=2"] != 1 || asked["/api/v1/sender-numbers?page=3"] != 1 {
			t.Errorf("%s: %v", name, asked)
		}
		third := client.FromPhone("+201000000003")
		if n, err := third.Check(t.Context()); err != nil || n.ID != 3 {
			t.Errorf("%s: %+v, %v", name, n, err)
		}
		if found, err := third.Candidates(t.Context(), tgo.Lost{Type: "text", Content: "x"}); err != nil || len(found) != 1 {
			t.Errorf("%s: %+v, %v", name, found, err)
		}
		if _, err := client.FromPhone("+201000000004").Check(t.Context()); !errors.Is(err, tgo.ErrSenderUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		usage, err := client.Usage(t.Context())
		var raw []json.RawMessage
		if err != nil || len(usage.Senders) != 3 || json.Unmarshal(usage.Raw, &raw) != nil || len(raw) != 3 {
			t.Errorf("%s: %+v, %v", name, usage, err)
		}
	}
}

// Pages that lead nowhere end in an error.
func TestListsThatMislead(t *testing.T) {
	for name, page := range map[string]string{
		"the same page for ever": `{"data": [` + number(1) + `], "meta": {"last_page": 99}}`,
		"a link to itself":       `{"data": [` + number(1) + `], "links": {"next": "/x?page=1"}}`,
		"a cursor":               `{"data": [` + number(1) + `], "next_page_url": "/x?cursor=abc"}`,
		"a last page of letters": `{"data": [` + number(1) + `], "last_page": "z"}`,
		"a link that is none":    `{"data": [` + number(1) + `], "links": {"next": {}}}`,
	} {
		requests := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			answer(w, 200, page)
		})
		if numbers, err := client.SenderNumbers(t.Context()); !errors.Is(err, tgo.ErrUnreadable) {
			t.Errorf("%s: %+v, %v", name, numbers, err)
		}
		if _, err := client.FromNumber(2).Check(t.Context()); !errors.Is(err, tgo.ErrUnreadable) || errors.Is(err, tgo.ErrSenderUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if usage, err := client.Usage(t.Context()); !errors.Is(err, tgo.ErrUnreadable) {
			t.Errorf("%s: %+v, %v", name, usage, err)
		}
		if requests > 12 {
			t.Errorf("%s: %d requests", name, requests)
		}
	}
}

// Of a usage any JSON will do; what is not a list of numbers is in Raw.
func TestFormsOfUsage(t *testing.T) {
	for _, body := range []string{`{"data": {"sent": 5}, "meta": {"last_page": "x"}, "total": "many"}`, `{"data": [{"messages_sent": "many"}]}`, `{"limits": [{}]}`, `7`, `null`} {
		usage, err := always(t, 200, body).Usage(t.Context())
		if err != nil || usage.Senders != nil || string(usage.Raw) != body {
			t.Errorf("%s: %+v, %v", body, usage, err)
		}
	}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, map[int]string{1: `{"data":[{"messages_sent":1}],"last_page":2}`, 2: `{"data":{"sent":1}}`}[pageAsked(r)])
	})
	usage, err := client.Usage(t.Context())
	if err != nil || usage.Senders != nil || string(usage.Raw) != `[{"data":[{"messages_sent":1}],"last_page":2},{"data":{"sent":1}}]` {
		t.Errorf("%+v, %v, %s", usage, err, usage.Raw)
	}
}

// A page after the last one says how many there are.
func TestPageAfterTheLast(t *testing.T) {
	page, err := always(t, 200, `{"data": [], "meta": {"last_page": "3", "total": "5"}}`).MessagePage(t.Context(), tgo.MessageQuery{Page: 9})
	if err != nil || page.LastPage != 3 || page.Total != 5 || page.NextPage != 0 || page.Page != 9 {
		t.Errorf("%+v, %v", page, err)
	}
}

// One odd entry does not hide the others.
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
			said = append(said, fmt.Sprint(entry.ID, entry.SenderNumberID, entry.Content, " ", strings.TrimPrefix(fmt.Sprint(entry.Err), "tgo: read message log: the answer cannot be read: ")))
		}
		want := []string{
			"9 1x <nil>", `8 1x data[1].sent_at: "soon" is no time`, `0 1x data[2] has no "id"`, `0 0 data[3]: 5 is no object`,
			`0 0 data[4].id: "x" is no integer of 64 bits`, `-4 0 data[5] has no "id"`, "7 1x <nil>",
		}
		if strings.Join(said, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s", strings.Join(said, "\n"))
		}
	}
	if page, err := client.MessagePage(t.Context(), tgo.MessageQuery{}); err != nil || len(page.Entries) != 7 || string(page.Entries[3].Raw) != "5" {
		t.Errorf("%+v, %v", page, err)
	}
	if _, err := always(t, 200, `{"data": ["a", 1]}`).MessagePage(t.Context(), tgo.MessageQuery{}); !errors.Is(err, tgo.ErrUnreadable) {
		t.Errorf("a list without an object is a log: %v", err)
	}
}

// Entries without ids neither hide one another nor keep pages that repeat from being noticed.
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

// The texts are compared as Laravel leaves them, and an entry is a candidate as long as nothing that was read says otherwise.
func TestCandidatesOfTexts(t *testing.T) {
	since := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		lost, fields string
		found        bool
	}{
		{"hello", `"content": "hello"`, true},
		{"\u200e\u00a0\ufeff hello\u200b\u3000\t", `"content": "hello"`, true},
		{"hello", `"content": "\u200e\u00a0\ufeff hello\u200b\u3000\u0000"`, true},
		{"\u200fhello\u2800", `"content": "hello"`, true}, // newer versions
		{"hel\u200blo", `"content": "hello"`, false},
		{"", `"content": null`, true},
		{" \ufeff", `"content": null`, true},
		{"", `"content": ""`, true},
		{"hello", `"content": null`, false},
		{"hello", `"content": ["hello"]`, true},
		{"hello", `"content": "hello", "sent_at": "soon"`, true},
		{"hello", `"content": "hello", "sender_number_id": "x"`, true},
		{"hello", `"content": "hello", "message_type": {}`, true},
		{"hello", `"content": "bye", "message_type": {}`, false},
		{"hello", `"content": "hello", "sender_number_id": 2`, false},
		{"hello", `"content": "hello", "sent_at": "2025-01-10 07:00:00"`, false},
	} {
		fields := `"id": 1, "sender_number_id": 1, "message_type": "text", `
		for _, name := range []string{`"sender_number_id": 1, `, `"message_type": "text", `} {
			if strings.Contains(c.fields, strings.SplitN(name, ":", 2)[0]) {
				fields = strings.Replace(fields, name, "", 1)
			}
		}
		client := always(t, 200, `{"data": [{`+fields+c.fields+`}]}`)
		found, err := client.FromNumber(1).Candidates(t.Context(), tgo.Lost{Type: "text", Content: c.lost, Since: since})
		if err != nil || (len(found) == 1) != c.found {
			t.Errorf("%q, %s: %+v, %v", c.lost, c.fields, found, err)
		}
	}
}
