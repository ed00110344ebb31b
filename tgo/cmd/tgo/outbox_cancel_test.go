package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestOutboxCancel(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	for range 3 {
		command(t, env, "outbox", "add", "text", "--to", to, "Hello").want(t, exitOK)
	}
	command(t, env, "outbox", "cancel", "1", "2").want(t, exitOK, "message 1 is cancelled\nmessage 2 is cancelled\n")
	command(t, env, "outbox", "cancel", "1").want(t, exitValidation, "message 1: ", "is not waiting")
	command(t, env, "outbox", "cancel", "99", "--json").want(t, exitValidation, `"exit_code":3`)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Cancelled] != 2 || is.Messages[outbox.Waiting] != 1 {
		t.Errorf("%+v", is)
	}
	fake.ExpectNoMessage(t)
}
