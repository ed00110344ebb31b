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

// Lists may come in pages, as Laravel and Fractal write them (assumed). None of these is cut silently. Where an answer tells of a
// next page, the list goes on with it or ends in an ErrUnreadable. The next page is asked for by the query of the link that names it,
// or by its number where there is no link. The rest of the link never counts: it may name another host.

// pageAt is a page of a list to ask for.
type pageAt struct {
	number int        // from 1; counted, where the query does not say it
	query  url.Values // nil for the first page
}

// pageNumbered is the page with this number. 0 is the first, asked for without a number.
func pageNumbered(n int) pageAt {
	if n == 0 {
		return pageAt{number: 1}
	}
	return pageAt{n, url.Values{"page": {strconv.Itoa(n)}}}
}

// named is the number by which the query asks for the page; 0 where it does otherwise.
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
	entries []phpjson.Value // of listPages those that were not on the page before
	all     []phpjson.Value // of listPages
	notList error           // why there are no entries; nil where there is a list
	number  int             // of this page, from 1
	last    int             // number of the last page; 0 where the server does not say
	total   int64           // entries in all pages; 0 where the server does not say
	next    pageAt          // its number is 0 where there is no next page
	lost    error           // why the next page cannot be asked for, though there is one
}

// listPage reads one page of a list. build makes the request for the first.
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

// read reads the entries and what follows them. A bare list is taken for a page too, and so is a page inside another "data";
// what follows may then stand beside either.
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
	var odd error // the number of the last page
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
		p.lost = fmt.Errorf("%s tells of a next page, and neither a link nor a number leads there", more.Path())
	}
}

// firstSaid is the first value that says something. Where there is nothing to say, PHP programs write null, false, "" or [].
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

// follow is the page that a link leads to.
func (at pageAt) follow(link phpjson.Value) (pageAt, error) {
	var text string
	if err := link.Read(&text); err != nil {
		return pageAt{}, err
	}
	u, err := url.Parse(text)
	if err != nil {
		return pageAt{}, fmt.Errorf("%s is no link", link.Path())
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil || len(query) == 0 || len(u.RawQuery) > maxQuery {
		return pageAt{}, fmt.Errorf("%s has no query to ask for the next page by, or one of more than %d bytes", link.Path(), maxQuery)
	}
	next := pageAt{at.number + 1, query}
	if n := next.named(); n > 0 {
		next.number = n
	}
	return next, nil
}

// turn is the page with the next number.
func (at pageAt) turn() pageAt {
	next := pageNumbered(at.number + 1)
	for name, values := range at.query { // that came of a link, perhaps with the size of a page
		if name != "page" {
			next.query[name] = values
		}
	}
	return next
}

const (
	// maxPages ends a list that is collected. The log is not: who ranges over it can stop.
	maxPages = 1000
	// maxRepeatedPages ends a list whose pages say nothing new. Some may: when as many new messages came in as a page holds.
	maxRepeatedPages = 3
)

// listPages goes through a list page by page, up to so many pages. An entry that was on the page before is left out: it slid to
// the next page because new ones came in meanwhile. It ends after the first error, each an *APIError where the server answered.
// Among them are a next page that was read already, a row of pages that say nothing new, and a page more than most.
func (c *Client) listPages(
	ctx context.Context, op operation, build func(baseURL string) (*http.Request, error), at pageAt, most int,
) iter.Seq2[listPage, error] {
	return func(yield func(listPage, error) bool) {
		seed := maphash.MakeSeed()
		hash := func(at pageAt) uint64 { return maphash.String(seed, at.query.Encode()) }
		asked := map[uint64]bool{hash(at): true, hash(pageNumbered(at.number)): true}
		var before map[string]bool // what the last page that was not empty holds
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
				err = errors.New("it names a next page that was read already")
			case repeated == maxRepeatedPages:
				err = fmt.Errorf("%d pages in a row say nothing new, and it names another", repeated)
			case pages == most:
				err = fmt.Errorf("it names a next page after %d", most)
			}
			if err != nil {
				yield(listPage{}, c.unreadable(op, page.answer, err))
				return
			}
			asked[next], at = true, page.next
		}
	}
}

// leaveOut leaves out the entries that were there before, and reports whether there are others. What is no list counts as a
// whole.
func (p *listPage) leaveOut(before *map[string]bool) (fresh bool) {
	entries := p.entries
	if p.notList != nil {
		entries = []phpjson.Value{p.body}
	}
	ids := make(map[string]bool, min(len(entries), 1000))
	p.all = p.entries
	some := false // were left out
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

// identity tells the entries of a list apart: by their id, or where that cannot be read by all that they are.
func identity(entry phpjson.Value) string {
	var id int64
	if entry.Member("id").Read(&id) == nil && id > 0 {
		return strconv.FormatInt(id, 10)
	}
	return string(entry.Raw())
}
