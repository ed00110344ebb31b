package browser_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// reference opens the API reference, at an operation if one is given, and waits until it is loaded.
func (b *tab) reference(t *testing.T, at string) {
	t.Helper()
	b.run(t, chromedp.Navigate(b.root+"/docs"+at))
	b.until(t, `document.documentElement.dataset.ready === "true" && document.querySelectorAll(".opblock").length >= 10`)
}

// expand opens an operation so that it can be executed.
func (b *tab) expand(t *testing.T, operation string) (block string) {
	t.Helper()
	block = fmt.Sprintf(`.opblock[id$="-%s"] `, operation)
	b.click(t, block+".opblock-summary-control")
	// Execute does nothing before all of it is there.
	b.until(t, fmt.Sprintf(`(() => {
		const all = (selector) => [...document.querySelectorAll('%s' + selector)];
		return all(".execute").length === 1 && all(".responses-table .response").length > 0 && all("textarea").every((area) => area.value !== "");
	})()`, block))
	return block
}

// choose chooses a value of a select so that React notices it.
func (b *tab) choose(t *testing.T, list, value string) {
	t.Helper()
	b.until(t, fmt.Sprintf(`document.querySelector('%s')?.matches("select")`, list))
	b.do(t, fmt.Sprintf(`(() => {
		const s = document.querySelector('%s');
		Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, %q);
		s.dispatchEvent(new Event("change", {bubbles: true}));
	})()`, list, value))
}

// execute presses the button of an operation, and returns the status that the page then shows.
func (b *tab) execute(t *testing.T, block string) string {
	t.Helper()
	if b.is(t, fmt.Sprintf(`document.querySelector('%s.btn-clear') !== null`, block)) {
		b.click(t, block+".btn-clear")
	}
	status := fmt.Sprintf(`document.querySelector('%s.live-responses-table tbody .response-col_status')`, block)
	b.until(t, status+" === null")
	b.click(t, block+".execute")
	b.until(t, fmt.Sprintf(`%s !== null || document.querySelector('%s.validation-errors') !== null`, status, block))
	return evaluate[string](t, b, fmt.Sprintf(`(%s ?? document.querySelector('%s.validation-errors')).innerText.trim()`, status, block))
}

func (b *tab) is(t *testing.T, expression string) bool {
	t.Helper()
	return evaluate[bool](t, b, expression)
}

// TestFirstTries executes every operation with the values that the reference fills in. Beside a status that the contract does not
// have, the page shows "Undocumented".
func TestFirstTries(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(*tgotest.Config){
		"usual": func(*tgotest.Config) {},
		"odd": func(c *tgotest.Config) {
			c.Keys = []tgotest.Key{
				{PlainText: "tgo_expired", Scopes: []tgo.Scope{tgo.ScopeAll}, ExpiresAt: time.Unix(0, 0)},
				{PlainText: "tgo_narrow-key", Scopes: []tgo.Scope{tgo.ScopeUsageRead}}, {PlainText: "tgo_all-scopes", Scopes: []tgo.Scope{tgo.ScopeAll}},
			}
			c.SenderNumbers = []tgotest.SenderNumber{
				{ID: 7, Phone: "+201222222201", Status: "suspended"}, {ID: 9, Phone: "+201222222209"}, {ID: 10, Phone: "+201222222210"},
			}
			c.Contacts = []tgotest.Contact{{Phone: "+201033333333", State: tgotest.ContactUnknown}, {Phone: "+201044444444"}}
			c.Strangers = tgotest.ContactUnknown
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t, configure)
			b.reference(t, "")
			b.keep(t, map[string]string{"usual": "docs", "odd": "docs-dark"}[name], name == "odd")
			statuses := map[string]string{
				"sendMessage": "201", "listMessages": "200", "lookupContact": "200", "getUsage": "200", "listSenderNumbers": "200",
				"registerSenderNumber": "201", "createApiKey": "201", "revokeApiKey": "204", "getMe": "200", "getSubscription": "200",
			}
			b.until(t, fmt.Sprintf(`document.querySelectorAll(".opblock").length === %d`, len(statuses)))
			for operation, want := range statuses {
				block := b.expand(t, operation)
				if operation == "revokeApiKey" { // the key is created when the operation is opened
					b.until(t, fmt.Sprintf(`document.querySelector('%sinput').value !== ""`, block))
				}
				if got := b.execute(t, block); got != want {
					t.Errorf("%s: %s", operation, got)
				}
			}
			if m := b.fake.ExpectMessage(t); m.Type != "text" {
				t.Errorf("%+v", m)
			}
			// The same operation with the other body, and with each example of the first.
			const block = `.opblock[id$="-sendMessage"] `
			b.choose(t, block+".examples-select select", "fromNumberId")
			b.until(t, fmt.Sprintf(`document.querySelector('%stextarea').value.includes("sender_number_id")`, block))
			if got := b.execute(t, block); got != "201" {
				t.Errorf("by number id: %s", got)
			}
			b.fake.ExpectMessage(t, tgotest.OfType("text"))
			b.choose(t, block+".opblock-section-request-body select.content-type", "multipart/form-data")
			b.until(t, fmt.Sprintf(`document.querySelector('%sinput[type=file]')?.files.length === 1`, block))
			if got := b.execute(t, block); got != "201" {
				t.Errorf("a picture: %s\n%s", got, evaluate[string](t, b, fmt.Sprintf(`document.querySelector('%s.live-responses-table').parentElement.innerText`, block)))
			}
			m := b.fake.ExpectMessage(t)
			if m.Type != "image" || m.Media.ContentType != "image/png" || m.Media.Name != "sample.png" || !strings.HasPrefix(string(m.Media.Content), "\x89PNG") {
				t.Errorf("%+v with %+v", m, m.Media)
			}
			b.do(t, fmt.Sprintf(`document.querySelector('%s.execute').scrollIntoView({block: "center"})`, block))
			b.keep(t, map[string]string{"usual": "docs-picture", "odd": "docs-picture-dark"}[name], name == "odd")
			// Revoking did not use a key of the workspace.
			keys := []string{b.fake.Key.Reveal()}
			if name == "odd" {
				keys = []string{"tgo_narrow-key", "tgo_all-scopes"}
			}
			for _, key := range keys {
				client, err := b.fake.ClientWith(tgo.NewKey(key))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := client.Me(t.Context()); err != nil {
					t.Errorf("with %s: %v", key, err)
				}
			}
		})
	}
}

// TestChangedForm sends another picture than the sample, with some fields cleared.
func TestChangedForm(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.reference(t, "")
	content, err := os.ReadFile(demo + "picture.png")
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "picture.png") // in some locales Chromium opens no file below a folder named in Arabic
	if err := os.WriteFile(picture, content, 0o600); err != nil {
		t.Fatal(err)
	}
	block := b.expand(t, "sendMessage")
	b.choose(t, block+".opblock-section-request-body select.content-type", "multipart/form-data")
	b.until(t, fmt.Sprintf(`document.querySelector('%sinput[type=file]')?.files.length === 1`, block))
	b.run(t, chromedp.SetUploadFiles(block+"input[type=file]", []string{picture}))
	for _, change := range [][2]string{{"sender_phone", ""}, {"sender_number_id", "1"}, {"content", ""}} {
		b.run(t, chromedp.Focus(block+"tr[data-property-name="+change[0]+"] input[type=text]"))
		b.do(t, "document.activeElement.select()")
		b.run(t, chromedp.KeyEvent(kb.Backspace+change[1]))
	}
	if got := b.execute(t, block); got != "201" {
		t.Errorf("the response is %s; the page says:\n%s", got, evaluate[string](t, b, fmt.Sprintf(`document.querySelector('%s').innerText`, block)))
	}
	m := b.fake.ExpectMessage(t)
	if m.Media.Size != int64(len(content)) || m.Media.Name != "picture.png" || m.Content != "" {
		t.Errorf("%+v with %+v", m, m.Media)
	}
}

func TestAdminReference(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.reference(t, "?admin")
	b.until(t, `document.querySelectorAll(".opblock").length > 15`)
}

// theme sets the system's theme to light or dark.
func (b *tab) theme(t *testing.T, scheme string) {
	t.Helper()
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// TestDarkReference: the reference has the system's theme, or the one that was chosen in the inbox, even in another tab.
func TestDarkReference(t *testing.T) {
	t.Parallel()
	b := open(t)
	// The lightness of the page and of its text, from 0 to 255.
	const light = `(() => {
		const lightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
		const text = getComputedStyle(document.querySelector(".opblock-summary-path, .lines code"));
		return lightness(getComputedStyle(document.body).backgroundColor) > 200 && lightness(text.color) < 100;
	})()`
	const dark = `(() => {
		const lightness = (colour) => colour.match(/[\d.]+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
		const text = getComputedStyle(document.querySelector(".opblock-summary-path, .lines code"));
		return lightness(getComputedStyle(document.body).backgroundColor) < 60 && lightness(text.color) > 150;
	})()`
	for _, path := range []string{"/docs", "/docs/contract", "/docs/contract/admin"} {
		b.theme(t, "light")
		b.run(t, chromedp.Navigate(b.root+path))
		b.until(t, light)
		b.theme(t, "dark")
		b.until(t, dark)
		b.do(t, `localStorage.setItem("tgo-theme", "light")`)
		b.run(t, chromedp.Reload())
		b.until(t, light)
		b.theme(t, "light")
		b.do(t, `localStorage.setItem("tgo-theme", "dark")`)
		b.do(t, `dispatchEvent(new StorageEvent("storage"))`) // as if another tab had set it
		b.until(t, dark)
		b.do(t, `localStorage.removeItem("tgo-theme")`)
	}
}

// TestContractByLine follows links to a line.
func TestContractByLine(t *testing.T) {
	t.Parallel()
	b := open(t)
	lines := strings.Split(strings.TrimSuffix(string(openapi.Document), "\n"), "\n")
	line := 1 + slices.Index(lines, "          enum: [text]")
	b.run(t, chromedp.Navigate(fmt.Sprintf("%s/docs/contract#L%d", b.root, line)))
	target := func(line int) string {
		return fmt.Sprintf(`(() => {
			const li = document.querySelector(":target"), box = li.getBoundingClientRect(), middle = innerHeight / 2;
			return li.id === "L%d" && li.querySelector("code").textContent === %q && getComputedStyle(li).backgroundColor !== "rgba(0, 0, 0, 0)" &&
				Math.abs(box.top - middle) < innerHeight / 5;
		})()`, line, lines[line-1])
	}
	b.until(t, target(line))
	b.keep(t, "contract", false)
	// The page has all lines of the document.
	shown := evaluate[[]string](t, b, `[...document.querySelectorAll(".lines li")].map((li) => li.querySelector("code").textContent)`)
	if !slices.Equal(shown, lines) {
		t.Errorf("the page's %d lines are not the document's %d lines", len(shown), len(lines))
	}
	// A reference leads to what it refers to.
	phone := 1 + slices.Index(lines, "    Phone:")
	b.do(t, `[...document.querySelectorAll(".lines code a")].find((a) => a.textContent === "'#/components/schemas/Phone'").click()`)
	b.until(t, target(phone))
	if n := evaluate[int](t, b, `[...document.querySelectorAll(".lines code a")].filter((a) => !document.querySelector(a.getAttribute("href"))).length`); n > 0 {
		t.Errorf("%d links lead nowhere", n)
	}
	b.run(t, chromedp.EmulateViewport(390, 800))
	if b.is(t, `document.documentElement.scrollWidth > innerWidth`) {
		t.Error("at 390 pixels the page scrolls sideways")
	}
	b.keep(t, "contract-390", true)
}
