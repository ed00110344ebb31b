package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// outboxEnv returns the environment for a command that uses a fake, and a new outbox.
func outboxEnv(t testing.TB, fake *tgotest.Server) map[string]string {
	t.Helper()
	return with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
}

// startWork runs tgo outbox work. stop ends it as a signal does, and returns its result.
func startWork(t testing.TB, env map[string]string, args ...string) (stop func() result) {
	t.Helper()
	ctx, cancel := context.WithCancel(soon(t))
	var out, errs buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"outbox", "work"}, args...),
			streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	}()
	t.Cleanup(cancel)
	return func() result {
		t.Helper()
		cancel()
		return result{<-ended, out.String(), errs.String()}
	}
}

// arrived waits for the next message that arrives at a fake. A worker looks for new messages every second.
func arrived(t testing.TB, fake *tgotest.Server) tgotest.Message {
	t.Helper()
	m, err := fake.NextMessage(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// listed returns the waiting messages, of which there must be some.
func listed(t testing.TB, env map[string]string) []outbox.Record {
	t.Helper()
	_, file, _ := strings.Cut(env["TGO_OUTBOX_DATABASE"], ":")
	b, err := openSQLite(t.Context(), file, outbox.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer b.close()
	records, err := b.List(t.Context(), outbox.Query{State: outbox.Waiting})
	if err != nil || len(records) == 0 {
		t.Fatalf("%d messages wait, %v", len(records), err)
	}
	return records
}

func statusOf(t testing.TB, env map[string]string, code int) shownStatus {
	t.Helper()
	return decode[shownStatus](t, command(t, env, "outbox", "status", "--json").want(t, code).out)
}

// loseAnswers sends a text once for each key, and cuts the connections before the responses, so that the messages are unknown. It returns the
// result of tgo outbox work.
func loseAnswers(t testing.TB, fake *tgotest.Server, env map[string]string, text string, keys ...string) result {
	t.Helper()
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		command(t, env, "outbox", "add", "text", "--to", string(fake.RecipientPhone), "--key", key, text).want(t, exitOK)
	}
	stop := startWork(t, env)
	for range keys {
		arrived(t, fake)
	}
	return stop().want(t, exitOK, "tgo outbox: unknown")
}

// statusIn returns the status of a queue, for any exit code.
func statusIn(t testing.TB, env map[string]string, queue string) shownStatus {
	t.Helper()
	return decode[shownStatus](t, command(t, env, "outbox", "status", "--queue", queue, "--json").out)
}

// No control characters from the database reach the terminal.
func TestOutboxHostileTexts(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "outbox", "add", "text", "--to", to, "--key", steering+"\nkey", steering+"\ntext").want(t, exitOK)
	stop := startWork(t, env)
	arrived(t, fake)
	stop().want(t, exitOK)
	command(t, env, "outbox", "pause", steering+"\nreason").want(t, exitOK)
	for _, args := range [][]string{{"list"}, {"unknown"}, {"unknown", "--json"}, {"status"}, {"status", "--json"}} {
		r := command(t, env, append([]string{"outbox"}, args...)...)
		if i := strings.IndexFunc(r.out+r.err, func(c rune) bool { return c != '\n' && steers(c) }); i >= 0 || r.out == "" {
			t.Errorf("%v: %q", args, r.out+r.err)
		}
	}
	// A line break in a key or a text is not a line break in the table. It has the heading, the message, an empty line, and what to do.
	if r := command(t, env, "outbox", "unknown"); strings.Count(r.out, "\n") != 4 {
		t.Errorf("%q", r.out)
	}
	line := command(t, env, "outbox", "unknown", "--json").out
	if u := decode[shownRecord](t, line); u.Key != steering+"\nkey" || u.Text != steering+"\ntext" {
		t.Errorf("%+v", u)
	}
	is := decode[map[string]json.RawMessage](t, command(t, env, "outbox", "status", "--json").out)
	keys := make([]string, 0, len(is))
	for key := range is {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	if want := []string{"encrypted", "has_key", "held_until", "messages", "pause_reason", "paused_at", "queue", "unknown_elsewhere", "workers"}; !slices.Equal(keys, want) {
		t.Errorf("the status has %v", keys)
	}
}

// Subcommands that need an existing outbox do not create one: the name of the file may be mistyped.
func TestOutboxMissingDatabase(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	mistyped := filepath.Join(home, "outbx.db")
	for _, args := range [][]string{
		{"status"}, {"status", "--json"}, {"list"}, {"unknown"}, {"pause", "a reason"}, {"resume"}, {"cancel", "1"}, {"resolve", "1", "--again"}, {"purge"},
	} {
		args = append([]string{"outbox"}, args...)
		command(t, map[string]string{"TGO_OUTBOX_DATABASE": "sqlite:" + mistyped}, args...).
			want(t, exitUsage, "there is no database", "outbx.db (from TGO_OUTBOX_DATABASE)", "tgo outbox migrate")
		command(t, nil, append(args, "--database", "sqlite:"+mistyped)...).want(t, exitUsage, "there is no database", "outbx.db (from --database)")
		env := map[string]string{"HOME": home, "XDG_DATA_HOME": filepath.Join(home, "data"), "LocalAppData": filepath.Join(home, "data")}
		command(t, env, args...).want(t, exitUsage, "there is no database", "(from the default)")
	}
	if left, err := os.ReadDir(home); err != nil || len(left) != 0 {
		t.Errorf("%v was created, %v", left, err)
	}
}
