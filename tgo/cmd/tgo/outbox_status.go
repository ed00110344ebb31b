package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxStatus struct{ outboxFlags }

// Help is shown by tgo outbox status --help.
func (outboxStatus) Help() string {
	return `Examples:

  tgo outbox status
  tgo outbox status --json | jq .messages.waiting

The exit code is 8 if the queue is paused or one of its messages is unknown: a person must decide. Unknown messages of other queues in
the same database are shown, and do not change the exit code. Workers that crashed are listed until the messages that they were
sending are set aside for review. In the JSON, encrypted counts
the messages that need a key, and has_key says whether this command has one; so far only Go programs can have one.

` + seeOutbox + exitCodes
}

// shownStatus is the JSON of a status.
type shownStatus struct {
	Queue       string                 `json:"queue"`
	Messages    map[outbox.State]int64 `json:"messages"`
	PausedAt    *time.Time             `json:"paused_at"`
	PauseReason string                 `json:"pause_reason,omitempty"`
	HeldUntil   *time.Time             `json:"held_until"`
	Workers     []shownWorker          `json:"workers"`
	Elsewhere   map[string]int64       `json:"unknown_elsewhere"` // by queue
	HasKey      bool                   `json:"has_key"`
	Encrypted   int64                  `json:"encrypted"`
}

type shownWorker struct {
	ID         string    `json:"id"`
	Host       string    `json:"host"`
	PID        int       `json:"pid"`
	Since      time.Time `json:"since"`
	LeaseUntil time.Time `json:"lease_until"`
	Sending    int64     `json:"sending"`
}

// known returns a time, or nil for the zero time.
func known(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// Run shows the state of the queue.
func (c *outboxStatus) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		is, err := b.Status(ctx)
		if err != nil {
			return err
		}
		unknown, err := b.UnknownByQueue(ctx)
		if err != nil {
			return err
		}
		delete(unknown, b.Queue()) // it is among the messages of the queue
		shown := shownStatus{Queue: b.Queue(), Messages: map[outbox.State]int64{}, PausedAt: known(is.PausedAt),
			PauseReason: is.PauseReason, HeldUntil: known(is.HeldUntil), Workers: []shownWorker{},
			Elsewhere: unknown, HasKey: is.HasKey, Encrypted: is.Encrypted}
		for _, state := range outbox.States() {
			shown.Messages[state] = is.Messages[state]
		}
		for _, w := range is.Workers {
			shown.Workers = append(shown.Workers, shownWorker{w.ID, w.Host, w.PID, w.Since.UTC(), w.LeaseUntil.UTC(), w.Sending})
		}
		if c.JSON {
			err = writeJSON(s.out, shown)
		} else {
			err = shown.write(s)
		}
		if err == nil && (shown.PausedAt != nil || shown.Messages[outbox.Unknown] > 0) {
			return withCode(exitNo, errShown)
		}
		return err
	})
}

func (is shownStatus) write(s streams) error {
	table := newTable(s.out)
	fmt.Fprintln(table, "STATE\tMESSAGES")
	for _, state := range outbox.States() {
		fmt.Fprintf(table, "%s\t%d\n", state, is.Messages[state])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if is.PausedAt != nil {
		fmt.Fprintf(s.out, "\nPaused since %s: %s\nWhen the cause is fixed, resume with tgo outbox resume\n", localTime(is.PausedAt), printable(plain(is.PauseReason)))
	}
	if is.HeldUntil != nil {
		fmt.Fprintf(s.out, "\nHeld back until %s, as the API asked\n", localTime(is.HeldUntil))
	}
	if is.Messages[outbox.Unknown] > 0 {
		fmt.Fprintln(s.out, "\nUnknown messages may or may not have arrived: list them with tgo outbox unknown")
	}
	if len(is.Elsewhere) > 0 {
		fmt.Fprintln(s.out, "\nOther queues of this database have unknown messages: list them with tgo outbox unknown --queue NAME")
		for _, queue := range slices.Sorted(maps.Keys(is.Elsewhere)) {
			fmt.Fprintf(s.out, "  %s: %d\n", printable(queue), is.Elsewhere[queue])
		}
	}
	if is.Encrypted > 0 && !is.HasKey {
		fmt.Fprintf(s.out, "\nEncrypted messages: %d. This command has no key for them, so it cannot show their texts and phones,\n"+
			"and tgo outbox work would pause the queue instead of sending them. Send them with the program that has the key\n", is.Encrypted)
	}
	if len(is.Workers) == 0 {
		_, err := fmt.Fprintln(s.out, "\nNo worker is running: start one with tgo outbox work")
		return err
	}
	fmt.Fprintln(s.out)
	fmt.Fprintln(table, "HOST\tPID\tSINCE\tALIVE UNTIL\tSENDING")
	for _, w := range is.Workers {
		fmt.Fprintf(table, "%s\t%d\t%s\t%s\t%d\n", printable(w.Host), w.PID, localTime(&w.Since), localTime(&w.LeaseUntil), w.Sending)
	}
	return table.Flush()
}
