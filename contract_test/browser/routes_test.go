package browser_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestAddresses opens each view by its address, as a link in an issue does.
func TestAddresses(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.post(t, `{"to_phone": "+201010000000", "content": "refused"}`)
	if _, err := b.fake.Sender.SendText(t.Context(), "+201055555555", "to another"); err != nil {
		t.Fatal(err)
	}
	const list, phone = `document.querySelector("#requests").checkVisibility()`, `document.querySelector("#phone").checkVisibility()`
	for _, c := range []struct{ at, expression string }{
		{"/", lists("to another", "refused", "three", "two", "one") + " && " + shows("to another") + " && " + list},
		{"/requests/2", shows("two") + ` && document.querySelector("#requests [aria-current]").textContent.includes("two") &&
			` + list},
		{"/requests/99", `document.querySelector("#detail").innerText.includes("Request 99 was not found")`},
		{"/messages/3", shows("three")},
		{"/messages/99", `document.querySelector("#detail").innerText.includes("Message 99 was not found")`},
		{"/latest", shows("to another") + ` && document.querySelector("#latest").getAttribute("aria-pressed") === "true"`},
		{"/phone", `document.querySelectorAll("#phones li").length === 2 && ` + phone},
		{"/phone/+201010000000", `document.querySelectorAll("#thread .bubble").length === 3 &&
			document.querySelector(".phone-head h2").textContent === "+201010000000" && ` + phone},
		{"/phone/%2B201055555555", `document.querySelectorAll("#thread .bubble").length === 1 && ` + phone},
		{"/?q=two", lists("two") + ` && document.querySelector("#search").value === "two"`},
		{"/?is=failed", lists("refused") + ` &&
			document.querySelector('[data-filter="failed"]').getAttribute("aria-pressed") === "true"`},
		{"/?q=to%3A01010000000+-two+-three&is=unread", lists("refused", "one")}, // they are still unread
		{"/requests/4", shows("refused")},
		{"/requests/1?q=" + url.QueryEscape(`"three"`), shows("one") + " && " + lists("three")},
	} {
		b.visit(t, c.at)
		b.until(t, c.expression)
		if got := evaluate[string](t, b, "location.pathname + location.search"); c.at != "/phone" && got != c.at && got != strings.Replace(c.at, "%2B", "+", 1) {
			t.Errorf("the address %s has become %s", c.at, got)
		}
	}
	// A new request is shown only if the user follows the latest.
	b.visit(t, "/latest")
	b.until(t, shows("to another"))
	sendTexts(t, b.fake, "four")
	b.until(t, shows("four"))
	b.visit(t, "/requests/2")
	b.until(t, shows("two"))
	sendTexts(t, b.fake, "five")
	b.until(t, `document.querySelector("#requests .what").textContent === "five"`)
	if !evaluate[bool](t, b, shows("two")) {
		t.Error("the page shows another request")
	}
}

// TestBackAndForward goes back and forward through messages, filters and views.
func TestBackAndForward(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.visit(t, "/")
	b.until(t, lists("three", "two", "one")+" && "+shows("three"))
	b.click(t, `#requests a[href="/requests/1"]`)
	b.until(t, shows("one"))
	b.click(t, `#requests a[href="/requests/2"]`)
	b.until(t, shows("two"))
	b.click(t, `[data-filter="accepted"]`)
	b.until(t, `location.search === "?is=accepted"`)
	b.click(t, "#to-phone")
	b.until(t, `document.querySelectorAll("#thread .bubble").length === 3`)
	loads := evaluate[float64](t, b, "performance.timeOrigin")
	steps := []struct{ address, expression string }{
		{"/requests/2?is=accepted", shows("two") + ` &&
			document.querySelector('[data-filter="accepted"]').getAttribute("aria-pressed") === "true"`},
		{"/requests/2", shows("two") + ` &&
			document.querySelector('[data-filter="all"]').getAttribute("aria-pressed") === "true"`},
		{"/requests/1", shows("one") + ` && document.querySelector("#requests [aria-current]").textContent.includes("one")`},
	}
	for i := range steps {
		b.do(t, "history.back()")
		b.until(t, fmt.Sprintf("location.pathname + location.search === %q && %s", steps[i].address, steps[i].expression))
	}
	for i := len(steps) - 2; i >= 0; i-- {
		b.do(t, "history.forward()")
		b.until(t, fmt.Sprintf("location.pathname + location.search === %q && %s", steps[i].address, steps[i].expression))
	}
	b.do(t, "history.forward()")
	b.until(t, `location.pathname.startsWith("/phone") && document.querySelectorAll("#thread .bubble").length === 3`)
	if evaluate[float64](t, b, "performance.timeOrigin") != loads {
		t.Error("the page was loaded again")
	}
	// Consecutive steps with the arrow keys are one entry of the history.
	b.visit(t, "/requests/3")
	b.until(t, shows("three"))
	b.press(t, "jj")
	b.until(t, shows("one")+` && location.pathname === "/requests/1"`)
	b.do(t, "history.back()")
	b.until(t, shows("three"))
}

// TestCopyLink: a copied link leads to the same message in another tab.
func TestCopyLink(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.visit(t, "/messages/2?q=o")
	b.until(t, shows("two"))
	b.clipboard(t)
	b.click(t, "#copy-link")
	b.until(t, fmt.Sprintf(`window.copied === %q`, b.root+"/requests/2"))
	b.says(t, "#copy-link", "Copied")
	other := b.another(t)
	other.run(t, chromedp.Navigate(evaluate[string](t, b, "window.copied")))
	other.until(t, shows("two"))
	// Rows are links, which can be opened in another tab.
	b.visit(t, "/")
	b.until(t, `[...document.querySelectorAll("#requests a")].map((a) => a.pathname).join() === "/requests/3,/requests/2,/requests/1"`)
}
