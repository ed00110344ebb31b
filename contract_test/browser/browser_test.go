package browser_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// patience is how long a test waits for what should come at once. Only a test that fails takes this long.
const patience = 3 * time.Minute

// tab is a tab of the browser, with a record of what happened in it.
type tab struct {
	ctx  context.Context
	fake *tgotest.Server
	root string

	mu       sync.Mutex
	noted    chan struct{} // an event was recorded
	requests map[network.RequestID]string
	errors   []string
	expected func(string) bool // errors that the test provokes; some may come when it has ended
	dialogs  []string
	stopped  int // requests that the page's policy blocked
}

// open starts a fake and opens a tab that shares nothing with those of other tests. At the end it checks that no request left the
// machine, no script failed and no dialog was opened.
func open(t *testing.T, configure ...func(*tgotest.Config)) *tab {
	t.Helper()
	return openFor(t, patience, configure...)
}

// openFor is open for a test that may take longer.
func openFor(t *testing.T, limit time.Duration, configure ...func(*tgotest.Config)) *tab {
	t.Helper()
	shared := chromium(t)
	fake := tgotest.New(t, append([]func(*tgotest.Config){withInbox}, configure...)...)
	ctx, cancel := context.WithTimeout(shared, limit)
	t.Cleanup(cancel)
	return newTab(t, ctx, fake, strings.TrimSuffix(fake.URL, "/api/v1"), chromedp.WithNewBrowserContext())
}

// another opens another tab of the same user.
func (b *tab) another(t *testing.T) *tab {
	t.Helper()
	return newTab(t, b.ctx, b.fake, b.root)
}

func newTab(t *testing.T, parent context.Context, fake *tgotest.Server, root string, options ...chromedp.ContextOption) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(parent, options...)
	t.Cleanup(cancel)
	b := &tab{
		ctx: ctx, fake: fake, root: root, noted: make(chan struct{}, 1), requests: map[network.RequestID]string{},
		expected: func(string) bool { return false },
	}
	if err := chromedp.Listen(ctx, b.note); err != nil {
		t.Fatal(err)
	}
	b.run(t, chromedp.Navigate("about:blank"))
	call(t, b, log.Enable, cdp.Empty{})
	call(t, b, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: "en-GB"})
	call(t, b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "UTC"})
	t.Cleanup(func() { b.check(t) })
	return b
}

func withInbox(c *tgotest.Config) {
	c.Inbox = true
	c.KeepMedia = 8 << 20
}

// front is a proxy before a fake, as a mapped port is. It can replace the fake, and cut the page off.
type front struct {
	*httptest.Server
	fake atomic.Pointer[tgotest.Server] // nil: no request gets a response
}

// behind puts a front before the fake. The page must not be open yet.
func (b *tab) behind(t *testing.T) *front {
	t.Helper()
	f := &front{}
	f.fake.Store(b.fake)
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = "http", strings.TrimSuffix(strings.TrimPrefix(f.fake.Load().URL, "http://"), "/api/v1")
			r.Out.Host = r.In.Host
		},
		ErrorLog: stdlog.New(io.Discard, "", 0), // a page that is cut off is expected
	}
	f.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f.fake.Load() == nil {
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, r)
	}))
	t.Cleanup(f.Close)
	t.Cleanup(f.CloseClientConnections) // the page still listens
	b.root = f.URL
	return f
}

// replace replaces the fake that the page finds when it connects again; nil is none.
func (f *front) replace(fake *tgotest.Server) {
	f.fake.Store(fake)
	f.CloseClientConnections()
}

// note records an event of the browser.
func (b *tab) note(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() {
		select {
		case b.noted <- struct{}{}:
		default:
		}
	}()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.requests[e.RequestID] = e.Request.URL
	case *network.EventWebSocketCreated:
		b.requests[e.RequestID] = e.URL
	case *network.EventLoadingFailed:
		// The request was recorded before the page's policy was checked. What that blocks never leaves the browser.
		if e.BlockedReason == network.BlockedReasonCsp {
			delete(b.requests, e.RequestID)
			b.stopped++
		}
	case *runtime.EventExceptionThrown:
		what := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			what += ": " + thrown.Description // with the stack
		}
		b.errors = append(b.errors, what)
	case *log.EventEntryAdded:
		// The browser also reports statuses that are errors.
		if e.Entry.Level == log.EntryLevelError && e.Entry.Source != log.EntrySourceNetwork {
			b.errors = append(b.errors, e.Entry.Text)
		}
	case *page.EventJavascriptDialogOpening:
		b.dialogs = append(b.dialogs, e.Message)
		go func() {
			_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{}) // the dialog is recorded
		}()
	}
}

// expect sets which errors the test provokes.
func (b *tab) expect(which func(string) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.expected = which
}

// untilBlocked waits until the page's policy has blocked a request, and an error that the test expects has been recorded.
func (b *tab) untilBlocked(t *testing.T) {
	t.Helper()
	patient := time.After(patience / 2)
	blocked := func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.stopped > 0 && slices.ContainsFunc(b.errors, b.expected)
	}
	for !blocked() {
		select {
		case <-b.noted:
		case <-patient:
			t.Fatal("the policy was not tested: nothing was blocked")
		}
	}
}

// check checks what must be true of every page.
func (b *tab) check(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.requests) == 0 {
		t.Error("no request was recorded: the log does not work")
	}
	for _, request := range b.requests {
		u, err := url.Parse(request)
		if err != nil {
			t.Errorf("%q: %v", request, err)
			continue
		}
		if u.Scheme == "data" || u.Scheme == "blob" {
			continue
		}
		if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() || !strings.HasPrefix(request, b.root) {
			t.Errorf("the page sent a request to %s", request)
		}
	}
	if unexpected := slices.DeleteFunc(b.errors, b.expected); len(unexpected) > 0 {
		t.Errorf("errors in the page: %s", strings.Join(unexpected, "\n"))
	}
	if len(b.dialogs) > 0 {
		t.Errorf("a script opened dialogs: %q", b.dialogs)
	}
}

// call sends the browser a command.
func call[P, R any](t *testing.T, b *tab, command cdp.Command[P, R], params P) R {
	t.Helper()
	answer, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

func (b *tab) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%v; errors in the page: %s", err, strings.Join(b.errors, "\n"))
	}
}

// inbox opens the page and waits until it listens for events.
func (b *tab) inbox(t *testing.T) {
	t.Helper()
	b.visit(t, "/")
}

// visit opens the page at an address and waits until it listens for events.
func (b *tab) visit(t *testing.T, path string) {
	t.Helper()
	b.run(t, chromedp.Navigate(b.root+path))
	b.until(t, `document.querySelector("#live").dataset.on === "true"`)
}

// goTo goes to another address of the page without loading it again.
func (b *tab) goTo(t *testing.T, path string) {
	t.Helper()
	b.do(t, fmt.Sprintf(`(history.pushState(null, "", %q), dispatchEvent(new PopStateEvent("popstate")))`, path))
}

// until waits until a JavaScript expression is true in the page.
func (b *tab) until(t *testing.T, expression string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience/2)
	defer cancel()
	_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](`new Promise((done) => {
		const look = () => {
			let found = false;
			try { found = Boolean(`+expression+`) } catch {}
			if (found) done(true); else setTimeout(look, 10);
		};
		look();
	})`, chromedp.EvalAwaitPromise))
	if err != nil {
		html, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText")) // only for the message
		b.mu.Lock()
		defer b.mu.Unlock()
		t.Fatalf("%s does not become true: %v; errors: %v; the page says:\n%s", expression, err, b.errors, html)
	}
}

func evaluate[T any](t *testing.T, b *tab, expression string) T {
	t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// keep takes a screenshot for a person to check.
func (b *tab) keep(t *testing.T, name string, dark bool) {
	t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.keepWith(t, name, "prefers-color-scheme", scheme)
}

// keepWith is keep with preferences of the user, which are media features of CSS.
func (b *tab) keepWith(t *testing.T, name string, nameAndValue ...string) {
	t.Helper()
	if *screenshots == "" {
		return
	}
	b.media(t, nameAndValue...)
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(*screenshots, 0o750), os.WriteFile(filepath.Join(*screenshots, name+".png"), png, 0o600)); err != nil {
		t.Error(err)
	}
}

// asked returns how many requests the page has sent to addresses that start with a path.
func (b *tab) asked(path string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, request := range b.requests {
		if strings.HasPrefix(request, b.root+path) {
			n++
		}
	}
	return n
}

// do runs a JavaScript expression in the page, and waits for its promise.
func (b *tab) do(t *testing.T, statement string) {
	t.Helper()
	evaluate[bool](t, b, "Promise.resolve("+statement+").then(() => true)")
}

// text returns the visible text of the element that a selector finds; empty if there is none.
func (b *tab) text(t *testing.T, selector string) string {
	t.Helper()
	return evaluate[string](t, b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector))
}

// says waits until the element that a selector finds contains all the words.
func (b *tab) says(t *testing.T, selector string, words ...string) {
	t.Helper()
	for _, one := range words {
		b.until(t, fmt.Sprintf(`document.querySelector(%q).innerText.includes(%q)`, selector, one))
	}
}

// press presses keys one after the other. Unlike chromedp.KeyEvent it sends the key and its character in one event, so a page
// that prevents the key does not get the character.
func (b *tab) press(t *testing.T, keys ...string) {
	t.Helper()
	for _, r := range strings.Join(keys, "") {
		events := kb.Encode(r)
		down, up := *events[0], *events[len(events)-1]
		if len(events) == 3 {
			down.Text, down.UnmodifiedText = events[1].Text, events[1].UnmodifiedText
		}
		call(t, b, input.DispatchKeyEvent, down)
		call(t, b, input.DispatchKeyEvent, up)
	}
}

// size sets the size of the window.
func (b *tab) size(t *testing.T, width, height int64, options ...chromedp.EmulateViewportOption) {
	t.Helper()
	b.run(t, chromedp.EmulateViewport(width, height, options...))
	b.until(t, fmt.Sprintf("innerWidth === %d", width))
}

// media sets media features of CSS, which are preferences of the user: name and value in turns.
func (b *tab) media(t *testing.T, nameAndValue ...string) {
	t.Helper()
	var features []*emulation.MediaFeature
	for pair := range slices.Chunk(nameAndValue, 2) {
		features = append(features, &emulation.MediaFeature{Name: pair[0], Value: pair[1]})
	}
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// click waits for the element that a selector finds, gives it the focus and clicks on it. This is one step in the page: with a
// mouse, the page may be drawn again between finding a place and clicking on it.
func (b *tab) click(t *testing.T, selector string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (!e || e.disabled) return false; e.focus(); e.click(); return true; })()`, selector))
}

// menu opens the menu and clicks on an item.
func (b *tab) menu(t *testing.T, selector string) {
	t.Helper()
	b.click(t, "#menu-button")
	b.until(t, `document.querySelector("#menu").matches(":popover-open")`)
	b.click(t, selector)
}

// drawer opens the drawer, if it is closed, and waits until it can be used.
func (b *tab) drawer(t *testing.T) {
	t.Helper()
	if evaluate[bool](t, b, `document.querySelector("#drawer").hidden`) {
		b.click(t, "#drawer-button")
	}
	b.until(t, `document.querySelector("#fault-operation") !== null &&
		document.querySelector('#workspace [aria-label="Keys"] li') !== null`)
}

// admin sends a request to the fake's admin API, as a test in another language does.
func (b *tab) admin(t *testing.T, method, path, body string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, strings.TrimSuffix(b.fake.URL, "/api/v1")+"/_fake"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %s %v: %s", method, path, resp.Status, err, answer)
	}
	return answer
}
