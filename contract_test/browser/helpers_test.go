package browser_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const demo = "../../tgo/cmd/tgo/demo/"

// texts is an expression for the texts in the list.
const texts = `[...document.querySelectorAll("#requests .what")].map((e) => e.textContent).join(", ")`

// shows is an expression that is true while the page shows the message with a text.
func shows(text string) string {
	return fmt.Sprintf(`document.querySelector("#detail .content")?.textContent === %q`, text)
}

// lists is an expression that is true while the list has exactly these texts, the newest first.
func lists(all ...string) string {
	return fmt.Sprintf(`%s === %q`, texts, strings.Join(all, ", "))
}

func sendTexts(t *testing.T, fake *tgotest.Server, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
}

// tries sends a text, and checks its delivery.
func tries(t *testing.T, fake *tgotest.Server, text string, want tgo.Delivery) {
	t.Helper()
	if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, text); deliveryOf(err) != want {
		t.Errorf("the delivery of %q is %v, want %v: %v", text, deliveryOf(err), want, err)
	}
}

func deliveryOf(err error) tgo.Delivery {
	if err == nil {
		return tgo.DeliveryAccepted
	}
	return tgo.DeliveryOf(err)
}

func inject(t *testing.T, fake *tgotest.Server, f tgotest.Fault) *tgotest.Injected {
	t.Helper()
	injected, err := fake.Inject(f)
	if err != nil {
		t.Fatal(err)
	}
	return injected
}

func lastMessage(b *tab) tgotest.Message {
	all := b.fake.Messages()
	return all[len(all)-1]
}

// post sends a body to the API as a program in another language does, with headers by name and value in turns.
func (b *tab) post(t *testing.T, body string, headers ...string) (status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.fake.URL+"/messages", bytes.NewBufferString(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", b.fake.Key.Reveal())
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode
}

// clock is a clock that tests set.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// withClock makes a fake use a clock that starts at a time.
func withClock(c *clock, begins time.Time) func(*tgotest.Config) {
	c.now = begins
	return func(cfg *tgotest.Config) { cfg.Now = c.Now }
}

// errIs is errors.Is, except that want may be nil for no error.
func errIs(err, want error) bool {
	if want == nil {
		return err == nil
	}
	return errors.Is(err, want)
}
