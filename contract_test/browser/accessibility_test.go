package browser_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
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

// axe checks what the page shows now with all rules that are on in axe by default, and with the one for the size of click targets. The
// browser's debugger runs it in the page, which the page's policy does not block.
func (b *tab) axe(t *testing.T) []violation {
	t.Helper()
	source, err := os.ReadFile(installed(t, "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	if !evaluate[bool](t, b, `"axe" in window`) {
		evaluate[bool](t, b, string(source)+"; true")
	}
	// Animations must end first, since axe checks the colours of the moment. With forced colours, axe would check the colours of the
	// page, which are not shown.
	return evaluate[[]violation](t, b, `(async () => {
		await Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {})));
		const found = await axe.run(document, {resultTypes: ["violations"], rules: {
			"target-size": {enabled: true}, "color-contrast": {enabled: !matchMedia("(forced-colors: active)").matches},
		}});
		if (found.passes.length === 0) throw new Error("axe has checked nothing");
		return found.violations;
	})()`)
}

// TestAccessible checks every view with axe: light, dark, as wide as a phone, and with forced colours.
func TestAccessible(t *testing.T) {
	t.Parallel()
	installed(t, "axe-core", "axe.min.js")
	for _, mode := range []struct {
		name, feature, value string
		width                int64
	}{
		{"light", "prefers-color-scheme", "light", 1280}, {"dark", "prefers-color-scheme", "dark", 1280},
		{"390 pixels", "prefers-color-scheme", "light", 390}, {"forced colours", "forced-colors", "active", 1280},
	} {
		t.Run(mode.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.media(t, mode.feature, mode.value)
			b.size(t, mode.width, 860)
			b.inbox(t)
			b.until(t, `document.querySelectorAll(".welcome .snippet").length === 2`)
			for _, v := range b.axe(t) {
				t.Errorf("the empty page: %v", v)
			}
			b, requests := withEverything(t)
			b.media(t, mode.feature, mode.value)
			b.size(t, mode.width, 860)
			for _, view := range views(t, b, requests) {
				view.show()
				for _, v := range b.axe(t) {
					t.Errorf("%s: %v", view.name, v)
				}
				b.do(t, `localStorage.removeItem("tgo-drawer")`)
			}
		})
	}
}

// view is a view of the page, and how to open it.
type view struct {
	name string
	show func()
}

// views returns all views of a page with requests of every kind.
func views(t *testing.T, b *tab, requests map[string]int) []view {
	detail := func(name string, ready string) func() {
		return func() {
			b.visit(t, fmt.Sprintf("/requests/%d", requests[name]))
			b.until(t, fmt.Sprintf(`document.querySelector("#detail .facts")?.innerText.includes("number %d") && (%s)`, requests[name], ready))
		}
	}
	visit := func(path, ready string) func() {
		return func() {
			b.run(t, chromedp.Navigate(b.root+path))
			b.until(t, ready)
		}
	}
	list := func(then func(), ready string) func() {
		return func() {
			b.visit(t, "/")
			then()
			b.until(t, ready)
		}
	}
	picture := `[...document.querySelectorAll("#detail img")].every((i) => i.complete)`
	return []view{
		{"a text", detail("text", "true")},
		{"a picture", detail("image", picture)},
		{"a voice note", detail("voice", `document.querySelector("#detail audio").readyState > 0`)},
		{"a document", detail("document", "true")},
		{"a refused request", detail("refused", `document.querySelector("#detail .problem pre") !== null`)},
		{"a doubled message", detail("doubled", `document.querySelectorAll(".timeline-request").length === 2`)},
		{"nothing found", visit("/?q=no-message-has-this-word", `document.querySelector("#none").checkVisibility()`)},
		{"a request that is not there", visit("/requests/99", `document.querySelector("#detail").innerText.includes("was not found")`)},
		{"the drawer", list(func() {
			b.drawer(t)
			b.do(t, `document.querySelectorAll("#drawer details").forEach((d) => (d.open = true))`)
		}, `document.querySelectorAll("#banner li").length === 2 && !document.querySelector("#coverage-section").hidden`)},
		{"the menu", list(func() { b.click(t, "#menu-button") }, `document.querySelector("#menu").matches(":popover-open")`)},
		{"a question", list(func() { b.menu(t, "#reset") }, `document.querySelector("dialog.confirm[open]") !== null`)},
		{"the help", list(func() { b.press(t, "?") }, `document.querySelector("#help").open`)},
		{"an error", list(func() {
			b.do(t, `import("/inbox/notices.js").then((notices) => notices.trouble(new Error("it is a test")))`)
		},
			`document.querySelector("#trouble").innerText.includes("it is a test")`)},
		{"a note with undo", list(func() {
			b.do(t, `import("/inbox/notices.js").then((notices) => notices.toast("Deleted", {undo: async () => {}}))`)
		},
			`document.querySelector("#toast .undo") !== null`)},
		{"the phones", visit("/phone", `document.querySelectorAll("#phones li").length === 1`)},
		{"a phone", visit("/phone/+201010000000", `document.querySelectorAll("#thread .bubble").length === 6 && [...document.querySelectorAll("#thread img")].every((i) => i.complete)`)},
		{"the contract", func() {
			visit("/docs/contract#L100", `document.querySelector(":target") !== null`)()
			b.do(t, `document.querySelectorAll("ol.lines > li:nth-child(n+150)").forEach((li) => li.remove())`) // the lines are all alike
		}},
	}
}

// TestScreenReader: new requests are announced, and every control has a name.
func TestScreenReader(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	sendTexts(t, b.fake, "one")
	b.until(t, `document.querySelector("#news").textContent === "New text to +201010000000"`)
	b.post(t, `{"to_phone": "+201010000000"}`)
	b.until(t, `document.querySelector("#news").textContent === "Send to +201010000000: 422 Unprocessable Content"`)
	nameless := evaluate[[]string](t, b, `[...document.querySelectorAll("button, select, input, a, audio")].filter((e) =>
		!(e.innerText || e.textContent || e.getAttribute("aria-label") || (e.labels && e.labels.length))).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Errorf("these controls have no name: %v", nameless)
	}
}
