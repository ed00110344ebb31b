package main

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Without --verbose, successes are not logged.
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

// The window of a priority holds back only the messages of that priority.
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
