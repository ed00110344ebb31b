package main

import (
	"context"
	"time"
)

type outboxPurge struct {
	outboxFlags
	OlderThan time.Duration `help:"Only of messages that ended so long ago." default:"24h"`
}

// Help is shown by tgo outbox purge --help.
func (outboxPurge) Help() string {
	return `Example:

  tgo outbox purge --older-than 720h

What became of each message stays known, and so do the keys. Unknown messages are kept whole until they are resolved. Workers purge
by themselves, after their --retention.

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
