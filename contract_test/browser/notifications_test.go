package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestUnread: requests that no one has opened are marked in the list and counted in title and icon. The fake stores which they are.
func TestUnread(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.inbox(t)
	unread := func(n int) string {
		title, icon := "tgo fake", "/icon.svg"
		if n > 0 {
			title, icon = fmt.Sprintf("(%d) tgo fake", n), fmt.Sprintf("/icon.svg?count=%d", n)
		}
		return fmt.Sprintf(`document.title === %q && document.querySelector("#icon").href.endsWith(%q) &&
			document.querySelectorAll("#requests .unread").length === %d &&
			document.querySelector('[data-filter="unread"] span').textContent === "%d"`,
			title, icon, n, n)
	}
	b.until(t, unread(3)) // a request that is shown without being chosen stays unread
	const bold = `[...document.querySelectorAll("#requests .who")].map((e) => Number(getComputedStyle(e).fontWeight) > 600).join()`
	b.until(t, bold+` === "true,true,true"`)
	b.click(t, `#requests li:nth-child(2) a`)
	b.until(t, unread(2)+" && "+bold+` === "true,false,true"`)
	// Other tabs show the same, including those opened later.
	other := b.another(t)
	other.inbox(t)
	other.until(t, unread(2))
	b.menu(t, "#read-all")
	b.until(t, unread(0))
	other.until(t, unread(0))
	sendTexts(t, b.fake, "four")
	b.until(t, unread(1))
	// The icon is a picture.
	if !evaluate[bool](t, b, `new Promise((done) => { const i = new Image(); i.onload = () => done(i.naturalWidth > 0); i.onerror = () => done(false); i.src = document.querySelector("#icon").href; })`) {
		t.Error("the icon is not a picture")
	}
}

// notifications is a script that replaces the browser's notifications, which a test cannot see, and allows the test to hide the page.
const notifications = `
	window.notes = [];
	window.asked = 0;
	window.permission = "default";
	window.hide = (hidden) => { window.isHidden = hidden; document.dispatchEvent(new Event("visibilitychange")); };
	Object.defineProperty(document, "hidden", {get: () => Boolean(window.isHidden)});
	window.Notification = class extends EventTarget {
		constructor(title, options) { super(); window.notes.push({title, body: options.body}); window.lastNote = this; }
		close() { this.closed = true; }
		static get permission() { return window.permission; }
		static async requestPermission() { window.asked++; return (window.permission = window.permissionToBe || "granted"); }
	};
`

// TestNotification: with notifications on, the page notifies of new requests while it is hidden. A click shows the request.
func TestNotification(t *testing.T) {
	t.Parallel()
	b := open(t)
	call(t, b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: notifications})
	b.inbox(t)
	sendTexts(t, b.fake, "nobody wants to know")
	b.until(t, lists("nobody wants to know"))
	b.do(t, "hide(true)")
	sendTexts(t, b.fake, "nor this")
	b.until(t, `document.querySelector("#news").textContent.includes("new requests") || document.querySelectorAll("#news span").length > 0`)
	b.do(t, "hide(false)")
	b.until(t, lists("nor this", "nobody wants to know"))
	if n := evaluate[int](t, b, "window.asked + window.notes.length"); n != 0 {
		t.Errorf("the page asked for notifications or showed them %d times, though they are off", n)
	}

	// The browser may refuse.
	b.do(t, `(window.permissionToBe = "denied")`)
	b.click(t, "#menu-button")
	b.click(t, "#notify")
	b.until(t, `!document.querySelector("#notify").checked &&
		document.querySelector("#trouble").innerText.includes("does not allow notifications")`)
	b.do(t, `(window.permissionToBe = "granted")`)
	b.click(t, "#notify")
	b.until(t, `document.querySelector("#notify").checked && window.asked === 2`)

	sendTexts(t, b.fake, "seen anyway")
	b.until(t, `document.querySelector("#requests .what").textContent === "seen anyway"`)
	b.do(t, "hide(true)")
	sendTexts(t, b.fake, "look at this")
	b.until(t, `window.notes.length === 1 && window.notes[0].title === "tgo fake" &&
		window.notes[0].body.endsWith("New text to +201010000000\nlook at this")`)
	b.do(t, `window.lastNote.dispatchEvent(new Event("click"))`)
	b.do(t, "hide(false)")
	b.until(t, shows("look at this")+` && location.pathname === "/requests/4" && window.lastNote.closed`)

	// The setting is stored, until the user turns it off.
	call(t, b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `window.permission = "granted";`})
	b.inbox(t)
	b.until(t, `document.querySelector("#notify").checked`)
	b.click(t, "#menu-button")
	b.click(t, "#notify")
	b.do(t, "hide(true)")
	sendTexts(t, b.fake, "no more")
	b.until(t, `document.querySelector("#news").textContent.includes("New text")`)
	b.do(t, "hide(false)")
	b.until(t, `document.querySelector("#requests .what").textContent === "no more"`)
	if n := evaluate[int](t, b, "window.notes.length"); n != 0 {
		t.Errorf("there were %d notifications after they were turned off", n)
	}
	b.run(t, chromedp.WaitVisible("#requests"))
}
