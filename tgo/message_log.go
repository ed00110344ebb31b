package tgo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"math"
	"net/http"
	"slices"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// LogEntry is a message in the log. It does not have the recipient.
//
// Its fields, in addition to Raw and Err:
//
//	ID              int64      // equal to Receipt.ID (assumed)
//	SenderNumberID  int64      // the sender number
//	MessageType     string     // text, image, voice or document
//	Content         string     // the text or the caption
//	Status          string     // "sent" is the only known value
//	SentAt          *time.Time // may be nil (assumed)
type LogEntry struct {
	gen.MessageLogEntry

	// Raw is the JSON of the entry as the server sent it.
	Raw json.RawMessage `json:"-"`
	// Err says which part of the entry could not be read. It is an ErrUnreadable, or nil if the whole entry was read. The fields that
	// could be read are set. ID is 0 if it could not be read.
	Err error `json:"-"`
}

// MessageQuery selects the part of the log to read. The zero value selects all of it.
type MessageQuery struct {
	// Page is the number of the first page to read, from 1. 0 is page 1.
	Page int
}

// MessagePage is one page of the log.
type MessagePage struct {
	// Entries are the messages, in the order of the server.
	Entries []LogEntry
	// Page is the number of this page.
	Page int
	// NextPage is the number of the next page. It is 0 if this is the last page, and also if the server does not identify the next
	// page by a greater number. In the second case Client.Messages follows the query of the link to the next page, or ends with an
	// ErrUnreadable if it cannot.
	NextPage int
	// LastPage is the number of the last page; 0 if the server does not say.
	LastPage int
	// Total is the number of messages in the log; 0 if the server does not say.
	Total int64
}

var opListMessages = operation{id: "listMessages", name: "read message log"}

// listMessages builds the request for the first page.
func listMessages(baseURL string) (*http.Request, error) {
	return gen.NewListMessagesRequest(baseURL, nil)
}

// MessagePage reads one page of the message log. It needs the scope messages.read.
//
// The pagination of the log is assumed: page=N in the query, and links or meta in the response in the forms of Laravel or
// Fractal. A response without any of these is the whole log. An entry that cannot be read completely is not an error of the
// page: see LogEntry.Err. With more than 100 such entries on a page the error is an [ErrUnreadable].
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (c *Client) MessagePage(ctx context.Context, q MessageQuery) (MessagePage, error) {
	if err := q.validate(); err != nil {
		return MessagePage{}, err
	}
	page, err := c.listPage(ctx, opListMessages, listMessages, pageNumbered(q.Page))
	if err != nil {
		return MessagePage{}, err
	}
	entries, err := c.logEntries(page)
	if err != nil {
		return MessagePage{}, err
	}
	read := MessagePage{Entries: entries, Page: page.number, LastPage: page.last, Total: page.total}
	if next := page.next.named(); next > page.number {
		read.NextPage = next
	}
	return read, nil
}

func (q MessageQuery) validate() error {
	if q.Page < 0 {
		return inputError(opListMessages.name, fieldError("page", "must not be negative"))
	}
	return nil
}

// Messages reads the message log page by page, in the order of the server, and keeps at most two pages in memory. An entry that
// moved to the next page because new messages were added meanwhile is not yielded again, unless it moved by more than a page.
// Messages continues as long as there is a next page: to stop earlier, leave the loop or end the context.
//
// It ends after the first error. An entry that cannot be read completely is not an error: see LogEntry.Err. The error is an
// [ErrUnreadable] if the next page cannot be requested, if it was already requested, and after three pages in a row that have only
// entries of the page before them. A server that sends new pages without end is not detected. Messages needs the scope
// messages.read. See [Client.MessagePage] for the assumptions and the other errors.
func (c *Client) Messages(ctx context.Context, q MessageQuery) iter.Seq2[LogEntry, error] {
	return func(yield func(LogEntry, error) bool) {
		for entries, err := range c.logPages(ctx, q) {
			if err != nil {
				yield(LogEntry{}, err)
				return
			}
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
		}
	}
}

// logPages is Messages, one page at a time.
func (c *Client) logPages(ctx context.Context, q MessageQuery) iter.Seq2[[]LogEntry, error] {
	return func(yield func([]LogEntry, error) bool) {
		if err := q.validate(); err != nil {
			yield(nil, err)
			return
		}
		for page, err := range c.listPages(ctx, opListMessages, listMessages, pageNumbered(q.Page), math.MaxInt) {
			var entries []LogEntry
			if err == nil {
				entries, err = c.logEntries(page)
			}
			if !yield(entries, err) || err != nil {
				return
			}
		}
	}
}

// maxOdd is how many entries of a page may be unreadable. A page with more is an error, because each such entry needs many times
// its size in memory.
const maxOdd = 100

// logEntries reads the entries of a page. A list that has entries but no object is not a page of a log.
func (c *Client) logEntries(page listPage) ([]LogEntry, error) {
	unreadable := func(err error) ([]LogEntry, error) { return nil, c.unreadable(opListMessages, page.answer, err) }
	if page.notList != nil {
		return unreadable(page.notList)
	}
	if len(page.entries) > 0 && !slices.ContainsFunc(page.entries, phpjson.Value.IsObject) {
		return unreadable(fmt.Errorf("no entry is an object: %s", page.entries[0].Path()))
	}
	entries := make([]LogEntry, 0, min(len(page.entries), 1000))
	odd := 0
	for _, value := range page.entries {
		entry := LogEntry{Raw: bytes.Clone(value.Raw())} // so that an entry does not keep its whole page in memory
		if err := readWithID(value, &entry.MessageLogEntry, &entry.ID); err != nil {
			if odd++; odd > maxOdd {
				return unreadable(fmt.Errorf("more than %d entries cannot be read: %w", maxOdd, err))
			}
			entry.Err = fmt.Errorf("tgo: %s: %w", opListMessages.name, c.notRead(err))
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// readWithID reads an entry of a list into a value whose id is *id. An entry without an id is an error. The other fields are read
// also after an error.
func readWithID(entry phpjson.Value, into any, id *int64) error {
	err := entry.Read(into)
	if err == nil && *id < 1 {
		err = fmt.Errorf("%s has no %q", entry.Path(), "id")
	}
	return err
}
