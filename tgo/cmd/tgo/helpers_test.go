package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// patience is how long a test waits for something that should happen at once. It only matters if a test fails.
const patience = 2 * time.Minute

// soon returns a context that ends with the test, or after patience.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// buffer can be used by several goroutines.
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

// result is the result of a command line.
type result struct {
	code     int
	out, err string
}

// want checks the exit code and the output, and that no key is shown.
func (r result) want(t testing.TB, code int, says ...string) result {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d; stdout %q, stderr %q", r.code, code, r.out, r.err)
	}
	mustContain(t, r.out+r.err, says...)
	if found := anyKey.FindString(r.out + r.err); found != "" {
		t.Errorf("it shows a key, %s", found)
	}
	return r
}

// command runs a command line in this process, with these environment variables and no others.
func command(t testing.TB, env map[string]string, args ...string) result {
	t.Helper()
	var out, errs buffer
	code := run(soon(t), args, streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	return result{code, out.String(), errs.String()}
}

// anyKey matches keys, which no output may contain. Masks and prefixes are shorter.
var anyKey = regexp.MustCompile(`tgo_[A-Za-z0-9_-]{9,}`)

// mustContain checks that a text contains all of these, in this order.
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

// envOf returns the environment for a fake server.
func envOf(fake *tgotest.Server) map[string]string {
	return map[string]string{"TGO_BASE_URL": fake.URL, "TGO_API_KEY": fake.Key.Reveal(), "TGO_FROM": string(fake.SenderPhone)}
}

// with returns an environment with additional or changed variables.
func with(env map[string]string, more ...string) map[string]string {
	env = maps.Clone(env)
	for i := 0; i < len(more); i += 2 {
		env[more[i]] = more[i+1]
	}
	return env
}

// commandIn is command with stdin.
func commandIn(t testing.TB, env map[string]string, stdin string, args ...string) result {
	t.Helper()
	var out, errs buffer
	code := run(soon(t), args, streams{in: strings.NewReader(stdin), out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	return result{code, out.String(), errs.String()}
}

func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %q", err, text)
	}
	return v
}

func writeFile(t testing.TB, name, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// silence is a stdin on which no one types. It closes read at the first read.
type silence struct{ read chan struct{} }

func (s silence) Read([]byte) (int, error) {
	close(s.read)
	select {}
}

// answering returns the environment for a server that returns these responses, by path.
func answering(t *testing.T, answers map[string]string) map[string]string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answers[strings.TrimPrefix(r.URL.Path, "/api/v1")])
	}))
	t.Cleanup(server.Close)
	return map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
}

// atTerminal runs the command on a terminal, with a user who types a text.
func atTerminal(t testing.TB, fake *tgotest.Server, types string, args ...string) result {
	t.Helper()
	env := envOf(fake)
	var out, errs buffer
	code := run(soon(t), args, streams{
		in: strings.NewReader(types), out: &out, err: &errs, getenv: func(name string) string { return env[name] }, interactive: true,
	})
	return result{code, out.String(), errs.String()}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
