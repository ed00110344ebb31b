package main

import (
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestOutboxList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	loseAnswers(t, fake, env, "Hello", "one", "two", "three")
	command(t, env, "outbox", "list", "--state", "rejected").want(t, exitOK, "There are no such messages\n")
	command(t, env, "outbox", "list", "--state", "lost").want(t, exitUsage, "--state")
	command(t, env, "outbox", "resolve", "1", "3", "--sent").want(t, exitOK)
	command(t, env, "outbox", "resolve", "2", "--cancel").want(t, exitOK)
	r := command(t, env, "outbox", "list").want(t, exitOK, "STATE", "sent", "cancelled", "a person decided not to resend it", "three")
	if strings.Count(r.out, "\n") != 4 {
		t.Errorf("%q", r.out)
	}
	gone := decode[shownRecord](t, command(t, env, "outbox", "list", "--state", "cancelled", "--json").want(t, exitOK).out)
	if gone.ID != 2 || gone.State != outbox.Cancelled || gone.Code != "person" || gone.EndedAt.IsZero() {
		t.Errorf("%+v", gone)
	}
}
