package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Errors of the library and the system are reworded for users of the command.
func TestPlain(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"tgo: send image: media cannot be opened: open cards/7.png: no such file or directory": "there is no file cards/7.png",
		"configuration: open /etc/tgo.yaml: permission denied":                                 "configuration: /etc/tgo.yaml: permission denied",
		"stat list.csv: no such file or directory":                                             "list.csv: no such file or directory",
		"the worker died while sending the message":                                            "the run ended while it was being sent",
		"send text: h:9: dial tcp 1.2.3.4:9: connect: connection refused":                      "send text: h:9: connection refused",
		"send text: acme.tgo-eg.com: dial tcp 1.2.3.4:443: connect: connection refused":        "send text: acme.tgo-eg.com: connection refused by 1.2.3.4:443",
		"interrupted: context canceled":                                                        "interrupted",
	} {
		if got := plain(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// The delivery of an error matches its exit code.
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

// goName matches names that only Go programmers know.
var goName = regexp.MustCompile(`\b(With[A-Z]\w+|Client\.\w+|tgo\.[A-Z]\w+|main\.\w+|On[A-Z][a-z]\w+|(File|FS|Bytes|Reader|Open)(Path|File)|fs\.\w+|Go struct|Go value|SenderNumbers)\b`)

// neverHere are texts of package tgo that the command cannot cause.
var neverHere = map[string]string{
	"is missing: make a File with FilePath, FSFile, BytesFile, ReaderFile or OpenFile": "the command always makes one",
	"the fs.FS is nil": "the command has none",
	"the reader has been read already; use OpenFile to send the content more than once":               "the command has no ReaderFile",
	"allows only OnNotSent and OnRateLimited: after any other failure the message may have been sent": "no flag sets it",
	"must be TypeText, TypeImage, TypeVoice or TypeDocument":                                          "the command looks for no candidates",
}

// TestNoGoNamesInErrors checks that texts of package tgo and of the packages below it with a Go name are reworded.
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

// TestSettingErrors checks that errors of tgo.New name the options of the command.
func TestSettingErrors(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_API_KEY": "tgo_any-key", "TGO_BASE_URL": "http://127.0.0.1:1"}
	command(t, env, "me", "--timeout", "0s").want(t, exitUsage, "tgo: --timeout must be more than 0\n")
	command(t, with(env, "TGO_API_KEY", `"tgo_any-key"`), "me").want(t, exitUsage, "tgo: the API key from TGO_API_KEY is in quotation marks")
	command(t, with(env, "TGO_BASE_URL", "http://a.example"), "me").want(t, exitUsage, "tgo: the base URL must begin with https://", "with --insecure-http any host")
	command(t, with(env, "TGO_BASE_URL", "", "TGO_TENANT", "https://a.example"), "me").want(t, exitUsage, "tgo: the tenant must be a domain")
}

func TestErrorTexts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"--to: tgo: parse phone: phone must be":                                                             "--to: phone must be",
		"tgo: send text: tgo: read x":                                                                       "send text: read x",
		"tgo: read me: a.example: no progress for 1.23456789s: context deadline exceeded":                   "read me: a.example: no progress for 1.2s (--timeout)",
		"tgo: send text: 429 Too Many Requests; wait 1m0s":                                                  "send text: 429 Too Many Requests; wait 1m",
		"tgo: send text: 429 Too Many Requests; wait 2h0m0s (rejected)":                                     "send text: 429 Too Many Requests; wait 2h (rejected)",
		"a: the proxy responded to CONNECT with 403":                                                        "a: the proxy refused the connection (403)",
		"a: the proxy responded to CONNECT with 502":                                                        "a: the proxy could not connect (502)",
		"a: the proxy responded to CONNECT with 407 (not sent)":                                             "a: the proxy requires a user name and a password (407): put them into HTTPS_PROXY (not sent)",
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
