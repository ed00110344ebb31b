package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// frameworks are the frameworks by their names in oapi-codegen. Without "-server" the name is also the build tag of mount_*.go.
var frameworks = []string{"std-http-server", "chi-server", "echo-server", "echo5-server", "gin-server"}

const (
	root      = "../.."
	generated = "api/api.gen.go"
	demo      = root + "/tgo/cmd/tgo/demo/"
)

// TestFrameworks generates, builds and runs the server with each framework, and tests it with the contract suite, with each request
// of the suite, and with the client.
func TestFrameworks(t *testing.T) {
	suite := filepath.Join(t.TempDir(), "suite.test")
	run(t, root, nil, "go", "test", "-c", "-o", suite, "./contract_test")
	requests := suiteRequests(t, suite)
	v := newValidator(t)
	for _, framework := range frameworks {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			server := start(t, build(t, framework))
			t.Run("suite", func(t *testing.T) { passesSuite(t, suite, server.url) })
			t.Run("requests", func(t *testing.T) { v.requests(t, server.url, requests) })
			t.Run("keys", func(t *testing.T) { v.keys(t, server.url, requests) })
			t.Run("media", func(t *testing.T) { server.arrive(t) })
		})
	}
}

// run runs a program to its end and returns its output.
func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// build generates the code for a framework and builds the server with it. Only the name in the configuration and the build tag
// differ between frameworks.
func build(t *testing.T, framework string) (binary string) {
	t.Helper()
	dir := t.TempDir()
	code, binary := filepath.Join(dir, "api.gen.go"), filepath.Join(dir, "server")
	config := string(readFile(t, "oapi-codegen.yaml"))
	config = strings.ReplaceAll(config, "contract_test/server/"+generated, filepath.ToSlash(code))
	config = strings.ReplaceAll(config, "std-http-server", framework)
	writeFile(t, filepath.Join(dir, "config.yaml"), []byte(config))
	run(t, root, nil, "go", "tool", "oapi-codegen", "-config", filepath.Join(dir, "config.yaml"), "openapi.yaml")
	if framework == frameworks[0] && !bytes.Equal(readFile(t, code), readFile(t, generated)) {
		t.Errorf("%s is out of date: run go generate ./... at the root", generated)
	}
	inPlace, err := filepath.Abs(generated)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{inPlace: code}})
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "overlay.json"), overlay)
	run(t, ".", nil, "go", "build", "-overlay", filepath.Join(dir, "overlay.json"),
		"-tags", strings.TrimSuffix(framework, "-server"), "-o", binary, ".")
	return binary
}

type process struct {
	url string
	mu  sync.Mutex
	log bytes.Buffer
}

// Write collects the log of the server.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

func (p *process) logged() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.String()
}

// start runs a server until the end of the test.
func start(t *testing.T, binary string) *process {
	t.Helper()
	p := &process{}
	cmd := exec.CommandContext(t.Context(), binary, "-addr", "127.0.0.1:0")
	cmd.Stderr = p
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Wait() }) // the context is cancelled by then, which ends the server
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not print its address: %v", err)
	}
	p.url = strings.TrimSpace(line)
	return p
}

// passesSuite runs the cases of the contract suite that a server without storage can pass, and each call of the client.
func passesSuite(t *testing.T, suite, url string) {
	t.Helper()
	out := run(t, root+"/contract_test", []string{"TGO_BASE_URL=" + url, "TGO_API_KEY=tgo_everything", "TGO_SENDER_PHONE=", "TGO_SENDER_NUMBER_ID="},
		suite, "-test.v", "-test.run=^(TestContract|TestTheClientAgainstAMock)$", "-mock")
	if passed := strings.Count(out, "--- PASS: TestContract/"); passed < 11 || !strings.Contains(out, " 0 refuted") {
		t.Errorf("%d cases passed\n%s", passed, out)
	}
}

// request is a request of the suite.
type request struct {
	Name, Method, Target, ContentType string
	Body                              []byte
}

func suiteRequests(t *testing.T, suite string) []request {
	t.Helper()
	file := filepath.Join(t.TempDir(), "requests")
	run(t, root+"/contract_test", nil, suite, "-test.run=^TestRequestsFile$", "-requests.out", file)
	var list []request
	for line := range bytes.Lines(readFile(t, file)) {
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	return list
}

// validator validates responses with the document, and compares them with those of the fake.
type validator struct {
	router routers.Router
	fake   *tgotest.Server
	client *http.Client
}

func newValidator(t *testing.T) *validator {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: basePath}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &validator{router, tgotest.New(t), &http.Client{Transport: transport, Timeout: time.Minute}}
}

// ask sends a request. The test fails if the document does not allow the response.
func (v *validator) ask(t *testing.T, url, key string, r request) (status int, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), r.Method, url+r.Target, bytes.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Api-Key", key)
	if r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	resp, err := v.client.Do(req)
	if err != nil {
		t.Errorf("%s: %v", r.Name, err)
		return 0, nil
	}
	defer resp.Body.Close()
	if body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	route, params := v.route(t, r)
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route, PathParams: params},
		Status:                 resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(t.Context(), in); err != nil {
		t.Errorf("%s: the document does not allow the response %d %.200s: %v", r.Name, resp.StatusCode, body, err)
	}
	return resp.StatusCode, body
}

// route returns the operation of a request.
func (v *validator) route(t *testing.T, r request) (*routers.Route, map[string]string) {
	t.Helper()
	route, params, err := v.router.FindRoute(httptest.NewRequestWithContext(t.Context(), r.Method, basePath+r.Target, http.NoBody))
	if err != nil {
		t.Fatalf("%s: %v", r.Name, err)
	}
	return route, params
}

// requests sends all requests of the suite. For those named refusal and case the fake's response depends on Laravel's behaviour and
// on its state, so here only the format of the response is checked.
func (v *validator) requests(t *testing.T, url string, list []request) {
	t.Helper()
	seen, sameFields := map[string]int{}, 0
	for _, r := range list {
		status, body := v.ask(t, url, "tgo_everything", r)
		kind, name, _ := strings.Cut(r.Name, ": ")
		kind, _, _ = strings.Cut(kind, " ")
		seen[kind]++
		switch {
		case kind == "negative":
			if route, _ := v.route(t, r); status != http.StatusUnprocessableEntity && route.Operation.Responses.Value("422") != nil {
				t.Errorf("%s: %d %s", r.Name, status, body)
			}
			_, fakes := v.ask(t, v.fake.URL, v.fake.Key.Reveal(), r)
			if a, b := fields(t, body), fields(t, fakes); slices.Equal(a, b) {
				sameFields++
			}
		case slices.Contains([]string{"example", "call", "accepted"}, kind) && (status/100 != 2) != (refused[name] != ""):
			t.Errorf("%s: %d %s", r.Name, status, body)
		}
	}
	if len(list) < 1000 || seen["negative"] < 600 || sameFields < seen["negative"]*9/10 {
		t.Errorf("of %d requests %d are negative, and for %d the server and the fake name the same fields", len(list), seen["negative"], sameFields)
	}
	t.Logf("%v; for %d of the negatives the server and the fake name the same fields", seen, sameFields)
}

func fields(t *testing.T, body []byte) []string {
	t.Helper()
	var refusal struct{ Errors map[string][]string }
	if err := json.Unmarshal(body, &refusal); err != nil {
		t.Errorf("%s: %v", body, err)
	}
	return slices.Sorted(maps.Keys(refusal.Errors))
}

// refused are requests that the fake accepts and this server does not, with the reason.
var refused = map[string]string{
	"text: null for the other sender":            "that null counts as absent is in a description of the document, not in a schema",
	"text: null for the phone":                   "as above",
	"text: null for what a file has":             "as above",
	"form: image with an empty duration":         "Laravel treats an empty field as null",
	"form: image with an empty file_size":        "as above",
	"form: image with an empty sender_number_id": "as above",
	"form: fields with a charset":                "kin-openapi treats a field that has a Content-Type as a string",
}

// keys sends the document's examples without a key, with a wrong one, and with one that may only read messages and usage.
func (v *validator) keys(t *testing.T, url string, list []request) {
	t.Helper()
	answered := map[int]int{}
	for _, r := range list {
		if !strings.HasPrefix(r.Name, "example: ") {
			continue
		}
		for _, key := range []string{"", "tgo_nobodys", "tgo_reads"} {
			allowed, want := false, http.StatusUnauthorized
			if key == "tgo_reads" {
				route, _ := v.route(t, r)
				needs, _ := route.Operation.Extensions["x-required-scopes"].([]any)
				allowed = !slices.ContainsFunc(needs, func(scope any) bool { return scope != "messages.read" && scope != "usage.read" })
				want = http.StatusForbidden
			}
			status, body := v.ask(t, url, key, r)
			answered[status]++
			if (status/100 == 2) != allowed || (!allowed && status != want) {
				t.Errorf("%s with the key %q: %d %s", r.Name, key, status, body)
			}
		}
	}
	t.Log(answered)
}

// arrive sends a message of each type with the client, and checks what the handler read.
func (p *process) arrive(t *testing.T) {
	t.Helper()
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	client, err := tgo.New("", tgo.NewKey("tgo_everything"), tgo.WithBaseURL(p.url), tgo.WithHTTPClient(&http.Client{Transport: transport}))
	if err != nil {
		t.Fatal(err)
	}
	const to, caption = "+201010000000", "طردك 📦"
	from, file := client.FromNumber(12), func(name string) tgo.File { return tgo.FilePath(demo + name) }
	for kind, send := range map[string]func() (tgo.Receipt, error){
		"text": func() (tgo.Receipt, error) { return from.SendText(t.Context(), to, caption) },
		"image": func() (tgo.Receipt, error) {
			return from.SendImage(t.Context(), to, tgo.Image{File: file("picture.png"), Caption: caption})
		},
		"document": func() (tgo.Receipt, error) {
			return from.SendDocument(t.Context(), to, tgo.Document{File: file("invoice.pdf"), Caption: caption})
		},
	} {
		if receipt, err := send(); err != nil || receipt.MessageType != kind || receipt.Content != caption {
			t.Errorf("%s: %+v, %v", kind, receipt, err)
		}
	}
	for _, name := range []string{"picture.png", "invoice.pdf"} {
		if want := fmt.Sprintf("%q of %d bytes", name, len(readFile(t, demo+name))); !strings.Contains(p.logged(), want) {
			t.Errorf("the handler did not read %s:\n%s", want, p.logged())
		}
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
