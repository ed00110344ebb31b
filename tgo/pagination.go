package tgo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// Lists may have pages, in the forms of Laravel and Fractal (assumed). No list is cut silently: if a response says that there is
// a next page, the list continues with it or ends with an ErrUnreadable. The next page is requested with the query of the link to
// it, or with its number if there is no link. The rest of the link is ignored, because it may name another host.

// pageAt identifies a page of a list to request.
type pageAt struct {
	number int        // from 1; counted if the query does not have it
	query  url.Values // nil for the first page
}

// pageNumbered returns the page with this number. 0 is the first page, requested without a number.
func pageNumbered(n int) pageAt {
	if n == 0 {
		return pageAt{number: 1}
	}
	return pageAt{n, url.Values{"page": {strconv.Itoa(n)}}}
}

// named returns the page number in the query; 0 if the query has none.
func (at pageAt) named() int {
	n, err := strconv.Atoi(at.query.Get("page"))
	if err != nil {
		return 0
	}
	return n
}

// listPage is one page of a list, or all of a list that has no pages.
type listPage struct {
	answer  exchange.Answer
	body    phpjson.Value
	entries []phpjson.Value // from listPages: those that were not on the previous page
	all     []phpjson.Value // from listPages: all entries of the page
	notList error           // why there are no entries; nil if there is a list
	number  int             // of this page, from 1
	last    int             // number of the last page; 0 if the server does not say
	total   int64           // number of entries on all pages; 0 if the server does not say
	next    pageAt          // its number is 0 if there is no next page
	lost    error           // why the next page cannot be requested, although there is one
}

// listPage reads one page of a list. build makes the request for the first page.
func (c *Client) listPage(ctx context.Context, op operation, build func(baseURL string) (*http.Request, error), at pageAt) (listPage, error) {
	req, err := build(c.baseURL)
	if err == nil && at.query != nil {
		req.URL.RawQuery = at.query.Encode()
	}
	a, err := c.do(ctx, op, req, err)
	if err != nil {
		return listPage{}, err
	}
	page := listPage{answer: a, number: at.number}
	if page.body, err = parse(a); err != nil {
		return listPage{}, c.unreadable(op, a, err)
	}
	page.read(at)
	return page, nil
}

// read reads the entries of the page and where the next page is. The list may also be the whole body, or in "data" inside "data"; the
// properties of the page may then be beside either "data".
func (p *listPage) read(at pageAt) {
	bodies := []phpjson.Value{p.body}
	list := p.body.Member("data")
	if list.IsObject() {
		bodies = append(bodies, list)
		if list.Has("data") {
			list = list.Member("data")
		}
	}
	switch {
	case bytes.HasPrefix(p.body.Raw(), []byte("[")):
		list = p.body
		fallthrough
	case list.Exists():
		p.entries, p.notList = list.Elements()
	default:
		p.notList = errors.New(`it has no "data"`)
	}

	var link, more phpjson.Value
	var odd error // why the number of the last page cannot be read
	for _, body := range bodies {
		parts := body.Members("meta", "pagination")
		for _, place := range []phpjson.Value{parts[0], body, parts[0].Member("pagination"), parts[1]} {
			in := place.Members("links", "next_page_url", "last_page", "total_pages", "next_cursor", "has_more", "total", "cursor", "has_more_pages", "next_page")
			link = firstSaid(link, in[0].Member("next"), in[1])
			more = firstSaid(more, in[4], in[5], in[7].Member("next"), in[8], in[9])
			last := 0
			if err := firstSaid(in[2], in[3]).Read(&last); err != nil {
				odd = cmp.Or(odd, err)
			}
			p.last = max(p.last, last)
			if p.total == 0 {
				_ = in[6].Read(&p.total)
				p.total = max(p.total, 0)
			}
		}
	}
	switch {
	case link.Exists():
		p.next, p.lost = at.follow(link)
	case odd != nil:
		p.lost = odd
	case p.number < p.last:
		p.next = at.turn()
	case more.Exists():
		p.lost = fmt.Errorf("%s says that there is a next page, but there is neither a link to it nor a page number", more.Path())
	}
}

// firstSaid returns the first value that is not empty. PHP programs write null, false, "" or [] for an empty value.
func firstSaid(values ...phpjson.Value) phpjson.Value {
	for _, v := range values {
		if !v.IsFalse() {
			return v
		}
	}
	return phpjson.Value{}
}

// maxQuery is the longest query that is taken from a link, in bytes.
const maxQuery = 2 << 10

// follow returns the page that a link leads to.
func (at pageAt) follow(link phpjson.Value) (pageAt, error) {
	var text string
	if err := link.Read(&text); err != nil {
		return pageAt{}, err
	}
	u, err := url.Parse(text)
	if err != nil {
		return pageAt{}, fmt.Errorf("%s is not a valid link", link.Path())
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(query) == 0 || len(u.RawQuery) > maxQuery {
		return pageAt{}, fmt.Errorf("%s has no query that names the next page, or one longer than %d bytes", link.Path(), maxQuery)
	}
	next := pageAt{at.number + 1, query}
	if n := next.named(); n > 0 {
		next.number = n
	}
	return next, nil
}

// turn returns the page with the next number.
func (at pageAt) turn() pageAt {
	next := pageNumbered(at.number + 1)
	for name, values := range at.query { // of a link, possibly with a page size
		if name != "page" {
			next.query[name] = values
		}
	}
	return next
}

const (
	// maxPages is the limit for lists that are collected. The log is not collected: the caller can stop at any entry.
	maxPages = 1000
	// maxRepeatedPages is how many pages in a row may have no new entries. There can be such pages: when as many new messages were
	// logged as a page has entries.
	maxRepeatedPages = 3
)

// listPages reads a list page by page, up to most pages. It omits an entry that was on the previous page: such an entry moved to the
// next page because new entries were added meanwhile. It ends after the first error, which is an *APIError if the server responded.
// It is an error if the next page was already read, if several pages in a row have no new entries, and if there are more than most
// pages.
func (c *Client) listPages(
	ctx context.Context, op operation, build func(baseURL string) (*http.Request, error), at pageAt, most int,
) iter.Seq2[listPage, error] {
	return func(yield func(listPage, error) bool) {
		seed := maphash.MakeSeed()
		hash := func(at pageAt) uint64 { return maphash.String(seed, at.query.Encode()) }
		asked := map[uint64]bool{hash(at): true, hash(pageNumbered(at.number)): true}
		var before map[string]bool // the entries of the last page that was not empty
		for at, pages, repeated := at, 1, 0; ; pages++ {
			page, err := c.listPage(ctx, op, build, at)
			if err != nil {
				yield(listPage{}, err)
				return
			}
			if repeated++; page.leaveOut(&before) {
				repeated = 0
			}
			if !yield(page, nil) {
				return
			}
			next := hash(page.next)
			switch {
			case page.lost != nil:
				err = page.lost
			case page.next.number == 0:
				return
			case asked[next]:
				err = errors.New("its next page was already read")
			case repeated == maxRepeatedPages:
				err = fmt.Errorf("%d pages in a row have no new entries, and there is another page", repeated)
			case pages == most:
				err = fmt.Errorf("there are more than %d pages", most)
			}
			if err != nil {
				yield(listPage{}, c.unreadable(op, page.answer, err))
				return
			}
			asked[next], at = true, page.next
		}
	}
}

// leaveOut removes the entries that were on the previous page, and reports whether there are others. A body that is not a list is
// treated as one entry.
func (p *listPage) leaveOut(before *map[string]bool) (fresh bool) {
	entries := p.entries
	if p.notList != nil {
		entries = []phpjson.Value{p.body}
	}
	ids := make(map[string]bool, min(len(entries), 1000))
	p.all = p.entries
	some := false // whether some were left out
	for i, entry := range entries {
		id := identity(entry)
		ids[id] = true
		again := (*before)[id]
		fresh = fresh || !again
		switch {
		case p.notList != nil:
		case again && !some:
			some, p.entries = true, slices.Clone(p.all[:i])
		case some && !again:
			p.entries = append(p.entries, entry)
		}
	}
	if len(ids) > 0 {
		*before = ids
	}
	return fresh
}

// identity returns what distinguishes an entry of a list from the others: its id, or all of its JSON if the id cannot be read.
func identity(entry phpjson.Value) string {
	var id int64
	if entry.Member("id").Read(&id) == nil && id > 0 {
		return strconv.FormatInt(id, 10)
	}
	return string(entry.Raw())
}
