package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// rowState is the state of a row in a campaign.
type rowState uint8

const (
	rowNew       rowState = iota // to be sent
	rowWaiting                   // in the outbox
	rowSending                   // an attempt is in progress
	rowSent                      // the API accepted it
	rowRejected                  // the API refused it
	rowUnknown                   // it may have arrived
	rowCancelled                 // a person cancelled it in the outbox
	rowNotSent                   // found wrong before an attempt, or the recipient cannot receive it
	rowChanged                   // its recipient got a different message
	rowNoFile                    // its file is missing
	rowExcluded                  // --exclude names it
	rowWrong                     // it must be corrected before it can be sent
	rowStates                    // how many there are
)

// String is the state as it stands in reports.
func (s rowState) String() string {
	return [...]string{
		"not sent", "not sent", "unknown", "sent", "rejected", "unknown", "cancelled", "not sent", "changed", "not sent", "excluded", "not sent",
	}[s]
}

// campaign is the sending of a list. It is a queue of the outbox, whose records hold the outcome of each row. A row is
// identified by its recipient and its message, so the list may change between two runs: a row that was sent is not sent
// again, a new row is sent, and a row whose recipient got a different message is reported and not sent.
type campaign struct {
	name   string
	queue  string
	sender string
	rows   *rowTable

	givenUp     bool // the run ended while messages were being sent
	counts      [rowStates]int
	now         int                     // how many rows this run has sent
	reasons     map[int]string          // why a row is not sent
	outstanding map[int64]int           // rows by message id, of messages that wait in the outbox or are being sent
	unknown     map[int]int64           // message ids by row
	stale       map[digest]bool         // recipients of messages that were tried and are no longer in the list: whether one may have arrived
	gone        []int64                 // the API's ids of messages that were sent and are no longer in the list
	leftover    []int64                 // messages that wait and are no longer in the list
	changed     func(i int, r *listRow) // called when the state of a row changes
}

func newCampaign(name, queue string) *campaign {
	return &campaign{
		name: name, queue: queue, rows: newRowTable(), reasons: map[int]string{}, outstanding: map[int64]int{},
		unknown: map[int]int64{}, stale: map[digest]bool{}, changed: func(int, *listRow) {},
	}
}

// add adds a row of the list.
func (c *campaign) add(r listRow, reason string) {
	if reason != "" {
		c.reasons[c.rows.len] = reason
	}
	c.counts[r.state]++
	c.rows.add(r)
}

// set changes the state of a row.
func (c *campaign) set(i int, state rowState, reason string) {
	r := c.rows.at(i)
	if r.state == state && c.reasons[i] == reason {
		return
	}
	c.counts[r.state]--
	c.counts[state]++
	r.state = state
	if delete(c.reasons, i); reason != "" {
		c.reasons[i] = reason
	}
	c.changed(i, r)
}

// queueOf returns the queue of a campaign: one for each name and tenant, in characters that a queue name may have. Names
// that differ only in case, such as List.csv and list.csv, share a queue, since they are the same file on Windows.
func queueOf(name, tenant string) string {
	name = norm.NFC.String(strings.ToLower(name))
	slug := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return ' '
	}, name)
	slug = strings.Join(strings.Fields(slug), "-")
	const longest = 40
	slug = strings.Trim(slug[:min(len(slug), longest)], "-")
	if slug == "" {
		slug = "list"
	}
	return fmt.Sprintf("%s-%x", slug, sha256.Sum256(fmt.Appendf(nil, "%d:%s%s", len(name), name, tenant)))[:len(slug)+9]
}

// loadBatch is how many records are read at a time.
const loadBatch = 5000

// load reads the outcome of the rows from the outbox.
func (c *campaign) load(ctx context.Context, b box) error {
	query := outbox.Query{Limit: loadBatch, WithoutMessages: true}
	for {
		records, err := b.List(ctx, query)
		if err != nil {
			return err
		}
		for _, record := range records {
			if err := c.note(record); err != nil {
				return err
			}
		}
		if len(records) < loadBatch {
			break
		}
		query.After = records[len(records)-1].ID
	}
	if len(c.stale) == 0 {
		return nil
	}
	for i := range c.rows.len {
		if r := c.rows.at(i); r.state == rowNew && c.stale[r.id.recipient] {
			c.set(i, rowChanged, "its recipient got a different message; --send-changed sends this one, too")
		}
	}
	return nil
}

// note applies a record of the outbox to its row. If a row has several records, they come in the order they were added.
func (c *campaign) note(record outbox.Record) error {
	id, generation, sender, ok := parseKey(record.Key)
	if !ok {
		return withCode(exitUsage, fmt.Errorf("queue %s of the database holds message %d, which is not from a list: give another --database or --campaign",
			c.queue, record.ID))
	}
	i, row := c.rows.find(id)
	switch {
	case record.Attempts == 0:
	case row == nil:
		arrived := record.State == outbox.Sent || record.State == outbox.Unknown || record.State == outbox.Sending
		c.stale[id.recipient] = c.stale[id.recipient] || arrived
		if record.State == outbox.Sent {
			c.gone = append(c.gone, record.Receipt.ID)
		}
	default:
		row.tried = true
	}
	unwanted := row == nil || row.state == rowExcluded || sender != digestOf(c.sender)
	switch {
	case record.State == outbox.Waiting && unwanted:
		c.leftover = append(c.leftover, record.ID)
	case row == nil:
		return nil
	case row.state == rowExcluded:
		return nil
	case record.State == outbox.Cancelled && record.Reason == leftoverReason: // as if it had never been added
	default:
		row.generation = generation
		return c.apply(i, record)
	}
	if row != nil {
		row.generation = generation
	}
	return nil
}

// tried reports whether an attempt was made to send a message to a recipient.
func (c *campaign) tried(recipient digest) bool {
	_, tried := c.stale[recipient]
	c.rows.of(recipient, func(_ int, r *listRow) bool {
		tried = tried || r.tried
		return !tried
	})
	return tried
}

// receipts returns the API's ids of the messages that were sent, sorted.
func (c *campaign) receipts() []int64 {
	ids := append(make([]int64, 0, c.counts[rowSent]+len(c.gone)), c.gone...)
	for i := range c.rows.len {
		if r := c.rows.at(i); r.state == rowSent {
			ids = append(ids, r.receipt)
		}
	}
	slices.Sort(ids)
	return ids
}

// leftoverReason is recorded with a waiting message that was cancelled because the list no longer has it.
const leftoverReason = "it was not in the list any more"

// apply gives a row the state of its record.
func (c *campaign) apply(i int, record outbox.Record) error {
	row := c.rows.at(i)
	delete(c.outstanding, record.ID)
	reason := plain(record.Reason)
	switch record.State {
	case outbox.Waiting:
		c.outstanding[record.ID] = i
		c.set(i, rowWaiting, reason)
	case outbox.Sending:
		c.outstanding[record.ID] = i
		c.set(i, rowSending, "its outcome is not known yet")
	case outbox.Sent:
		row.receipt = record.Receipt.ID
		c.set(i, rowSent, "")
	case outbox.Rejected:
		if record.Code == "file" || record.Code == "input" { // found before an attempt
			c.set(i, rowNotSent, reason)
			break
		}
		c.set(i, rowRejected, reason)
	case outbox.Unknown:
		c.unknown[i] = record.ID
		c.set(i, rowUnknown, reason)
	case outbox.Cancelled:
		c.set(i, rowCancelled, reason)
	default:
		return fmt.Errorf("the database says that message %d is %q, which this version of tgo does not know", record.ID, record.State)
	}
	return nil
}

// ready marks all rows in a state as to be sent.
func (c *campaign) ready(state rowState) {
	for i := range c.rows.len {
		if c.rows.at(i).state == state {
			c.set(i, rowNew, "")
		}
	}
}

// refresh reads the outcome of outstanding messages from the outbox.
func (c *campaign) refresh(ctx context.Context, b box) error {
	ids := make([]int64, 0, len(c.outstanding))
	for id := range c.outstanding {
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return nil
	}
	records, err := b.List(ctx, outbox.Query{IDs: ids, Limit: len(ids), WithoutMessages: true})
	if err != nil {
		return err
	}
	if len(records) != len(ids) {
		return fmt.Errorf("the database has lost %d messages of queue %s: restore it before you continue", len(ids)-len(records), c.queue)
	}
	for _, record := range records {
		i := c.outstanding[record.ID]
		if err := c.apply(i, record); err != nil {
			return err
		}
		if record.State == outbox.Sent {
			c.now++
		}
	}
	return nil
}

// notSent counts the rows that have not been sent.
func (c *campaign) notSent() int {
	return c.counts[rowNew] + c.counts[rowWaiting] + c.counts[rowNotSent] + c.counts[rowNoFile] + c.counts[rowWrong] + c.counts[rowChanged] + c.counts[rowCancelled]
}

// mayHaveArrived counts the rows that may have arrived.
func (c *campaign) mayHaveArrived() int { return c.counts[rowUnknown] + c.counts[rowSending] }
