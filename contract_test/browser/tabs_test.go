package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestSevenTabs opens more tabs than a browser opens connections to one server over HTTP/1.1. All of them load, and one stream of events
// serves them all. When the tab with the stream is closed, another one takes over.
func TestSevenTabs(t *testing.T) {
	t.Parallel()
	first := open(t)
	tabs := []*tab{first}
	first.inbox(t)
	for len(tabs) < 7 {
		next := first.another(t)
		next.inbox(t)
		tabs = append(tabs, next)
	}
	docs := first.another(t)
	docs.run(t, chromedp.Navigate(docs.root+"/docs"))
	docs.until(t, `document.documentElement.dataset.ready === "true" && document.querySelectorAll(".opblock").length === 10`)
	heard := func(text string, tabs []*tab) {
		t.Helper()
		sendTexts(t, first.fake, text)
		for _, b := range tabs {
			b.until(t, fmt.Sprintf(`document.querySelector("#requests .what")?.textContent === %q`, text))
		}
	}
	heard("for all tabs", tabs)
	streams := func() (n int) {
		for _, b := range tabs {
			n += b.asked("/_fake/events")
		}
		return n
	}
	if n := streams(); n != 1 {
		t.Errorf("%d streams of events were opened by %d tabs", n, len(tabs))
	}
	first.run(t, chromedp.Navigate(first.root+"/docs/LICENSE.txt")) // the browser keeps the page for the Back button
	heard("for those that are left", tabs[1:])
	if n := streams(); n != 2 {
		t.Errorf("%d streams of events were opened until the second tab took over", n)
	}
	// After Back, the page receives events again.
	first.run(t, chromedp.NavigateBack())
	heard("for the one that is back", tabs)
}

// TestMessageWhileATabOpens: a message that arrives between a tab's first load and its joining the others is shown.
func TestMessageWhileATabOpens(t *testing.T) {
	t.Parallel()
	first := open(t)
	first.inbox(t)
	second := first.another(t)
	call(t, second, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		const load = window.fetch;
		window.fetch = async (...request) => {
			const answer = await load(...request);
			if (String(request[0]).startsWith("/_fake/inbox")) await new Promise((go) => (window.go = go));
			return answer;
		};`})
	second.run(t, chromedp.Navigate(second.root+"/"))
	second.until(t, `Boolean(window.go)`)
	sendTexts(t, first.fake, "meanwhile")
	first.until(t, `document.querySelector("#requests .what")?.textContent === "meanwhile"`)
	second.do(t, `window.fetch = load, window.go()`)
	second.until(t, `document.querySelector("#requests .what")?.textContent === "meanwhile"`)
}
