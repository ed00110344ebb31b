package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"
	_ "time/tzdata" // the time zones of --window, if the machine has none

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxWork struct {
	connection
	queueFlags
	Concurrency int           `help:"How many messages this process sends at the same time." default:"16"`
	Rate        float64       `help:"How many messages a second all workers together may begin; 0 means no limit." default:"10"`
	SenderRate  float64       `help:"How many messages a second may begin for each sender number; 0 means no limit." default:"0"`
	Window      []string      `help:"Send messages of a priority only in these hours, such as bulk=09:00-21:00@Africa/Cairo. Without @ZONE, in this machine's time zone. Can be repeated." sep:"none" placeholder:"PRIORITY=HH:MM-HH:MM@ZONE"`
	Retention   time.Duration `help:"How long to keep the texts and phones of messages that ended." default:"24h"`
	Verbose     bool          `help:"Log each attempt that ended, without text and phone. By default only problems are logged."`
}

// Help is shown by tgo outbox work --help.
func (outboxWork) Help() string {
	return `Examples:

  tgo outbox work
  tgo outbox work --database-file database.url --concurrency 32 --rate 20 --window bulk=09:00-21:00@Africa/Cairo

Any number of machines can work on one PostgreSQL database; give them all the same --rate, --sender-rate and --window. After Ctrl-C
or SIGTERM the command completes the messages that it is sending, and ends. If every message would fail (a wrong key, an unverified
sender, many unknown outcomes in a row), it pauses the queue on all machines: tgo outbox status says why, and tgo outbox resume ends
the pause. Logs go to stderr, as JSON with --json.

` + configHelp + "\n\n" + seeOutbox + exitCodes
}

// workers returns the settings from the flags.
func (c *outboxWork) workers() (outbox.Workers, error) {
	windows, err := parseWindows(c.Window)
	switch {
	case err != nil:
	case c.Concurrency < 1:
		err = usageError("--concurrency must be 1 or more")
	case c.Rate < 0 || c.SenderRate < 0:
		err = usageError("a rate must not be negative")
	case c.Retention <= 0:
		err = usageError("--retention must be more than 0")
	}
	return outbox.Workers{
		Concurrency: c.Concurrency, Rate: c.Rate, SenderRate: c.SenderRate, Windows: windows, Retention: c.Retention,
	}, err
}

// Run sends until the context ends.
func (c *outboxWork) Run(ctx context.Context, s streams) error {
	workers, err := c.workers()
	if err != nil {
		return err
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	logger := c.logger(s)
	if c.Verbose { // the outbox logs other outcomes itself
		workers.OnEnd = func(ctx context.Context, r outbox.Record) {
			if r.State == outbox.Sent {
				logger.LogAttrs(ctx, slog.LevelInfo, "tgo outbox: sent", slog.Int64("id", r.ID), slog.Int("attempt", r.Attempts),
					slog.Int64("receipt", r.Receipt.ID))
			}
		}
	}
	b, err := c.open(ctx, s, logger)
	if err != nil {
		return err
	}
	defer b.close()
	fmt.Fprintf(s.err, "tgo: sending the messages of queue %s in %s; press Ctrl-C to stop\n", b.Queue(), b.where)
	return boxError(b.Work(ctx, client, workers))
}

// logger returns a logger that writes to stderr.
func (c *outboxWork) logger(s streams) *slog.Logger {
	options := &slog.HandlerOptions{Level: slog.LevelWarn}
	if c.Verbose {
		options.Level = slog.LevelInfo
	}
	if c.JSON {
		return slog.New(slog.NewJSONHandler(s.err, options))
	}
	return slog.New(slog.NewTextHandler(s.err, options))
}

// parseWindows reads windows such as normal=09:00-21:00@Africa/Cairo.
func parseWindows(texts []string) (map[outbox.Priority]outbox.Window, error) {
	windows := map[outbox.Priority]outbox.Window{}
	for _, text := range texts {
		wrong := func(why string) error { return usageError(fmt.Sprintf("--window %s: %s", text, why)) }
		name, hours, _ := strings.Cut(text, "=")
		hours, zone, zoned := strings.Cut(hours, "@")
		from, until, _ := strings.Cut(hours, "-")
		priority, known := priorities[name]
		w := outbox.Window{Location: time.Local}
		var errFrom, errUntil, errZone error
		w.From, errFrom = timeOfDay(from)
		w.Until, errUntil = timeOfDay(until)
		if zoned {
			w.Location, errZone = time.LoadLocation(zone)
		}
		_, twice := windows[priority]
		switch {
		case !known, errFrom != nil, errUntil != nil, zoned && zone == "":
			return nil, wrong("it must have the form normal=09:00-21:00@Africa/Cairo, with code, normal or bulk")
		case errZone != nil:
			return nil, wrong(errZone.Error())
		case w.From == w.Until:
			return nil, wrong("it is empty: give two different times")
		case twice:
			return nil, wrong("this priority has a window already: give one for each priority")
		}
		windows[priority] = w
	}
	return windows, nil
}

func timeOfDay(text string) (time.Duration, error) {
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, err
}
