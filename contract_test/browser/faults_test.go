package browser_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// banner is an expression for the faults that the banner shows.
const banner = `[...document.querySelectorAll("#banner .fault-words")].map((e) => e.textContent).join("; ")`

// warns waits until the banner shows exactly these faults.
func (b *tab) warns(t *testing.T, faults ...string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`%s === %q &&
		document.querySelector(".fault-banner").checkVisibility() === %t`, banner, strings.Join(faults, "; "), len(faults) > 0))
}

// stop clicks on the Stop button of a fault, in the banner or in the drawer.
func (b *tab) stop(t *testing.T, list, words string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll(%q)].find((li) => li.textContent.includes(%q))?.querySelector("button");
		found?.click();
		return found;
	})()`, list+" .fault-list li", words))
}

// preset clicks on the button of a preset in the drawer.
func (b *tab) preset(t *testing.T, label string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`(() => {
		const found = [...document.querySelectorAll(".fault-presets button")].find((b) => b.textContent === %q);
		found?.click();
		return found;
	})()`, label))
}

// set waits for a control and gives it a value, as a user does.
func (b *tab) set(t *testing.T, selector, value string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`(() => {
		const e = document.querySelector(%q), value = %q;
		if (e.type === "checkbox") e.checked = value === "true"; else e.value = value;
		if (e.type !== "checkbox" && e.value !== value) return false; // the select has no such value yet
		e.dispatchEvent(new Event("change"));
		return true;
	})()`, selector, value))
}

// TestBanner: the banner shows all faults, including those that tests set, and each can be stopped alone.
func TestBanner(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.warns(t)
	every := inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus})
	const on = "503 Service Unavailable on every request until stopped"
	b.warns(t, on+", not struck yet")
	tries(t, b.fake, "x", tgo.DeliveryUnknown)
	b.warns(t, on+", struck once")
	tries(t, b.fake, "x", tgo.DeliveryUnknown)
	b.warns(t, on+", struck 2 times")

	b.admin(t, http.MethodPost, "/faults", `{"operation": "getUsage", "kind": "empty", "times": 3, "skip": 2}`)
	const usage = "empty response on the next 3 getUsage requests after 2 more, not struck yet"
	b.drawer(t)
	b.preset(t, "Stored, response lost")
	const lost = "connection cut without a response after the request was executed on the next sendMessage request, not struck yet"
	b.warns(t, on+", struck 2 times", usage, lost)
	b.until(t, `document.querySelectorAll("#fault-editor .fault-list li").length === 3`)

	// The banner is there in every view.
	b.visit(t, "/phone")
	b.warns(t, on+", struck 2 times", usage, lost)
	b.size(t, 390, 800)
	b.warns(t, on+", struck 2 times", usage, lost)
	b.size(t, 1280, 860)

	b.stop(t, "#banner", "503 Service")
	b.warns(t, usage, lost)
	tries(t, b.fake, "It is stored", tgo.DeliveryUnknown)
	b.fake.ExpectMessage(t, tgotest.Containing("It is stored"))
	b.warns(t, usage) // the other one has struck as often as it should
	tries(t, b.fake, "It is fine", tgo.DeliveryAccepted)
	b.drawer(t)
	b.stop(t, "#fault-editor", "getUsage")
	b.warns(t)
	b.says(t, "#fault-editor", "No fault is on: the fake responds as the contract says.")
	if n := every.Struck(); n != 2 {
		t.Errorf("the fault of the Go code struck %d times", n)
	}

	// A fault that Go code stops disappears too.
	again := inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultEmpty})
	b.warns(t, "empty response on every request until stopped, not struck yet")
	again.Remove()
	b.warns(t)
}

// TestFaultsByCode: a function of the test chooses faults, which cannot be stopped in the page.
func TestFaultsByCode(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) { c.Faults = func(string) *tgotest.Fault { return nil } })
	b.inbox(t)
	b.until(t, `document.querySelector(".fault-by-code")?.checkVisibility()`)
	b.says(t, "#banner", "Go test code chooses faults too")
}

// TestFaultEditor sets which requests a fault strikes, how often and when, and what it does.
func TestFaultEditor(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	b.click(t, ".fault-other summary")
	// last returns the newest fault of the fake.
	last := func() map[string]any {
		t.Helper()
		var all []map[string]any
		if err := json.Unmarshal(b.admin(t, http.MethodGet, "/faults", ""), &all); err != nil {
			t.Fatal(err)
		}
		return all[len(all)-1]
	}
	const visible = `[...document.querySelectorAll(".fault-form label")].filter((l) => l.checkVisibility())
		.map((l) => l.querySelector("input, select").id.replace("fault-", "")).join(" ")`
	for i, c := range []struct {
		kind   string
		fields string // those that the kind has
		values map[string]string
		want   map[string]any
	}{
		{
			"status", "kind status retry-after delay stored",
			map[string]string{"#fault-operation": "sendMessage", "#fault-skip": "1", "#fault-times": "2", "#fault-status": "507", "#fault-retry-after": "7", "#fault-delay": "3"},
			map[string]any{"operation": "sendMessage", "kind": "status", "skip": 1., "times": 2., "status": 507., "retry_after": "7", "delay_ms": 3., "stored": false},
		},
		{
			"redirect", "kind status location delay stored",
			map[string]string{"#fault-operation": "", "#fault-skip": "0", "#fault-until-stopped": "true", "#fault-status": "308", "#fault-location": "/elsewhere", "#fault-delay": "0", "#fault-stored": "true"},
			map[string]any{"operation": "", "kind": "redirect", "skip": 0., "times": 0., "status": 308., "location": "/elsewhere", "delay_ms": 0., "stored": true},
		},
		{
			"cut midway", "kind delay",
			map[string]string{"#fault-operation": "getUsage", "#fault-until-stopped": "false", "#fault-times": "1"},
			map[string]any{"operation": "getUsage", "kind": "cut midway", "times": 1., "status": 0., "location": "", "retry_after": "", "stored": false},
		},
		{
			"none", "kind delay",
			map[string]string{"#fault-delay": "1"},
			map[string]any{"operation": "getUsage", "kind": "none", "delay_ms": 1.},
		},
	} {
		b.set(t, "#fault-kind", c.kind)
		if got := evaluate[string](t, b, visible); got != c.fields {
			t.Errorf("%s has the fields %s, want %s", c.kind, got, c.fields)
		}
		for selector, value := range c.values {
			b.set(t, selector, value)
		}
		b.click(t, ".fault-form button")
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#banner li").length === %d`, i+1))
		got := last()
		for field, want := range c.want {
			if got[field] != want {
				t.Errorf("%s: %s is %v, want %v", c.kind, field, got[field], want)
			}
		}
	}

	// If the fake refuses a fault, the reason is shown beside the form, and nothing is set.
	b.set(t, "#fault-kind", "redirect")
	b.set(t, "#fault-status", "299")
	b.click(t, ".fault-form button")
	b.until(t, `document.querySelector("#fault-editor .refusal").textContent.startsWith("Not set: status: 299 ")`)
	if n := evaluate[int](t, b, `document.querySelectorAll("#banner li").length`); n != 4 {
		t.Errorf("%d faults are on", n)
	}
	b.set(t, "#fault-status", "301")
	b.click(t, ".fault-form button")
	b.until(t, `document.querySelectorAll("#banner li").length === 5 &&
		document.querySelector("#fault-editor .refusal").textContent === ""`)
	// The browser refuses a number of times below 1.
	b.set(t, "#fault-times", "0")
	b.click(t, ".fault-form button")
	if !evaluate[bool](t, b, `document.querySelector("#fault-times").matches(":invalid")`) {
		t.Error("the form accepts a fault that strikes 0 times")
	}
}

// TestFaultPresets: every preset sets a fault that the fake accepts, for the requests that were chosen above it.
func TestFaultPresets(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	b.set(t, "#fault-operation", "")
	b.set(t, "#fault-times", "4")
	b.set(t, "#fault-skip", "1")
	count := evaluate[int](t, b, `document.querySelectorAll(".fault-presets button").length`)
	for i := range count {
		b.do(t, fmt.Sprintf(`document.querySelectorAll(".fault-presets button")[%d].click()`, i))
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#banner li").length === %d`, i+1))
	}
	if n := evaluate[int](t, b, `[...document.querySelectorAll("#banner .fault-words")]
		.filter((e) => e.textContent.includes(" on the next 4 requests after 1 more, not struck yet")).length`); n != count || n < 10 {
		t.Errorf("of %d faults, %d are for the chosen requests", count, n)
	}
	// The first of them strikes as often as was chosen. The others strike after it.
	tries(t, b.fake, "It passes", tgo.DeliveryAccepted)
	for range 4 {
		tries(t, b.fake, "It is struck", tgo.DeliveryUnknown)
	}
	b.until(t, fmt.Sprintf(`document.querySelectorAll("#banner li").length === %d`, count-1))
}
