package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// steering clears a screen, turns the direction and begins a sequence in one character, as a server or a file may try.
const steering = "a\x1b[2Jb\u202ec\u009bd"

// Nothing that a server or a file says steers the terminal, on stdout or on stderr, whatever the command.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	quoted, err := json.Marshal(steering)
	if err != nil {
		t.Fatal(err)
	}
	says := func(body string) string { return strings.ReplaceAll(body, "X", string(quoted)) }
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body := `{"data":{"can_receive":false,"exists":true,"reason_code":X,"user":{"name":X},"organization":{"name":X},
			"api_key":{"name":X,"scopes":[X]},"subscription":{"status":X}}}`
		switch {
		case r.Method == http.MethodPost:
			body = `{"message":X,"errors":{X:[X]}}`
			w.WriteHeader(http.StatusUnprocessableEntity)
		case strings.HasSuffix(r.URL.Path, "/sender-numbers"):
			body = `{"data":[{"id":1,"phone":X,"status":"active","verification_status":"active"},{"id":2,"phone":X,"status":X}]}`
		case strings.HasSuffix(r.URL.Path, "/messages"):
			body = `{"data":[{"id":1,"message_type":X,"status":X,"content":X}]}`
		}
		_, _ = io.WriteString(w, says(body))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to,"+steering+"\n+201000000001,"+steering+"\n")
	for name, args := range map[string][]string{
		"a refusal":          {"send", "text", "--to", "+201000000001", "Hello"},
		"a refusal as JSON":  {"send", "text", "--to", "+201000000001", "Hello", "--json"},
		"a check":            {"send", "text", "--to", "+201000000001", "Hello", "--check"},
		"a dry run":          {"send", "text", "--to", "+201000000001", steering, "--dry-run"},
		"a dry run as JSON":  {"send", "text", "--to", "+201000000001", steering, "--dry-run", "--json"},
		"a key":              {"keys", "create", "--name", "b", "--scope", "*"},
		"me":                 {"me"},
		"me as JSON":         {"me", "--json"},
		"doctor":             {"doctor"},
		"the log":            {"log"},
		"the log as JSON":    {"log", "--json"},
		"the senders":        {"senders"},
		"the demo":           {"demo"},
		"a row's file":       {"send", "--csv", file, "--image", "{" + steering + "}.png"},
		"a name of a column": {"send", "--csv", file, "--text", "{name}"},
		"refused rows":       {"send", "--csv", file, "--yes", "--text", "Hello"},
		"a wrong argument":   {"log", steering},
	} {
		r := command(t, env, args...)
		if strings.ContainsAny(r.out+r.err, "\x1b\u202e\u009b") || !strings.Contains(r.out+r.err, "[2Jb") {
			t.Errorf("%s: %q, %q", name, r.out, r.err)
		}
	}
	// A program gets the very text all the same.
	r := command(t, env, "log", "--json").want(t, exitOK)
	if e := decode[map[string]any](t, r.out); e["content"] != steering {
		t.Errorf("%q", e)
	}
}

// A line that a terminal of 80 columns breaks would leave a piece of itself at each drawing.
func TestBarFitsTheTerminal(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	var out, errs buffer
	run(soon(t), []string{"send", "--csv", writeRows(t, 200), "--rate", "0", "--yes", "--text", hello},
		streams{out: &out, err: &errs, terminal: true, getenv: func(name string) string { return env[name] }})
	mustContain(t, errs.String(), "\r[", "\r[##########] 100% 200/200 sent, 0 rejected, 0 unknown", "\n")
	c := newCampaign("", "")
	c.counts[rowSent], c.counts[rowRejected], c.counts[rowUnknown], c.counts[rowNew] = 333_333, 333_333, 333_334, 1_000_000
	c.now = 1
	b := bulk{campaign: c, begun: time.Now(), bar: newBar(streams{terminal: true, bar: &errs})}
	b.show(time.Time{})
	mustContain(t, errs.String(), "333333/0 sent, 333333 rejected, 333334 unknown, ", "/s")
	for _, line := range strings.Split(errs.String(), "\r") {
		if len(strings.TrimSuffix(line, "\n")) > 79 {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
}
