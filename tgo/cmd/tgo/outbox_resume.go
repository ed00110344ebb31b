package main

import "context"

type outboxResume struct{ outboxFlags }

// Help is shown by tgo outbox resume --help.
func (outboxResume) Help() string {
	return "Example:\n\n  tgo outbox resume\n\n" + seeOutbox + exitCodes
}

// Run ends a pause.
func (c *outboxResume) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		if err := b.Resume(ctx); err != nil {
			return err
		}
		return c.say(s, map[string]any{"queue": b.Queue(), "paused": false}, "queue %s is not paused", printable(b.Queue()))
	})
}
