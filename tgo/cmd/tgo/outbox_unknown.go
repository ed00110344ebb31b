package main

import (
	"context"
	"fmt"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxUnknown struct{ outboxFlags }

// Help is shown by tgo outbox unknown --help.
func (outboxUnknown) Help() string {
	return `Example:

  tgo outbox unknown

An attempt to send these messages began, and no one knows how it ended. Check the recipient's phone or tgo log, and then decide
about each message with tgo outbox resolve. --json writes one object a line, with the whole text.

` + seeOutbox + exitCodes
}

// Run lists the unknown messages.
func (c *outboxUnknown) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		count, err := c.list(ctx, s, b, outbox.Unknown)
		switch {
		case err != nil || c.JSON:
		case count == 0:
			_, err = fmt.Fprintln(s.out, "No messages are unknown")
		default:
			_, err = fmt.Fprintln(s.out, "\nFind out whether each message arrived, and then run tgo outbox resolve ID --sent | --again | --cancel")
		}
		return err
	})
}
