package main

import "context"

type outboxPause struct {
	outboxFlags
	Reason string `arg:"" optional:"" help:"The reason, which tgo outbox status shows." default:"tgo outbox pause"`
}

// Help is shown by tgo outbox pause --help.
func (outboxPause) Help() string {
	return "Example:\n\n  tgo outbox pause \"wrong prices in the newsletter\"\n\nMessages that are being sent are completed. Messages can still be added.\n\n" + seeOutbox + exitCodes
}

// Run stops sending.
func (c *outboxPause) Run(ctx context.Context, s streams) error {
	return c.callExisting(ctx, s, func(b openBox) error {
		if err := b.Pause(ctx, c.Reason); err != nil {
			return err
		}
		return c.say(s, map[string]any{"queue": b.Queue(), "paused": true}, "queue %s is paused; resume it with tgo outbox resume", printable(b.Queue()))
	})
}
