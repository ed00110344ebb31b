package main

import (
	"context"
	"time"
)

type outboxPurge struct {
	outboxFlags
	OlderThan time.Duration `help:"Purge only messages that ended at least this long ago." default:"24h"`
}

// Help is shown by tgo outbox purge --help.
func (outboxPurge) Help() string {
	return `Example:

  tgo outbox purge --older-than 720h

The record of each message is kept, with its state and its key. Unknown messages are kept whole until they are resolved. Workers purge
automatically, after their --retention.

` + seeOutbox + exitCodes
}

// Run deletes texts and phones.
func (c *outboxPurge) Run(ctx context.Context, s streams) error {
	if c.OlderThan < 0 {
		return usageError("--older-than must not be negative")
	}
	return c.callExisting(ctx, s, func(b openBox) error {
		n, err := b.Purge(ctx, time.Now().Add(-c.OlderThan))
		if err != nil {
			return err
		}
		return c.say(s, map[string]any{"purged": n}, "messages purged: %d", n)
	})
}
