package browser_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// wire is a TCP proxy between the browser and a fake. It forwards the bytes unchanged, and counts requests.
type wire struct {
	mu    sync.Mutex
	posts int // requests to send a message
	open  map[*wired]bool
	all   sync.WaitGroup
}

// wired is a connection of the browser, with its connection to the fake.
type wired struct {
	browser, fake net.Conn
	used          bool // the browser has written to it
}

// onWire puts a wire before the fake. The page must not be open yet.
func (b *tab) onWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{open: map[*wired]bool{}}
	to := strings.TrimPrefix(b.root, "http://")
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	w.all.Go(func() {
		var dialer net.Dialer
		for {
			browser, err := listener.Accept()
			if err != nil {
				return // the test is over
			}
			fake, err := dialer.DialContext(ctx, "tcp", to)
			if err != nil {
				_ = browser.Close()
				continue
			}
			c := &wired{browser: browser, fake: fake}
			w.mu.Lock()
			w.open[c] = true
			w.mu.Unlock()
			w.all.Go(func() { w.pass(c) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		w.cut(func(*wired) bool { return true })
		w.all.Wait()
	})
	b.root = "http://" + listener.Addr().String()
	return w
}

func (w *wire) pass(c *wired) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(c.browser, c.fake)
		_ = c.browser.Close() // if the fake closes the connection, the browser's is closed too
	}()
	for buffer := make([]byte, 64<<10); ; {
		n, err := c.browser.Read(buffer)
		w.mu.Lock()
		c.used = true
		w.posts += bytes.Count(buffer[:n], []byte("POST /api/v1/messages "))
		w.mu.Unlock()
		if _, broken := c.fake.Write(buffer[:n]); err != nil || broken != nil {
			break
		}
	}
	_ = c.fake.Close()
	<-done
	w.mu.Lock()
	delete(w.open, c)
	w.mu.Unlock()
}

// cut closes the connections of a kind, and returns how many are left.
func (w *wire) cut(kind func(*wired) bool) (others int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.open {
		if kind(c) {
			_ = c.browser.Close()
		} else {
			others++
		}
	}
	return others
}

func (w *wire) requestsToSend() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.posts
}

// clicks is how often each of the tests below sends with a fault. A browser that repeats requests does so nearly every time.
const clicks = 20

// TestBrowserSendsOnce: Chromium repeats a request automatically if the fake cuts a connection that was used before or opened in
// advance. Then one click would send two messages.
func TestBrowserSendsOnce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name       string
		preconnect bool
	}{{"on a connection used before", false}, {"on a connection opened in advance", true}} {
		t.Run(c.name, func(t *testing.T) {
			b := open(t)
			w := b.onWire(t)
			b.run(t, chromedp.Navigate(b.root+"/docs/LICENSE.txt")) // a page that sends no requests
			for i := range clicks {
				b.cutNextAnswer(t)
				if c.preconnect {
					b.connectInAdvance(t, w)
				}
				text := fmt.Sprintf("click %d", i)
				answer := evaluate[string](t, b, fmt.Sprintf(`fetch("/api/v1/messages", {method: "POST", headers: {"X-Api-Key": %q, "Content-Type": "application/json"},
					body: JSON.stringify({sender_phone: "+201001187188", to_phone: "+201010000000", type: "text", content: %q})}).then((r) => r.status + " " + JSON.stringify([...r.headers]), (e) => String(e))`,
					b.fake.Key.Reveal(), text))
				if !strings.HasPrefix(answer, "TypeError") {
					t.Errorf("%s: the connection was cut, but the page got a response: %s", text, answer)
				}
				b.sentOnce(t, w, i+1)
			}
		})
	}
	t.Run("from the reference", func(t *testing.T) {
		b := openFor(t, 5*patience) // Swagger UI takes long for each click on a busy machine
		w := b.onWire(t)
		b.run(t, chromedp.Navigate(b.root+"/docs"))
		b.until(t, `document.documentElement.dataset.ready === "true"`)
		const form = "#operations-Messages-sendMessage "
		b.click(t, form+".opblock-summary-control")
		b.until(t, `document.querySelector("`+form+`textarea.body-param__text")?.value.includes("Your order")`)
		for i := range clicks {
			b.cutNextAnswer(t)
			b.click(t, form+".execute")
			b.until(t, `/fetch|network/i.test(document.querySelector("`+form+`.live-responses-table tbody")?.innerText)`)
			b.sentOnce(t, w, i+1)
			b.click(t, form+".btn-clear")
			b.until(t, `document.querySelector("`+form+`.live-responses-table") === null`)
		}
	})
}

// connectInAdvance makes sure that the browser has only unused connections. The browser opens a connection for each request, even for
// one that is aborted before it is sent.
func (b *tab) connectInAdvance(t *testing.T, w *wire) {
	t.Helper()
	for begun := time.Now(); w.cut(func(c *wired) bool { return c.used }) == 0; {
		b.do(t, `(() => {
			for (let i = 0; i < 6; i++) {
				const giveUp = new AbortController();
				fetch("/icon.svg?" + Math.random(), {signal: giveUp.signal}).catch(() => {});
				setTimeout(() => giveUp.abort());
			}
			return new Promise((done) => setTimeout(done, 5));
		})()`)
		if time.Since(begun) > patience/2 {
			t.Fatal("the browser opens no connection in advance")
		}
	}
}

// cutNextAnswer makes the fake store the next message and lose the response.
func (b *tab) cutNextAnswer(t *testing.T) {
	t.Helper()
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
}

// sentOnce checks that each click has sent one request and one message.
func (b *tab) sentOnce(t *testing.T, w *wire, clicks int) {
	t.Helper()
	posts := w.requestsToSend()
	if n := len(b.fake.Messages()); n != clicks || posts != clicks {
		t.Fatalf("%d clicks sent %d requests and %d messages", clicks, posts, n)
	}
}
