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

// A message whose answer was lost waits for a person, who has three ways to end the doubt.
func TestOutboxUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "migrate").want(t, exitOK)
	command(t, env, "outbox", "unknown").want(t, exitOK, "No messages are unknown")
	if r := command(t, env, "outbox", "unknown", "--json").want(t, exitOK); r.out != "" {
		t.Errorf("%q", r.out)
	}
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	long := "A text that goes on for longer than a table has room for, " + strings.Repeat("on and ", 20) + "on"
	for _, key := range []string{"one", "two", "three"} {
		command(t, env, "outbox", "add", "text", "--to", to, "--key", key, long).want(t, exitOK)
	}
	stop := startWork(t, env)
	for range 3 {
		arrived(t, fake)
	}
	r := stop().want(t, exitOK, "tgo outbox: unknown")
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

	command(t, env, "outbox", "list", "--state", "rejected").want(t, exitOK, "There are no such messages\n")
	command(t, env, "outbox", "list", "--state", "lost").want(t, exitUsage, "--state")
	command(t, env, "outbox", "resolve", "1").want(t, exitUsage, "--sent, --again or --cancel")
	command(t, env, "outbox", "resolve", "1", "--sent", "--again").want(t, exitUsage, "--sent", "--again")
	command(t, env, "outbox", "resolve", "--sent").want(t, exitUsage, "id")
	command(t, env, "outbox", "resolve", "1", "--sent").want(t, exitOK, "message 1 is sent\n")
	command(t, env, "outbox", "resolve", "1", "--sent").want(t, exitValidation, "message 1: ", "not unknown")
	// One that is wrong does not keep the others from being resolved.
	r = command(t, env, "outbox", "resolve", "99", "2", "1", "--cancel").want(t, exitValidation, "message 2 is cancelled\n", "message 99: ", "message 1: ")
	if strings.Count(r.out, "\n") != 1 {
		t.Errorf("%q", r.out)
	}
	if c := decode[changed](t, command(t, env, "outbox", "resolve", "3", "--again", "--json").want(t, exitOK).out); c != (changed{3, outbox.Waiting}) {
		t.Errorf("%+v", c)
	}
	fake.ClearFaults()
	stop = startWork(t, env)
	if m := arrived(t, fake); m.Content != long {
		t.Errorf("%+v", m)
	}
	stop().want(t, exitOK)
	fake.ExpectNoMessage(t)
	is := statusOf(t, env, exitOK)
	if is.Messages[outbox.Sent] != 2 || is.Messages[outbox.Cancelled] != 1 || is.Messages[outbox.Unknown] != 0 {
		t.Errorf("%+v", is)
	}
	r = command(t, env, "outbox", "list").want(t, exitOK, "STATE", "sent", "cancelled", "a person gave it up", "three")
	if strings.Count(r.out, "\n") != 4 {
		t.Errorf("%q", r.out)
	}
	gone := decode[shownRecord](t, command(t, env, "outbox", "list", "--state", "cancelled", "--json").want(t, exitOK).out)
	if gone.ID != 2 || gone.State != outbox.Cancelled || gone.Code != "person" || gone.EndedAt.IsZero() {
		t.Errorf("%+v", gone)
	}
}

// unknown lists all of them, however many there are.
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
