package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyboard uses the page without a mouse.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "first", "second", "third", "fourth")
	b.inbox(t)
	b.until(t, lists("fourth", "third", "second", "first")+" && "+shows("fourth")) // the newest is shown
	// at waits until a row's message is shown, and the row has the focus and is the only one that Tab leads to.
	at := func(text string) {
		t.Helper()
		b.until(t, shows(text))
		b.until(t, fmt.Sprintf(`document.activeElement.querySelector(".what")?.textContent === %q`, text))
		stops := `[...document.querySelectorAll("#requests a")].filter((a) => a.tabIndex === 0)`
		b.until(t, fmt.Sprintf(`%s.length === 1 && %s[0] === document.activeElement &&
			document.activeElement.getAttribute("aria-current") === "true"`, stops, stops))
	}
	b.press(t, "j")
	at("third")
	b.press(t, "j")
	at("second")
	b.press(t, "k")
	at("third")
	b.press(t, kb.ArrowDown)
	at("second")
	b.press(t, kb.ArrowUp, kb.Home)
	at("fourth")
	b.press(t, kb.End)
	at("first")
	b.press(t, "k")
	at("second")

	// Enter moves the focus to the message, Escape back to its row.
	b.press(t, kb.Enter)
	b.until(t, `document.activeElement.id === "detail" || document.querySelector("#detail").contains(document.activeElement)`)
	b.press(t, kb.Escape)
	at("second")
	// Tab leaves the list in one step, and comes back to the same row.
	b.press(t, kb.Tab)
	b.until(t, `!document.querySelector("#requests").contains(document.activeElement)`)
	b.run(t, chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
	at("second")

	// A new request does not take the focus.
	sendTexts(t, b.fake, "fifth")
	b.until(t, lists("fifth", "fourth", "third", "second", "first"))
	at("second")

	b.press(t, "d")
	b.until(t, lists("fifth", "fourth", "third", "first"))
	at("first")
	b.says(t, "#toast", "Deleted")
	if n := len(b.fake.Messages()); n != 4 {
		t.Errorf("%d messages are left", n)
	}

	// In a text field, shortcuts are ordinary letters.
	b.press(t, "/")
	b.until(t, `document.activeElement.id === "search"`)
	b.press(t, "d", "j", "/", "?")
	b.until(t, `document.querySelector("#search").value === "dj/?" && document.querySelectorAll("#requests li").length === 0`)
	b.do(t, `document.querySelector("#search").select()`)
	b.press(t, "f", "i")
	b.until(t, lists("fifth", "first"))
	if n := len(b.fake.Messages()); n != 4 {
		t.Errorf("%d messages are left", n)
	}
	b.press(t, kb.Escape)
	b.until(t, `document.querySelector("#requests").contains(document.activeElement)`)

	b.press(t, "?")
	b.until(t, `document.querySelector("#help").open`)
	b.press(t, "d", kb.Escape) // a dialog blocks the shortcuts of the page
	b.until(t, `!document.querySelector("#help").open && document.querySelector("#requests").contains(document.activeElement)`)
	if n := len(b.fake.Messages()); n != 4 {
		t.Errorf("%d messages are left", n)
	}
}
