package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

type logCommand struct {
	connection
	Limit    int           `help:"How many messages to show; 0 means all." default:"20"`
	Page     int           `help:"Page of the log to begin at." default:"1"`
	Type     []string      `help:"Only these types: text, image, voice, document." enum:"text,image,voice,document" placeholder:"TYPE"`
	Status   string        `help:"Only this status." placeholder:"STATUS"`
	Sender   int64         `help:"Only from the sender number with this id." placeholder:"ID"`
	Contains string        `help:"Only messages whose text or caption contains this." placeholder:"TEXT"`
	Since    string        `help:"Only messages since a time (2025-01-10T08:00:00Z) or a duration ago (2h)." placeholder:"TIME"`
	Until    string        `help:"Only messages before a time or a duration ago." placeholder:"TIME"`
	Follow   bool          `help:"Keep showing messages as they are sent, until Ctrl-C." short:"f"`
	Interval time.Duration `help:"How often --follow asks." default:"5s"`
}

// Help is shown by tgo log --help.
func (logCommand) Help() string {
	return `Examples:

  tgo log --type voice --since 24h
  tgo log --limit 0 --json > messages.jsonl
  tgo log --follow --contains 4821

The newest come first; with --follow the newest come last. If the server lists the oldest first, --follow reads the whole
log each time. --json writes an object to each line. The log does not have the recipients. --follow continues when the server fails
temporarily or the connection is lost, and ends when the API refuses the request.

` + exitCodes
}

// logFilter selects the entries to show.
type logFilter struct {
	c            *logCommand
	since, until time.Time
}

func (f logFilter) shows(e tgo.LogEntry) bool {
	switch {
	case len(f.c.Type) > 0 && !slices.Contains(f.c.Type, e.MessageType),
		f.c.Status != "" && e.Status != f.c.Status,
		f.c.Sender != 0 && e.SenderNumberID != f.c.Sender,
		!strings.Contains(e.Content, f.c.Contains):
		return false
	}
	at, ok := sentAt(e)
	return !ok || !at.Before(f.since) && (f.until.IsZero() || at.Before(f.until))
}

func (c *logCommand) filter() (logFilter, error) {
	f := logFilter{c: c}
	var err error
	if f.since, err = parseTime(c.Since, -1); err != nil {
		return f, usageError("--since: " + err.Error())
	}
	if f.until, err = parseTime(c.Until, -1); err != nil {
		return f, usageError("--until: " + err.Error())
	}
	switch {
	case c.Limit < 0:
		return f, usageError("--limit must not be negative")
	case c.Page < 1:
		return f, usageError("--page begins at 1")
	case c.Follow && c.Interval < 100*time.Millisecond:
		return f, usageError("--interval must be 100ms or more")
	case c.Follow && c.Page != 1:
		return f, usageError("--page cannot be used with --follow: leave it out")
	}
	return f, nil
}

// parseTime parses a time, or a duration from now: into the future if direction is 1, into the past if it is -1.
func parseTime(text string, direction time.Duration) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(text); err == nil {
		return time.Now().Add(direction * d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither a time such as 2025-01-10T08:00:00Z or 2025-01-10, nor a duration such as 2h", text)
}

// sentAt returns when a message was sent, if its entry has a time other than zero.
func sentAt(e tgo.LogEntry) (at time.Time, ok bool) {
	if e.SentAt == nil || e.SentAt.IsZero() {
		return time.Time{}, false
	}
	return *e.SentAt, true
}

// Run shows the log.
func (c *logCommand) Run(ctx context.Context, s streams) error {
	filter, err := c.filter()
	if err != nil {
		return err
	}
	if c.Follow {
		return c.follow(ctx, s, filter)
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	table := newTable(s.out)
	show := func(e tgo.LogEntry) error { return writeJSON(s.out, shown(e)) }
	if !c.JSON {
		header := make([]string, len(logColumns))
		for i, column := range logColumns {
			header[i] = column.name
		}
		fmt.Fprintln(table, strings.Join(header, "\t"))
		show = func(e tgo.LogEntry) error {
			_, err := fmt.Fprintln(table, strings.Join(logCells(e), "\t"))
			return err
		}
	}
	err = c.read(ctx, client, filter, show)
	return errors.Join(table.Flush(), err)
}

// maxOld is how many entries in a row must be older than --since before read takes all further ones for older. A few
// newer entries may follow an older one, if a message took longer or the server's clock was set.
const maxOld = 100

// read goes through the log. If the newest entries come first, it stops after maxOld entries in a row from before
// --since. Entries without a time do not count.
func (c *logCommand) read(ctx context.Context, client *tgo.Client, filter logFilter, show func(tgo.LogEntry) error) error {
	shown := 0
	var last time.Time
	var falls, rises, old int // between neighbors; the more frequent of falls and rises is the order
	for e, err := range client.Messages(ctx, tgo.MessageQuery{Page: c.Page}) {
		if err != nil {
			return reading(err)
		}
		if at, ok := sentAt(e); ok {
			switch {
			case last.IsZero():
			case at.Before(last):
				falls++
			case at.After(last):
				rises++
			}
			last = at
			if old++; !at.Before(filter.since) {
				old = 0
			}
			if old >= maxOld && falls > rises {
				return nil
			}
		}
		if !filter.shows(e) {
			continue
		}
		if err := show(e); err != nil {
			return err
		}
		if shown++; shown == c.Limit {
			return nil
		}
	}
	return nil
}

// logColumns are the columns of the log. With --follow each has its width; a negative one is aligned to the left.
var logColumns = []struct {
	name  string
	width int
	cell  func(tgo.LogEntry) string
}{
	{"ID", 6, func(e tgo.LogEntry) string { return strconv.FormatInt(e.ID, 10) }},
	{"SENT AT", 0, func(e tgo.LogEntry) string { return localTime(e.SentAt) }},
	{"FROM", 3, func(e tgo.LogEntry) string { return strconv.FormatInt(e.SenderNumberID, 10) }},
	{"TYPE", -8, func(e tgo.LogEntry) string { return printable(e.MessageType) }},
	{"STATUS", -6, func(e tgo.LogEntry) string { return printable(e.Status) }},
	{"CONTENT", 0, contentOf},
}

// logCells returns the texts of an entry, one for each column.
func logCells(e tgo.LogEntry) []string {
	cells := make([]string, len(logColumns))
	for i, column := range logColumns {
		cells[i] = column.cell(e)
	}
	return cells
}

// contentOf returns the beginning of a message, and what could not be read of its entry.
func contentOf(e tgo.LogEntry) string {
	text := firstWords(e.Content)
	if e.Err != nil {
		text += " (" + strings.TrimPrefix(e.Err.Error(), "tgo: read message log: ") + ")"
	}
	return printable(text)
}

// shownEntry is an entry that could not be read completely, as --json shows it.
type shownEntry struct {
	tgo.LogEntry
	Error string          `json:"error"`
	Raw   json.RawMessage `json:"raw"`
}

// shown returns an entry as --json shows it.
func shown(e tgo.LogEntry) any {
	if e.Err == nil {
		return e
	}
	return shownEntry{e, strings.TrimPrefix(e.Err.Error(), "tgo: read message log: "), e.Raw}
}
