package suite

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
)

const guardedBase = "https://acme.tgo-eg.com/api/v1"

// dialed is a transport that notes what reaches it, and responds.
type dialed struct {
	requests []*http.Request
	at       []time.Time
	status   int
	header   http.Header
	body     string
}

func (d *dialed) RoundTrip(r *http.Request) (*http.Response, error) {
	d.requests = append(d.requests, r)
	d.at = append(d.at, time.Now())
	header := http.Header{"Content-Type": {contract.JSONType}}
	for name, values := range d.header {
		header[name] = values
	}
	return &http.Response{StatusCode: d.status, Header: header, Body: io.NopCloser(strings.NewReader(d.body)), Request: r}, nil
}

// guarded is a guard in front of nothing.
func guarded(t *testing.T, rules guardRules) (*Guard, *dialed) {
	t.Helper()
	g, err := newGuard(guardedBase, rules)
	if err != nil {
		t.Fatal(err)
	}
	d := &dialed{status: http.StatusOK, body: "{}"}
	g.next = d
	if rules.requests == 0 {
		g.rules.requests = 1000
	}
	return g, d
}

// readOnly allows what a live run does by default; sending allows messages and keys too.
var (
	readOnly = guardRules{lookups: []string{contract.Recipient}}
	sending  = guardRules{lookups: []string{contract.Recipient}, messages: 100, recipient: contract.Recipient, keys: true}
)

func guardedRequest(t *testing.T, method, target, contentType, body string) *http.Request {
	t.Helper()
	r := contract.Request{Method: method, Target: target, ContentType: contentType}
	if body != "" {
		r.Body = []byte(body)
	}
	return r.HTTP(t, guardedBase, "tgo_key")
}

// attack is a request that must not get past the guard.
type attack struct {
	name  string
	rules guardRules
	make  func(t *testing.T) *http.Request
}

// attacks lists them: each by itself would make some server do what the user did not allow.
func attacks() []attack {
	type edit = func(r *http.Request)
	get := func(name, target string, edits ...edit) attack {
		return attack{name, sending, func(t *testing.T) *http.Request {
			r := guardedRequest(t, http.MethodGet, target, "", "")
			for _, e := range edits {
				e(r)
			}
			return r
		}}
	}
	write := func(name string, rules guardRules, method, target, contentType, body string, edits ...edit) attack {
		return attack{name, rules, func(t *testing.T) *http.Request {
			r := guardedRequest(t, method, target, contentType, body)
			for _, e := range edits {
				e(r)
			}
			return r
		}}
	}
	header := func(name, value string) edit { return func(r *http.Request) { r.Header[name] = []string{value} } }
	good := string(contract.TextOf(nil))
	form := func(parts ...contract.Part) (string, string) {
		contentType, body := contract.FormBody(parts...)
		return contentType, string(body)
	}
	list := []attack{
		get("another host", "/me", func(r *http.Request) { r.URL.Host = "evil.example" }),
		get("another port", "/me", func(r *http.Request) { r.URL.Host = "acme.tgo-eg.com:8443" }),
		get("a host below", "/me", func(r *http.Request) { r.URL.Host = "a.acme.tgo-eg.com" }),
		get("a host that begins the same", "/me", func(r *http.Request) { r.URL.Host = "acme.tgo-eg.com.evil.example" }),
		get("another Host header", "/me", func(r *http.Request) { r.Host = "other.tgo-eg.com" }),
		get("a user in the URL", "/me", func(r *http.Request) { r.URL.User = url.User("acme.tgo-eg.com") }),
		get("downgrade to http", "/me", func(r *http.Request) { r.URL.Scheme = "http" }),
		get("another scheme", "/me", func(r *http.Request) { r.URL.Scheme = "ftp" }),
		get("an absolute URL as the target", "/me", func(r *http.Request) { r.URL.Opaque = "//evil.example/api/v1/me" }),
		get("an absolute URL in the path", "/me", func(r *http.Request) { r.URL.Path = "/http://evil.example/api/v1/me" }),
		get("a path beside the base", "/me", func(r *http.Request) { r.URL.Path = "/api/v2/me" }),
		get("a path above the base", "/me", func(r *http.Request) { r.URL.Path = "/api/v1/../admin/me" }),
		get("a dot in the path", "/me", func(r *http.Request) { r.URL.Path = "/api/v1/./me" }),
		get("two slashes", "/me", func(r *http.Request) { r.URL.Path = "/api/v1//me" }),
		get("an encoded letter in the path", "/me", func(r *http.Request) { r.URL.RawPath = "/api/v1/%6de" }),
		get("a path that is not documented", "/users"),
		get("a path that continues", "/me/tokens"),
		get("method override by header", "/me", header("X-Http-Method-Override", "DELETE")),
		get("method override by another header", "/me", header("X-Method-Override", "POST")),
		get("method override by a third header", "/me", header("X-Http-Method", "PUT")),
		get("a header that is not spelt canonically", "/me", header("x-http-method-override", "DELETE")),
		get("path override by header", "/me", header("X-Original-Url", "/api/v1/api-keys/1")),
		get("host override by header", "/me", header("X-Forwarded-Host", "other.tgo-eg.com")),
		get("an idempotency key, which makes net/http repeat", "/me", header("Idempotency-Key", "a")),
		get("two keys", "/me", func(r *http.Request) { r.Header["X-Api-Key"] = []string{"tgo_a", "tgo_b"} }),
		get("method override in the query", "/messages?_method=DELETE"),
		get("a query that is not documented", "/messages?limit=1000000"),
		get("a parameter given twice", "/messages?page=1&page=2"),
		get("a semicolon in the query", "/messages?page=1;_method=DELETE"),
		get("a lookup of a stranger", "/contacts/lookup?phone=%2B201099999999&sender_number_id=12"),
		get("a lookup of two", "/contacts/lookup?phone=%2B201010000000&phone=%2B201099999999&sender_number_id=12"),
		get("a lookup of a list", "/contacts/lookup?phone[]=%2B201099999999&sender_number_id=12"),
		write("a read with a body", sending, http.MethodGet, "/messages", contract.JSONType, good),
		write("method override in the body of a read", sending, http.MethodGet, "/messages", "application/x-www-form-urlencoded", "_method=POST"),
		write("a send that is not allowed", readOnly, http.MethodPost, "/messages", contract.JSONType, good),
		write("a key that is not allowed", readOnly, http.MethodPost, "/api-keys", contract.JSONType, `{"name":"a","expires_in_days":1}`),
		write("a key that lives on", sending, http.MethodPost, "/api-keys", contract.JSONType, `{"name":"a","expires_in_days":365}`),
		write("a key that lives as long as it may", sending, http.MethodPost, "/api-keys", contract.JSONType, `{"name":"a"}`),
		write("a number to register", sending, http.MethodPost, "/sender-numbers", contract.JSONType, `{"phone":"+201010000000"}`),
		write("revoking someone's key", sending, http.MethodDelete, "/api-keys/7", "", ""),
		write("revoking the key that is used", sending, http.MethodDelete, "/me", "", ""),
		write("a send by PUT", sending, http.MethodPut, "/messages", contract.JSONType, good),
		write("a read by HEAD", sending, http.MethodHead, "/me", "", ""),
		write("CONNECT", sending, http.MethodConnect, "/me", "", ""),
		write("a method in lower case", sending, "delete", "/api-keys/7", "", ""),
		write("a message to someone else", sending, http.MethodPost, "/messages", contract.JSONType, string(contract.TextOf(map[string]any{"to_phone": "+201099999999"}))),
		write("a message to nobody", sending, http.MethodPost, "/messages", contract.JSONType, string(contract.TextOf(map[string]any{"to_phone": nil}))),
		write("a message to a list", sending, http.MethodPost, "/messages", contract.JSONType, string(contract.TextOf(map[string]any{"to_phone": []string{contract.Recipient, "+201099999999"}}))),
		write("two recipients, the second wrong", sending, http.MethodPost, "/messages", contract.JSONType, `{"to_phone":"`+contract.Recipient+`","to_phone":"+201099999999","sender_number_id":12,"type":"text","content":"a"}`),
		write("two recipients, the first wrong", sending, http.MethodPost, "/messages", contract.JSONType, `{"to_phone":"+201099999999","to_phone":"`+contract.Recipient+`","sender_number_id":12,"type":"text","content":"a"}`),
		write("two recipients, one by an escape", sending, http.MethodPost, "/messages", contract.JSONType, `{"to_phone":"`+contract.Recipient+`","to\u005fphone":"+201099999999","sender_number_id":12,"type":"text","content":"a"}`),
		write("a recipient in upper case beside it", sending, http.MethodPost, "/messages", contract.JSONType, `{"to_phone":"`+contract.Recipient+`","TO_PHONE":"+201099999999","sender_number_id":12,"type":"text","content":"a"}`),
		write("two messages in one body", sending, http.MethodPost, "/messages", contract.JSONType, good+good),
		write("a list of messages", sending, http.MethodPost, "/messages", contract.JSONType, "["+good+"]"),
		write("method override in JSON", sending, http.MethodPost, "/messages", contract.JSONType, strings.Replace(good, "{", `{"_method":"DELETE",`, 1)),
		write("a body of another type", sending, http.MethodPost, "/messages", "application/x-www-form-urlencoded", "to_phone="+url.QueryEscape(contract.Recipient)+"&_method=DELETE"),
		write("no Content-Type", sending, http.MethodPost, "/messages", "", good),
		write("a query at a send", sending, http.MethodPost, "/messages?to_phone=%2B201099999999", contract.JSONType, good),
		write("method override at a send", sending, http.MethodPost, "/messages", contract.JSONType, good, header("X-Http-Method-Override", "DELETE")),
		write("a body that is too large", sending, http.MethodPost, "/messages", contract.JSONType, good+strings.Repeat(" ", maxGuarded)),
		write("chunks", sending, http.MethodPost, "/messages", contract.JSONType, good, func(r *http.Request) { r.TransferEncoding = []string{"chunked"} }),
		write("a trailer", sending, http.MethodPost, "/messages", contract.JSONType, good, func(r *http.Request) { r.Trailer = http.Header{"X-Http-Method-Override": nil} }),
	}
	forms := map[string][]contract.Part{
		"a form to someone else":    contract.With(contract.ImageParts(), contract.Field("to_phone", "+201099999999")),
		"two recipients in a form":  append(contract.ImageParts(), contract.Field("to_phone", "+201099999999")),
		"method override in a form": append(contract.ImageParts(), contract.Field("_method", "DELETE")),
		"a part without a name":     append(contract.ImageParts(), contract.Part{Disposition: "form-data", Content: "a"}),
		"a list in a form":          append(contract.ImageParts(), contract.Field("to_phone[]", "+201099999999")),
	}
	for name, parts := range forms {
		contentType, body := form(parts...)
		list = append(list, write(name, sending, http.MethodPost, "/messages", contentType, body))
	}
	contentType, body := form(contract.ImageParts()...)
	list = append(list,
		write("a form after its end", sending, http.MethodPost, "/messages", contentType, body+body),
		write("a form after something else", sending, http.MethodPost, "/messages", contentType, "a\r\n"+body),
		write("a form that is not allowed", readOnly, http.MethodPost, "/messages", contentType, body))
	return list
}

// TestTheGuardRefusesAttacks: each attempt fails before anything is dialed, and is the only reason why it fails.
func TestTheGuardRefusesAttacks(t *testing.T) {
	t.Parallel()
	list := attacks()
	for _, a := range list {
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			g, d := guarded(t, a.rules)
			resp, err := g.RoundTrip(a.make(t)) //nolint:bodyclose // there is no response
			if !errors.Is(err, errGuard) || resp != nil {
				t.Errorf("let through: %v", err)
			}
			if len(d.requests) != 0 {
				t.Errorf("dialed: %s %s", d.requests[0].Method, d.requests[0].URL)
			}
			if err != nil && (strings.Contains(err.Error(), "+2010") || strings.Contains(err.Error(), "tgo_")) {
				t.Errorf("the refusal shows a value: %v", err)
			}
		})
	}
	if len(list) < 60 {
		t.Errorf("only %d attempts", len(list))
	}
}

// TestTheGuardSendsWhatIsAllowed: a guard that refuses everything would pass the test before.
func TestTheGuardSendsWhatIsAllowed(t *testing.T) {
	t.Parallel()
	contentType, form := contract.FormBody(contract.VoiceParts()...)
	for _, r := range []struct {
		rules                             guardRules
		method, target, contentType, body string
	}{
		{readOnly, "GET", "/me", "", ""},
		{readOnly, "GET", "/messages?page=3", "", ""},
		{readOnly, "GET", "/contacts/lookup?phone=%2B201010000000&sender_phone=%2B201001187188", "", ""},
		{readOnly, "GET", "/contacts/lookup", "", ""},
		{sending, "POST", "/messages", contract.JSONType, string(contract.TextOf(nil))},
		{sending, "POST", "/messages", contentType, string(form)},
		{sending, "POST", "/api-keys", contract.JSONType, `{"name":"a","scopes":["usage.read"],"expires_in_days":1}`},
	} {
		g, d := guarded(t, r.rules)
		resp, err := g.RoundTrip(guardedRequest(t, r.method, r.target, r.contentType, r.body))
		if err != nil || len(d.requests) != 1 {
			t.Errorf("%s %s: %v", r.method, r.target, err)
			continue
		}
		_ = resp.Body.Close()
		sent := d.requests[0]
		if sent.URL.String() != guardedBase+r.target || sent.Host != "acme.tgo-eg.com" || sent.Method != r.method {
			t.Errorf("%s %s went out as %s %s to %s", r.method, r.target, sent.Method, sent.URL, sent.Host)
		}
		if r.body != "" {
			if body, err := io.ReadAll(sent.Body); err != nil || string(body) != r.body || sent.ContentLength != int64(len(r.body)) {
				t.Errorf("%s %s went out with another body", r.method, r.target)
			}
		}
	}
}

// TestTheGuardKnowsItsOwnKeys: what was made here may be revoked, and nothing else.
func TestTheGuardKnowsItsOwnKeys(t *testing.T) {
	t.Parallel()
	g, d := guarded(t, sending)
	d.status, d.body = http.StatusUnprocessableEntity, `{"data":{"id":31},"plain_text_key":"tgo_a"}`
	get := func(method, target, contentType, body string) error {
		resp, err := g.RoundTrip(guardedRequest(t, method, target, contentType, body))
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	for _, status := range []int{http.StatusUnprocessableEntity, http.StatusCreated} {
		d.status = status
		if err := get("DELETE", "/api-keys/31", "", ""); !errors.Is(err, errGuard) {
			t.Errorf("revoked before it was made: %v", err)
		}
		if err := get("POST", "/api-keys", contract.JSONType, `{"name":"a","expires_in_days":1}`); err != nil {
			t.Fatal(err)
		}
	}
	if err := get("DELETE", "/api-keys/3", "", ""); !errors.Is(err, errGuard) {
		t.Errorf("another was revoked: %v", err)
	}
	if err := get("DELETE", "/api-keys/31", "", ""); err != nil {
		t.Error(err)
	}
	if used := g.Used(); strings.Contains(used, "left behind") {
		t.Error(used)
	}
	d.body = `{"plain_text_key":"tgo_a"}`
	if err := get("POST", "/api-keys", contract.JSONType, `{"name":"a","expires_in_days":1}`); err != nil {
		t.Fatal(err)
	}
	if used := g.Used(); !strings.HasSuffix(used, "left behind, to expire in a day: 1 key(s)") {
		t.Errorf("a key without an id: %s", used)
	}
}

// TestTheGuardKeepsNoConnection: net/http automatically repeats a request when a connection that it kept was closed.
func TestTheGuardKeepsNoConnection(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	g, err := newGuard(server.URL+contract.BasePath, guardRules{requests: 2})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		resp, err := g.RoundTrip(contract.Request{Method: "GET", Target: "/me"}.HTTP(t, server.URL+contract.BasePath, "tgo_key"))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	if n := connections.Load(); n != 2 {
		t.Errorf("two requests went over %d connections", n)
	}
}

func TestTheGuardStopsAtThe429(t *testing.T) {
	t.Parallel()
	g, d := guarded(t, readOnly)
	d.status = http.StatusTooManyRequests
	resp, err := g.RoundTrip(guardedRequest(t, "GET", "/me", "", ""))
	if err != nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Fatalf("the 429 itself must be returned: %v", err)
	}
	_ = resp.Body.Close()
	d.status = http.StatusOK
	if _, err := g.RoundTrip(guardedRequest(t, "GET", "/me", "", "")); !errors.Is(err, errStopped) { //nolint:bodyclose // there is no response
		t.Errorf("it continues: %v", err)
	}
	if len(d.requests) != 1 || !strings.Contains(g.Used(), "429") {
		t.Errorf("%d requests went out, %s", len(d.requests), g.Used())
	}
}

// TestTheGuardStopsWithoutAWholeAnswer: the status ends the run even if the rest is cut off, and so does a send of which
// no one knows what became. A read may be cut off: it did nothing.
func TestTheGuardStopsWithoutAWholeAnswer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, method, target, body string
		status                     int // 0 is no response at all
		stops                      bool
	}{
		{"429", "GET", "/me", "", 429, true},
		{"a redirect", "GET", "/me", "", 302, true},
		{"a send", "POST", "/messages", string(contract.TextOf(nil)), 201, true},
		{"a send without an answer", "POST", "/messages", string(contract.TextOf(nil)), 0, true},
		{"a read", "GET", "/me", "", 200, false},
		{"a read without an answer", "GET", "/me", "", 0, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var hits atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				hits.Add(1)
				if c.status != 0 {
					w.Header().Set("Content-Length", "100")
					w.WriteHeader(c.status)
					_, _ = io.WriteString(w, "{")
					_ = http.NewResponseController(w).Flush()
				}
				panic(http.ErrAbortHandler) // closes the connection
			}))
			t.Cleanup(server.Close)
			rules := sending
			rules.requests = 10
			g, err := newGuard(server.URL+"/api/v1", rules)
			if err != nil {
				t.Fatal(err)
			}
			r := contract.Request{Method: c.method, Target: c.target}
			if c.body != "" {
				r = contract.Post("", c.target, contract.JSONType, []byte(c.body))
			}
			for range 2 {
				if resp, err := g.RoundTrip(r.HTTP(t, server.URL+"/api/v1", "tgo_key")); err == nil {
					_ = resp.Body.Close()
					t.Error("there is no complete response, and no error")
				}
			}
			if want := map[bool]int32{true: 1, false: 2}[c.stops]; hits.Load() != want {
				t.Errorf("the server was asked %d times, want %d; %s", hits.Load(), want, g.Used())
			}
		})
	}
}

func TestTheGuardKeepsTheBudgets(t *testing.T) {
	t.Parallel()
	g, d := guarded(t, guardRules{requests: 5, messages: 2, recipient: contract.Recipient})
	for i := range 4 {
		resp, err := g.RoundTrip(guardedRequest(t, "POST", "/messages", contract.JSONType, string(contract.TextOf(nil))))
		if (err == nil) != (i < 2) {
			t.Errorf("message %d: %v", i+1, err)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	for i := range 6 {
		resp, err := g.RoundTrip(guardedRequest(t, "GET", "/me", "", ""))
		if (err == nil) != (i < 3) {
			t.Errorf("read %d: %v", i+1, err)
		}
		if err == nil {
			_ = resp.Body.Close()
		}
	}
	if len(d.requests) != 5 {
		t.Errorf("%d requests went out, want 5", len(d.requests))
	}
}

// TestTheGuardKeepsThePause in time that does not pass.
func TestTheGuardKeepsThePause(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g, d := guarded(t, guardRules{pause: 3 * time.Second})
		for range 3 {
			resp, err := g.RoundTrip(guardedRequest(t, "GET", "/me", "", ""))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
		for i := 1; i < 3; i++ {
			if pause := d.at[i].Sub(d.at[i-1]); pause < 3*time.Second {
				t.Errorf("the pause was %v", pause)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.RoundTrip(guardedRequest(t, "GET", "/me", "", "").WithContext(ctx)); !errors.Is(err, context.DeadlineExceeded) || len(d.requests) != 3 { //nolint:bodyclose // there is no response
			t.Errorf("the pause cannot be left: %v, %d requests", err, len(d.requests))
		}
	})
}

// TestNoRedirectIsFollowed goes over real connections: to another host, and from a read to a write on the same.
func TestNoRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	reached := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(elsewhere.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, location := range []string{elsewhere.URL + "/api/v1/me", "/api/v1/usage", "//" + strings.TrimPrefix(elsewhere.URL, "http://") + "/api/v1/me"} {
			hits := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits++
				http.Redirect(w, r, location, status)
			}))
			g, err := newGuard(server.URL+"/api/v1", guardRules{requests: 10})
			if err != nil {
				t.Fatal(err)
			}
			// A client that follows whatever it can.
			if _, err := (&http.Client{Transport: g}).Do(contract.Request{Method: "GET", Target: "/me"}.HTTP(t, server.URL+"/api/v1", "tgo_key")); !errors.Is(err, errStopped) { //nolint:bodyclose // there is no response
				t.Errorf("%d to %s: %v", status, location, err)
			}
			client, err := tgo.New("", tgo.NewKey("tgo_the-key"), tgo.WithBaseURL(server.URL), tgo.WithReadRetries(), tgo.WithHTTPClient(&http.Client{Transport: g}))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.Me(t.Context()); !errors.Is(err, errStopped) {
				t.Errorf("the client continues after it: %v", err)
			}
			if hits != 1 {
				t.Errorf("%d to %s: the server was asked %d times", status, location, hits)
			}
			server.Close()
		}
	}
	if reached {
		t.Error("a redirect was followed to another host")
	}
}

func TestTheGuardTakesOnlySafeBases(t *testing.T) {
	t.Parallel()
	for base, good := range map[string]bool{
		"https://acme.tgo-eg.com/api/v1":       true,
		"https://acme.tgo-eg.com:8443/api/v1":  true,
		"http://127.0.0.1:8080/api/v1":         true,
		"http://[::1]:8080/api/v1":             true,
		"http://acme.tgo-eg.com/api/v1":        false,
		"http://localhost/api/v1":              false, // a name, which may lead anywhere
		"http://127.0.0.1.evil.example/api/v1": false,
		"http://10.0.0.1/api/v1":               false,
		"https://user@acme.tgo-eg.com/api/v1":  false,
		"https://acme.tgo-eg.com/api/v1?a=b":   false,
		"https:///api/v1":                      false,
		"acme.tgo-eg.com/api/v1":               false,
		"":                                     false,
	} {
		if _, err := newGuard(base, readOnly); (err == nil) != good {
			t.Errorf("%q: %v", base, err)
		}
	}
}
