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

// LogEntry is a message in the log. It does not say to whom the message went.
//
// Its fields, besides Raw and Err:
//
//	ID              int64      // that of the receipt (assumed)
//	SenderNumberID  int64      // the number it went out from
//	MessageType     string     // text, image, voice or document
//	Content         string     // the text or the caption
//	Status          string     // "sent" is the only known one
//	SentAt          *time.Time // may be nil (assumed)
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
	// NextPage is the number of the next page. It is 0 where this is the last one, and where the server does not name the next
	// by a greater number: Messages then follows the query of the link to it, or ends in an ErrUnreadable where it cannot.
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
// How the log is paginated is assumed: page=N in the query, and links or meta in the answer as Laravel or Fractal write them. An
// answer without any of these is taken for the whole log. An entry that cannot be read whole is no error of the page:
// LogEntry.Err has it. More than 100 of them on a page are an [ErrUnreadable].
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

// Messages goes through the message log page by page, in the server's order, and holds no more than two pages. An entry
// that slid to the next page, because new messages came in meanwhile, is not yielded again, unless it slid by more than a page. It goes on as long as a page names
// a next one: stop where you have seen enough, or by the context.
//
// It ends after the first error. An entry that cannot be read whole is none: see LogEntry.Err. An [ErrUnreadable] are a next
// page that there is no way to ask for, one that was asked for before, and one after three pages in a row that hold nothing but
// entries of the page before them. A server that makes up new pages without end is not detected. It needs the scope
// messages.read; see [Client.MessagePage] for what is assumed and which errors come besides.
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

// logPages is Messages, a page at a time.
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

// maxOdd is how many entries of a page may be odd. A page with more is none, for each costs many times what it weighs.
const maxOdd = 100

// logEntries reads the entries of a page. A list without an object in it is not a page of a log.
func (c *Client) logEntries(page listPage) ([]LogEntry, error) {
	unreadable := func(err error) ([]LogEntry, error) { return nil, c.unreadable(opListMessages, page.answer, err) }
	if page.notList != nil {
		return unreadable(page.notList)
	}
	if len(page.entries) > 0 && !slices.ContainsFunc(page.entries, phpjson.Value.IsObject) {
		return unreadable(fmt.Errorf("no entry of it is an object: %s", page.entries[0].Path()))
	}
	entries := make([]LogEntry, 0, min(len(page.entries), 1000))
	odd := 0
	for _, value := range page.entries {
		entry := LogEntry{Raw: bytes.Clone(value.Raw())} // an entry that is kept does not keep its page
		if err := readWithID(value, &entry.MessageLogEntry, &entry.ID); err != nil {
			if odd++; odd > maxOdd {
				return unreadable(fmt.Errorf("more than %d entries of it cannot be read; %w", maxOdd, err))
			}
			entry.Err = fmt.Errorf("tgo: %s: %w", opListMessages.name, c.notRead(err))
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// readWithID reads what can be read of an entry of a list. Without an id, which then is in *id, it cannot be read whole.
func readWithID(entry phpjson.Value, into any, id *int64) error {
	err := entry.Read(into)
	if err == nil && *id < 1 {
		err = fmt.Errorf("%s has no %q", entry.Path(), "id")
	}
	return err
}
