package tgo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// listPage is one page of a list, or all of a list that has no pages.
type listPage struct {
	answer  exchange.Answer
	body    phpjson.Value
	entries []phpjson.Value
	notList error // why there are no entries; nil where there is a list
	number  int   // of this page, from 1
	next    int   // number of the next page; 0 where there is none
	last    int   // number of the last page; 0 where the server does not say
	total   int64 // entries in all pages; 0 where the server does not say
	endless bool  // there is a next page, and no number to ask for it by
}

// listPage reads the page of a list with this number; 0 asks for none, and gets the first. build makes the request for the
// first. Lists may be paginated as Laravel does it (assumed).
func (c *Client) listPage(ctx context.Context, op operation, build func(baseURL string) (*http.Request, error), number int) (listPage, error) {
	req, err := build(c.baseURL)
	if err == nil && number > 0 {
		req.URL.RawQuery = url.Values{"page": {strconv.Itoa(number)}}.Encode()
	}
	a, err := c.do(ctx, op, req, err)
	if err != nil {
		return listPage{}, err
	}
	page := listPage{answer: a, number: max(1, number)}
	if page.body, err = parse(a); err == nil {
		err = page.read()
	}
	if err != nil {
		return listPage{}, c.unreadable(op, a, err)
	}
	return page, nil
}

// read reads the entries and what follows them, in Laravel's two forms of a page: a resource collection with meta and links, and
// a bare paginator, which has the same beside data. A bare list is taken for a page too. The page asked for counts, not the one
// that the server says it is: so the numbers always grow, and an empty page ends the list whatever the server says.
func (p *listPage) read() error {
	list := p.body.Member("data")
	if bytes.HasPrefix(p.body.Raw(), []byte("[")) {
		list = p.body
	}
	if !list.Exists() {
		p.notList = errors.New(`it has no "data"`)
		return nil
	}
	p.entries, p.notList = list.Elements()
	meta := p.body.Member("meta")
	if !meta.IsObject() {
		meta = p.body
	}
	link := p.body.Member("links").Member("next") // a bare paginator's links are a list of buttons
	if !link.Exists() {
		link = p.body.Member("next_page_url")
	}
	var next string
	_ = meta.Member("total").Read(&p.total)
	err := cmp.Or(meta.Member("last_page").Read(&p.last), link.Read(&next))
	if len(p.entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	switch following := pageOf(next); {
	case p.last > 0:
		if p.number < p.last {
			p.next = p.number + 1
		}
	case following > p.number:
		p.next = following
	default:
		p.endless = next != ""
	}
	return nil
}

// pageOf reads the page number of a link. The link itself is never followed: it may name another host.
func pageOf(link string) int {
	u, err := url.Parse(link)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(u.Query().Get("page"))
	if err != nil {
		return 0
	}
	return n
}

// listPages goes through a list page by page, from the page with this number. An entry that was on the page before is left
// out: it slid to the next page because new ones came in meanwhile. It ends after the first error; pages that repeat without
// end are one.
func (c *Client) listPages(ctx context.Context, op operation, build func(baseURL string) (*http.Request, error), number int) iter.Seq2[listPage, error] {
	return func(yield func(listPage, error) bool) {
		fail := func(why string) { yield(listPage{}, fmt.Errorf("tgo: %s: %w: %s", op.name, ErrUnreadable, why)) }
		var before map[string]bool // the entries of the page before
		for number, repeated := number, 0; ; {
			page, err := c.listPage(ctx, op, build, number)
			if err != nil {
				yield(listPage{}, err)
				return
			}
			entries := page.entries
			page.entries = nil
			ids := make(map[string]bool, len(entries))
			for _, entry := range entries {
				id := identity(entry)
				if ids[id] = true; !before[id] {
					page.entries = append(page.entries, entry)
				}
			}
			if !yield(page, nil) {
				return
			}
			if repeated++; len(page.entries) > 0 {
				repeated = 0
			}
			switch {
			case page.endless:
				fail("it names a next page, but not by a number that follows")
				return
			case page.next == 0:
				return
			case repeated == maxRepeatedPages:
				fail("the server answers the same page again and again")
				return
			}
			before, number = ids, page.next
		}
	}
}

// maxRepeatedPages ends a list whose pages repeat. One may: when as many new messages came in as a page holds.
const maxRepeatedPages = 3

// identity tells the entries of a list apart: by their id, or where that cannot be read by all that they are.
func identity(entry phpjson.Value) string {
	var is struct {
		ID int64 `json:"id"`
	}
	_ = entry.Read(&is)
	if is.ID > 0 {
		return strconv.FormatInt(is.ID, 10)
	}
	return string(entry.Raw())
}
