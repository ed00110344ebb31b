package browser_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestSevenTabs opens more tabs than a browser opens connections to one server over HTTP/1.1: all load, and all hear of what arrives, by
// one stream of events. When the tab goes that has it, another takes over.
func TestSevenTabs(t *testing.T) {
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
	first.run(t, chromedp.Navigate("about:blank")) // it goes, and the browser stays
	heard("for those that are left", tabs[1:])
	if n := streams(); n != 2 {
		t.Errorf("%d streams of events were opened until the second tab took over", n)
	}
	// The browser may have kept the first page; back there, it hears again.
	first.do(t, `history.back()`)
	heard("for the one that is back", tabs)
}

// TestAllThatIsKept: counts, search and the list are of all messages that the fake keeps, down to the first.
func TestAllThatIsKept(t *testing.T) {
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

// TestAsksSeldom: the page asks for the list and for the coverage at intervals, not once for each message, and for the coverage only while
// it is shown.
func TestAsksSeldom(t *testing.T) {
	b := open(t)
	b.inbox(t)
	const count = 300
	burst := func() (lists, coverages int, took time.Duration) {
		t.Helper()
		begun := time.Now()
		lists, coverages = b.asked("/_fake/inbox"), b.asked("/_fake/coverage")
		sendAtRate(t, b.fake, count, 300)
		b.until(t, fmt.Sprintf(`Number(document.querySelector('[data-filter="all"] span').textContent) === %d`, len(b.fake.Messages())))
		took = time.Since(begun)
		return b.asked("/_fake/inbox") - lists, b.asked("/_fake/coverage") - coverages, took
	}
	lists, coverages, took := burst()
	if most := 2 + int(took/(150*time.Millisecond)); lists > most {
		t.Errorf("the list was asked for %d times in %v", lists, took)
	}
	if coverages != 0 {
		t.Errorf("the coverage was asked for %d times while it was not shown", coverages)
	}
	b.drawer(t)
	b.until(t, `!document.querySelector("#coverage-section").hidden`)
	lists, coverages, took = burst()
	if most := 2 + int(took/(2*time.Second)); coverages > most {
		t.Errorf("the coverage was asked for %d times in %v", coverages, took)
	}
	if most := 2 + int(took/(150*time.Millisecond)); lists > most {
		t.Errorf("with the drawer open, the list was asked for %d times in %v", lists, took)
	}
	if other := b.asked("/_fake/requests/"); other > 10 {
		t.Errorf("single requests were asked for %d times", other)
	}
}

// TestRestart puts another fake in the place of the one of which somebody reads a message.
func TestRestart(t *testing.T) {
	b := open(t)
	f := b.behind(t)
	b.inbox(t)
	sendTexts(t, b.fake, "this is read", "this is not")
	b.until(t, texts+` === "this is not, this is read"`)
	b.show(t, 1)
	other := tgotest.New(t, withInbox)
	sendTexts(t, other, "of the next run")
	f.replace(other)
	b.until(t, texts+` === "of the next run"`)
	b.until(t, shows("this is read")+` && document.querySelector("#detail").innerText.includes("From the run before")`)
	if n := evaluate[int](t, b, `document.querySelectorAll("#resend, #delete, #requests [aria-current]").length`); n != 0 {
		t.Error("what is of the run before can be sent again or deleted, or a row of this run is marked as it")
	}
	b.show(t, 0)
	b.until(t, shows("of the next run")+` && !document.querySelector("#detail").innerText.includes("From the run before")`)
}

// TestUnderWay shows a request that has no answer yet, until it has.
func TestUnderWay(t *testing.T) {
	b := open(t)
	b.inbox(t)
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultNone, Stored: true, Delay: time.Hour, Times: 1}); err != nil {
		t.Fatal(err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	defer giveUp()
	done := make(chan error, 1)
	go func() {
		_, err := b.fake.Sender.SendText(ctx, b.fake.RecipientPhone, "Is anybody there?")
		done <- err
	}()
	b.until(t, `document.querySelector("#under-way li")?.innerText.includes("no answer yet") && document.querySelectorAll("#requests li").length === 0`)
	giveUp()
	if err := <-done; err == nil {
		t.Error("the request had an answer")
	}
	b.until(t, `document.querySelector("#under-way").hidden && `+texts+` === "Is anybody there?"`)
}
