package tgo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// LogEntry is a message in the log. It does not say to whom the message went.
type LogEntry struct {
	gen.MessageLogEntry

	// Raw is the entry as the server wrote it.
	Raw json.RawMessage `json:"-"`
	// Err says what of the entry could not be read; nil where all could. It is an ErrUnreadable. What could be read is there
	// all the same; the ID is 0 where it could not.
	Err error `json:"-"`
}

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
}

var opListMessages = operation{id: "listMessages", name: "read message log"}

// listMessages builds the request for the first page.
func listMessages(baseURL string) (*http.Request, error) {
	return gen.NewListMessagesRequest(baseURL, nil)
}

// MessagePage reads one page of the message log. It needs the scope messages.read.
//
// How the log is paginated is assumed: page=N in the query, and Laravel's links and meta in the answer. An answer without
// any of these is taken for the whole log. An entry that cannot be read whole is no error of the page: LogEntry.Err has it.
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (c *Client) MessagePage(ctx context.Context, q MessageQuery) (MessagePage, error) {
	if err := q.validate(); err != nil {
		return MessagePage{}, err
	}
	page, err := c.listPage(ctx, opListMessages, listMessages, q.Page)
	if err != nil {
		return MessagePage{}, err
	}
	entries, err := c.logEntries(page)
	if err != nil {
		return MessagePage{}, err
	}
	return MessagePage{Entries: entries, Page: page.number, NextPage: page.next, LastPage: page.last, Total: page.total}, nil
}

func (q MessageQuery) validate() error {
	if q.Page < 0 {
		return inputError(opListMessages.name, fieldError("page", "must not be negative"))
	}
	return nil
}

// Messages goes through the message log page by page, in the server's order, and holds no more than two pages. An entry
// that slid to the next page, because new messages came in meanwhile, is not yielded again. It ends after the first error;
// pages that repeat without end are one. An entry that cannot be read whole is none: see LogEntry.Err. It needs the scope
// messages.read; see [Client.MessagePage] for what is assumed and which errors come.
func (c *Client) Messages(ctx context.Context, q MessageQuery) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		if err := q.validate(); err != nil {
			yield(LogEntry{}, err)
			return
		}
		for page, err := range c.listPages(ctx, opListMessages, listMessages, q.Page) {
			var entries []LogEntry
			if err == nil {
				entries, err = c.logEntries(page)
			}
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
			if err != nil {
				yield(LogEntry{}, err)
				return
			}
		}
	}
}

// logEntries reads the entries of a page. A list without an object in it is not a page of a log.
func (c *Client) logEntries(page listPage) ([]LogEntry, error) {
	if page.notList != nil {
		return nil, c.unreadable(opListMessages, page.answer, page.notList)
	}
	entries := make([]LogEntry, len(page.entries))
	objects := 0
	for i, value := range page.entries {
		if value.IsObject() {
			objects++
		}
		c.readEntry(value, &entries[i])
	}
	if objects == 0 && len(entries) > 0 {
		return nil, c.unreadable(opListMessages, page.answer, fmt.Errorf("no entry of it is an object: %s", page.entries[0].Path()))
	}
	return entries, nil
}

// readEntry reads what can be read of an entry.
func (c *Client) readEntry(value phpjson.Value, entry *LogEntry) {
	entry.Raw = bytes.Clone(value.Raw()) // an entry that is kept does not keep its page
	err := value.Read(&entry.MessageLogEntry)
	if err == nil && entry.ID < 1 {
		err = fmt.Errorf("%s has no %q", value.Path(), "id")
	}
	if err != nil {
		entry.Err = fmt.Errorf("tgo: %s: %w", opListMessages.name, c.notRead(err))
	}
}
