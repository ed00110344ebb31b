package tgo_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A lost message is found in the log by the phone and by the id of the sender, and no other message is returned.
func TestCandidates(t *testing.T) {
	noon := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	var later atomic.Int64 // clock of the fake, as the time since noon
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

// A text is found if the server trimmed it.
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

// If the log begins with the oldest entries, all of it is read.
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

// The texts are compared after Laravel's trimming. An entry is a candidate unless a field that could be read excludes it.
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
		{"hello", `"content": "hello", "sent_at": "2025-01-10T07:00:00Z"`, false},
		{"hello", `"content": "hello", "sent_at": "2025-01-10 07:00:00+00"`, false},
		{"hello", `"content": "hello", "sent_at": "2025-01-09 18:00:00"`, true}, // it may be local time of Honolulu
		{"hello", `"content": "hello", "sent_at": "2025-01-09 17:30:00"`, false},
		{"hello", `"content": "hello", "sent_at": "0000-00-00 00:00:00"`, true},
		{"hello", `"content": "hello", "sent_at": "0001-01-01T00:00:00Z"`, true},
		{"0123", `"content": 123`, true}, // as JSON_NUMERIC_CHECK writes it
		{"+5", `"content": 5`, true},
		{"hello", `"content": true`, true},
		{"hello", `"content": []`, true},
		{"hello", `"contents": "hello"`, true},
		{"hello", `"content": "hello", "sender_number_id": null`, true},
		{"hello", `"content": "hello", "sender_number_id": 0`, true},
		{"hello", `"content": "hello", "no_sender_number_id": 1`, true},
		{"hello", `"content": "hello", "message_type": null`, true},
		{"hello", `"content": "hello", "no_message_type": 1`, true},
		{"hello", `"content": "hello", "message_type": "image"`, false},
		{"hello", `"content": "hello", "sender_number_id": "2", "sent_at": "soon"`, false},
	} {
		fields := `"id": 1, "sender_number_id": 1, "message_type": "text", `
		for _, name := range []string{`"sender_number_id": 1, `, `"message_type": "text", `} {
			if strings.Contains(strings.ReplaceAll(c.fields, "no_", ""), strings.SplitN(name, ":", 2)[0]) {
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

// The log is read until a page has only old entries. A few entries in the wrong order do not end it earlier.
func TestWhereCandidatesStop(t *testing.T) {
	since := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		minutes  [][]int // of the entries of each page, after since
		requests int
		found    int
	}{
		{"the newest first", [][]int{{9, 8}, {7, -10}, {-11, -12}, {-13, -14}, {5, 4}}, 3, 3},
		{"all old", [][]int{{-10, -11}, {-12, -13}, {-14, -15}}, 2, 0},
		{"the oldest first, but for two", [][]int{{-20, -21}, {-19, -18}, {5, 4}}, 3, 2},
		{"a page of one time", [][]int{{-20, -20}, {-20, -20}, {5, 4}}, 3, 2},
		{"an old one too early", [][]int{{9, -50}, {8, 7}}, 2, 3},
	} {
		requests := 0
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			requests++
			n := pageAsked(r)
			var page []string
			for i, m := range c.minutes[n-1] {
				page = append(page, fmt.Sprintf(`{"id": %d, "content": "x", "sent_at": %q}`, n*10+i, since.Add(time.Duration(m)*time.Minute).Format(time.RFC3339)))
			}
			answer(w, 200, fmt.Sprintf(`{"data": [%s], "last_page": %d}`, strings.Join(page, ","), len(c.minutes)))
		})
		found, err := client.FromNumber(1).Candidates(t.Context(), tgo.Lost{Type: "text", Content: "x", Since: since})
		if err != nil || len(found) != c.found || requests != c.requests {
			t.Errorf("%s: %d found, %d requests, %v", c.name, len(found), requests, err)
		}
	}
}
