package tgo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"strconv"

	"github.com/tgo-business/tgo-go/gen"
)

// LogEntry is a message in the log. It does not say to whom the message went.
type LogEntry = gen.MessageLogEntry

// MessageQuery chooses what to read of the log. The zero value reads all of it.
type MessageQuery struct {
	// Page is the page to begin at, from 1; 0 is the first.
	Page int
}

// MessagePage is one page of the log.
type MessagePage struct {
	// Entries are the messages, in the server's order.
	Entries []LogEntry
	// Page is the number of this page.
	Page int
	// NextPage is the number of the next page; 0 where this is the last one, or the server does not name the next by a
	// number (then Messages ends in an ErrUnreadable).
	NextPage int
	// LastPage is the number of the last page; 0 where the server does not say.
	LastPage int
	// Total counts the messages in the log; 0 where the server does not say.
	Total int64

	endless bool // there is a next page, and no number to ask for it by
}

var opListMessages = operation{id: "listMessages", name: "read message log"}

// MessagePage reads one page of the message log. It needs the scope messages.read.
//
// How the log is paginated is assumed: page=N in the query, and Laravel's links and meta in the answer. An answer without
// any of these is taken for the whole log.
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (c *Client) MessagePage(ctx context.Context, q MessageQuery) (MessagePage, error) {
	if q.Page < 0 {
		return MessagePage{}, inputError(opListMessages.name, fieldError("page", "must not be negative"))
	}
	var params gen.ListMessagesParams
	if q.Page > 0 {
		params.Page = &q.Page
	}
	req, err := gen.NewListMessagesRequest(c.baseURL, &params)
	a, err := c.do(ctx, opListMessages, req, err)
	if err != nil {
		return MessagePage{}, err
	}
	var wire wirePage
	into := any(&wire)
	if bytes.HasPrefix(trimJSON(a.Body), []byte("[")) { // a bare list is taken for a page too
		into = &wire.Data
	}
	if err := c.decode(opListMessages, a, into); err != nil {
		return MessagePage{}, err
	}
	for i := range wire.Data {
		if wire.Data[i].ID == 0 {
			return MessagePage{}, c.unreadable(opListMessages, a, fmt.Errorf("entry %d has no %q", i, "id"))
		}
	}
	if wire.Data == nil {
		return MessagePage{}, c.unreadable(opListMessages, a, errors.New(`it has no "data"`))
	}
	return wire.page(max(1, q.Page)), nil
}

// Messages goes through the message log page by page, in the server's order, and holds no more than two pages. An entry
// that slid to the next page, because new messages came in meanwhile, is not yielded again. It ends after the first error;
// pages that repeat without end are one. It needs the scope messages.read; see [Client.MessagePage] for what is assumed
// and which errors come.
func (c *Client) Messages(ctx context.Context, q MessageQuery) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		// Each range begins anew.
		q := q
		before, ids := map[int64]bool{}, map[int64]bool{} // the entries of the page before, and of this one
		for repeated := 0; ; {
			page, err := c.MessagePage(ctx, q)
			if err != nil {
				yield(LogEntry{}, err)
				return
			}
			fresh := false
			clear(ids)
			for _, entry := range page.Entries {
				ids[entry.ID] = true
				if before[entry.ID] {
					continue
				}
				fresh = true
				if !yield(entry, nil) {
					return
				}
			}
			if page.endless {
				yield(LogEntry{}, fmt.Errorf("tgo: %s: %w: it names a next page, but not by a number that follows", opListMessages.name, ErrUnreadable))
				return
			}
			if page.NextPage == 0 {
				return
			}
			repeated++
			if fresh {
				repeated = 0
			}
			if repeated == maxRepeatedPages {
				yield(LogEntry{}, fmt.Errorf("tgo: %s: %w: the server answers the same page again and again", opListMessages.name, ErrUnreadable))
				return
			}
			before, ids, q.Page = ids, before, page.NextPage
		}
	}
}

// maxRepeatedPages ends a log whose pages repeat. One may: when as many new messages came in as a page holds.
const maxRepeatedPages = 3

// wirePage reads Laravel's two forms of a page: a resource collection with meta and links, and a bare paginator, which
// has the same beside data.
type wirePage struct {
	Data []LogEntry      `json:"data"`
	Meta wireMetaObject  `json:"meta"`
	Link json.RawMessage `json:"links"`
	wireMeta
	NextPageURL *string `json:"next_page_url"`
}

type wireMeta struct {
	LastPage int   `json:"last_page"`
	Total    int64 `json:"total"`
}

// wireMetaObject is nothing where PHP wrote it as an empty list.
type wireMetaObject struct{ *wireMeta }

func (m *wireMetaObject) UnmarshalJSON(b []byte) error {
	if string(b) == "[]" {
		return nil
	}
	return json.Unmarshal(b, &m.wireMeta)
}

// page tells what follows. The page asked for counts, not the one that the server says it is: so the numbers always grow,
// and an empty page ends the log whatever the server says.
func (w *wirePage) page(number int) MessagePage {
	meta := w.wireMeta
	if w.Meta.wireMeta != nil {
		meta = *w.Meta.wireMeta
	}
	p := MessagePage{Entries: w.Data, Page: number, LastPage: meta.LastPage, Total: meta.Total}
	var links struct {
		Next *string `json:"next"`
	}
	_ = json.Unmarshal(w.Link, &links) // a bare paginator's links are a list of buttons, of no use here
	next := links.Next
	if next == nil {
		next = w.NextPageURL
	}
	switch {
	case len(w.Data) == 0:
	case meta.LastPage > 0:
		if number < meta.LastPage {
			p.NextPage = number + 1
		}
	case next != nil && pageOf(*next) > number:
		p.NextPage = pageOf(*next)
	case next != nil && *next != "":
		p.endless = true
	}
	return p
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
