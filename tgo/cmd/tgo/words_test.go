package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// goName is a name that means something only to people who write Go.
var goName = regexp.MustCompile(`\b(With[A-Z]\w+|Client\.\w+|tgo\.[A-Z]\w+|main\.\w+|On[A-Z][a-z]\w+|(File|FS|Bytes|Reader|Open)(Path|File)|fs\.\w+|Go struct|Go value|SenderNumbers)\b`)

// neverHere are texts of package tgo that no command line leads to.
var neverHere = map[string]string{
	"is missing: make a File by FilePath, FSFile, BytesFile, ReaderFile or OpenFile": "the command always makes one",
	"the fs.FS is nil": "the command has none",
	"the reader has been read already; use OpenFile for what is sent more than once":                "the command has no ReaderFile",
	"may hold OnNotSent and OnRateLimited only: after anything else the message may have been sent": "no flag sets it",
	"must be TypeText, TypeImage, TypeVoice or TypeDocument":                                        "the command looks for no candidates",
}

// TestNoGoNamesInErrors goes through the texts of package tgo and of those below it: what holds a Go name is reworded here.
func TestNoGoNamesInErrors(t *testing.T) {
	t.Parallel()
	found := 0
	for _, pattern := range []string{"../../*.go", "../../internal/exchange/*.go", "../../internal/upload/*.go", "../../internal/phpjson/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok { // the field of a setting is named by settingError
					if called, ok := call.Fun.(*ast.Ident); ok && called.Name == "fieldError" && len(call.Args) == 2 {
						ast.Inspect(call.Args[1], func(n ast.Node) bool { return checkText(t, n, name, &found) })
						return false
					}
				}
				return checkText(t, n, name, &found)
			})
		}
	}
	if found < 3 {
		t.Errorf("only %d texts with a Go name were found", found)
	}
}

func checkText(t *testing.T, n ast.Node, file string, found *int) bool {
	t.Helper()
	literal, ok := n.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return true
	}
	text, err := strconv.Unquote(literal.Value)
	if err != nil || !goName.MatchString(text) || !strings.Contains(text, " ") || neverHere[text] != "" {
		return true
	}
	*found++
	if said := plain(text); goName.MatchString(said) {
		t.Errorf("%s: %q is shown as %q", file, text, said)
	}
	return true
}

// TestSettingErrors has the names of options, for each option of New that the command gives.
func TestSettingErrors(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_API_KEY": "tgo_any-key", "TGO_BASE_URL": "http://127.0.0.1:1"}
	command(t, env, "me", "--timeout", "0s").want(t, exitUsage, "tgo: --timeout must be more than 0\n")
	command(t, with(env, "TGO_API_KEY", `"tgo_any-key"`), "me").want(t, exitUsage, "tgo: the API key from TGO_API_KEY is in quotation marks")
	command(t, with(env, "TGO_BASE_URL", "http://a.example"), "me").want(t, exitUsage, "tgo: the base URL must begin with https://", "with --insecure-http any host")
	command(t, with(env, "TGO_BASE_URL", "", "TGO_TENANT", "https://a.example"), "me").want(t, exitUsage, "tgo: the tenant must be a domain")
}

func TestWords(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"--to: tgo: parse phone: phone must be":                                                             "--to: phone must be",
		"tgo: send text: tgo: read x":                                                                       "send text: read x",
		"tgo: read me: a.example: no progress for 1.23456789s: context deadline exceeded":                   "read me: a.example: no progress for 1.2s (--timeout)",
		"tgo: send text: 429 Too Many Requests; wait 1m0s":                                                  "send text: 429 Too Many Requests; wait 1m",
		"tgo: send text: 429 Too Many Requests; wait 2h0m0s (rejected)":                                     "send text: 429 Too Many Requests; wait 2h (rejected)",
		"a: the proxy answered CONNECT with 403":                                                            "a: the proxy refused the connection (403)",
		"a: the proxy answered CONNECT with 502":                                                            "a: the proxy could not connect (502)",
		"a: the proxy answered CONNECT with 407 (not sent)":                                                 "a: the proxy wants a user name and a password (407), which HTTPS_PROXY can hold (not sent)",
		"a: proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused":                          "a: the proxy at 10.0.0.1:3128 cannot be reached: connection refused",
		"a: read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer":                              "a: connection reset by peer",
		"a: dial tcp 127.0.0.1:1: connect: connection refused":                                              "a: connection refused by 127.0.0.1:1",
		"a: dial tcp: lookup a.invalid on 10.0.0.1:53: no such host (not sent)":                             "a: there is no host a.invalid (not sent)",
		"a: unexpected EOF (not sent)":                                                                      "a: the connection was closed (not sent)",
		"a: EOF":                                                                                            "a: the connection was closed",
		"tgotest: seed: json: cannot unmarshal number into Go struct field Seed.keys of type []tgotest.Key": "keys must not be a number",
		"failed to connect to `user=x database=y`:\n\t127.0.0.1:1 (127.0.0.1): dial error: dial tcp 127.0.0.1:1: connect: connection refused\n\t127.0.0.1:1 (127.0.0.1): dial error: x": "the database cannot be reached (user=x database=y): 127.0.0.1:1 (127.0.0.1): dial error: connection refused by 127.0.0.1:1",
		"/etc/a.yaml: yaml: line 3: it": "/etc/a.yaml: line 3: it",
		"open no.yaml: it":              "open no.yaml: it",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		90 * time.Second: "1m30s", 2 * time.Minute: "2m", time.Hour: "1h", 1234567 * time.Microsecond: "1.2s", 1234 * time.Microsecond: "1ms",
		61*time.Minute + 100*time.Millisecond: "1h1m",
	} {
		if got := rounded(d); got != want {
			t.Errorf("%v is rounded to %s, want %s", d, got, want)
		}
	}
}

// TestConfigurationErrorsInWords breaks a configuration in each way.
func TestConfigurationErrorsInWords(t *testing.T) {
	t.Parallel()
	for content, says := range map[string]string{
		"profiles: {a: {tenant: x, frm: y}}": "line 1: field frm not found in a profile: it may have tenant",
		"profile: {}":                        "field profile not found: the file has default and profiles",
		"profiles: {a: 7}":                   "line 1: a profile must have fields",
		"profiles: [a]":                      "line 1: profiles must have a name each",
		"profiles: {a: {tenant: [x]}}":       "line 1: a text belongs here",
		"profiles: {a: {insecure_http: 7}}":  "line 1: true or false belongs here",
		"- a":                                "line 1: the file must have the fields",
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), content)
		r := command(t, nil, "me", "--config", file).want(t, exitUsage, says)
		if strings.Contains(r.err, "main.") || strings.Contains(r.err, "!!") {
			t.Errorf("%s: %s", content, r.err)
		}
	}
	seed := writeFile(t, filepath.Join(t.TempDir(), "seed.json"), `{"keys": 7}`)
	if r := command(t, nil, "fake", "--seed", seed).want(t, exitUsage, "keys must not be a number"); goName.MatchString(r.err) {
		t.Error(r.err)
	}
}

// onlyTo are the commands that speak to a tenant, as short as they can be.
var onlyTo = map[string][]string{
	"send text":        {"send", "text", "--to", "+201010000000", "Hello"},
	"send image":       {"send", "image", "--to", "+201010000000", "demo/picture.png"},
	"send --check":     {"send", "text", "--to", "+201010000000", "--check", "Hello"},
	"lookup":           {"lookup", "+201010000000"},
	"log":              {"log"},
	"log --follow":     {"log", "--follow"},
	"usage":            {"usage"},
	"senders":          {"senders"},
	"senders register": {"senders", "register", "+201001187199"},
	"keys create":      {"keys", "create", "--name", "x", "--scope", "usage.read"},
	"keys revoke":      {"keys", "revoke", "9"},
	"me":               {"me"},
	"api GET":          {"api", "GET", "/me"},
	"api POST":         {"api", "POST", "/messages", "-f", "type=text"},
	"demo":             {"demo"},
}

// cutTLS is a server that breaks off each TLS handshake.
func cutTLS(t *testing.T) string {
	t.Helper()
	return listen(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) })
}

// listen calls serve for each connection, and then closes it.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // nothing depends on how it ends
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// Where certainly nothing was sent, each command says so by the same code. doctor reports it as a finding.
func TestUnreachableForEveryCommand(t *testing.T) {
	t.Parallel()
	cut := cutTLS(t)
	for name, args := range onlyTo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"TGO_BASE_URL": "https://" + cut, "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
			r := command(t, env, args...).want(t, exitUnreachable)
			if strings.Contains(r.err, "->") || strings.Contains(r.err, "tgo: tgo:") {
				t.Error(r.err)
			}
		})
	}
	env := map[string]string{"TGO_BASE_URL": "https://" + cut, "TGO_API_KEY": "tgo_any-key"}
	command(t, env, "doctor").want(t, exitNo, "FIX  domain")
}

// net/http reads the environment of the process once, so these commands are processes.
func TestProxyForEveryCommand(t *testing.T) {
	t.Parallel()
	refuses := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
	})
	asks := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
	})
	loses := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		_, _ = conn.Read(make([]byte, 1))
	})
	run := func(t *testing.T, variable, proxy string, args []string) result {
		t.Helper()
		cmd := exec.CommandContext(soon(t), os.Args[0], args...)
		var out, errs buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		server := "TGO_TENANT=acme.example"
		if variable == "HTTP_PROXY" {
			server = "TGO_BASE_URL=http://acme.example"
		}
		cmd.Env = []string{asCommand + "=1", "GORACE=atexit_sleep_ms=0", "TGO_API_KEY=tgo_any-key", "TGO_FROM=1", "TGO_INSECURE_HTTP=1", server, variable + "=http://" + proxy}
		for _, name := range []string{"SYSTEMROOT", "TEMP", "TMPDIR"} {
			cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
		}
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	}
	for name, args := range onlyTo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, "HTTPS_PROXY", refuses, args).want(t, exitUnreachable, "the proxy refused the connection (403)")
		})
	}
	t.Run("others", func(t *testing.T) {
		t.Parallel()
		me := []string{"me"}
		run(t, "HTTPS_PROXY", asks, me).want(t, exitUnreachable, "the proxy wants a user name and a password")
		run(t, "HTTPS_PROXY", "127.0.0.1:1", me).want(t, exitUnreachable, "the proxy at 127.0.0.1:1 cannot be reached: ")
		run(t, "HTTPS_PROXY", loses, []string{"keys", "revoke", "9"}).want(t, exitUnreachable, "through the proxy "+loses)
		run(t, "HTTP_PROXY", asks, []string{"keys", "revoke", "9"}).want(t, exitUnreachable, "the proxy wants a user name", "(not sent)")
		run(t, "HTTP_PROXY", asks, []string{"api", "POST", "/messages"}).want(t, exitUnreachable, "407")
	})
}

// A file that is missing has one code where the command itself reads it, and one where a message is to be made of it.
func TestMissingFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1", "HOME": dir}
	database := []string{"--database", "sqlite:" + filepath.Join(dir, "x.db")}
	for name, c := range map[string]struct {
		code int
		args []string
	}{
		"send text --file":       {exitValidation, []string{"send", "text", "--to", "+201010000000", "--file", none}},
		"send image":             {exitValidation, []string{"send", "image", "--to", "+201010000000", none}},
		"send voice":             {exitValidation, []string{"send", "voice", "--to", "+201010000000", none}},
		"send voice --duration":  {exitValidation, []string{"send", "voice", "--to", "+201010000000", none, "--duration", "3s"}},
		"send document":          {exitValidation, []string{"send", "document", "--to", "+201010000000", none}},
		"send document --check":  {exitValidation, []string{"send", "document", "--to", "+201010000000", none, "--check"}},
		"send document, dry":     {exitValidation, []string{"send", "document", "--to", "+201010000000", none, "--dry-run"}},
		"outbox add text --file": {exitValidation, append([]string{"outbox", "add", "text", "--to", "+201010000000", "--file", none}, database...)},
		"outbox add image":       {exitValidation, append([]string{"outbox", "add", "image", "--to", "+201010000000", none}, database...)},
		"outbox add voice":       {exitValidation, append([]string{"outbox", "add", "voice", "--to", "+201010000000", none}, database...)},
		"outbox add document":    {exitValidation, append([]string{"outbox", "add", "document", "--to", "+201010000000", none}, database...)},
		"api --input":            {exitValidation, []string{"api", "POST", "/messages", "--input", none}},
		"api --field @":          {exitValidation, []string{"api", "POST", "/messages", "-F", "content=@" + none}},
		"send --csv":             {exitUsage, []string{"send", "--csv", none, "--text", "x"}},
		"--key-file":             {exitUsage, []string{"me", "--key-file", none}},
		"--config":               {exitUsage, []string{"me", "--config", none}},
		"config list":            {exitUsage, []string{"config", "list", "--config", none}},
		"fake --seed":            {exitUsage, []string{"fake", "--seed", none}},
		"--database-file":        {exitUsage, []string{"outbox", "list", "--database-file", none}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			command(t, env, c.args...).want(t, c.code, none)
			r := command(t, env, append(slices.Clone(c.args), "--json")...)
			r.want(t, c.code)
			if f := decode[failure](t, lastLine(r.err)); r.out != "" || f.ExitCode != c.code || f.Delivery != "not sent" {
				t.Errorf("as JSON: %+v, stdout %q", f, r.out)
			}
		})
	}
}

// TestErrorsAsJSONOfEveryCommand: errors are on stderr, and have one shape.
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
		t.Errorf("what stands behind -- is no flag: %s", r.err)
	}
}

// The delivery of an error goes with its exit code.
func TestDeliveryText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{usageError("x"), "not sent"},
		{withCode(exitNotSent, &tgo.APIError{Status: 503}), "not sent"}, // of a check before a message
		{writing(&tgo.APIError{Status: 503}), "unknown"},
		{reading(&tgo.APIError{Status: 503}), "unknown"},
		{writing(&tgo.APIError{Status: 422}), "rejected"},
		{writing(&tgo.APIError{Status: 407}), "not sent"},
		{writing(fmt.Errorf("x: %w", context.DeadlineExceeded)), "unknown"},
	} {
		if got := failureOf(c.err).Delivery; got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
	gone := &tgo.SendError{Delivery: tgo.DeliveryNotSent, Err: &os.PathError{Op: "open", Path: "x", Err: os.ErrNotExist}}
	if code := writeCode(gone); code != exitValidation {
		t.Errorf("a file that went away before it was opened: code %d", code)
	}
}

func TestHelpAndVersionAsCommands(t *testing.T) {
	t.Parallel()
	version := command(t, nil, "--version").out
	for _, args := range [][]string{{"version"}, {"--json", "version"}} {
		if r := command(t, nil, args...).want(t, exitOK); r.out != version {
			t.Errorf("%v: %+v", args, r)
		}
	}
	for line, flags := range map[string]string{"help": "--help", "help send": "send --help", "help send text": "send text --help", "help outbox add": "outbox add --help"} {
		want := command(t, nil, strings.Fields(flags)...).want(t, exitOK, "Usage: tgo").out
		if r := command(t, nil, strings.Fields(line)...).want(t, exitOK); r.out != want {
			t.Errorf("%s shows\n%s", line, r.out)
		}
	}
	command(t, nil, "help", "sned").want(t, exitUsage, `did you mean "send"?`)
}

func TestFlagsBeforeTheCommand(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	command(t, env, "--json", "me").want(t, exitOK, `"api_key":{`)
	command(t, env, "--timeout", "5s", "--json", "keys", "revoke", "77").want(t, exitRejected, `"status":404`)
	command(t, with(env, "TGO_BASE_URL", ""), "--base-url="+fake.URL, "send", "text", "--to", "+201010000000", "Hello").want(t, exitOK, "text 1")
	command(t, with(env, "TGO_BASE_URL", ""), "--tenant", "no-such-host.invalid", "usage").want(t, exitUnreachable, "no-such-host.invalid")
	command(t, env, "--profile=", "send", "text", "--to", "+201010000000", "--", "--json").want(t, exitOK, "text 2")
	command(t, env, "--to", "+201010000000", "send", "text", "Hello").want(t, exitUsage, "--to belongs behind the command")
	command(t, env, "me", "--addr", "x").want(t, exitUsage, "unknown flag --addr (it is one of tgo fake)")
	if m := fake.ExpectMessage(t); m.Content != "Hello" {
		t.Errorf("%+v", m)
	}
	if m := fake.ExpectMessage(t); m.Content != "--json" {
		t.Errorf("%+v", m)
	}
	command(t, env, "--tennant", "x", "me").want(t, exitUsage, `did you mean "--tenant"?`)
	command(t, env, "me", "--tennant", "x").want(t, exitUsage, `did you mean "--tenant"?`)
	command(t, env, "--json").want(t, exitUsage)
}

// A key among the arguments is not repeated, and the ways that are safe are told.
func TestKeyAsAnArgument(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"me", "--api-key", "abcdefghijklmnop"},
		{"me", "--api-key=abcdefghijklmnop"},
		{"--api-key", "abcdefghijklmnop", "me"},
		{"send", "text", "--to", "+201010000000", "--token", "abcdefghijklmnop", "x"},
		{"me", "--key", "abcdefghijklmnop", "--json"},
	} {
		r := command(t, nil, args...).want(t, exitUsage, "TGO_API_KEY", "--key-file", "tgo config set")
		if strings.Contains(r.err, "abcdefg") {
			t.Errorf("%v: %s", args, r.err)
		}
	}
	command(t, nil, "me", "tgo_secret-of-somebody").want(t, exitUsage, "unexpected argument tgo_****")
}

// What is not UTF-8 would arrive as something else.
func TestArgumentsThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, args := range [][]string{{"Hello \xff"}, {"Hello", "--from", "\xff"}} {
		r := command(t, envOf(fake), append([]string{"send", "text", "--to", "+201010000000", "--json"}, args...)...).want(t, exitUsage)
		if f := decode[failure](t, r.err); !strings.Contains(f.Error, "is not UTF-8 text") {
			t.Errorf("%+v", f)
		}
	}
	fake.ExpectNoMessage(t)
}

func TestSendOfAnotherWord(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	for _, args := range [][]string{
		{"send", "txt"}, {"send", "txt", "Hello"}, {"send", "txt", "--to", "+201010000000", "Hello"}, {"send", "txt", "--text", "Hello"},
	} {
		command(t, env, args...).want(t, exitUsage, "txt", `did you mean "send text"?`)
	}
	command(t, env, "send", "documents", "--text", "x").want(t, exitUsage, `"send document"`)
	command(t, env, "send", "customers", "--text", "x").want(t, exitUsage, "customers: no such file")
	dir := t.TempDir()
	list := writeFile(t, filepath.Join(dir, "txt"), "to\n+201010000000\n") // a list of that name is a list
	command(t, env, "send", list, "--text", "x", "--dry-run").want(t, exitOK, "POST ")
}

func TestRegisterASender(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	command(t, env, "senders", "register", "+20 100 118 7190", "--display-name", "Shop").
		want(t, exitOK, "+201001187190 is registered as sender number 2, pending_verification: its owner has received a one-time code")
	r := command(t, env, "senders", "register", "+201001187191", "--json").want(t, exitOK)
	if n := decode[map[string]any](t, r.out); n["id"] != 3.0 || n["ready"] != false || n["phone"] != "+201001187191" {
		t.Errorf("%v", n)
	}
	command(t, env, "senders").want(t, exitOK, "2 ", "+201001187190", "Shop", "no")
	command(t, env, "senders", "list").want(t, exitOK, "2 ", "+201001187190")
	command(t, env, "senders", "--json").want(t, exitOK, `"phone":"+201001187190"`)
	command(t, env, "senders", "register", "010").want(t, exitValidation, "country code")
	reader := fake.NewKey(tgo.ScopeMessagesRead)
	command(t, with(env, "TGO_API_KEY", reader.Reveal()), "senders", "register", "+201001187192").want(t, exitRejected, "messages.send")
	if _, err := fake.Inject(tgotest.Fault{Operation: "registerSenderNumber", Kind: tgotest.FaultCut, Stored: true}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "senders", "register", "+201001187193").want(t, exitUnknown, "may have been registered all the same: see tgo senders")
}

// A server in trouble and a lost connection end nothing, and are told once; a refusal ends it.
func TestFollowOutlivesTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		trouble tgotest.Fault
		says    string
	}{
		"503":               {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503, Times: 9}, "503"},
		"a lost connection": {tgotest.Fault{Kind: tgotest.FaultCut, Times: 9}, "connection"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			c.trouble.Operation = "listMessages"
			if _, err := fake.Inject(c.trouble); err != nil { // from the first look on; each asks three times
				t.Fatal(err)
			}
			env := envOf(fake)
			lines := make(chan string)
			ctx := soon(t)
			var errs buffer
			code := make(chan int, 1)
			r, w := io.Pipe()
			go func() {
				code <- run(ctx, []string{"log", "--follow", "--interval", "100ms"}, streams{out: w, err: &errs, getenv: func(name string) string { return env[name] }})
				_ = w.Close()
			}()
			go func() {
				b := make([]byte, 1<<10)
				for {
					n, err := r.Read(b)
					if err != nil {
						close(lines)
						return
					}
					lines <- string(b[:n])
				}
			}()
			fill(t, fake, 1)
			select {
			case line := <-lines:
				mustContain(t, line, "message 1")
			case <-ctx.Done():
				t.Fatalf("nothing came: %s", errs.String())
			}
			fake.RevokeKey(fake.Key)
			for range lines { // it ends by itself
			}
			if got := <-code; got != exitRejected {
				t.Errorf("exit code %d", got)
			}
			mustContain(t, errs.String(), c.says, "trying again", "can be read again", "401")
			if n := strings.Count(errs.String(), "trying again"); n != 1 {
				t.Errorf("it says so %d times: %s", n, errs.String())
			}
		})
	}
}

func TestDoctorAndNumbersOfOthers(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187199", Status: "rejected"})
	env := envOf(fake) // which sends from the first number
	r := command(t, env, "doctor").want(t, exitOK, "ok   sender 1", "note sender 2", "cannot send", "-> it was rejected")
	if strings.Contains(r.out, "FIX") {
		t.Error(r.out)
	}
	command(t, with(env, "TGO_FROM", ""), "doctor").want(t, exitOK, "ok   sender 1", "note sender 2")
	command(t, with(env, "TGO_FROM", "2"), "doctor").want(t, exitNo, "ok   sender 1", "FIX  sender 2")
	command(t, with(env, "TGO_FROM", "+201001187199"), "doctor").want(t, exitNo, "FIX  sender 2")
	none := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", Status: "suspended"}}
	})
	command(t, with(envOf(none), "TGO_FROM", ""), "doctor").want(t, exitNo, "FIX  sender 1")
}

func TestDemoWithoutAKey(t *testing.T) {
	t.Parallel()
	command(t, map[string]string{"TGO_TENANT": "acme.example"}, "demo").want(t, exitUsage, "no key to read from acme.example", "TGO_API_KEY")
	command(t, map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1"}, "demo").want(t, exitUsage, "no key to read from http://127.0.0.1:1")
}

// Editors of Windows put a byte order mark before a text.
func TestByteOrderMarks(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := with(envOf(fake), "TGO_API_KEY", "")
	key := writeFile(t, filepath.Join(t.TempDir(), "key"), "\ufeff"+fake.Key.Reveal()+"\r\n")
	command(t, env, "me", "--key-file", key).want(t, exitOK, "Fake organization")
	wide := writeFile(t, filepath.Join(t.TempDir(), "key"), "\xff\xfet\x00g\x00o\x00_\x00a\x00b\x00c\x00d\x00e\x00")
	command(t, env, "me", "--key-file", wide).want(t, exitUsage, "save it as UTF-8")
	seed := writeFile(t, filepath.Join(t.TempDir(), "seed.json"), "\ufeff"+`{"keys": [{"name": "dev", "scopes": ["*"]}]}`)
	if _, err := readSeed(seed); err != nil {
		t.Error(err)
	}
}

func TestConfigurationThatOthersCanWrite(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), "profiles: {}")
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o644: false, 0o660: true, 0o602: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		r := command(t, envOf(fake), "me", "--config", file).want(t, exitOK)
		if strings.Contains(r.err, "others on this machine can change") != warned {
			t.Errorf("%v: %q", mode, r.err)
		}
	}
}

// A raw request goes to the server of the configuration, once, and its answer comes as it was.
func TestAPI(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	r := command(t, env, "api", "get", "/me").want(t, exitOK)
	if me := decode[map[string]any](t, r.out); me["organization"] == nil && me["data"] == nil {
		t.Error(r.out)
	}
	command(t, env, "api", "GET", "contacts/lookup", "-f", "phone=+201010000000", "-F", "sender_number_id=1").want(t, exitOK, `"can_receive":true`)
	command(t, env, "api", "GET", "/api/v1/messages?page=1", "-i").want(t, exitOK, "HTTP 200 OK\n", "Content-Type: application/json", "\n\n{", `"data":[]`)
	command(t, env, "api", "POST", fake.URL+"/messages", "-F", "sender_number_id=1", "-f", "to_phone=+201010000000", "-f", "type=text", "-f", "content=12").want(t, exitOK, `"id":1`)
	if m := fake.ExpectMessage(t); m.Content != "12" || m.SenderNumberID != 1 {
		t.Errorf("%+v", m)
	}
	commandIn(t, env, `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "x"}`, "api", "POST", "messages", "--input", "-").want(t, exitOK, `"id":2`)
	fake.ExpectMessage(t)
	r = command(t, env, "api", "POST", "/api-keys", "-f", "name=x", "-f", "scopes[]=usage.read", "-f", "scopes[]=messages.read")
	if r.code != exitOK || !strings.Contains(r.out, `["usage.read","messages.read"]`) {
		t.Errorf("%+v", r)
	}
	command(t, env, "api", "DELETE", "/api-keys/99").want(t, exitRejected, `{"message":`, "tgo: DELETE /api-keys/99: 404")
	command(t, env, "api", "POST", "/messages", "-f", "type=text").want(t, exitRejected, `"errors":`, "422")
	r = command(t, env, "api", "DELETE", "/api-keys/99", "--json").want(t, exitRejected)
	if f := decode[failure](t, r.err); f.Status != http.StatusNotFound || f.Delivery != "rejected" || !json.Valid([]byte(r.out)) {
		t.Errorf("%+v, stdout %q", f, r.out)
	}
	for _, wrong := range [][]string{
		{"FETCH", "/me"}, {"GET", "/me", "--input", "-"}, {"POST", "/messages", "--input", "-", "-f", "a=b"}, {"POST", "/messages", "-f", "a"},
		{"POST", "/messages", "-f", "a=1", "-f", "a=2"}, {"POST", "/messages", "-f", "a=1", "-f", "a[]=2"},
	} {
		commandIn(t, env, "{}", append([]string{"api"}, wrong...)...).want(t, exitUsage)
	}
	fake.ExpectNoMessage(t)
}

// The key is sent nowhere else.
func TestAPIStaysAtItsServer(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.String() }))
	t.Cleanup(server.Close)
	other := strings.TrimPrefix(server.URL, "http://")
	fake := tgotest.New(t)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	for _, path := range []string{
		"http://" + other + "/api/v1/me", "//" + other + "/me", "https://" + other, "http://user:pass@" + strings.TrimPrefix(fake.URL, "http://") + "/me",
		strings.Replace(fake.URL, "http:", "https:", 1) + "/me", "/../../_fake/messages", "../v2/me", "/%2e%2e/%2e%2e/_fake/keys", root + "/_fake/keys", "mailto:x",
	} {
		command(t, envOf(fake), "api", "GET", path).want(t, exitUsage, "leads away")
	}
	select {
	case url := <-asked:
		t.Errorf("the other server was asked for %s", url)
	default:
	}
}

// A write is made once, whatever comes back, and a read too.
func TestAPIRepeatsNothing(t *testing.T) {
	t.Parallel()
	for fault, codes := range map[*tgotest.Fault][2]int{
		{Kind: tgotest.FaultStatus, Status: 503}: {exitFailed, exitUnknown},
		{Kind: tgotest.FaultStatus, Status: 429}: {exitRejected, exitRejected},
		{Kind: tgotest.FaultCut}:                 {exitFailed, exitUnknown},
	} {
		var asked atomic.Int64
		fake := tgotest.New(t, func(c *tgotest.Config) {
			c.Faults = func(string) *tgotest.Fault {
				asked.Add(1)
				return fault
			}
		})
		for i, args := range [][]string{{"api", "GET", "/me"}, {"api", "POST", "/messages", "-f", "type=text"}} {
			asked.Store(0)
			command(t, envOf(fake), args...).want(t, codes[i])
			if n := asked.Load(); n != 1 {
				t.Errorf("%+v: %v made %d requests", *fault, args, n)
			}
		}
	}
	// A redirect would be a second request.
	server := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	command(t, env, "api", "POST", "/messages").want(t, exitUnknown, "307")
}

// An answer that holds the key does not show it.
func TestAPIMasksItsKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
		_, _ = io.WriteString(w, "a\tb "+r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_secret-of-the-tests"}
	command(t, env, "api", "GET", "/me", "-i").want(t, exitOK, "X-Echo: tgo_****\n", "\na\tb tgo_****")
}

func TestConfigSet(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "tgo", "config.yaml")
	env := map[string]string{"XDG_CONFIG_HOME": dir}
	commandIn(t, env, "\ufeff"+fake.Key.Reveal()+"\n", "config", "set", "local", "--base-url", fake.URL, "--from", "1", "--key-file", "-").
		want(t, exitOK, "profile local is in "+file)
	command(t, env, "me").want(t, exitOK, "Fake organization")
	key := filepath.Join(dir, "tgo", "local.key")
	if runtime.GOOS != "windows" {
		for _, name := range []string{file, key} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", info, err)
		}
	}
	// What a person wrote stays: comments, order and other profiles.
	const written = `# ours
default: acme # the shop
profiles:
  # the real one
  acme:
    tenant: acme.tgo-eg.com # not the old one
    from: "12"
    key_file: /etc/tgo/acme.key
  local: {base_url: "http://127.0.0.1:1/api/v1", from: "1", insecure_http: true}
`
	writeFile(t, file, written)
	command(t, env, "config", "set", "acme", "--tenant", "new.tgo-eg.com", "--from", "+201001187188").want(t, exitOK)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("acme.tgo-eg.com # not", "new.tgo-eg.com # not", `"12"`, `"+201001187188"`).Replace(written)
	if string(content) != want {
		t.Errorf("the file is now\n%s\nwant\n%s", content, want)
	}
	command(t, env, "config", "set", "local", "--tenant", "b.tgo-eg.com", "--insecure-http=false", "--from", "", "--default").want(t, exitOK)
	command(t, env, "config", "list").want(t, exitOK, "PROFILE", "acme  ", "new.tgo-eg.com", "+201001187188", "local *", "b.tgo-eg.com ", "-")
	command(t, env, "config", "show", "acme").want(t, exitOK, "profile", "acme", "server", "new.tgo-eg.com", "/etc/tgo/acme.key (it is missing)")
	command(t, env, "config", "show").want(t, exitOK, "local")
	r := command(t, env, "config", "list", "--json").want(t, exitOK)
	if list := decode[[]shownProfile](t, r.out); len(list) != 2 || !list[1].Default || list[0].KeyFile != "/etc/tgo/acme.key" {
		t.Errorf("%+v", list)
	}
	before, _ := os.ReadFile(file)
	for _, wrong := range [][]string{
		{"config", "set", "../x", "--tenant", "a.example"},
		{"config", "set", "new"},
		{"config", "set", "new", "--tenant", "https://a.example"},
		{"config", "set", "new", "--tenant", "a.example", "--base-url", "https://b.example"},
		{"config", "set", "new", "--tenant", "a.example", "--key-file", "tgo_secret-of-somebody"},
		{"config", "set", "new", "--tenant", "a.example", "--from", "tgo_secret-of-somebody"},
		{"config", "set", "new", "--tenant", "a.example", "--ask-key"},
		{"config", "set", "new", "--base-url", "http://a.example"},
		{"config", "show", "none"},
	} {
		command(t, env, wrong...).want(t, exitUsage)
	}
	command(t, env, "config", "set", "new", "--tenant", "a.example", "--from", "shop").want(t, exitValidation, "--from")
	commandIn(t, env, `"quoted"`, "config", "set", "new", "--tenant", "a.example", "--key-file", "-").want(t, exitUsage, "quotation marks")
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("what was refused changed the file: %s", after)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v: something is left over", entries, err)
	}
}

// A person is asked for the key of a new profile.
func TestConfigSetAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"XDG_CONFIG_HOME": dir}
	const typed = "tgo_typed-by-a-person"
	set := func(secret func(context.Context) (string, error), args ...string) result {
		var out, errs buffer
		code := run(soon(t), append([]string{"config", "set", "acme"}, args...), streams{in: strings.NewReader(""), out: &out, err: &errs, interactive: true,
			secret: secret, getenv: func(name string) string { return env[name] }})
		return result{code, out.String(), errs.String()}
	}
	set(func(context.Context) (string, error) { return "", errInterrupted }, "--tenant", "acme.tgo-eg.com").want(t, exitNotSent, "interrupted")
	set(func(context.Context) (string, error) { return typed, nil }, "--tenant", "acme.tgo-eg.com").want(t, exitOK, "profile acme", "API key of acme")
	if key, err := os.ReadFile(filepath.Join(dir, "tgo", "acme.key")); err != nil || string(key) != typed+"\n" {
		t.Errorf("%q, %v", key, err)
	}
	never := func(context.Context) (string, error) {
		t.Error("it asks again")
		return "", nil
	}
	set(never, "--from", "1").want(t, exitOK)
	set(func(context.Context) (string, error) { return typed + "-2", nil }, "--ask-key").want(t, exitOK)
	if key, err := os.ReadFile(filepath.Join(dir, "tgo", "acme.key")); err != nil || string(key) != typed+"-2\n" {
		t.Errorf("%q, %v", key, err)
	}
}
