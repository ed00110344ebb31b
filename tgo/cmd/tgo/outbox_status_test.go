package main

import (
	"crypto/aes"
	"crypto/cipher"
	"log/slog"
	"maps"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Status shows until when the queue is held back because of a Retry-After.
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
	command(t, env, "outbox", "status").want(t, exitOK, "Held back until", "as the API asked")
	if held := statusOf(t, env, exitOK).HeldUntil; held == nil || time.Until(*held) < 50*time.Minute {
		t.Errorf("held until %v", held)
	}
	fake.ExpectNoMessage(t)
}

// The states that tgo outbox list takes, and its help, are those of the package.
func TestOutboxStatesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	names := make([]string, 0, 6)
	for _, state := range outbox.States() {
		names = append(names, string(state))
	}
	field, ok := reflect.TypeFor[outboxList]().FieldByName("State")
	if !ok {
		t.Fatal("tgo outbox list has no --state")
	}
	if got, want := field.Tag.Get("enum"), ","+strings.Join(names, ","); got != want {
		t.Errorf("--state takes %q; want %q", got, want)
	}
	last := len(names) - 1
	if got, want := field.Tag.Get("help"), strings.Join(names[:last], ", ")+" or "+names[last]; !strings.Contains(got, want) {
		t.Errorf("the help of --state is %q; want %q in it", got, want)
	}
}

// Status shows unknown messages in other queues, also if there are none in its own queue.
func TestOutboxStatusOfOtherQueues(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "migrate").want(t, exitOK)
	if r := command(t, env, "outbox", "status").want(t, exitOK); strings.Contains(r.out, "Other queues") {
		t.Errorf("%q", r.out)
	}
	if is := statusOf(t, env, exitOK); is.Elsewhere == nil || len(is.Elsewhere) > 0 {
		t.Errorf("%+v", is)
	}
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "outbox", "add", "text", "--to", to, "--queue", "shop-b", "Hello").want(t, exitOK)
	stop := startWork(t, env, "--queue", "shop-b")
	arrived(t, fake)
	stop().want(t, exitOK)
	command(t, env, "outbox", "status").want(t, exitOK, "Other queues of this database have unknown messages: ", "  shop-b: 1\n")
	if is := statusOf(t, env, exitOK); !maps.Equal(is.Elsewhere, map[string]int64{"shop-b": 1}) || is.Messages[outbox.Unknown] != 0 {
		t.Errorf("%+v", is)
	}
	if is := statusIn(t, env, "shop-b"); len(is.Elsewhere) != 0 || is.Messages[outbox.Unknown] != 1 {
		t.Errorf("%+v", is)
	}
}

// Status counts the messages that this command cannot read.
func TestOutboxStatusOfEncryptedMessages(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	key, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	_, file, _ := strings.Cut(env["TGO_OUTBOX_DATABASE"], ":")
	b, err := openSQLite(t.Context(), file, outbox.Config{Logger: slog.New(slog.DiscardHandler), Ciphers: []cipher.AEAD{key}})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	if is := statusOf(t, env, exitOK); is.HasKey || is.Encrypted != 0 {
		t.Errorf("%+v", is)
	}
	if _, err := b.Add(t.Context(), outbox.Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "outbox", "status").want(t, exitOK, "Encrypted messages: 1. This command has no key")
	if is := statusOf(t, env, exitOK); is.HasKey || is.Encrypted != 1 {
		t.Errorf("%+v", is)
	}
}
