package tgotest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// What the vendor documents, typed here and not taken from the code under test.
const (
	textUnauthenticated  = "Unauthenticated."
	textMissingScope     = "This API key does not have the required scope."
	textUnknownTenant    = "Tenant could not be identified for this domain."
	textInvalid          = "The given data was invalid."
	textSenderInactive   = "The sender number is not active."
	textSenderUnverified = "يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال."
)

const (
	sender    = "+201001187188"
	recipient = "+201010000000"
	other     = "+201055555555"
)

// answer is an answer read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends a request with the fake's own key through plain net/http. edit may change it before.
func ask(t testing.TB, fake *tgotest.Server, method, path string, body io.Reader, edit ...func(*http.Request)) answer {
	t.Helper()
	a, err := try(t, fake, method, path, body, edit...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

// direct follows no redirect and keeps no connection, so that a request stands for itself.
var direct = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// try is ask for requests that may fail. Where the answer breaks off, what came of it is returned with the error.
func try(t testing.TB, fake *tgotest.Server, method, path string, body io.Reader, edit ...func(*http.Request)) (answer, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, fake.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Api-Key", fake.Key.Reveal())
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, e := range edit {
		e(req)
	}
	resp, err := direct.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(b)}, err
}

func withKey(key tgo.Key) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Api-Key", key.Reveal()) }
}

func withContentType(contentType string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("Content-Type", contentType) }
}

// decode reads the body into v; a field that v doesn't know is an error.
func (a answer) decode(t testing.TB, v any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(a.body))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		t.Fatalf("%v in the answer %d %s", err, a.status, short(a.body))
	}
}

// refusal is the body of every error of the API.
type refusal struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors"`
}

// mustRefuse checks status and text byte for byte, and that exactly these fields are named.
func (a answer) mustRefuse(t testing.TB, status int, message string, fields ...string) {
	t.Helper()
	var r refusal
	a.decode(t, &r)
	if a.status != status || r.Message != message {
		t.Errorf("got %d %q, want %d %q", a.status, r.Message, status, message)
	}
	if got := a.header.Get("Content-Type"); got != "application/json" {
		t.Errorf("Content-Type is %q", got)
	}
	for _, f := range fields {
		if len(r.Errors[f]) == 0 {
			t.Errorf("the field %s is not named in %v", f, r.Errors)
		}
	}
	if len(r.Errors) != len(fields) {
		t.Errorf("named are %v, want the fields %v", r.Errors, fields)
	}
}

func short(s string) string { return s[:min(len(s), 300)] }

// text is the JSON of a text message from the default sender.
func text(to, content string) io.Reader {
	return toJSON(map[string]any{"sender_phone": sender, "to_phone": to, "type": "text", "content": content})
}

func toJSON(v any) io.Reader {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // what the tests send can be written as JSON
	}
	return bytes.NewReader(b)
}

// part is one part of a form; it is a file where it has a file name.
type part struct{ name, content, filename, contentType string }

// imageParts is a good image message.
func imageParts(content string) []part {
	return []part{
		{name: "sender_phone", content: sender},
		{name: "to_phone", content: recipient},
		{name: "type", content: "image"},
		{name: "media", content: content, filename: "picture.png", contentType: "image/png"},
	}
}

// form writes a form and returns its bytes and content type.
func form(parts ...part) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b) // writing to memory does not fail
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q", p.name)}}
		if p.filename != "" {
			header.Set("Content-Disposition", multipart.FileContentDisposition(p.name, p.filename))
		}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		pw, _ := w.CreatePart(header)
		_, _ = io.WriteString(pw, p.content)
	}
	_ = w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// sendTexts sends texts to the default recipient, one after the other.
func sendTexts(t testing.TB, fake *tgotest.Server, texts ...string) {
	t.Helper()
	for _, content := range texts {
		if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, content); err != nil {
			t.Fatal(err)
		}
	}
}

// numbered is n texts: message 1, message 2 and so on.
func numbered(n int) []string {
	texts := make([]string, n)
	for i := range texts {
		texts[i] = "message " + strconv.Itoa(i+1)
	}
	return texts
}

// contents are the texts of messages, in their order.
func contents(messages []tgotest.Message) []string {
	list := []string{}
	for _, m := range messages {
		list = append(list, m.Content)
	}
	return list
}

// mustInject injects a fault that is good.
func mustInject(t testing.TB, fake *tgotest.Server, f tgotest.Fault) *tgotest.Injected {
	t.Helper()
	injected, err := fake.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return injected
}

// clientWith is ClientWith for arguments that are good.
func clientWith(t testing.TB, fake *tgotest.Server, key tgo.Key, opts ...tgo.Option) *tgo.Client {
	t.Helper()
	client, err := fake.ClientWith(key, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// clock is a clock that stands still until it is set.
type clock struct{ nanoseconds atomic.Int64 }

func newClock(t time.Time) *clock {
	c := &clock{}
	c.set(t)
	return c
}

func (c *clock) set(t time.Time)         { c.nanoseconds.Store(t.UnixNano()) }
func (c *clock) advance(d time.Duration) { c.nanoseconds.Add(int64(d)) }
func (c *clock) now() time.Time          { return time.Unix(0, c.nanoseconds.Load()).UTC() }

// recorder stands in for a *testing.T and keeps what it fails with.
type recorder struct {
	mu       sync.Mutex
	failures []string
	cleanups []func()
}

func (r *recorder) Helper() {}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}

// Fatalf ends the goroutine, as that of a *testing.T does.
func (r *recorder) Fatalf(format string, args ...any) {
	r.mu.Lock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
	r.mu.Unlock()
	runtime.Goexit()
}

// record runs f as a test is run, its cleanups included, and returns what it failed with; nothing if it passed. A panic
// fails t.
func record(t testing.TB, f func(tb tgotest.TB)) []string {
	t.Helper()
	r := &recorder{}
	runApart(t, func() { f(r) })
	for i := len(r.cleanups) - 1; i >= 0; i-- {
		runApart(t, r.cleanups[i])
	}
	return r.failures
}

// runApart runs f in a goroutine that it may end.
func runApart(t testing.TB, f func()) {
	t.Helper()
	done := make(chan any, 1)
	go func() {
		defer func() { done <- recover() }()
		f()
	}()
	if p := <-done; p != nil {
		t.Errorf("panic: %v", p)
	}
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

// receive waits for what a channel brings; the zero value where it is closed.
func receive[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-soon(t).Done():
		t.Fatal("the test's patience has ended")
		panic("not reached")
	}
}

// dial opens a connection to the fake.
func dial(ctx context.Context, fake *tgotest.Server) (net.Conn, error) {
	u, err := url.Parse(fake.URL)
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", u.Host)
}

// isUp reports whether the fake takes connections.
func isUp(t testing.TB, fake *tgotest.Server) bool {
	t.Helper()
	conn, err := dial(t.Context(), fake)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}
