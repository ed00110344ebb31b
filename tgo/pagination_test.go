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

	"github.com/tgo-business/tgo-go/tgo"
)

// number returns the JSON of a sender number that can send, with this id and the phone +2010000000ID.
func number(id int) string {
	return fmt.Sprintf(`{"id": %d, "phone": "+2010000000%02d", "status": "active", "verification_status": "active"}`, id, id)
}

// linkAfter returns the JSON of the link to the next one of three pages.
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

// All lists are read to their last page, in each form of pagination. Links are not followed to other hosts.
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

// Wrong pagination ends with an error.
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
			t.Errorf("%s: entries after the number make Check fail: %v", name, err)
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

// The whole log is read in each form that its pages may have.
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

// With wrong pagination reading the log ends, with an error or without one at the end of the log.
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

// The next page is found in each form. Only the query of a link is used.
func TestWaysToNameTheNextPage(t *testing.T) {
	for name, c := range map[string]struct {
		asked string                // the queries of the second and third request
		page  func(at int) string   // the properties after data
		wrap  func(s string) string // wraps the response
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

// A next page that is named beside or inside data, or with another name, is requested, or the list ends with an error. If there are
// several numbers of the last page, the greatest is used.
func TestNextPagesInOtherPlaces(t *testing.T) {
	const lost = "lost"
	for body, want := range map[string]string{ // the query of the next request
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

// A value that PHP writes for an empty value does not mean that there is a next page.
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

// An empty page is not the end if there is a next page.
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

// A list that is collected has a limit.
func TestListsWithoutEnd(t *testing.T) {
	t.Parallel()
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

// A response of many small invalid entries does not need many times its size in memory.
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
	if _, err := always(t, 200, odd(most+1)).MessagePage(t.Context(), tgo.MessageQuery{}); err == nil || !strings.Contains(err.Error(), `more than 100 entries cannot be read: data[101] has no "id"`) {
		t.Error(err)
	}
}
