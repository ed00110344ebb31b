package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// steering clears a screen, turns the direction and begins a sequence in one character, as a server or a file may try.
const steering = "a\x1b[2Jb\u202ec\u009bd"

// Texts of a server or a file cannot control the terminal, on stdout or on stderr, in any command.
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
	// In JSON, the text is unchanged.
	r := command(t, env, "log", "--json").want(t, exitOK)
	if e := decode[map[string]any](t, r.out); e["content"] != steering {
		t.Errorf("%q", e)
	}
}

const (
	marked = "مُحَمَّد" // four letters, and marks on them
	wide   = "日本"       // two columns each
	family = "👨‍👩‍👧‍👦"  // four people and what joins them
)

// An error is JSON if the flag --json is given, but not if a text looks like it.
func TestErrorsAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want bool
	}{{[]string{"--json"}, true}, {[]string{"--json=true", "Hello"}, true}, {[]string{"Hello"}, false}, {[]string{"--", "--json"}, false}} {
		r := command(t, nil, append([]string{"send", "text", "--to", "+201000000001"}, c.args...)...)
		r.want(t, exitUsage)
		if json.Valid([]byte(r.err)) != c.want {
			t.Errorf("%v: %s", c.args, r.err)
		}
	}
}

// TestErrorsAsJSONOfEveryCommand checks that errors are on stderr and have one form.
func TestErrorsAsJSONOfEveryCommand(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, args := range onlyTo {
		if name == "demo" { // it has no --json
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, with(envOf(fake), "TGO_API_KEY", "tgo_wrong-key"), append(slices.Clone(args), "--json")...)
			code, delivery := exitRejected, "rejected"
			r.want(t, code)
			f := decode[failure](t, r.err)
			if f.Delivery != delivery || f.ExitCode != code || f.Status != http.StatusUnauthorized || (r.out != "") != strings.HasPrefix(name, "api") {
				t.Errorf("%+v, stdout %q", f, r.out)
			}
			for _, wrong := range [][]string{append(slices.Clone(args), "--json", "--bogus"), append([]string{"--json"}, append(slices.Clone(args), "--bogus")...)} {
				r := command(t, envOf(fake), wrong...).want(t, exitUsage)
				if f := decode[failure](t, r.err); f.Delivery != "not sent" || f.ExitCode != exitUsage || !strings.Contains(f.Error, "--bogus") || r.out != "" {
					t.Errorf("%v: %+v, stdout %q", wrong, f, r.out)
				}
			}
		})
	}
	r := command(t, nil, "me", "--bogus", "--", "--json").want(t, exitUsage)
	if json.Valid([]byte(r.err)) {
		t.Errorf("what follows -- is not a flag: %s", r.err)
	}
}
