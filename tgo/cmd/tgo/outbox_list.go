package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxList struct {
	outboxFlags
	State string `help:"List only the messages in this state: waiting, sending, sent, rejected, unknown or cancelled." enum:",waiting,sending,sent,rejected,unknown,cancelled" default:"" placeholder:"STATE"`
}

// Help is shown by tgo outbox list --help.
func (outboxList) Help() string {
	return `Examples:

  tgo outbox list --state rejected
  tgo outbox list --json

It shows the record of each message, the oldest first. Messages that were purged have no phone and text. --json writes one object a
line, with the whole text.

` + seeOutbox + exitCodes
}

// Run lists messages.
func (c *outboxList) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		count, err := c.list(ctx, s, b, outbox.State(c.State))
		if err == nil && count == 0 && !c.JSON {
			_, err = fmt.Fprintln(s.out, "There are no such messages")
		}
		return err
	})
}

// shownRecord is the JSON of a message.
type shownRecord struct {
	ID        int64        `json:"id"`
	Key       string       `json:"key,omitempty"`
	State     outbox.State `json:"state"`
	From      string       `json:"from,omitempty"`
	To        tgo.Phone    `json:"to,omitempty"`
	AddedAt   time.Time    `json:"added_at,omitzero"`
	BegunAt   time.Time    `json:"begun_at,omitzero"`
	EndedAt   time.Time    `json:"ended_at,omitzero"`
	Attempts  int          `json:"attempts"`
	Code      string       `json:"code,omitempty"`
	Reason    string       `json:"reason,omitempty"`
	ReceiptID int64        `json:"receipt_id,omitempty"`
	Type      string       `json:"type,omitempty"`
	Text      string       `json:"text,omitempty"`
}

// list writes the messages in a state and returns their number. An empty state means all states.
func (c *outboxFlags) list(ctx context.Context, s streams, b openBox, state outbox.State) (count int, err error) {
	table := newTable(s.out)
	query := outbox.Query{State: state}
	for {
		records, err := b.List(ctx, query)
		if err != nil {
			return count, errors.Join(table.Flush(), err)
		}
		if len(records) == 0 {
			return count, table.Flush()
		}
		for _, r := range records {
			shown := shownOf(r)
			if c.JSON {
				err = writeJSON(s.out, shown)
			} else {
				if count == 0 {
					fmt.Fprintln(table, "ID\tSTATE\tKEY\tTO\tBEGUN\tTYPE\tTEXT\tREASON")
				}
				begun := "-"
				if !r.BegunAt.IsZero() {
					begun = localTime(&r.BegunAt)
				}
				_, err = fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, printable(string(r.State)), printable(r.Key),
					printable(string(shown.To)), begun, printable(shown.Type), printable(firstWords(shown.Text)), printable(plain(r.Reason)))
			}
			if err != nil {
				return count, err
			}
			count++
		}
		query.After = records[len(records)-1].ID
	}
}

func shownOf(r outbox.Record) shownRecord {
	shown := shownRecord{
		ID: r.ID, Key: r.Key, State: r.State, AddedAt: r.AddedAt, BegunAt: r.BegunAt, EndedAt: r.EndedAt,
		Attempts: r.Attempts, Code: r.Code, Reason: r.Reason, ReceiptID: r.Receipt.ID,
	}
	if m := r.Message; m != nil {
		shown.From, shown.To, shown.Type, shown.Text = string(m.From), m.To, tgo.TypeText, m.Text
		if m.From == "" {
			shown.From = fmt.Sprint(m.FromNumber)
		}
		if m.Media != nil {
			shown.Type = m.Media.Type
		}
	}
	return shown
}
