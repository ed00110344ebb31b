package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

type outboxCommand struct {
	Migrate outboxMigrate `cmd:"" help:"Create the tables, or bring them up to date."`
	Add     outboxAdd     `cmd:"" help:"Add a message."`
	Work    outboxWork    `cmd:"" help:"Send messages until Ctrl-C."`
	Status  outboxStatus  `cmd:"" help:"Count the messages, and show pauses and workers."`
	List    outboxList    `cmd:"" help:"List messages and their states."`
	Unknown outboxUnknown `cmd:"" help:"List the messages that may have arrived."`
	Resolve outboxResolve `cmd:"" help:"Decide about unknown messages."`
	Pause   outboxPause   `cmd:"" help:"Stop sending, on all machines."`
	Resume  outboxResume  `cmd:"" help:"Resume sending after a pause."`
	Cancel  outboxCancel  `cmd:"" help:"Cancel messages that are waiting."`
	Purge   outboxPurge   `cmd:"" help:"Delete texts and phones of messages that ended."`
}

// Help is shown by tgo outbox --help.
func (outboxCommand) Help() string {
	return `Examples:

  tgo outbox add text --to +201010000000 --key order-4821-shipped "Your order 4821 has shipped"
  tgo outbox work --rate 10 --window bulk=09:00-21:00@Africa/Cairo
  tgo outbox status

A message that was added survives a crash, and is sent once. If no one knows whether it arrived, it is set aside as unknown and is not
sent again: tgo outbox unknown lists these messages, and with tgo outbox resolve you decide about them.

` + databaseHelp + "\n\n" + exitCodes
}

// outboxFlags are the flags of all subcommands except work.
type outboxFlags struct {
	queueFlags
	JSON bool `help:"Write JSON." name:"json"`
}

// callExisting is call for subcommands that need an existing outbox. A missing SQLite file is an error, and is not created: its name may be
// mistyped, and an empty outbox would look as if everything were in order.
func (c *outboxFlags) callExisting(ctx context.Context, s streams, do func(openBox) error) error {
	text, source, err := c.url(s, defaultDatabase(s.getenv))
	if err != nil {
		return err
	}
	if file, ok := strings.CutPrefix(text, "sqlite:"); ok && file != "" {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return usageError(fmt.Sprintf("there is no database %s (from %s): name another one with --database, or create it with tgo outbox migrate",
				printable(file), source))
		}
	}
	return c.call(ctx, s, do)
}

// call opens the outbox for one call. A SQLite file that is missing is created.
func (c *outboxFlags) call(ctx context.Context, s streams, do func(openBox) error) error {
	b, err := c.open(ctx, s, slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		return err
	}
	defer b.close()
	return boxError(do(b))
}

// say writes a value as JSON with --json, and otherwise a line of text.
func (c *outboxFlags) say(s streams, value any, format string, args ...any) error {
	if c.JSON {
		return writeJSON(s.out, value)
	}
	_, err := fmt.Fprintf(s.out, format+"\n", args...)
	return err
}

// each calls do for each message. It continues after an error about the message itself, and stops after any other error.
func (c *outboxFlags) each(ids []int64, do func(id int64) error) error {
	var wrong []error
	for _, id := range ids {
		err := do(id)
		if err != nil {
			err = boxError(fmt.Errorf("message %d: %w", id, err))
			wrong = append(wrong, err)
		}
		if code := codeOf(err); code != exitOK && code != exitValidation {
			break
		}
	}
	switch len(wrong) {
	case 0:
		return nil
	case 1:
		return wrong[0]
	}
	return withCode(codeOf(wrong[len(wrong)-1]), errors.Join(wrong...))
}

// changed is the JSON of a message whose state a person changed.
type changed struct {
	ID    int64        `json:"id"`
	State outbox.State `json:"state"`
}
