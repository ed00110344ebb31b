package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestOutboxPurge(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	for range 3 {
		command(t, env, "outbox", "add", "text", "--to", to, "Hello").want(t, exitOK)
	}
	command(t, env, "outbox", "cancel", "1", "2").want(t, exitOK)
	command(t, env, "outbox", "purge").want(t, exitOK, "messages purged: 0\n")
	command(t, env, "outbox", "purge", "--older-than", "-1h").want(t, exitUsage, "--older-than")
	command(t, env, "outbox", "purge", "--older-than", "0s", "--json").want(t, exitOK, `{"purged":2}`)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Cancelled] != 2 || is.Messages[outbox.Waiting] != 1 {
		t.Errorf("%+v", is)
	}
	fake.ExpectNoMessage(t)
}
