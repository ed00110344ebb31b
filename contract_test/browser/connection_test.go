package browser_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const (
	live = `document.querySelector("#live").dataset.on === "true"`
	away = `document.querySelector("#live").dataset.on === "false"`
)

// TestAnotherFake replaces the fake with fakes that have had more and fewer requests.
func TestAnotherFake(t *testing.T) {
	t.Parallel()
	b := open(t)
	f := b.behind(t)
	b.inbox(t)
	sendTexts(t, b.fake, "old 1", "old 2", "old 3")
	b.until(t, lists("old 3", "old 2", "old 1"))
	for _, sent := range [][]string{{"more 1", "more 2", "more 3", "more 4", "more 5"}, {"few 1", "few 2"}} {
		other := tgotest.New(t, withInbox)
		sendTexts(t, other, sent...)
		f.replace(other)
		last := sent[len(sent)-1]
		slices.Reverse(sent)
		b.until(t, lists(sent...))
		b.until(t, shows(last))
	}
	// A fake without an inbox has no stream of events: the page keeps trying, and finds the next fake.
	f.replace(tgotest.New(t))
	b.until(t, away)
	last := tgotest.New(t, withInbox)
	sendTexts(t, last, "the last")
	f.replace(last)
	b.until(t, lists("the last"))
}

// TestRestart: after a restart the request that the user reads stays, grey and with an explanation, and the list is the new fake's.
func TestRestart(t *testing.T) {
	t.Parallel()
	b := open(t)
	f := b.behind(t)
	sendTexts(t, b.fake, "this is read", "another")
	b.visit(t, "/requests/1")
	b.until(t, shows("this is read"))
	const grey = `getComputedStyle(document.querySelector("#detail .bubble")).filter === "grayscale(1)"`
	if evaluate[bool](t, b, grey) {
		t.Error("it is grey already")
	}
	other := tgotest.New(t, withInbox)
	sendTexts(t, other, "new 1", "new 2", "new 3")
	f.replace(other)
	b.until(t, lists("new 3", "new 2", "new 1"))
	b.until(t, grey+" && "+shows("this is read"))
	b.says(t, "#detail .before-note", "From an earlier run")
	// It has no actions and no address, since its id belongs to another request now.
	b.until(t, `document.querySelector("#delete, #resend, #copy-link") === null && location.pathname === "/" &&
		document.querySelector("#requests [aria-current]") === null`)
	b.press(t, "d")
	sendTexts(t, other, "new 4")
	b.until(t, lists("new 4", "new 3", "new 2", "new 1"))
	if n := len(other.Messages()); n != 4 {
		t.Errorf("the new fake has %d messages", n)
	}
	b.until(t, shows("this is read"))
	// The same id leads to the new request.
	b.click(t, "#requests li:last-child a")
	b.until(t, shows("new 1")+" && !("+grey+`) && location.pathname === "/requests/1"`)
}

// TestConnectionLost: if the connection is lost, the user can read on, and afterwards the page catches up.
func TestConnectionLost(t *testing.T) {
	t.Parallel()
	b := open(t)
	f := b.behind(t)
	sendTexts(t, b.fake, "before the page")
	b.inbox(t)
	sendTexts(t, b.fake, "this is read", "another")
	b.until(t, lists("another", "this is read", "before the page"))
	b.click(t, "#requests li:nth-child(2) a")
	b.until(t, shows("this is read"))
	f.replace(nil)
	b.until(t, away)
	b.says(t, "#live", "not connected; trying again")
	sendTexts(t, b.fake, "missed")
	f.replace(b.fake)
	b.until(t, lists("missed", "another", "this is read", "before the page"))
	if !evaluate[bool](t, b, shows("this is read")) {
		t.Error("the page shows another message now")
	}
	b.until(t, `document.querySelector("#news").textContent.endsWith("New text to +201010000000")`)

	// What was deleted meanwhile disappears.
	f.replace(nil)
	b.until(t, away)
	b.admin(t, http.MethodDelete, "/messages", "")
	sendTexts(t, b.fake, "after it")
	f.replace(b.fake)
	b.until(t, lists("after it"))
	b.until(t, shows("after it"))
}

// TestErrorsAreSeen: errors are visible on screens of all sizes, and disappear when the same action succeeds.
func TestErrorsAreSeen(t *testing.T) {
	t.Parallel()
	b := open(t)
	f := b.behind(t)
	b.inbox(t)
	if got := evaluate[string](t, b, `document.querySelector("#url").textContent`); got != f.URL+"/api/v1" {
		t.Errorf("the page shows the address %s", got)
	}
	seen := func(text string) string {
		return fmt.Sprintf(`(() => {
			const e = document.querySelector("#trouble"), box = e.getBoundingClientRect();
			return e.textContent.includes(%q) && e.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
		})()`, text)
	}
	const none = `document.querySelector("#trouble").getBoundingClientRect().height === 0`
	if !evaluate[bool](t, b, none) {
		t.Error("an error is shown at the start")
	}
	for _, width := range []int64{390, 768, 1280} {
		b.size(t, width, 860)
		f.replace(nil)
		b.menu(t, "#clear")
		b.until(t, seen("That did not work"))
		b.keep(t, fmt.Sprintf("error-%d", width), width < 1280)
		b.fits(t, fmt.Sprintf("with an error at %d pixels", width))
		f.replace(b.fake)
		b.menu(t, "#clear")
		b.until(t, none)
	}
	b.until(t, live)

	// A control shows the old value if the change failed.
	b.drawer(t)
	f.replace(nil)
	const status = `document.querySelector('select[aria-label="Status of +201001187188"]')`
	b.set(t, `select[aria-label="Status of +201001187188"]`, "suspended")
	b.until(t, `document.querySelector('[aria-label="Sender numbers"] .refusal').textContent !== "" &&
		`+status+`.value === "active"`)
	f.replace(b.fake)
	b.until(t, live)
}

// TestThrottleAfterError: an exception in one run does not prevent the next one.
func TestThrottleAfterError(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	if looks := evaluate[int](t, b, `import("/inbox/throttle.js").then(({throttled}) => new Promise((done) => {
		let looks = 0;
		const look = throttled(async () => {
			if (++looks === 2) return done(looks);
			look.soon();
			throw new Error("planted");
		});
		look.soon();
	}))`); looks != 2 {
		t.Errorf("there were %d runs, want 2", looks)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.errors) != 1 || !strings.Contains(b.errors[0], "planted") {
		t.Errorf("the exception is reported as %q", b.errors)
	}
	b.errors = nil
}
