package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// outboxEnv is the environment in which the command speaks to a fake and has an outbox of its own.
func outboxEnv(t testing.TB, fake *tgotest.Server) map[string]string {
	t.Helper()
	return with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+filepath.Join(t.TempDir(), "outbox.db"))
}

// startWork runs tgo outbox work. stop ends it as a signal does, and returns what came of it.
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

// arrived is the next message that reaches a fake. A worker looks for new ones every second.
func arrived(t testing.TB, fake *tgotest.Server) tgotest.Message {
	t.Helper()
	m, err := fake.NextMessage(soon(t))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// listed are the messages that wait.
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

func TestOutboxText(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	add := func(stdin string, args ...string) result {
		return commandIn(t, env, stdin, append([]string{"outbox", "add", "text", "--to", to}, args...)...)
	}
	add("", "--key", "order-4821", "Your order 4821 has shipped").want(t, exitOK, "message 1 added\n")
	add("", "--key", "order-4821", "Once more").want(t, exitOK, "message 1 was there before, with this key\n")
	r := add("from a pipe\n", "--json", "--from", "1").want(t, exitOK)
	if a := decode[added](t, r.out); a.ID <= 1 || a.Duplicate {
		t.Errorf("%+v", a)
	}
	if a := decode[added](t, add("", "--key", "order-4821", "--json", "Again").want(t, exitOK).out); a != (added{1, true}) {
		t.Errorf("%+v", a)
	}
	add("", "--at", "2h", "Later").want(t, exitOK, "added")
	fake.ExpectNoMessage(t)
	records := listed(t, env)
	if wait := time.Until(records[len(records)-1].Message.At); wait < time.Hour || wait > 2*time.Hour {
		t.Errorf("the last one waits for %v", wait)
	}
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Waiting] != 3 || is.Queue != "tgo" || len(is.Workers) > 0 {
		t.Errorf("%+v", is)
	}

	stop := startWork(t, env, "--verbose")
	texts := map[string]bool{}
	for range 2 {
		m := arrived(t, fake)
		texts[m.Content] = true
		if m.To != fake.RecipientPhone || m.SenderPhone != fake.SenderPhone {
			t.Errorf("%+v arrived", m)
		}
	}
	if !texts["Your order 4821 has shipped"] || !texts["from a pipe"] {
		t.Errorf("%v arrived", texts)
	}
	command(t, env, "outbox", "status").want(t, exitOK, "STATE", "MESSAGES", "waiting", "1", "sent", "HOST", "PID", strconv.Itoa(os.Getpid()))
	r = stop().want(t, exitOK, "sending what is in queue tgo", "tgo outbox: sent", "id=1 attempt=1 receipt=")
	for _, secret := range []string{"shipped", "from a pipe", to, string(fake.SenderPhone)} {
		if strings.Contains(r.out+r.err, secret) {
			t.Errorf("the log shows %q: %s", secret, r.err)
		}
	}
	fake.ExpectNoMessage(t)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Waiting] != 1 || is.Messages[outbox.Sent] != 2 || len(is.Workers) > 0 {
		t.Errorf("%+v", is)
	}
	command(t, env, "outbox", "status").want(t, exitOK, "Nobody sends")
}

// Without --verbose the log says nothing of what goes well.
func TestOutboxWorkIsQuiet(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	command(t, env, "outbox", "add", "text", "--to", string(fake.RecipientPhone), "Hello").want(t, exitOK)
	stop := startWork(t, env)
	arrived(t, fake)
	r := stop().want(t, exitOK)
	if r.out != "" || strings.Count(r.err, "\n") != 1 || !strings.HasPrefix(r.err, "tgo: sending") {
		t.Errorf("stdout %q, stderr %q", r.out, r.err)
	}
}

func TestOutboxMedia(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	picture, err := os.ReadFile("demo/picture.png")
	if err != nil {
		t.Fatal(err)
	}
	voice, err := os.ReadFile("demo/voice.ogg")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin string
		args  []string
	}{
		{"", []string{"image", "demo/picture.png", "--caption", "A parcel"}},
		{"", []string{"document", "demo/invoice.pdf", "--name", "bill.pdf", "--content-type", "application/x-bill"}},
		{"", []string{"voice", "demo/voice.ogg"}},
		{"", []string{"voice", "demo/voice.ogg", "--duration", "7"}},
		{string(picture), []string{"image", "-", "--name", "chart.png"}},
		{string(voice), []string{"voice", "-", "--name", "note.ogg"}},
	} {
		commandIn(t, env, c.stdin, append([]string{"outbox", "add", c.args[0], "--to", to}, c.args[1:]...)...).want(t, exitOK, "added")
	}
	for _, r := range listed(t, env) {
		if ref := r.Message.Media.Ref; ref != "" && !filepath.IsAbs(ref) { // a worker may run elsewhere
			t.Errorf("message %d refers to %s", r.ID, ref)
		}
	}
	stop := startWork(t, env, "--rate", "0")
	got := map[string]string{}
	for range 6 {
		m := arrived(t, fake)
		seconds := m.Duration.Round(time.Second)
		got[fmt.Sprintf("%s %s %s", m.Type, m.Media.Name, seconds)] = m.Content + "/" + m.Media.ContentType + "/" + strconv.Itoa(int(m.Media.Size))
	}
	stop().want(t, exitOK)
	size := func(file string) string {
		info, err := os.Stat(file)
		if err != nil {
			t.Fatal(err)
		}
		return strconv.Itoa(int(info.Size()))
	}
	want := map[string]string{
		"image picture.png 0s": "A parcel/image/png/" + size("demo/picture.png"),
		"image chart.png 0s":   "/image/png/" + size("demo/picture.png"),
		"document bill.pdf 0s": "/application/x-bill/" + size("demo/invoice.pdf"),
		"voice voice.ogg 5s":   "/audio/ogg/" + size("demo/voice.ogg"),
		"voice voice.ogg 7s":   "/audio/ogg/" + size("demo/voice.ogg"),
		"voice note.ogg 5s":    "/audio/ogg/" + size("demo/voice.ogg"),
	}
	for name, says := range want {
		if got[name] != says {
			t.Errorf("%s: %q, want %q; all: %v", name, got[name], says, got)
		}
	}
}

// What cannot be sent is not added either.
func TestOutboxAddRefuses(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	large := strings.Repeat("x", outbox.MaxData+1)
	for name, c := range map[string]struct {
		env   []string
		stdin string
		args  []string
		code  int
		says  string
	}{
		"an empty text":             {nil, "", []string{"text", "--to", to, ""}, exitValidation, "content"},
		"a phone without a country": {nil, "", []string{"text", "--to", "0100", "Hello"}, exitValidation, "--to"},
		"a sender who is no phone":  {nil, "", []string{"text", "--to", to, "--from", "+1-a", "Hello"}, exitValidation, "--from"},
		"no sender":                 {[]string{"TGO_FROM", ""}, "", []string{"text", "--to", to, "Hello"}, exitUsage, "--from"},
		"no such profile":           {nil, "", []string{"text", "--to", to, "--config", "no-such-file.yaml", "Hello"}, exitUsage, "no-such-file.yaml"},
		"no recipient":              {nil, "", []string{"text", "Hello"}, exitUsage, "--to"},
		"no time":                   {nil, "", []string{"text", "--to", to, "--at", "soon", "Hello"}, exitUsage, "--at"},
		"no priority":               {nil, "", []string{"text", "--to", to, "--priority", "high", "Hello"}, exitUsage, "--priority"},
		"the API key":               {nil, "", []string{"text", "--to", to, "--key", "tgo_secret-of-somebody", "Hello"}, exitUsage, "no place for an API key"},
		"a key that is too long":    {nil, "", []string{"text", "--to", to, "--key", strings.Repeat("k", 256), "Hello"}, exitValidation, "--key must be at most"},
		"no file":                   {nil, "", []string{"document", "--to", to, "no-such-file.pdf"}, exitValidation, "no-such-file.pdf"},
		"no voice note":             {nil, "", []string{"voice", "--to", to, "demo/picture.png"}, exitValidation, "not a recording"},
		"no picture":                {nil, "", []string{"image", "--to", to, "demo/invoice.pdf"}, exitValidation, "not an image"},
		"a large stdin":             {nil, large, []string{"document", "--to", to, "-", "--name", "x.bin"}, exitValidation, "larger than 1.0 MiB"},
		"stdin without a name":      {nil, "x", []string{"document", "--to", to, "-"}, exitValidation, "--name must be given"},
	} {
		r := commandIn(t, with(env, c.env...), c.stdin, append([]string{"outbox", "add"}, c.args...)...).want(t, c.code, c.says)
		if r.out != "" {
			t.Errorf("%s: %s", name, r.out)
		}
	}
	is := statusOf(t, env, exitOK)
	for state, n := range is.Messages {
		if n != 0 {
			t.Errorf("%d are %s", n, state)
		}
	}
	// The sender may come from a profile.
	config := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), `profiles: {acme: {from: "7"}}`)
	command(t, env, "outbox", "add", "text", "--to", to, "--config", config, "--profile", "acme", "Hello").want(t, exitOK, "added")
}

// A message whose answer was lost waits for a person, who has three ways to end the doubt.
func TestOutboxUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "unknown").want(t, exitOK, "No message is unknown")
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

	command(t, env, "outbox", "status").want(t, exitNo, "unknown", "3", "tgo outbox unknown lists them")
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

	command(t, env, "outbox", "list", "--state", "rejected").want(t, exitOK, "There is no such message\n")
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

func TestOutboxPause(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
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

	// What would meet every message pauses the queue, and says why.
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

// statusIn is the status of a queue, whatever its exit code.
func statusIn(t testing.TB, env map[string]string, queue string) shownStatus {
	t.Helper()
	return decode[shownStatus](t, command(t, env, "outbox", "status", "--queue", queue, "--json").out)
}

func TestOutboxCancelAndPurge(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	for range 3 {
		command(t, env, "outbox", "add", "text", "--to", to, "Hello").want(t, exitOK)
	}
	command(t, env, "outbox", "cancel", "1", "2").want(t, exitOK, "message 1 is cancelled\nmessage 2 is cancelled\n")
	command(t, env, "outbox", "cancel", "1").want(t, exitValidation, "message 1: ", "does not wait")
	command(t, env, "outbox", "cancel", "99", "--json").want(t, exitValidation, `"exit_code":3`)
	command(t, env, "outbox", "purge").want(t, exitOK, "messages purged: 0\n")
	command(t, env, "outbox", "purge", "--older-than", "-1h").want(t, exitUsage, "--older-than")
	command(t, env, "outbox", "purge", "--older-than", "0s", "--json").want(t, exitOK, `{"purged":2}`)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Cancelled] != 2 || is.Messages[outbox.Waiting] != 1 {
		t.Errorf("%+v", is)
	}
	fake.ExpectNoMessage(t)
}

func TestOutboxWorkRefuses(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := outboxEnv(t, fake)
	for args, says := range map[string]string{
		"--concurrency 0":                                 "--concurrency",
		"--rate -1":                                       "rate",
		"--sender-rate -1":                                "rate",
		"--retention 0s":                                  "--retention",
		"--window 09:00-21:00":                            "normal=09:00-21:00@Africa/Cairo",
		"--window high=09:00-21:00":                       "normal=09:00-21:00@Africa/Cairo",
		"--window bulk=9-21":                              "normal=09:00-21:00@Africa/Cairo",
		"--window bulk=09:00-25:00":                       "normal=09:00-21:00@Africa/Cairo",
		"--window bulk=09:00-21:00@":                      "normal=09:00-21:00@Africa/Cairo",
		"--window bulk=09:00-21:00@Nile/Giza":             "unknown time zone Nile/Giza",
		"--window bulk=09:00-09:00":                       "empty",
		"--window bulk=1:00-2:00 --window bulk=3:00-4:00": "already",
		"--once":             "--once",
		"--tenant a.example": "TGO_BASE_URL",
	} {
		if args == "--tenant a.example" { // the flag wins over the environment; it needs a key
			command(t, with(env, "TGO_API_KEY", ""), "outbox", "work", "--tenant", "a.example").want(t, exitUsage, "TGO_API_KEY")
			continue
		}
		command(t, env, append([]string{"outbox", "work"}, strings.Fields(args)...)...).want(t, exitUsage, says)
	}
	command(t, with(env, "TGO_BASE_URL", ""), "outbox", "work").want(t, exitUsage, "--tenant")
}

func TestOutboxWorkers(t *testing.T) {
	t.Parallel()
	c := outboxWork{Concurrency: 3, Rate: 4.5, SenderRate: 0.5, Window: []string{"bulk=09:00-21:00@UTC"}, Retention: 48 * time.Hour}
	got, err := c.workers()
	if err != nil {
		t.Fatal(err)
	}
	want := outbox.Workers{Concurrency: 3, Rate: 4.5, SenderRate: 0.5, Retention: 48 * time.Hour,
		Windows: map[outbox.Priority]outbox.Window{outbox.Bulk: {From: 9 * time.Hour, Until: 21 * time.Hour, Location: time.UTC}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestOutboxWindows(t *testing.T) {
	t.Parallel()
	got, err := parseWindows([]string{"code=00:00-24:00@UTC", "normal=09:30-21:00@Africa/Cairo", "bulk=22:00-06:00"})
	if err != nil {
		t.Fatal(err)
	}
	cairo := got[outbox.Normal].Location
	if cairo == nil || cairo.String() != "Africa/Cairo" {
		t.Errorf("the zone is %v", cairo)
	}
	for priority, want := range map[outbox.Priority]outbox.Window{
		outbox.Code:   {Until: 24 * time.Hour, Location: time.UTC},
		outbox.Normal: {From: 9*time.Hour + 30*time.Minute, Until: 21 * time.Hour, Location: cairo},
		outbox.Bulk:   {From: 22 * time.Hour, Until: 6 * time.Hour, Location: time.Local},
	} {
		if got[priority] != want {
			t.Errorf("%d: %+v, want %+v", priority, got[priority], want)
		}
	}
}

// The window of a priority holds its messages back, and no others.
func TestOutboxWorkInAWindow(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	command(t, env, "outbox", "add", "text", "--to", to, "--priority", "bulk", "newsletter").want(t, exitOK)
	command(t, env, "outbox", "add", "text", "--to", to, "--priority", "code", "code").want(t, exitOK)
	now := time.Now().UTC()
	closed := now.Add(2*time.Hour).Format("15:04") + "-" + now.Add(3*time.Hour).Format("15:04")
	stop := startWork(t, env, "--window", "bulk="+closed+"@UTC", "--concurrency", "1")
	if m := arrived(t, fake); m.Content != "code" {
		t.Errorf("%q arrived", m.Content)
	}
	stop().want(t, exitOK)
	fake.ExpectNoMessage(t)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Waiting] != 1 || is.Messages[outbox.Sent] != 1 {
		t.Errorf("%+v", is)
	}
}

func TestOutboxDefaultDatabase(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has neither these directories nor these permissions")
	}
	home := t.TempDir()
	data := map[string]string{"darwin": "Library/Application Support"}[runtime.GOOS]
	if data == "" {
		data = ".local/share"
	}
	for _, c := range []struct {
		env  map[string]string
		file string
	}{
		{map[string]string{"HOME": home}, filepath.Join(home, data, "tgo", "outbox.db")},
		{map[string]string{"HOME": home, "XDG_DATA_HOME": filepath.Join(home, "data")}, filepath.Join(home, "data", "tgo", "outbox.db")},
	} {
		command(t, c.env, "outbox", "add", "text", "--from", "1", "--to", "+201010000000", "Hello").want(t, exitOK, "message 1 added")
		for path, mode := range map[string]fs.FileMode{filepath.Dir(c.file): fs.ModeDir | 0o700, c.file: 0o600} {
			if info, err := os.Stat(path); err != nil || info.Mode() != mode {
				t.Errorf("%s is %v, %v", path, info, err)
			}
		}
	}
	command(t, nil, "outbox", "status").want(t, exitUsage, "which database?", "--database")
}

func TestOutboxDatabaseFlags(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	add := func(env map[string]string, args ...string) result {
		t.Helper()
		return command(t, env, append([]string{"outbox", "add", "text", "--from", "1", "--to", "+201010000000", "Hello"}, args...)...)
	}
	// What a URL or SQLite would take for something else is part of the name.
	names := []string{"plain.db", "a b%20c.db", "query.db#part"}
	if runtime.GOOS != "windows" {
		names = append(names, "query?mode=memory")
	}
	for _, name := range names {
		file := filepath.Join(dir, name)
		add(nil, "--database", "sqlite:"+file).want(t, exitOK, "message 1 added")
		add(nil, "--database", "sqlite:"+file).want(t, exitOK, "message 2 added")
		if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte("SQLite format 3")) {
			t.Errorf("%s: %v", file, err)
		}
	}
	// The flag wins over the environment, and so does a file.
	env := map[string]string{"TGO_OUTBOX_DATABASE": "sqlite:" + filepath.Join(dir, "environment.db")}
	list := writeFile(t, filepath.Join(dir, "url"), "sqlite:"+filepath.Join(dir, "file.db")+"\r\nanything\n")
	add(env, "--database", "sqlite:"+filepath.Join(dir, "flag.db")).want(t, exitOK, "message 1 added")
	add(env, "--database-file", list).want(t, exitOK, "message 1 added")
	add(env).want(t, exitOK, "message 1 added")
	add(env).want(t, exitOK, "message 2 added")
	for _, name := range []string{"environment.db", "flag.db", "file.db"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	command(t, env, "outbox", "migrate").want(t, exitOK, "environment.db is up to date")
	add(env, "--database", "sqlite:x", "--database-file", list).want(t, exitUsage, "not both")
	add(nil, "--database-file", filepath.Join(dir, "none")).want(t, exitUsage, "none")
	add(nil, "--database-file", writeFile(t, filepath.Join(dir, "empty"), "")).want(t, exitUsage, "--database-file: the database must be")
	add(nil, "--database", "sqlite:").want(t, exitUsage, "without a file")
	add(nil, "--database", "sqlite:"+filepath.Join(dir, "no-such-directory", "x.db")).want(t, exitUsage, "no-such-directory")
	add(nil, "--database", "sqlite:"+dir).want(t, exitUsage, dir+" is not a file")
	add(env, "--schema", "tgo").want(t, exitUsage, "--schema")
}

// A password is refused among the arguments, and shown nowhere.
func TestOutboxPasswords(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	dir := t.TempDir()
	urls := []string{
		"postgres://shop:s3cr3t@127.0.0.1:1/shop",
		"postgresql://shop:s3cr3t@127.0.0.1:1/shop",
		"POSTGRES://shop:s3cr3t@127.0.0.1:1/shop",
		"postgres://:s3cr3t@127.0.0.1:1/shop",
		"postgres://shop@127.0.0.1:1/shop?sslmode=disable&password=s3cr3t",
		"postgres://shop@127.0.0.1:1/shop?pass%77ord=s3cr3t",
		"postgres://shop@127.0.0.1:1/shop?sslpassword=s3cr3t",
		"postgres://shop:s3cr3t/x@127.0.0.1:1/shop",  // not escaped
		"postgres://shop:12/s3cr3t@127.0.0.1:1/shop", // the same, where 12 could be a port
		"postgres://shop:a@s3cr3t@127.0.0.1:1/shop",
		"postgres://shop:s3cr3t%zz@127.0.0.1:1/shop",
		"postgres://shop:s3cr3t@127.0.0.1:x/shop",
		"mysql://shop:s3cr3t@127.0.0.1:1/shop",
	}
	for i, url := range urls {
		file := writeFile(t, filepath.Join(dir, strconv.Itoa(i)), url+"\n")
		for name, r := range map[string]result{
			"an argument":        command(t, nil, "outbox", "status", "--database", url).want(t, exitUsage, "TGO_OUTBOX_DATABASE, --database-file, PGPASSFILE or PGPASSWORD"),
			"an argument =":      command(t, nil, "outbox", "migrate", "--database="+url, "--json").want(t, exitUsage, "PGPASSFILE"),
			"in the environment": command(t, map[string]string{"TGO_OUTBOX_DATABASE": url}, "outbox", "status"),
			"in a file":          command(t, nil, "outbox", "status", "--database-file", file),
			"in a wrong place":   command(t, nil, "outbox", "status", url),
			"to a wrong flag":    command(t, nil, "outbox", "status", "--databse="+url),
			"to another flag":    command(t, nil, "outbox", "status", "--database-file="+url),
			"to a number":        command(t, nil, "outbox", "cancel", url),
		} {
			if r.code == exitOK || strings.Contains(r.out+r.err, secret) {
				t.Errorf("%s, %s: %+v", url, name, r)
			}
		}
	}
	// These have none, so they are tried: nobody listens there.
	for _, url := range []string{
		"postgres://127.0.0.1:1/shop", "postgres://shop@127.0.0.1:1/shop", "postgresql://shop@127.0.0.1:1/shop?sslmode=disable",
	} {
		command(t, nil, "outbox", "status", "--database", url).want(t, exitFailed, "refused")
	}
	// With one, but from where nobody sees it.
	command(t, map[string]string{"TGO_OUTBOX_DATABASE": urls[0]}, "outbox", "status").want(t, exitFailed, "refused")
	command(t, nil, "outbox", "status", "--database-file", filepath.Join(dir, "0")).want(t, exitFailed, "refused")
	command(t, nil, "outbox", "status", "--database", "postgres://127.0.0.1:1/shop?sslmode=no").want(t, exitUsage, "sslmode")
}

// Nothing that is in the database steers the terminal.
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
	// A line break in a key or a text is none in the table: the heading, the message, nothing, and what to do.
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
	if want := []string{"held_until", "messages", "pause_reason", "paused_at", "queue", "workers"}; !slices.Equal(keys, want) {
		t.Errorf("the status has %v", keys)
	}
}

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
