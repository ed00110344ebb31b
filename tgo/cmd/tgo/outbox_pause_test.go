package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestOutboxPause(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "migrate").want(t, exitOK)
	command(t, env, "outbox", "pause", "the prices\nare wrong").want(t, exitOK, "queue tgo is paused")
	command(t, env, "outbox", "add", "text", "--to", to, "Hello").want(t, exitOK)
	command(t, env, "outbox", "status").want(t, exitNo, "Paused since", "the prices are wrong", "tgo outbox resume")
	is := statusOf(t, env, exitNo)
	if is.PausedAt == nil || is.PauseReason != "the prices are wrong" {
		t.Errorf("%+v", is)
	}
	command(t, env, "outbox", "resume").want(t, exitOK, "queue tgo is not paused")
	command(t, env, "outbox", "status").want(t, exitOK)
	stop := startWork(t, env)
	arrived(t, fake)
	stop().want(t, exitOK)

	// A refusal that every message would get pauses the queue, with the reason.
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: 401}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "outbox", "add", "text", "--to", to, "--queue", "other", "Hello").want(t, exitOK)
	stop = startWork(t, env, "--queue", "other")
	for ctx := soon(t); statusIn(t, env, "other").PausedAt == nil; {
		if ctx.Err() != nil {
			t.Fatal("the queue is not paused")
		}
	}
	stop().want(t, exitOK)
	command(t, env, "outbox", "status", "--queue", "other").want(t, exitNo, "waiting", "1", "Paused since", "401")
	command(t, env, "outbox", "status").want(t, exitOK)
}
