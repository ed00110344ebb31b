package tgo_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// entries are log entries with these ids.
func entries(ids ...int) string {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = fmt.Sprintf(`{"id": %d, "sender_number_id": 1, "message_type": "text", "content": null, "status": "sent", "sent_at": null}`, id)
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// collect reads the whole log, up to a bound that no test should reach.
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

// The log is read whole in each form that its pages may have.
func TestFormsOfPages(t *testing.T) {
	forms := map[string]func(page int) string{
		"resource collection": func(page int) string {
			return fmt.Sprintf(`{"data": %s, "links": {"next": %s}, "meta": {"current_page": %d, "last_page": 3, "per_page": 2, "total": 6}}`,
				entries(page*2, page*2+1), linkAfter(page, "https://x/api/v1/messages?page=%d"), page)
		},
		"paginator": func(page int) string {
			return fmt.Sprintf(`{"current_page": %d, "data": %s, "last_page": 3, "total": 6, "next_page_url": %s, "links": [{"url": null, "label": "1", "active": true}]}`,
				page, entries(page*2, page*2+1), linkAfter(page, "https://x/?page=%d"))
		},
		"links only": func(page int) string {
			return fmt.Sprintf(`{"data": %s, "links": {"next": %s}}`, entries(page*2, page*2+1), linkAfter(page, "https://another.example/messages?per_page=2&page=%d"))
		},
		"simple paginator": func(page int) string {
			return fmt.Sprintf(`{"current_page": %d, "data": %s, "next_page_url": %s}`, page, entries(page*2, page*2+1), linkAfter(page, "/messages?page=%d"))
		},
		"numbers as texts in the links": func(page int) string {
			return fmt.Sprintf(`{"data": %s, "meta": {"last_page": 3}, "links": "none"}`, entries(page*2, page*2+1))
		},
	}
	for name, form := range forms {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, form(pageAsked(r))) })
		ids, err := collect(t, client, tgo.MessageQuery{})
		if err != nil || fmt.Sprint(ids) != "[2 3 4 5 6 7]" {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
	for name, body := range map[string]string{"bare list": entries(1, 2), "data alone": `{"data": ` + entries(1, 2) + `}`,
		"empty lists for objects": `{"data": ` + entries(1, 2) + `, "links": [], "meta": []}`} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, body) })
		if ids, err := collect(t, client, tgo.MessageQuery{}); err != nil || fmt.Sprint(ids) != "[1 2]" {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
	}
}

// linkAfter is the link to the page after this one of three, as JSON.
func linkAfter(page int, format string) string {
	if page >= 3 {
		return "null"
	}
	return strconv.Quote(fmt.Sprintf(format, page+1))
}

func pageAsked(r *http.Request) int {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil {
		return 1
	}
	return page
}

// Pages that lead nowhere end: in an error, or where they say nothing new at the end of the log.
func TestPaginationThatMisleads(t *testing.T) {
	requests := 0
	cases := []struct {
		name  string
		body  func(page int) string
		want  string
		error bool
	}{
		{"the same page for ever", func(page int) string {
			return fmt.Sprintf(`{"data": %s, "meta": {"last_page": %d}}`, entries(1, 2), page+1)
		}, "[1 2]", true},
		{"a link to itself", func(int) string {
			return `{"data": ` + entries(1, 2) + `, "links": {"next": "https://x/messages?page=1"}}`
		}, "[1 2]", true},
		{"a link backwards", func(page int) string {
			return fmt.Sprintf(`{"data": %s, "links": {"next": "https://x/messages?page=%d"}}`, entries(page), 3-page)
		}, "[1 2]", true},
		{"the same cursor", func(int) string {
			return `{"data": ` + entries(1) + `, "links": {"next": "https://x/messages?cursor=abc"}}`
		}, "[1]", true},
		{"two pages in turns, by numbers that grow", func(page int) string {
			return fmt.Sprintf(`{"data": %s, "links": {"next": "?page=%d"}}`, [2]string{entries(1), "[]"}[page%2], page+1)
		}, "[1]", true},
		{"a link that is no URL", func(int) string {
			return `{"data": ` + entries(1) + `, "links": {"next": "::%%"}}`
		}, "[1]", true},
		{"empty pages for ever", func(page int) string {
			return fmt.Sprintf(`{"data": [], "meta": {"last_page": %d}}`, page+10)
		}, "[]", true},
		{"a last page before this one", func(int) string {
			return `{"data": ` + entries(1) + `, "meta": {"last_page": -3}, "links": {"next": null}}`
		}, "[1]", false},
		{"an entry that slid to the next page", func(page int) string {
			return fmt.Sprintf(`{"data": %s, "meta": {"last_page": 2}}`, entries(page, page+1))
		}, "[1 2 3]", false},
	}
	for _, c := range cases {
		requests = 0
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			answer(w, 200, c.body(pageAsked(r)))
		})
		ids, err := collect(t, client, tgo.MessageQuery{})
		if fmt.Sprint(ids) != c.want || (err != nil) != c.error {
			t.Errorf("%s: %v, %v", c.name, ids, err)
		}
		if c.error && !errors.Is(err, tgo.ErrUnreadable) {
			t.Errorf("%s: %v", c.name, err)
		}
		if requests > 6 {
			t.Errorf("%s: %d requests", c.name, requests)
		}
	}
}

// Each range over the log begins anew, whether the one before went to the end or not.
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
		break // which must not panic, nor read on
	}
}

// A lost message is found in the log whichever way the sender is named, and others are not taken for it.
func TestCandidates(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var later atomic.Int64 // the fake's clock, since noon
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Now = func() time.Time { return noon.Add(time.Duration(later.Load())) }
		c.PageSize = 2
	})
	other := fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187189"})
	send := func(s *tgo.Sender, text string) {
		if _, err := s.SendText(t.Context(), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
	send(fake.Sender, "code 1") // long ago
	for range 3 {
		send(fake.Sender, "filler")
	}
	later.Store(int64(time.Hour))
	begun := noon.Add(time.Hour)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	_, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, "code 1")
	if tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Fatal(err)
	}
	later.Add(int64(time.Second))
	send(fake.Client.FromNumber(other.ID), "code 1")
	send(fake.Sender, "code 2")
	if _, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: tgo.BytesFile("a", []byte("x")), Caption: "code 1"}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*tgo.Sender{fake.Sender, fake.Client.FromNumber(fake.SenderNumberID)} {
		found, err := s.Candidates(t.Context(), tgo.Lost{Type: "text", Content: "code 1", Since: begun})
		if err != nil || len(found) != 1 || found[0].ID != 5 {
			t.Errorf("%+v, %v", found, err)
		}
	}
	if found, err := fake.Sender.Candidates(t.Context(), tgo.Lost{Type: "text", Content: "code 3", Since: begun}); err != nil || found != nil {
		t.Errorf("%+v, %v", found, err)
	}
	if _, err := fake.Client.FromPhone("+201001187177").Candidates(t.Context(), tgo.Lost{Type: "text"}); !errors.Is(err, tgo.ErrSenderUnknown) {
		t.Error(err)
	}
	var refused *tgo.InputError
	for _, kind := range []string{"", "Text", "video"} {
		if _, err := fake.Sender.Candidates(t.Context(), tgo.Lost{Type: kind}); !errors.As(err, &refused) || refused.Fields[0].Field != "type" {
			t.Errorf("%q: %v", kind, err)
		}
	}
	if _, err := fake.Client.FromNumber(0).Candidates(t.Context(), tgo.Lost{Type: "text"}); !errors.As(err, &refused) || refused.Fields[0].Field != "sender_number_id" {
		t.Error(err)
	}
}

// A server that trims what it is sent logs another text than was sent.
func TestCandidatesOfATrimmedText(t *testing.T) {
	fake := tgotest.New(t)
	begun := time.Now()
	if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, "code 1"); err != nil {
		t.Fatal(err)
	}
	found, err := fake.Sender.Candidates(t.Context(), tgo.Lost{Type: "text", Content: " code 1\n", Since: begun})
	if err != nil || len(found) != 1 {
		t.Errorf("%+v, %v", found, err)
	}
}

// Where the log turns out to begin with the oldest, all of it is read.
func TestCandidatesInALogThatRises(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		page := pageAsked(r)
		entry := func(id int) string {
			return fmt.Sprintf(`{"id": %d, "sender_number_id": 1, "message_type": "text", "content": "x", "status": "sent", "sent_at": "2026-01-%02dT00:00:00Z"}`, id, id)
		}
		answer(w, 200, fmt.Sprintf(`{"data": [%s, %s], "meta": {"last_page": 5}}`, entry(page*2-1), entry(page*2)))
	})
	found, err := client.FromNumber(1).Candidates(t.Context(), tgo.Lost{Type: "text", Content: "x", Since: time.Date(2026, 1, 10, 0, 0, 0, 0, time.UTC)})
	if err != nil || len(found) != 1 || found[0].ID != 10 {
		t.Errorf("%+v, %v", found, err)
	}
}
