package tgotest_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
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

func inbox(c *tgotest.Config) {
	c.Inbox = true
	c.KeepMedia = 1 << 20
}

// admin speaks to the admin API of a fake, and validates everything against admin.yaml.
type admin struct {
	root   string
	router routers.Router
	mu     sync.Mutex
	seen   map[string]bool // operation and status
}

func newAdmin(t *testing.T, fake *tgotest.Server) *admin {
	t.Helper()
	router, err := adminRouter()
	if err != nil {
		t.Fatalf("admin.yaml: %v", err)
	}
	return &admin{root: strings.TrimSuffix(fake.URL, "/api/v1"), router: router, seen: map[string]bool{}}
}

// adminRouter loads and validates admin.yaml, once for all tests.
var adminRouter = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("admin.yaml")
	if err != nil {
		return nil, err
	}
	return legacy.NewRouter(doc) // validates it
})

// ask makes a request, and checks request and answer. wrong is set for one that is against the document on purpose.
func (a *admin) ask(t *testing.T, wrong bool, method, path string, body any, status int, headers ...string) string {
	t.Helper()
	var content []byte
	switch b := body.(type) {
	case nil:
	case string:
		content = []byte(b)
	default:
		var err error
		if content, err = json.Marshal(b); err != nil {
			t.Fatal(err)
		}
	}
	ctx := soon(t)
	req, err := http.NewRequestWithContext(ctx, method, a.root+"/_fake"+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	if content != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		if req.Header.Set(headers[i], headers[i+1]); headers[i] == "Host" {
			req.Host = headers[i+1]
		}
	}
	route, params, err := a.router.FindRoute(httpRequest(t, method, "/_fake"+path))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	input := &openapi3filter.RequestValidationInput{Request: req, Route: route, PathParams: params}
	if err := openapi3filter.ValidateRequest(ctx, input); (err != nil) != wrong {
		t.Errorf("%s %s %s: held against admin.yaml: %v", method, path, content, err)
	}
	req.Body = io.NopCloser(bytes.NewReader(content))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != status {
		t.Errorf("%s %s %s: %d %s; want %d", method, path, content, resp.StatusCode, answer, status)
	}
	if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Content-Security-Policy") == "" {
		t.Errorf("%s %s: headers %v", method, path, resp.Header)
	}
	if isJSON := resp.Header.Get("Content-Type") == "application/json"; isJSON || resp.StatusCode == http.StatusNoContent {
		output := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: resp.StatusCode, Header: resp.Header, Body: io.NopCloser(bytes.NewReader(answer))}
		output.Options = &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true}
		if err := openapi3filter.ValidateResponse(ctx, output); err != nil {
			t.Errorf("%s %s answers against admin.yaml: %v", method, path, err)
		}
	}
	a.mu.Lock()
	a.seen[fmt.Sprint(route.Operation.OperationID, " ", resp.StatusCode)] = true
	a.mu.Unlock()
	return string(answer)
}

// httpRequest is a request as the router wants it.
func httpRequest(t *testing.T, method, path string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func as[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// TestAdmin goes through all operations of admin.yaml and all of their answers.
func TestAdmin(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	a := newAdmin(t, fake)
	ctx := t.Context()
	picture, err := os.ReadFile("../cmd/tgo/demo/picture.png")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Sender.SendText(ctx, fake.RecipientPhone, "<b>Hello</b>"); err != nil {
		t.Fatal(err)
	}
	if _, err := fake.Sender.SendImage(ctx, fake.RecipientPhone, tgo.Image{File: tgo.BytesFile("p.png", picture), Caption: "مرحبا"}); err != nil {
		t.Fatal(err)
	}

	// Messages and requests.
	messages := as[[]map[string]any](t, a.ask(t, false, "GET", "/messages", nil, 200))
	if len(messages) != 2 || messages[0]["content"] != "<b>Hello</b>" || messages[1]["media"].(map[string]any)["kept"] != true {
		t.Errorf("%v", messages)
	}
	a.ask(t, false, "GET", "/messages/2", nil, 200)
	a.ask(t, false, "GET", "/messages/9", nil, 404)
	if got := a.ask(t, false, "GET", "/messages/2/media", nil, 200); got != string(picture) {
		t.Error("the picture is another")
	}
	a.ask(t, false, "GET", "/messages/1/media", nil, 404) // a text has none
	requests := as[[]map[string]any](t, a.ask(t, false, "GET", "/requests", nil, 200))
	if len(requests) != 2 || requests[1]["outcome"] != "accepted" {
		t.Errorf("%v", requests)
	}
	if later := as[[]any](t, a.ask(t, false, "GET", "/requests?after=1", nil, 200)); len(later) != 1 {
		t.Errorf("%v", later)
	}
	a.ask(t, true, "GET", "/requests?after=x", nil, 422)
	for _, path := range []string{"/inbox?is=late", "/inbox?before=0", "/inbox?limit=501", "/requests.jsonl?is=late", "/requests.har?is=late"} {
		a.ask(t, true, "GET", path, nil, 422)
	}
	for _, path := range []string{"/inbox", "/inbox?q=hello&is=accepted&before=9&limit=1", "/requests/1", "/requests.jsonl", "/requests.har", "/doubled", "/phones", "/phones/+201010000000", "/options"} {
		a.ask(t, false, "GET", path, nil, 200)
	}
	a.ask(t, false, "GET", "/phones/12", nil, 422)
	a.ask(t, false, "GET", "/requests/9", nil, 404)
	a.ask(t, false, "DELETE", "/requests/9", nil, 404)
	a.ask(t, false, "POST", "/requests/9/read", map[string]any{}, 404)
	a.ask(t, false, "POST", "/requests/9/resend", map[string]any{}, 404)
	a.ask(t, false, "POST", "/requests/1/read", map[string]any{}, 204)
	a.ask(t, false, "POST", "/requests/read", map[string]any{}, 204)
	a.ask(t, false, "POST", "/undo", map[string]any{}, 404)
	a.ask(t, false, "DELETE", "/requests/1", nil, 204)
	a.ask(t, false, "POST", "/undo", map[string]any{}, 204)
	ask(t, fake, http.MethodPost, "/messages", text("+201010000000", "hello"), func(r *http.Request) { r.Header.Set("X-Api-Key", "another") })
	a.ask(t, false, "POST", "/requests/3/resend", map[string]any{}, 409) // its key is not known
	a.ask(t, false, "DELETE", "/requests/3", nil, 204)

	covered := as[struct {
		Summary      string
		Percent      float64
		Combinations []map[string]any
	}](t, a.ask(t, false, "GET", "/coverage", nil, 200))
	if covered.Percent <= 0 || covered.Percent >= 100 || !strings.Contains(covered.Summary, "of the contract") || len(covered.Combinations) == 0 {
		t.Errorf("%+v", covered)
	}

	// Keys.
	key := as[struct {
		ID  int64
		Key string
	}](t, a.ask(t, false, "POST", "/keys", map[string]any{"name": "n", "scopes": []string{"usage.read"}}, 201))
	narrow, err := fake.ClientWith(tgo.NewKey(key.Key))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := narrow.Usage(ctx); err != nil {
		t.Error(err)
	}
	a.ask(t, false, "POST", "/keys", map[string]any{"key": key.Key}, 422)
	a.ask(t, true, "POST", "/keys", map[string]any{"scopes": []string{"all"}}, 422)
	a.ask(t, true, "POST", "/keys", "{", 422)
	a.ask(t, false, "DELETE", fmt.Sprintf("/keys/%d", key.ID), nil, 204)
	a.ask(t, false, "DELETE", fmt.Sprintf("/keys/%d", key.ID), nil, 404)
	if _, err := narrow.Usage(ctx); err == nil {
		t.Error("a revoked key works")
	}
	if keys := as[[]map[string]any](t, a.ask(t, false, "GET", "/keys", nil, 200)); len(keys) != 2 || keys[1]["status"] != "revoked" {
		t.Errorf("%v", keys)
	}

	// Contacts and sender numbers.
	a.ask(t, false, "PUT", "/contacts/+201066666666", map[string]any{"state": "unreachable"}, 200)
	a.ask(t, false, "PUT", "/contacts/%2B201077777777", map[string]any{"state": "unverified"}, 200)
	a.ask(t, false, "PUT", "/contacts/12", map[string]any{"state": "unreachable"}, 422)
	a.ask(t, true, "PUT", "/contacts/+201066666666", map[string]any{"state": "asleep"}, 422)
	a.ask(t, false, "PUT", "/strangers", map[string]any{"state": "unknown"}, 200)
	a.ask(t, true, "PUT", "/strangers", map[string]any{"state": ""}, 422)
	for phone, reason := range map[tgo.Phone]string{"+201066666666": "unreachable", "+201077777777": "unverified", "+201088888888": "not_found"} {
		if contact, err := fake.Sender.Lookup(ctx, phone); err != nil || contact.ReasonCode != reason {
			t.Errorf("%s: %+v, %v", phone, contact, err)
		}
	}
	a.ask(t, false, "GET", "/contacts", nil, 200)
	a.ask(t, false, "POST", "/senders", map[string]any{"phone": "+201001187190", "status": "suspended"}, 201)
	for says, twice := range map[string]map[string]any{
		`sender number \"+201001187190\": another sender number has this phone: use a different one.`: {"phone": "+201001187190"},
		`sender number \"+201001187191\": another sender number has the id 1: use a different one.`:   {"phone": "+201001187191", "id": 1},
	} {
		if got := a.ask(t, false, "POST", "/senders", twice, 422); !strings.Contains(got, says) {
			t.Errorf("%v: %s", twice, got)
		}
	}
	if _, err := fake.Client.FromNumber(2).SendText(ctx, fake.RecipientPhone, "x"); tgo.DeliveryOf(err) != tgo.DeliveryRejected {
		t.Errorf("from a suspended number: %v", err)
	}
	a.ask(t, false, "PUT", "/senders/2", map[string]any{"status": "active"}, 200)
	a.ask(t, false, "PUT", "/senders/9", map[string]any{"status": "active"}, 404)
	a.ask(t, false, "PUT", "/senders/2", map[string]any{"status": "suspendet"}, 422)
	a.ask(t, false, "PUT", "/senders/2", map[string]any{"verification_status": "unverified"}, 422)
	a.ask(t, false, "POST", "/senders", map[string]any{"phone": "+201001187191", "status": "suspendet"}, 422)
	a.ask(t, true, "POST", "/senders", map[string]any{"phone": "+201001187191", "id": -1}, 422)
	a.ask(t, false, "POST", "/senders", map[string]any{"phone": "0100"}, 422)
	a.ask(t, true, "PUT", "/senders/2", map[string]any{"state": "active"}, 422)
	a.ask(t, false, "GET", "/senders", nil, 200)
	if _, err := fake.Client.FromNumber(2).SendText(ctx, fake.RecipientPhone, "x"); err != nil {
		t.Error(err)
	}

	// Faults.
	fault := as[struct{ ID int64 }](t, a.ask(t, false, "POST", "/faults", map[string]any{"operation": "sendMessage", "kind": "cut", "stored": true, "times": 1}, 201))
	if _, err := fake.Sender.SendText(ctx, fake.RecipientPhone, "lost answer"); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("%v", err)
	}
	faults := as[[]map[string]any](t, a.ask(t, false, "GET", "/faults", nil, 200))
	if len(faults) != 1 || faults[0]["struck"] != 1.0 || faults[0]["active"] != false {
		t.Errorf("%v", faults)
	}
	a.ask(t, false, "DELETE", fmt.Sprintf("/faults/%d", fault.ID), nil, 204)
	a.ask(t, false, "DELETE", fmt.Sprintf("/faults/%d", fault.ID), nil, 404)
	a.ask(t, true, "POST", "/faults", map[string]any{"kind": "explode"}, 422)
	a.ask(t, true, "POST", "/faults", map[string]any{"kind": "none", "delay_ms": -1}, 422)
	a.ask(t, false, "POST", "/faults", map[string]any{"operation": "sendNothing"}, 422)
	a.ask(t, false, "POST", "/faults", map[string]any{"kind": "status", "status": 42}, 422)
	a.ask(t, true, "POST", "/faults", map[string]any{"kind": "status", "times": -1}, 422)
	a.ask(t, true, "POST", "/faults", map[string]any{"delay_ms": int64(math.MinInt64)}, 422)
	a.ask(t, true, "POST", "/faults", map[string]any{"delay_ms": 600_001}, 422)
	a.ask(t, false, "POST", "/faults", map[string]any{"kind": "status"}, 201)
	a.ask(t, false, "DELETE", "/faults", nil, 204)
	if _, err := fake.Client.Me(ctx); err != nil {
		t.Error(err)
	}

	// Who sends no JSON may be a form of another site.
	for _, path := range []string{"POST /keys", "POST /senders", "POST /faults", "POST /reset", "POST /undo", "POST /requests/read", "POST /requests/1/read", "POST /requests/1/resend", "PUT /contacts/+201066666666", "PUT /strangers", "PUT /senders/1"} {
		method, path, _ := strings.Cut(path, " ")
		a.ask(t, true, method, path, "state=unknown", 415, "Content-Type", "application/x-www-form-urlencoded")
	}

	a.ask(t, false, "POST", "/requests/1/resend", map[string]any{}, 200)

	// Forgetting.
	a.ask(t, false, "DELETE", "/messages", nil, 204)
	if left := as[[]any](t, a.ask(t, false, "GET", "/messages", nil, 200)); len(left) != 0 {
		t.Errorf("%v", left)
	}
	// What follows an object is not seen by the validator here.
	for body, wrong := range map[string]bool{"[]": true, "null": true, "": true, `{"all": true}`: true, "{} {}": false, "{}}": false} {
		if answer := a.ask(t, wrong, "POST", "/reset", body, 422); !strings.Contains(answer, "admin.yaml") {
			t.Errorf("%s is refused with %s", body, answer)
		}
	}
	a.ask(t, true, "POST", "/keys", "null", 422)
	a.ask(t, false, "PUT", "/strangers", `{"state": "unknown"} and more`, 422)
	a.ask(t, false, "POST", "/reset", map[string]any{}, 204)
	if keys := as[[]map[string]any](t, a.ask(t, false, "GET", "/keys", nil, 200)); len(keys) != 1 || keys[0]["key"] != fake.Key.Reveal() {
		t.Errorf("after a reset: %v", keys)
	}
	if receipt, err := fake.Sender.SendText(ctx, "+201066666666", "again"); err != nil || receipt.ID != 1 {
		t.Errorf("after a reset: %+v, %v", receipt, err)
	}

	// Without an inbox nothing is remembered.
	plain := newAdmin(t, tgotest.New(t))
	for _, path := range []string{"/requests", "/inbox", "/requests.jsonl", "/requests.har"} {
		plain.ask(t, false, "GET", path, nil, 404)
	}
	plain.ask(t, false, "POST", "/requests/read", map[string]any{}, 404)
	plain.ask(t, false, "GET", "/events", nil, 404)
	for seen := range plain.seen {
		a.seen[seen] = true
	}
	listen(t, a.root, "").close()
	a.seen["followFakeRequests 200"] = true

	// Nothing is done for a page of another site.
	doc, _ := openapi3.NewLoader().LoadFromFile("admin.yaml")
	for path, item := range doc.Paths.Map() {
		path = strings.NewReplacer("{id}", "1", "{phone}", "+201066666666").Replace(path)
		for method, op := range item.Operations() {
			var body any
			if op.RequestBody != nil {
				body = op.RequestBody.Value.Content["application/json"].Example
			}
			a.ask(t, false, method, path, body, 403, "Origin", "http://evil.example")
		}
	}

	tooMany := "followFakeRequests 503" // see TestEvents
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			for status := range op.Responses.Map() {
				if name := op.OperationID + " " + status; !a.seen[name] && name != tooMany {
					t.Errorf("%s %s was never answered with %s", method, path, status)
				}
			}
		}
	}
}

// What is asked of the admin API at the same time is done one after the other.
func TestAdminAtTheSameTime(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		for range 3000 {
			c.Contacts = append(c.Contacts, tgotest.Contact{Phone: newPhone()})
		}
	})
	root := newAdmin(t, fake).root + "/_fake"
	ask := func(method, path, body string) int {
		req, err := http.NewRequestWithContext(t.Context(), method, root+path, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return 0
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Error(err)
			return 0
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	// Keep the fake busy, so that requests have to wait for each other.
	done := make(chan struct{})
	var readers sync.WaitGroup
	defer readers.Wait()
	defer close(done)
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					ask("GET", "/contacts", "")
				}
			}
		})
	}
	for n := range 30 {
		// The number that is changed goes away.
		ask("POST", "/senders", fmt.Sprintf(`{"id": 2, "phone": %q}`, newPhone()))
		// Of two that are the same one is too many.
		key := fmt.Sprintf(`{"key": "tgo_key-%d"}`, n)
		var keys, numbers atomic.Int64
		atOnce(9, func(i int) {
			switch {
			case i == 0:
				ask("POST", "/reset", "{}")
			case i < 5:
				ask("PUT", "/senders/2", `{"status": "active"}`)
			}
		})
		atOnce(8, func(i int) {
			if i%2 == 0 && ask("POST", "/keys", key) == http.StatusCreated {
				keys.Add(1)
			}
			if i%2 == 1 && ask("POST", "/senders", fmt.Sprintf(`{"id": 3, "phone": %q}`, newPhone())) == http.StatusCreated {
				numbers.Add(1)
			}
		})
		if keys.Load() != 1 || numbers.Load() != 1 {
			t.Fatalf("a key was added %d times, and a number %d times", keys.Load(), numbers.Load())
		}
	}
}

// TestAdminKeepsOthersOut tries what pages of other sites could try.
func TestAdminKeepsOthersOut(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.Tenants = []string{"*", "127.0.0.1", "named.example"} })
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	host := strings.TrimPrefix(root, "http://")
	_, port, _ := strings.Cut(host, ":")
	get := func(method, path, host string, headers ...string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, root+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Host = host
		req.Header.Set("Content-Type", "application/json")
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s lets other sites read", method, path)
		}
		return resp.StatusCode
	}
	paths := map[string]int{
		"GET /_fake/messages": 200, "GET /_fake/keys": 200, "GET /": 200, "GET /docs": 200, "GET /inbox/main.js": 200,
		"GET /openapi.yaml": 200, "GET /openapi.json": 200, "GET /openapi-3.1.json": 200,
		"DELETE /_fake/messages": 204, "POST /_fake/reset": 204, "DELETE /_fake/faults": 204, "GET /_fake/nothing": 404,
		"GET /favicon.ico": 404, // the pages name their icon
	}
	for path, well := range paths {
		method, path, _ := strings.Cut(path, " ")
		for _, own := range []string{host, "127.0.0.1:" + port, "named.example", "NAMED.example:80", "localhost:" + port, "[::1]:" + port} {
			if got := get(method, path, own); got != well {
				t.Errorf("%s %s as %s: %d, want %d", method, path, own, got, well)
			}
		}
		// A name of the attacker's that leads here; "*" lets it in to the API, and to nothing else.
		if got := get(method, path, "evil.example:"+port); got != 404 {
			t.Errorf("%s %s by another name: %d", method, path, got)
		}
		if got := get(method, path, host, "Origin", "http://evil.example"); got != 403 && well != 404 {
			t.Errorf("%s %s from another origin: %d", method, path, got)
		}
		if got := get(method, path, host, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"); got != 403 && well != 404 {
			t.Errorf("%s %s from another site: %d", method, path, got)
		}
		if got := get(method, path, host, "Origin", "http://"+host, "Sec-Fetch-Site", "same-origin"); got != well {
			t.Errorf("%s %s from the page itself: %d", method, path, got)
		}
	}
	// A link to the page may be followed.
	if got := get("GET", "/", host, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"); got != 200 {
		t.Errorf("by a link: %d", got)
	}
}

// listener reads server-sent events.
type listener struct {
	t      *testing.T
	cancel context.CancelFunc
	body   io.ReadCloser
	lines  *bufio.Scanner
	run    string // of hello
}

func listen(t *testing.T, root, lastID string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience) // longer than Shutdown may take
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, root+"/_fake/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	if lastID != "" {
		req.Header.Set("Last-Event-ID", lastID)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // listener.close does
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	l := &listener{t: t, cancel: cancel, body: resp.Body, lines: lines}
	t.Cleanup(l.close)
	name, _, hello := l.next()
	if l.run = as[struct{ Run string }](t, hello).Run; name != "hello" || l.run == "" {
		t.Errorf("the first event is %s %s", name, hello)
	}
	return l
}

func (l *listener) close() {
	l.cancel()
	_ = l.body.Close()
}

func (l *listener) next() (name, id, data string) {
	l.t.Helper()
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if name != "" {
				return name, id, data
			}
		}
	}
	l.t.Fatalf("the events ended: %v", l.lines.Err())
	return "", "", ""
}

func TestEvents(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	send := func(text string) {
		t.Helper()
		if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
	var run string
	expect := func(l *listener, id, text string) {
		t.Helper()
		name, gotID, data := l.next()
		if name != "request" || gotID != run+"."+id || !strings.Contains(data, text) || !strings.Contains(data, `"id":`+id+",") {
			t.Errorf("%s %s %s; want %s with %q", name, gotID, data, id, text)
		}
	}
	send("one\nline")
	a := listen(t, root, "")
	run = a.run
	expect(a, "1", `"text":"one\nline"`)
	send("two")
	expect(a, "2", `"text":"two"`)
	b := listen(t, root, run+".1") // connects again
	expect(b, "2", `"text":"two"`)
	// Ids of a fake that ran here before say nothing of this one, and what is none is no reason to miss anything.
	for _, other := range []string{"another.1", "another.77", "1", run, run + ".", run + ".x"} {
		expect(listen(t, root, other), "1", "one")
	}
	resp, err := http.Post(root+"/_fake/reset", "application/json", strings.NewReader("{}")) //nolint:noctx // at a fake of our own
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	for _, want := range []string{"cleared", "state"} {
		if name, _, _ := a.next(); name != want {
			t.Errorf("%s, want %s", name, want)
		}
	}
	// And who was away meanwhile is told so, before what came then; nobody else is.
	send("three")
	away := listen(t, root, run+".2")
	if name, _, _ := away.next(); name != "cleared" {
		t.Errorf("after a reset that was missed: %s", name)
	}
	for _, l := range []*listener{away, listen(t, root, "")} {
		expect(l, "3", `"text":"three"`)
	}
	// A listener does not keep the fake from stopping.
	done := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- fake.Shutdown(ctx)
	}()
	if err := <-done; err != nil {
		t.Errorf("stopping: %v", err)
	}
}

// A change from Go is seen on an open page.
func TestChangesFromGoAreTold(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	l := listen(t, strings.TrimSuffix(fake.URL, "/api/v1"), "")
	var key tgo.Key
	var injected *tgotest.Injected
	for i, change := range []func(){
		func() { key = fake.NewKey() },
		func() { fake.RevokeKey(key) },
		func() { fake.AddSenderNumber(tgotest.SenderNumber{Phone: other}) },
		func() { fake.SetSenderStatus(1, "suspended", "") },
		func() { fake.SetContact(recipient, tgotest.ContactUnknown) },
		func() { injected = mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut}) },
		func() { injected.Remove() },
		fake.ClearFaults,
	} {
		change()
		if name, _, _ := l.next(); name != "state" {
			t.Errorf("change %d is reported as %s", i, name)
		}
	}
	// Each is reported once.
	if _, err := fake.Client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if name, _, _ := l.next(); name != "request" {
		t.Errorf("then comes %s", name)
	}
}

func TestTooManyListeners(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	for range 64 {
		listen(t, root, "")
	}
	newAdmin(t, fake).ask(t, false, "GET", "/events", nil, 503)
}

type shownRequest struct {
	ID                                                      int64
	Method, Path, Operation, Outcome, Fault, Body, Curl, Go string
	Status                                                  int
	KeyName                                                 string      `json:"key_name"`
	Headers                                                 [][2]string `json:"headers"`
	Form                                                    []map[string]any
	Message                                                 map[string]any
	Problems                                                []shownProblem
}

type shownProblem struct {
	Field, Message string
	Warning        bool
	Contract       *struct {
		Pointer, Excerpt string
		Line             int
	}
}

func shownRequests(t *testing.T, fake *tgotest.Server) []shownRequest {
	t.Helper()
	return as[[]shownRequest](t, newAdmin(t, fake).ask(t, false, "GET", "/requests", nil, 200))
}

// A slow server has its reasons all the same; a fault has none.
func TestASlowRefusalIsExplained(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	mustInject(t, fake, tgotest.Fault{Delay: time.Millisecond, Times: 1})
	mustInject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422, Times: 1})
	for range 2 {
		ask(t, fake, http.MethodPost, "/messages", text("0100", "hello"))
	}
	got := shownRequests(t, fake)
	if len(got) != 2 || got[0].Fault != "response 1ms late, set on purpose" || len(got[0].Problems) != 1 || got[0].Problems[0].Field != "to_phone" || got[1].Problems != nil {
		t.Errorf("%+v", got)
	}
}

// What is kept has bounds, whatever comes.
func TestInboxIsBounded(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages = 550 })
	big := bytes.Repeat([]byte("x"), 700<<10)
	for i := range 3 {
		if _, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: tgo.BytesFile(fmt.Sprint(i), big)}); err != nil {
			t.Fatal(err)
		}
	}
	kept := 0
	for _, m := range fake.Messages() {
		kept += len(m.Media.Content)
	}
	if kept != len(big) { // of 1 MiB
		t.Errorf("%d bytes of media are kept", kept)
	}
	for range 600 {
		if _, err := fake.Client.Usage(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(shownRequests(t, fake)); n != 550 {
		t.Errorf("%d requests are kept", n)
	}
}

// TestMediaDoesNothing reads files of hostile types as a browser would.
func TestMediaDoesNothing(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	for i, c := range []struct{ contentType, served string }{
		{"text/html", "application/octet-stream"},
		{"application/xhtml+xml", "application/octet-stream"},
		{"image/svg+xml", "image/svg+xml"},
		{"image/png", "image/png"},
		{"audio/ogg; codecs=opus", "audio/ogg"},
		{"text/javascript", "application/octet-stream"},
		{"video/mp4", "application/octet-stream"},
		{"x/y;=", "application/octet-stream"},
	} {
		file := tgo.BytesFile("a\"; filename=\"b.html", []byte("<script>alert(1)</script>"))
		if c.contentType != "x/y;=" {
			file = file.WithContentType(c.contentType)
		}
		if _, err := fake.Sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file}); err != nil {
			t.Fatal(err)
		}
		resp, err := http.Get(fmt.Sprintf("%s/_fake/messages/%d/media", root, i+1)) //nolint:noctx // at a fake of our own
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		policy := resp.Header.Get("Content-Security-Policy")
		if got := resp.Header.Get("Content-Type"); got != c.served || !strings.Contains(policy, "sandbox") || !strings.Contains(policy, "default-src 'none'") || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v", c.contentType, resp.Header)
		}
		if attached := strings.HasPrefix(resp.Header.Get("Content-Disposition"), "attachment"); attached != (c.served == "application/octet-stream") {
			t.Errorf("%s: %v", c.contentType, resp.Header)
		}
	}
}

// TestDocsShowTheContract: the copy that the reference shows is the contract, but for its servers, line by line.
func TestDocsShowTheContract(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, inbox)
	resp, err := http.Get(strings.TrimSuffix(fake.URL, "/api/v1") + "/docs/openapi.yaml") //nolint:noctx // at a fake of our own
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	served, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(served)
	if err != nil || len(doc.Servers) != 1 || doc.Servers[0].URL != "/api/v1" {
		t.Fatal(err, doc.Servers)
	}
	got, want := strings.Split(string(served), "\n"), strings.Split(string(openapi.Document), "\n")
	other := 0
	for i := range want {
		if i >= len(got) || got[i] != want[i] {
			other++
		}
	}
	if len(got) != len(want) || other == 0 || other > 8 {
		t.Errorf("%d lines of %d and %d differ", other, len(got), len(want))
	}
}

// TestEditionsAreServed: each is the edition but for its servers, of which the fake is the only one, by the name that it was asked by.
func TestEditionsAreServed(t *testing.T) {
	t.Parallel()
	root := strings.TrimSuffix(tgotest.New(t, inbox).URL, "/api/v1")
	named := strings.Replace(root, "127.0.0.1", "localhost", 1)
	for at, want := range map[string]struct {
		kind string
		text []byte
	}{
		"/openapi.yaml":     {"application/yaml", openapi.Document},
		"/openapi.json":     {"application/json", openapi.DocumentJSON},
		"/openapi-3.1.json": {"application/json", openapi.Document31JSON},
	} {
		got := getPage(t, named+at)
		if got.status != http.StatusOK || got.kind != want.kind {
			t.Errorf("%s: %d %s", at, got.status, got.kind)
		}
		served, err := openapi3.NewLoader().LoadFromData([]byte(got.content))
		if err != nil {
			t.Fatal(at, err)
		}
		if len(served.Servers) != 1 || served.Servers[0].URL != named+"/api/v1" {
			t.Errorf("%s has the servers %v", at, served.Servers)
		}
		edition, err := openapi3.NewLoader().LoadFromData(want.text)
		if err != nil {
			t.Fatal(at, err)
		}
		served.Servers = edition.Servers
		a, errA := json.Marshal(served)
		b, errB := json.Marshal(edition)
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s differs in more than its servers: %v, %v", at, errA, errB)
		}
	}
	if got := getPage(t, strings.TrimSuffix(tgotest.New(t).URL, "/api/v1")+"/openapi.json"); got.status != http.StatusNotFound {
		t.Errorf("without the inbox: %d", got.status)
	}
}
