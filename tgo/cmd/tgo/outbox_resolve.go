package main

import (
	"context"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxResolve struct {
	outboxFlags
	ID     []int64 `arg:"" help:"Ids of the messages, as tgo outbox unknown shows them."`
	Sent   bool    `help:"They arrived." xor:"how"`
	Again  bool    `help:"They did not arrive: send them again." xor:"how"`
	Cancel bool    `help:"Do not send them, whether or not they arrived." xor:"how"`
}

// Help is shown by tgo outbox resolve --help.
func (outboxResolve) Help() string {
	return `Examples:

  tgo outbox resolve 17 --sent
  tgo outbox resolve 18 19 --again

Check the recipient's phone or tgo log first: if a message arrived, --again sends it a second time.

` + seeOutbox + exitCodes
}

// Run resolves messages.
func (c *outboxResolve) Run(ctx context.Context, s streams) error {
	resolution, state := outbox.WasSent, outbox.Sent
	switch {
	case !c.Sent && !c.Again && !c.Cancel:
		return usageError("the decision is missing: give --sent, --again or --cancel")
	case c.Again:
		resolution, state = outbox.SendAgain, outbox.Waiting
	case c.Cancel:
		resolution, state = outbox.GiveUp, outbox.Cancelled
	}
	return c.callExisting(ctx, s, func(b openBox) error {
		return c.each(c.ID, func(id int64) error {
			if err := b.Resolve(ctx, id, resolution); err != nil {
				return err
			}
			return c.say(s, changed{id, state}, "message %d is %s", id, state)
		})
	})
}
