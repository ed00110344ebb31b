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

An attempt of these messages began, and nobody knows how it ended. Look at the recipient's phone or at tgo log, and then say what
became of each with tgo outbox resolve. --json writes an object to each line, with the whole text.

` + seeOutbox + exitCodes
}

// Run lists the unknown messages.
func (c *outboxUnknown) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		count, err := c.list(ctx, s, b, outbox.Unknown)
		switch {
		case err != nil || c.JSON:
		case count == 0:
			_, err = fmt.Fprintln(s.out, "No message is unknown")
		default:
			_, err = fmt.Fprintln(s.out, "\nFind out whether each arrived, then: tgo outbox resolve ID --sent | --again | --cancel")
		}
		return err
	})
}
