package browser_test

import (
	"testing"

	"github.com/chromedp/cdproto/page"
)

// TestTheme: the page has the system's theme, or the one that the user has chosen. The choice is stored, and applies to all tabs.
func TestTheme(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.media(t, "prefers-color-scheme", "light")
	b.inbox(t)
	const dark = `(() => { const [r] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number); return r < 60; })()`
	is := func(b *tab, want bool) {
		t.Helper()
		if want {
			b.until(t, dark)
		} else {
			b.until(t, "!"+dark)
		}
	}
	is(b, false)
	b.media(t, "prefers-color-scheme", "dark")
	is(b, true)
	b.click(t, "#menu-button")
	b.click(t, `[name="theme"][value="light"]`)
	is(b, false)
	other := b.another(t)
	other.media(t, "prefers-color-scheme", "dark")
	other.inbox(t)
	is(other, false)
	b.click(t, `[name="theme"][value="dark"]`)
	is(b, true)
	b.media(t, "prefers-color-scheme", "light")
	other.media(t, "prefers-color-scheme", "light")
	is(b, true)
	is(other, true)
	b.visit(t, "/phone")
	is(b, true)
	if !evaluate[bool](t, b, `document.querySelector('[name="theme"][value="dark"]').checked`) {
		t.Error("the menu shows another theme")
	}
	b.click(t, "#menu-button")
	b.click(t, `[name="theme"][value="auto"]`)
	is(b, false)
	is(other, false)
}

// TestUnavailableSwitch: a setting that the page cannot offer here is disabled, and says why.
func TestUnavailableSwitch(t *testing.T) {
	t.Parallel()
	b := open(t)
	// As on a page that came over plain HTTP from another machine.
	call(t, b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `Object.defineProperty(window, "isSecureContext", {get: () => false});`,
	})
	b.inbox(t)
	b.click(t, "#menu-button")
	b.until(t, `document.querySelector("#notify").disabled && !document.querySelector("#notify").checked`)
	b.says(t, "#switches", "Notify while the page is hidden", "only on localhost or https")
}
