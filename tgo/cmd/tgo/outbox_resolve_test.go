package main

import (
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A person has three decisions about an unknown message.
func TestOutboxResolve(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	loseAnswers(t, fake, env, "Hello", "one", "two", "three")
	command(t, env, "outbox", "resolve", "1").want(t, exitUsage, "--sent, --again or --cancel")
	command(t, env, "outbox", "resolve", "1", "--sent", "--again").want(t, exitUsage, "--sent", "--again")
	command(t, env, "outbox", "resolve", "--sent").want(t, exitUsage, "id")
	command(t, env, "outbox", "resolve", "1", "--sent").want(t, exitOK, "message 1 is sent\n")
	command(t, env, "outbox", "resolve", "1", "--sent").want(t, exitValidation, "message 1: ", "not unknown")
	// An error about one message does not prevent the others from being resolved.
	r := command(t, env, "outbox", "resolve", "99", "2", "1", "--cancel").want(t, exitValidation, "message 2 is cancelled\n", "message 99: ", "message 1: ")
	if strings.Count(r.out, "\n") != 1 {
		t.Errorf("%q", r.out)
	}
	if c := decode[changed](t, command(t, env, "outbox", "resolve", "3", "--again", "--json").want(t, exitOK).out); c != (changed{3, outbox.Waiting}) {
		t.Errorf("%+v", c)
	}
	fake.ClearFaults()
	stop := startWork(t, env)
	if m := arrived(t, fake); m.Content != "Hello" {
		t.Errorf("%+v", m)
	}
	stop().want(t, exitOK)
	fake.ExpectNoMessage(t)
	is := statusOf(t, env, exitOK)
	if is.Messages[outbox.Sent] != 2 || is.Messages[outbox.Cancelled] != 1 || is.Messages[outbox.Unknown] != 0 {
		t.Errorf("%+v", is)
	}
}
