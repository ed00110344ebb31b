package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// asCommand makes the test binary be the command, for the tests that need a process.
const asCommand = "TGO_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main() // it exits
	}
	os.Exit(m.Run())
}

// patience is how long a test waits for what should come at once. It only matters to a test that fails.
const patience = 2 * time.Minute

// soon is a context that ends with the test, or when its patience does.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// buffer may be written and read by several goroutines.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// result is what came of a command line.
type result struct {
	code     int
	out, err string
}

// command runs a command line in this process, with these environment variables and no others.
func command(t testing.TB, env map[string]string, args ...string) result {
	t.Helper()
	var out, errs buffer
	code := run(soon(t), args, streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	return result{code, out.String(), errs.String()}
}

// anyKey is what no output may hold. Masks and prefixes are shorter.
var anyKey = regexp.MustCompile(`tgo_[A-Za-z0-9_-]{9,}`)

// mustContain checks that a text holds all of these, in this order.
func mustContain(t testing.TB, text string, want ...string) {
	t.Helper()
	rest := text
	for _, w := range want {
		i := strings.Index(rest, w)
		if i < 0 {
			t.Errorf("%q is missing, or not in its place, in:\n%s", w, text)
			return
		}
		rest = rest[i+len(w):]
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"nothing":   {nil, []string{"Usage: tgo <command>", "fake", "demo"}},
		"--help":    {[]string{"--help"}, []string{"Usage: tgo <command>", "fake", "demo"}},
		"-h":        {[]string{"-h"}, []string{"Usage: tgo <command>", "fake", "demo"}},
		"fake":      {[]string{"fake", "--help"}, []string{"Usage: tgo fake", `{"url","api_key","sender_phone","sender_number_id","recipient_phone"}`, "--addr", "--seed", "--tenant"}},
		"demo":      {[]string{"demo", "--help"}, []string{"Usage: tgo demo", "TGO_BASE_URL", "TGO_API_KEY"}},
		"outbox":    {[]string{"outbox", "--help"}, []string{"Usage: tgo outbox <command>", "TGO_OUTBOX_DATABASE", "PGPASSFILE", "outbox migrate", "outbox add text", "outbox purge"}},
		"work":      {[]string{"outbox", "work", "--help"}, []string{"Usage: tgo outbox work", "tgo outbox --help explains", "--rate", "--window", "--tenant", "--database"}},
		"with more": {[]string{"fake", "--addr", "127.0.0.1:0", "--help"}, []string{"Usage: tgo fake"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, nil, c.args...)
			if r.code != 0 || r.err != "" {
				t.Errorf("exit code %d, stderr %q", r.code, r.err)
			}
			mustContain(t, r.out, c.says...)
			if n := strings.Count(r.out, "Usage:"); n != 1 {
				t.Errorf("the help is there %d times", n)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--version"}, {"fake", "--version"}, {"demo", "--version"}} {
		if r := command(t, nil, args...); r.code != 0 || r.out != "tgo "+tgo.Version+"\n" || r.err != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":       {[]string{"fakes"}, "fakes"},
		"unknown flag":          {[]string{"fake", "--port", "80"}, "--port"},
		"flag of another":       {[]string{"demo", "--addr", "127.0.0.1:0"}, "unknown flag --addr (it is one of tgo fake)"},
		"flag that is mistyped": {[]string{"demo", "--adr", "127.0.0.1:0"}, `--adr, did you mean "--addr"?`},
		"argument too many":     {[]string{"demo", "now"}, "now"},
		"flag without a value":  {[]string{"fake", "--addr"}, "--addr"},
		"no such seed file":     {[]string{"fake", "--seed", "no-such-file.json"}, "no-such-file.json"},
		"seed is a directory":   {[]string{"fake", "--seed", "demo"}, "demo"},
		"only an empty command": {[]string{""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, nil, c.args...)
			if r.code != 2 || r.out != "" {
				t.Errorf("exit code %d, stdout %q", r.code, r.out)
			}
			if !strings.HasPrefix(r.err, "tgo: ") || !strings.Contains(r.err, c.says) || !strings.Contains(r.err, "tgo --help") {
				t.Errorf("stderr is %q", r.err)
			}
		})
	}
}

// silence is a stdin on which nobody ever types. It tells of the first read.
type silence struct{ read chan struct{} }

func (s silence) Read([]byte) (int, error) {
	close(s.read)
	select {}
}

// Whatever waits for somebody to type ends with a signal.
func TestInterruptedStdin(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1/api/v1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	for _, args := range [][]string{
		{"send", "text", "--to", "+201000000001"},
		{"send", "document", "--to", "+201000000001", "-"},
		{"me", "--key-file", "-"},
	} {
		ctx, interrupt := context.WithCancel(soon(t))
		in := silence{make(chan struct{})}
		go func() {
			<-in.read
			interrupt()
		}()
		var out, errs buffer
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, args, streams{in: in, out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
		}()
		select {
		case code := <-ended:
			result{code, out.String(), errs.String()}.want(t, exitNotSent, "interrupted")
		case <-soon(t).Done():
			t.Fatalf("%v goes on reading", args)
		}
	}
}

// An interrupt while rows are checked is no fault of the rows.
func TestInterruptedChecks(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1/api/v1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	var out, errs buffer
	code := run(ctx, []string{"send", "--csv", writeRows(t, 3), "--text", hello},
		streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	result{code, out.String(), errs.String()}.want(t, exitNotSent, "interrupted")
}
