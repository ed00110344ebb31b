package main

import (
	"context"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxCancel struct {
	outboxFlags
	ID []int64 `arg:"" help:"Ids of the messages, as tgo outbox add shows them."`
}

// Help is shown by tgo outbox cancel --help.
func (outboxCancel) Help() string {
	return "Example:\n\n  tgo outbox cancel 20 21\n\nA message that is being sent or has ended cannot be cancelled.\n\n" + seeOutbox + exitCodes
}

// Run cancels messages.
func (c *outboxCancel) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		return c.each(c.ID, func(id int64) error {
			if err := b.Cancel(ctx, id, "tgo outbox cancel"); err != nil {
				return err
			}
			return c.say(s, changed{id, outbox.Cancelled}, "message %d is %s", id, outbox.Cancelled)
		})
	})
}
