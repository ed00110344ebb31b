package main

import (
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// What keeps Retry-After is shown until it is over.
func TestOutboxHeld(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "3600"}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "outbox", "add", "text", "--to", string(fake.RecipientPhone), "Hello").want(t, exitOK)
	stop := startWork(t, env)
	for ctx := soon(t); statusOf(t, env, exitOK).HeldUntil == nil; {
		if ctx.Err() != nil {
			t.Fatal("the queue is not held back")
		}
	}
	stop().want(t, exitOK)
	command(t, env, "outbox", "status").want(t, exitOK, "Held until", "as the API asked")
	if held := statusOf(t, env, exitOK).HeldUntil; held == nil || time.Until(*held) < 50*time.Minute {
		t.Errorf("held until %v", held)
	}
	fake.ExpectNoMessage(t)
}

// The list of states is all that the package has.
func TestOutboxStates(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	_, file, _ := strings.Cut(outboxEnv(t, fake)["TGO_OUTBOX_DATABASE"], ":")
	b, err := openSQLite(t.Context(), file, outbox.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	is, err := b.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for state := range is.Messages {
		if !slices.Contains(states, state) {
			t.Errorf("tgo outbox status leaves out %s", state)
		}
	}
	if len(is.Messages) != len(states) {
		t.Errorf("%v", is.Messages)
	}
}
