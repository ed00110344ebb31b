package browser_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// violation is a rule of axe that the page breaks.
type violation struct {
	ID     string `json:"id"`
	Help   string `json:"help"`
	Impact string `json:"impact"`
	Nodes  []struct {
		HTML    string `json:"html"`
		Summary string `json:"failureSummary"`
	} `json:"nodes"`
}

func (v violation) String() string {
	var s strings.Builder
	fmt.Fprintf(&s, "%s (%s): %s", v.ID, v.Impact, v.Help)
	for _, n := range v.Nodes {
		fmt.Fprintf(&s, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.Summary, "\n", "\n    "))
	}
	return s.String()
}

// axe judges what the page shows now by all rules that axe has on by default, and the size of what can be clicked on. It is evaluated in
// the page by the browser's debugger, which the page's policy does not stop.
func (b *tab) axe(t *testing.T) []violation {
	t.Helper()
	source, err := os.ReadFile(installed(t, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !evaluate[bool](t, b, `"axe" in window`) {
		evaluate[bool](t, b, string(source)+"; true")
	}
	// Colours that are on their way would be judged as they are at that moment; where the system chooses the colours, axe judges those of the
	// page, which nobody sees.
	return evaluate[[]violation](t, b, `(async () => {
		await Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})));
		const found = await axe.run(document, {resultTypes: ["violations"], rules: {
			"target-size": {enabled: true}, "color-contrast": {enabled: !matchMedia("(forced-colors: active)").matches},
		}});
		if (found.passes.length === 0) throw new Error("axe has judged nothing");
		return found.violations;
	})()`)
}

// TestAccessible lets axe judge every view, in light and dark, as wide as a phone, and in the colours of the system.
func TestAccessible(t *testing.T) {
	installed(t, "axe-core", "axe.min.js")
	b := openFor(t, 5*patience, workspace)
	states := []struct {
		name string
		get  func() // from the list
	}{
		{"the list and a text", func() { b.show(t, rowOfArabic) }},
		{"a picture", func() { b.show(t, rowOfPicture) }},
		{"a voice note", func() { b.show(t, rowOfVoice) }},
		{"a document", func() { b.show(t, rowOfDocument) }},
		{"a reading", func() { b.show(t, 0) }},
		{"a refused request", func() {
			b.show(t, rowOfRefused)
			b.until(t, `document.querySelector("#detail .problem pre") !== null`)
		}},
		{"a doubled message", func() {
			b.show(t, rowOfDoubled)
			b.until(t, `document.querySelectorAll(".timeline-request").length === 2`)
		}},
		{"nothing found", func() {
			b.run(t, chromedp.Navigate(b.root+"/?q=nothing-has-this-word"))
			b.until(t, `document.querySelector("#none").checkVisibility()`)
		}},
		{"a request that is not there", func() {
			b.run(t, chromedp.Navigate(b.root+"/requests/99"))
			b.until(t, `document.querySelector("#detail").innerText.includes("not here")`)
		}},
		{"the drawer", func() {
			b.drawer(t)
			b.do(t, `document.querySelectorAll("#drawer details").forEach((d) => (d.open = true))`)
			b.until(t, `document.querySelectorAll("#banner li").length === 2`)
		}},
		{"the menu", func() {
			b.click(t, "#menu-button")
			b.until(t, `document.querySelector("#menu").matches(":popover-open")`)
		}},
		{"a question", func() {
			b.menu(t, "#reset")
			b.until(t, `document.querySelector("dialog.confirm[open]") !== null`)
		}},
		{"the help", func() {
			b.press(t, "?")
			b.until(t, `document.querySelector("#help").open`)
		}},
		{"an error", func() {
			b.do(t, `import("/inbox/dom.js").then((dom) => dom.trouble(new Error("it is only a test")))`)
			b.until(t, `document.querySelector("#trouble").innerText.includes("only a test")`)
		}},
		{"a note with undo", func() {
			b.do(t, `import("/inbox/dom.js").then((dom) => dom.toast("Deleted", {undo: async () => {}}))`)
			b.until(t, `document.querySelector("#toast .undo") !== null`)
		}},
		{"the phones", func() {
			b.run(t, chromedp.Navigate(b.root+"/phone"))
			b.until(t, `document.querySelectorAll("#phones li").length === 2`)
		}},
		{"a phone", func() {
			b.run(t, chromedp.Navigate(b.root+"/phone/+201010000000"))
			b.until(t, `document.querySelectorAll("#thread .bubble").length === 6 && [...document.querySelectorAll("#thread img")].every((i) => i.complete)`)
		}},
		{"the contract", func() {
			b.run(t, chromedp.Navigate(b.root+"/docs/contract#L100"))
			b.until(t, `document.querySelector(":target") !== null`)
			b.do(t, `document.querySelectorAll("ol.lines > li:nth-child(n+150)").forEach((li) => li.remove())`) // they are all alike
		}},
	}
	judge := func(name string) {
		t.Helper()
		for _, v := range b.axe(t) {
			t.Errorf("%s: %v", name, v)
		}
	}
	b.inbox(t)
	b.until(t, `document.querySelectorAll(".welcome .snippet").length === 2`)
	judge("the empty page")
	b.fill(t)
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "getMe", Kind: tgotest.FaultStatus, Times: 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "getUsage", Kind: tgotest.FaultEmpty, Delay: time.Second}); err != nil {
		t.Fatal(err)
	}
	for _, mode := range []struct {
		name, feature, value string
		width                int64
	}{
		{"light", "prefers-color-scheme", "light", 1280}, {"dark", "prefers-color-scheme", "dark", 1280},
		{"390 pixels", "prefers-color-scheme", "light", 390}, {"forced colours", "forced-colors", "active", 1280},
	} {
		b.prefer(t, mode.feature, mode.value)
		b.run(t, chromedp.EmulateViewport(mode.width, 860))
		for _, state := range states {
			b.inbox(t)
			b.until(t, `document.querySelectorAll("#requests li").length === 9`)
			b.do(t, `localStorage.removeItem("tgo-drawer")`)
			state.get()
			judge(mode.name + ", " + state.name)
		}
	}
}
