package browser_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestSevenTabs opens more tabs than a browser opens connections to one server over HTTP/1.1: all load, and all hear of what arrives, by
// one stream of events. When the tab goes that has it, another takes over.
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
	first.run(t, chromedp.Navigate(first.root+"/docs/LICENSE.txt")) // it goes, and the browser keeps it for the Back button
	heard("for those that are left", tabs[1:])
	if n := streams(); n != 2 {
		t.Errorf("%d streams of events were opened until the second tab took over", n)
	}
	// Back there, it hears again.
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

// TestAllThatIsKept: counts, search and the list are of all messages that the fake keeps, down to the first.
func TestAllThatIsKept(t *testing.T) {
	t.Parallel()
	const count = 12_000
	b := openFor(t, 3*patience, func(c *tgotest.Config) { c.MaxMessages = count })
	b.inbox(t)
	sendAtRate(t, b.fake, count, 1_000_000)
	b.showsAll(t, count)
	for _, kind := range []struct {
		filter string
		n      int
	}{{"accepted", count}, {"unread", count}, {"failed", 0}, {"doubled", 0}} {
		if got := evaluate[string](t, b, fmt.Sprintf(`document.querySelector('[data-filter=%q] span').textContent.replaceAll(",", "")`, kind.filter)); got != fmt.Sprint(kind.n) {
			t.Errorf("%s: %s, want %d", kind.filter, got, kind.n)
		}
	}
	// The first is found, by its text and by its address.
	b.press(t, "/"+loadWord(1))
	b.until(t, fmt.Sprintf(`%s === %q`, texts, loadText(1)))
	b.until(t, `document.querySelector("#found").textContent.includes("1 of 12,000")`)
	b.do(t, `(() => { const s = document.querySelector("#search"); s.value = ""; s.dispatchEvent(new Event("input")); })()`)
	b.showsAll(t, count)
	// Going back step by step leads to the first, by way of every other one, and never with more rows than a page can bear.
	seen := evaluate[[]int](t, b, `new Promise((done, failed) => {
		const seen = new Set(), list = document.querySelector("#requests"), older = document.querySelector("#older");
		let most = 0;
		const look = () => {
			for (const a of list.querySelectorAll("a")) seen.add(Number(a.dataset.id));
			most = Math.max(most, list.children.length);
			if (seen.has(1)) return done([seen.size, most]);
			if (!older.hidden) older.click();
			setTimeout(look, 20);
		};
		look();
		setTimeout(() => failed(new Error("only " + seen.size + " were seen, down to " + Math.min(...seen))), 100_000);
	})`)
	if seen[0] != count || seen[1] > 600 {
		t.Errorf("on the way back to the first, %d of %d messages were seen, with %d rows at a time", seen[0], count, seen[1])
	}
	b.click(t, "#newer")
	b.until(t, fmt.Sprintf(`document.querySelector("#requests .what").textContent === %q && document.querySelector("#scroll").scrollTop === 0`, loadText(count)))
}
