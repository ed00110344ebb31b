package tgo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// number is a sender number that can send, with this id and the phone +2010000000ID.
func number(id int) string {
	return fmt.Sprintf(`{"id": %d, "phone": "+2010000000%02d", "status": "active", "verification_status": "active"}`, id, id)
}

// Lists of every kind are read to their last page, whatever says that there is one. Links are not followed to other hosts.
func TestListsWithPages(t *testing.T) {
	for name, page := range map[string]string{
		"resource collection": `{"data": [%s], "links": {"next": %s}, "meta": {"last_page": 3}}`,
		"paginator":           `{"data": {"5": %s}, "next_page_url": %s, "last_page": "3", "links": [{"url": null}]}`,
		"links alone":         `{"data": [%s], "links": {"next": %s}}`,
	} {
		asked := map[string]int{}
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			asked[r.URL.RequestURI()]++
			n := pageAsked(r)
			if strings.HasSuffix(r.URL.Path, "/messages") {
				answer(w, 200, `{"data": [{"id": 1, "sender_number_id": 3, "message_type": "text", "content": "x"}]}`)
				return
			}
			answer(w, 200, fmt.Sprintf(page, number(n), linkAfter(n, "https://another.example/?page=%d")))
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
		"the same cursor":        `{"data": [` + number(1) + `], "next_page_url": "/x?cursor=abc"}`,
		"a last page of letters": `{"data": [` + number(1) + `], "last_page": "z"}`,
		"a link that is none":    `{"data": [` + number(1) + `], "links": {"next": {"href": "/x?page=2"}}}`,
		"no URL":                 `{"data": [` + number(1) + `], "links": {"next": "::%%?page=2"}}`,
		"no query":               `{"data": [` + number(1) + `], "links": {"next": "/sender-numbers/2"}}`,
		"no readable query":      `{"data": [` + number(1) + `], "links": {"next": "?page=2;x"}}`,
		"a query without end":    `{"data": [` + number(1) + `], "next_page_url": "/x?page=2&x=` + strings.Repeat("x", 2<<10) + `"}`,
		"a cursor without link":  `{"data": [` + number(1) + `], "meta": {"next_cursor": "eyJ"}}`,
		"more, and no link":      `{"data": [` + number(1) + `], "has_more": true, "last_page": 1}`,
	} {
		requests := 0
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			answer(w, 200, page)
		})
		var shown *tgo.APIError
		if numbers, err := client.SenderNumbers(t.Context()); !errors.Is(err, tgo.ErrUnreadable) || !errors.As(err, &shown) || string(shown.Body) != page {
			t.Errorf("%s: %+v, %v", name, numbers, err)
		}
		if n, err := client.FromNumber(1).Check(t.Context()); err != nil || n.ID != 1 {
			t.Errorf("%s: what follows the number counts: %v", name, err)
		}
		if _, err := client.FromNumber(2).Check(t.Context()); !errors.Is(err, tgo.ErrUnreadable) || errors.Is(err, tgo.ErrSenderUnknown) {
			t.Errorf("%s: %v", name, err)
		}
		if usage, err := client.Usage(t.Context()); !errors.Is(err, tgo.ErrUnreadable) {
			t.Errorf("%s: %+v, %v", name, usage, err)
		}
		if ids, err := collect(t, client, tgo.MessageQuery{}); !errors.Is(err, tgo.ErrUnreadable) || fmt.Sprint(ids) != "[1]" {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
		if requests > 17 {
			t.Errorf("%s: %d requests", name, requests)
		}
	}
}

// Of a usage any JSON will do; what is not a list of numbers is in Raw.
func TestFormsOfUsage(t *testing.T) {
	for _, body := range []string{`{"data": {"sent": 5}, "meta": {"last_page": ""}, "total": "many"}`, `{"data": [{"messages_sent": "many"}]}`, `{"limits": [{}]}`, `7`, `null`} {
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
	elsewhere := func(page int) string { return fmt.Sprintf(`{"usage":[{"messages_sent":%d}],"last_page":5}`, page) }
	client = serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, elsewhere(pageAsked(r))) })
	var answers []json.RawMessage
	usage, err = client.Usage(t.Context())
	if err != nil || usage.Senders != nil || json.Unmarshal(usage.Raw, &answers) != nil || len(answers) != 5 || string(answers[4]) != elsewhere(5) {
		t.Errorf("%v, %s", err, usage.Raw)
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
		{"hello", `"content": "hello", "sent_at": "2025-01-10T07:00:00Z"`, false},
		{"hello", `"content": "hello", "sent_at": "2025-01-10 07:00:00+00"`, false},
		{"hello", `"content": "hello", "sent_at": "2025-01-09 18:00:00"`, true}, // in Honolulu it may be
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

// Every way to name the next page leads there. Of a link the query counts alone.
func TestWaysToNameTheNextPage(t *testing.T) {
	for name, c := range map[string]struct {
		asked string                // by the queries of the second and third request
		page  func(at int) string   // what follows data
		wrap  func(s string) string // around the answer
	}{
		"a cursor": {"cursor=a2+/cursor=a3+", func(at int) string {
			return fmt.Sprintf(`"path": "http://x", "per_page": 1, "next_cursor": %s, "next_page_url": %s`, linkAfter(at, "a%d+"), linkAfter(at, "http://another.example/x?cursor=a%d%%2B"))
		}, nil},
		"a cursor of a resource": {"cursor=a2/cursor=a3", func(at int) string {
			return fmt.Sprintf(`"links": {"prev": null, "next": %s}, "meta": {"next_cursor": null}`, linkAfter(at, "?cursor=a%d"))
		}, nil},
		"brackets": {"page[number]=2/page[number]=3", func(at int) string {
			return fmt.Sprintf(`"links": {"next": %s}`, linkAfter(at, "/x?page[number]=%d"))
		}, nil},
		"more parameters": {"page=2&per_page=1/page=3&per_page=1", func(at int) string {
			return fmt.Sprintf(`"links": {"next": %s}`, linkAfter(at, "/x?per_page=1&page=%d#end"))
		}, nil},
		"more parameters, then a number": {"page=2&per_page=1/page=3&per_page=1", func(at int) string {
			return fmt.Sprintf(`"last_page": 3, "next_page_url": %s`, [...]string{`"?page=2&per_page=1"`, "null", "null"}[at-1])
		}, nil},
		"Fractal": {"page=2/page=3", func(at int) string {
			return fmt.Sprintf(`"meta": {"pagination": {"total": 3, "total_pages": 3, "links": {"next": %s}}}`, linkAfter(at, "http://x/?page=%d"))
		}, nil},
		"Fractal by number": {"page=2/page=3", func(int) string { return `"meta": {"pagination": {"total": 3, "total_pages": 3, "links": []}}` }, nil},
		"an object beside":  {"page=2/page=3", func(int) string { return `"pagination": {"last_page": "3"}` }, nil},
		"a meta of others":  {"page=2/page=3", func(int) string { return `"meta": {"api": "v1"}, "last_page": 3` }, nil},
		"last page 1, and a link": {"page=2/page=3", func(at int) string {
			return fmt.Sprintf(`"meta": {"last_page": 1}, "links": {"next": %s}`, linkAfter(at, "?page=%d"))
		}, nil},
		"an odd last page, and a link": {"page=2/page=3", func(at int) string {
			return fmt.Sprintf(`"meta": {"last_page": %q}, "links": {"next": %s}`, [...]string{"many", "many", ""}[at-1], linkAfter(at, "?page=%d"))
		}, nil},
		"an envelope": {"page=2/page=3", func(at int) string {
			return fmt.Sprintf(`"last_page": 3, "next_page_url": %s`, linkAfter(at, "?page=%d"))
		}, func(s string) string { return `{"success": true, "data": ` + s + `}` }},
	} {
		queries := map[string][]string{}
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			query, _ := url.QueryUnescape(r.URL.RawQuery)
			queries[r.URL.Path] = append(queries[r.URL.Path], query)
			at := len(queries[r.URL.Path])
			body := fmt.Sprintf(`{"data": [%s], %s}`, number(at), c.page(at))
			if c.wrap != nil {
				body = c.wrap(body)
			}
			answer(w, 200, body)
		})
		if numbers, err := client.SenderNumbers(t.Context()); err != nil || len(numbers) != 3 || numbers[2].ID != 3 {
			t.Errorf("%s: %+v, %v", name, numbers, err)
		}
		if usage, err := client.Usage(t.Context()); err != nil || len(usage.Senders) != 3 {
			t.Errorf("%s: %+v, %v", name, usage, err)
		}
		if ids, err := collect(t, client, tgo.MessageQuery{}); err != nil || fmt.Sprint(ids) != "[1 2 3]" {
			t.Errorf("%s: %v, %v", name, ids, err)
		}
		for _, path := range []string{"sender-numbers", "usage", "messages"} {
			if asked := queries["/api/v1/"+path]; strings.Join(asked, "/") != "/"+c.asked {
				t.Errorf("%s, %s: %q", name, path, asked)
			}
		}
	}
}

// What PHP writes for nothing names no next page.
func TestNoNextPage(t *testing.T) {
	for _, none := range []string{
		`"next_page_url": false`, `"next_page_url": ""`, `"links": []`, `"links": {"next": []}`, `"links": {"next": null}`, `"last_page": ""`, `"last_page": false`,
		`"last_page": 0`, `"last_page": -1`, `"last_page": 1`, `"has_more": false`, `"has_more": "0"`, `"next_cursor": null`, `"meta": {"next_cursor": ""}`, `"meta": []`,
	} {
		client := always(t, 200, `{"data": [`+number(1)+`], `+none+`}`)
		if numbers, err := client.SenderNumbers(t.Context()); err != nil || len(numbers) != 1 {
			t.Errorf("%s: %+v, %v", none, numbers, err)
		}
	}
}

// An empty page is no end where it names a next one.
func TestEmptyPages(t *testing.T) {
	for _, last := range []string{`"meta": {"last_page": 4}`, `"links": {"next": "?page=%d"}`} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			n := pageAsked(r)
			if n == 4 {
				answer(w, 200, `{"data": [`+number(4)+`]}`)
				return
			}
			answer(w, 200, `{"data": `+[]string{"[]", "[" + number(2) + "]", "[]"}[n-1]+`, `+strings.Replace(last, "%d", strconv.Itoa(n+1), 1)+`}`)
		})
		if numbers, err := client.SenderNumbers(t.Context()); err != nil || len(numbers) != 2 || numbers[1].ID != 4 {
			t.Errorf("%s: %+v, %v", last, numbers, err)
		}
	}
}

// The number of the next page is told where there is one, and it is greater.
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

// A list that is collected has an end.
func TestListsWithoutEnd(t *testing.T) {
	const most = 1000
	requests := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		n := pageAsked(r)
		answer(w, 200, fmt.Sprintf(`{"data": [{"id": %d, "phone": "+2010000000"}], "links": {"next": "?page=%d"}}`, n, n+1))
	})
	for name, call := range map[string]func() error{
		"SenderNumbers": func() error { _, err := client.SenderNumbers(t.Context()); return err },
		"Usage":         func() error { _, err := client.Usage(t.Context()); return err },
		"Check":         func() error { _, err := client.FromNumber(most + 1).Check(t.Context()); return err },
		"Candidates": func() error {
			_, err := client.FromPhone(testSender).Candidates(t.Context(), tgo.Lost{Type: tgo.TypeText})
			return err
		},
	} {
		requests = 0
		if err := call(); !errors.Is(err, tgo.ErrUnreadable) || requests != most {
			t.Errorf("%s: %v after %d requests", name, err, requests)
		}
	}
}

// A sender is found however its phone is written, and whatever follows or cannot be read.
func TestSendersAreFound(t *testing.T) {
	const rest = `"status": "active", "verification_status": "active"`
	for _, phone := range []string{`"+201001187188"`, `201001187188`, `"201001187188"`, `"+20 100 118 7188"`, `"+201001187188 "`, `"00201001187188"`, `"\u200e20-100-118-7188"`} {
		client := always(t, 200, `{"data": [7, {"id": 1, "phone": "+201001187189", "verified_at": "soon"}, {"phone": `+phone+`},
			{"id": 2, "phone": "1001187188"}, {"id": 3, "phone": `+phone+`, "verified_at": "0000-00-00 00:00:00", `+rest+`}, {"id": "x"}], "has_more": true}`)
		shown, err := strconv.Unquote(phone)
		if err != nil { // a number
			shown = phone
		}
		for _, sender := range []*tgo.Sender{client.FromPhone(testSender), client.FromNumber(3)} {
			if n, err := sender.Check(t.Context()); err != nil || n.ID != 3 || n.Phone != shown {
				t.Errorf("%s: %+v, %v", phone, n, err)
			}
		}
		if _, err := client.FromNumber(4).Check(t.Context()); !errors.Is(err, tgo.ErrUnreadable) || !strings.Contains(err.Error(), "data[0]: 7 is no object") {
			t.Errorf("%s: %v", phone, err)
		}
	}
	requests := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		answer(w, 200, fmt.Sprintf(`{"data": [%s], "last_page": 9}`, number(pageAsked(r))))
	})
	if n, err := client.FromPhone("+201000000003").Check(t.Context()); err != nil || n.ID != 3 || requests != 3 {
		t.Errorf("%+v, %v, %d requests", n, err, requests)
	}
}

// The log is read down to a page of old entries, and a little disorder does not end it before.
func TestWhereCandidatesStop(t *testing.T) {
	since := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name     string
		minutes  [][]int // of the pages, after since
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

// An answer of small junk does not cost many times what it weighs.
func TestListsOfJunk(t *testing.T) {
	const most = 100 // entries
	for _, body := range []string{`{"data":[{},` + strings.Repeat("1,", 500_000) + `1]}`, `{"data":[` + strings.Repeat("{},", 330_000) + `{}]}`} {
		client := always(t, 200, body)
		for name, call := range map[string]func() error{
			"page":    func() error { _, err := client.MessagePage(t.Context(), tgo.MessageQuery{}); return err },
			"log":     func() error { _, err := collect(t, client, tgo.MessageQuery{}); return err },
			"numbers": func() error { _, err := client.SenderNumbers(t.Context()); return err },
			"check":   func() error { _, err := client.FromNumber(1).Check(t.Context()); return err },
		} {
			var err error
			used := allocated(func() { err = call() })
			if !errors.Is(err, tgo.ErrUnreadable) || used > 80<<20 {
				t.Errorf("%s: %d MiB for %d bytes, %v", name, used>>20, len(body), err)
			}
		}
	}
	odd := func(n int) string { return `{"data": [{"id": 1}` + strings.Repeat(`, {}`, n) + `]}` }
	if page, err := always(t, 200, odd(most)).MessagePage(t.Context(), tgo.MessageQuery{}); err != nil || len(page.Entries) != most+1 {
		t.Errorf("%d entries, %v", len(page.Entries), err)
	}
	if _, err := always(t, 200, odd(most+1)).MessagePage(t.Context(), tgo.MessageQuery{}); err == nil || !strings.Contains(err.Error(), `more than 100 entries of it cannot be read; data[101] has no "id"`) {
		t.Error(err)
	}
}

// A next page that is named beside or inside data, or in another word, is asked for or told; the greatest last page counts.
func TestNextPagesInOtherPlaces(t *testing.T) {
	const lost = "lost"
	for body, want := range map[string]string{ // the query that is asked for then
		`{"data": {"data": [%s]}, "meta": {"last_page": 2}}`:                                      "page=2",
		`{"data": {"data": [%s]}, "links": {"next": "?page=2&x=1"}}`:                              "page=2&x=1",
		`{"data": {"data": [%s], "last_page": 2}}`:                                                "page=2",
		`{"data": {"data": [%s]}, "pagination": {"total_pages": 2}}`:                              "page=2",
		`{"data": [%s], "meta": {"last_page": 1}, "last_page": 2}`:                                "page=2",
		`{"data": [%s], "meta": {"last_page": 1, "pagination": {"total_pages": 2}}}`:              "page=2",
		`{"data": [%s], "meta": {"last_page": -4}}`:                                               "",
		`{"data": [%s], "meta": {"cursor": {"current": null, "next": "MTA=", "count": 1}}}`:       lost,
		`{"data": [%s], "meta": {"cursor": {"current": "MTA=", "next": null, "count": 1}}}`:       "",
		`{"data": [%s], "has_more_pages": true}`:                                                  lost,
		`{"data": [%s], "next_page": 2}`:                                                          lost,
		`{"data": [%s], "meta": {"current_page": 1, "last_page": 1, "per_page": 15, "total": 1}}`: "",
	} {
		var asked string
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			if asked = r.URL.RawQuery; asked == "" {
				answer(w, 200, fmt.Sprintf(body, number(1)))
				return
			}
			answer(w, 200, `{"data": []}`)
		})
		numbers, err := client.SenderNumbers(t.Context())
		switch {
		case want == lost && errors.Is(err, tgo.ErrUnreadable):
		case want == lost || err != nil || len(numbers) != 1 || asked != want:
			t.Errorf("%s: %d numbers, %v, asked for %q, want %q", body, len(numbers), err, asked, want)
		}
	}
}

// Usage has the entries of all pages, for ids in them may be of anything, and it reads on where its list has another name.
func TestUsageOnSeveralPages(t *testing.T) {
	for body, want := range map[string]int{
		`{"data": [{"id": 1, "sender_number_id": %d, "messages_sent": 5}, {"id": 2}], "last_page": 2}`: 4,
		`{"data": {"usage": [{"sender_number_id": %d}], "last_page": 2}}`:                              0,
	} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, fmt.Sprintf(body, pageAsked(r))) })
		usage, err := client.Usage(t.Context())
		var pages []json.RawMessage
		if err != nil || len(usage.Senders) != want || json.Unmarshal(usage.Raw, &pages) != nil || len(pages) != 2 {
			t.Errorf("%s: %+v, %s, %v", body, usage.Senders, usage.Raw, err)
		}
	}
}

// A phone that was removed and registered again is in the list twice. What it has sent may be from either.
func TestPhonesThatAreListedTwice(t *testing.T) {
	const numbers = `{"data": [
		{"id": 3, "phone": "+201001187188", "status": "removed", "verification_status": "active"},
		{"id": 9, "phone": "+201001187188", "status": "active", "verification_status": "active"}]}`
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			answer(w, 200, `{"data": [
				{"id": 78, "sender_number_id": 9, "message_type": "text", "content": "x"},
				{"id": 77, "sender_number_id": 3, "message_type": "text", "content": "x"},
				{"id": 76, "sender_number_id": 4, "message_type": "text", "content": "x"}]}`)
			return
		}
		answer(w, 200, numbers)
	})
	sender := client.FromPhone("+201001187188")
	if n, err := sender.Check(t.Context()); err != nil || n.ID != 9 {
		t.Errorf("%d, %v", n.ID, err)
	}
	if found, err := sender.Candidates(t.Context(), tgo.Lost{Type: "text", Content: "x"}); err != nil || len(found) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
	if n, err := client.FromNumber(3).Check(t.Context()); !errors.Is(err, tgo.ErrSenderInactive) || n.ID != 3 {
		t.Errorf("%d, %v", n.ID, err)
	}
}

// An odd entry does not hide why the rest of a list cannot be read.
func TestChecksTellWhyAListEnds(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if pageAsked(r) == 1 {
			answer(w, 200, `{"data": [{"id": 1, "phone": "+201000000001", "status": "active", "verification_status": "active", "verified_at": 5}], "last_page": 2}`)
			return
		}
		answer(w, 401, `{"message": "Unauthenticated."}`)
	})
	if _, err := client.FromNumber(7).Check(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) {
		t.Error(err)
	}
}
