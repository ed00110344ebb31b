package main

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A message whose response was lost is listed for a person to decide about it.
func TestOutboxUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "migrate").want(t, exitOK)
	command(t, env, "outbox", "unknown").want(t, exitOK, "No messages are unknown")
	if r := command(t, env, "outbox", "unknown", "--json").want(t, exitOK); r.out != "" {
		t.Errorf("%q", r.out)
	}
	long := "A text that goes on for longer than a table has room for, " + strings.Repeat("on and ", 20) + "on"
	r := loseAnswers(t, fake, env, long, "one", "two", "three")
	if strings.Contains(r.err, to) || strings.Contains(r.err, "goes on") {
		t.Errorf("the log says %q", r.err)
	}

	command(t, env, "outbox", "status").want(t, exitNo, "unknown", "3", "list them with tgo outbox unknown")
	r = command(t, env, "outbox", "unknown").want(t, exitOK, "ID", "KEY", "TO", "BEGUN", "REASON", "1", "one", to, "tgo outbox resolve ID --sent | --again | --cancel")
	if strings.Contains(r.out, long) {
		t.Error("the table has the whole text")
	}
	lines := strings.Split(strings.TrimSpace(command(t, env, "outbox", "unknown", "--json").want(t, exitOK).out), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines", len(lines))
	}
	first := decode[shownRecord](t, lines[0])
	if first.ID != 1 || first.Key != "one" || string(first.To) != to || first.Text != long || first.Attempts != 1 || first.Type != "text" ||
		first.From != string(fake.SenderPhone) || first.Reason == "" || time.Since(first.BegunAt) > time.Hour {
		t.Errorf("%+v", first)
	}
}

// unknown lists all unknown messages, also if there are more than one page of the database query.
func TestOutboxManyUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	messages := make([]outbox.Message, 230) // a page has 100
	for i := range messages {
		messages[i] = outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Hello"}
	}
	_, file, _ := strings.Cut(env["TGO_OUTBOX_DATABASE"], ":")
	b, err := openSQLite(t.Context(), file, outbox.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.box.(interface {
		AddMany(context.Context, []outbox.Message) ([]outbox.Added, error)
	}).AddMany(t.Context(), messages); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	worked := make(chan error, 1)
	go func() { worked <- b.Work(ctx, fake.Client, outbox.Workers{PauseUnknown: -1}) }()
	for range messages {
		arrived(t, fake)
	}
	cancel()
	if err := <-worked; err != nil {
		t.Fatal(err)
	}
	b.close()
	r := command(t, env, "outbox", "unknown", "--json").want(t, exitOK)
	ids := map[int64]bool{}
	for line := range strings.Lines(r.out) {
		ids[decode[shownRecord](t, line).ID] = true
	}
	if len(ids) != len(messages) {
		t.Errorf("%d are listed", len(ids))
	}
}
