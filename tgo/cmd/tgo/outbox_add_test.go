package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestOutboxText(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := outboxEnv(t, fake), string(fake.RecipientPhone)
	add := func(stdin string, args ...string) result {
		return commandIn(t, env, stdin, append([]string{"outbox", "add", "text", "--to", to}, args...)...)
	}
	add("", "--key", "order-4821", "Your order 4821 has shipped").want(t, exitOK, "message 1 added\n")
	add("", "--key", "order-4821", "Once more").want(t, exitOK, "message 1 has this key already; nothing was added\n")
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
	r = stop().want(t, exitOK, "sending the messages of queue tgo", "tgo outbox: sent", "id=1 attempt=1 receipt=")
	for _, secret := range []string{"shipped", "from a pipe", to, string(fake.SenderPhone)} {
		if strings.Contains(r.out+r.err, secret) {
			t.Errorf("the log shows %q: %s", secret, r.err)
		}
	}
	fake.ExpectNoMessage(t)
	if is := statusOf(t, env, exitOK); is.Messages[outbox.Waiting] != 1 || is.Messages[outbox.Sent] != 2 || len(is.Workers) > 0 {
		t.Errorf("%+v", is)
	}
	command(t, env, "outbox", "status").want(t, exitOK, "No worker is running")
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

// An invalid message is not added.
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
		"an empty text":              {nil, "", []string{"text", "--to", to, ""}, exitValidation, "content"},
		"a phone without a country":  {nil, "", []string{"text", "--to", "0100", "Hello"}, exitValidation, "--to"},
		"a sender that is not valid": {nil, "", []string{"text", "--to", to, "--from", "+1-a", "Hello"}, exitValidation, "--from"},
		"no sender":                  {[]string{"TGO_FROM", ""}, "", []string{"text", "--to", to, "Hello"}, exitUsage, "--from"},
		"no such profile":            {nil, "", []string{"text", "--to", to, "--config", "no-such-file.yaml", "Hello"}, exitUsage, "no-such-file.yaml"},
		"no recipient":               {nil, "", []string{"text", "Hello"}, exitUsage, "--to"},
		"no time":                    {nil, "", []string{"text", "--to", to, "--at", "soon", "Hello"}, exitUsage, "--at"},
		"no priority":                {nil, "", []string{"text", "--to", to, "--priority", "high", "Hello"}, exitUsage, "--priority"},
		"the API key":                {nil, "", []string{"text", "--to", to, "--key", "tgo_secret-of-somebody", "Hello"}, exitUsage, "--key looks like an API key"},
		"a key that is too long":     {nil, "", []string{"text", "--to", to, "--key", strings.Repeat("k", 256), "Hello"}, exitValidation, "--key must be at most"},
		"no file":                    {nil, "", []string{"document", "--to", to, "no-such-file.pdf"}, exitValidation, "no-such-file.pdf"},
		"no voice note":              {nil, "", []string{"voice", "--to", to, "demo/picture.png"}, exitValidation, "not a recording"},
		"no picture":                 {nil, "", []string{"image", "--to", to, "demo/invoice.pdf"}, exitValidation, "not an image"},
		"a large stdin":              {nil, large, []string{"document", "--to", to, "-", "--name", "x.bin"}, exitValidation, "larger than 1.0 MiB"},
		"stdin without a name":       {nil, "x", []string{"document", "--to", to, "-"}, exitValidation, "--name must be given"},
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
