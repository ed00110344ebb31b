package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// find replaces the text in the search.
func (b *tab) find(t *testing.T, text string) {
	t.Helper()
	b.run(t, chromedp.Focus("#search"))
	b.do(t, `document.querySelector("#search").select()`)
	if text == "" {
		b.press(t, kb.Backspace)
		return
	}
	call(t, b, input.InsertText, input.InsertTextParams{Text: text})
}

// TestSearch tries each kind of search.
func TestSearch(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{"*"}}}
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "Beta"}}
	})
	text := func(to, sender, content string, headers ...string) {
		t.Helper()
		b.post(t, fmt.Sprintf(`{"sender_phone": %q, "to_phone": %q, "type": "text", "content": %q}`, sender, to, content), headers...)
	}
	text("+201010000000", "+201001187188", "red apple is ready")
	text("+201055555555", "+201001187188", "green apple")
	text("+201010000000", "+201001187189", "طلبك جاهز", "X-Tgo-Test", "TestCart")
	text("+201010000000", "+201001187188", "twice")
	text("+201010000000", "+201001187188", "twice")
	text("+201010000000", "+201099999999", "refused")
	voice := tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: time.Second, Caption: "listen"}
	if _, err := b.fake.Client.FromPhone("+201001187188").SendVoice(t.Context(), "+201010000000", voice); err != nil {
		t.Fatal(err)
	}
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, Times: 1})
	text("+201010000000", "+201001187188", "late")
	b.inbox(t)
	all := []string{"late", "listen", "refused", "twice", "twice", "طلبك جاهز", "green apple", "red apple is ready"}
	b.until(t, lists(all...))
	for _, c := range []struct {
		typed string
		found []string
	}{
		{"apple", []string{"green apple", "red apple is ready"}},
		{"APPLE ready", []string{"red apple is ready"}},
		{`"apple is"`, []string{"red apple is ready"}},
		{"apple -red", []string{"green apple"}},
		{"to:01055555555", []string{"green apple"}},
		{"to:٠١٠٥٥٥٥٥٥٥٥", []string{"green apple"}},
		{`to:"+20 105 555 5555"`, []string{"green apple"}},
		{"to:00201055555555", []string{"green apple"}},
		{"01055555555", []string{"green apple"}},
		{"from:01001187189", []string{"طلبك جاهز"}},
		{"from:beta", []string{"طلبك جاهز"}},
		{"from:01099999999", []string{"refused"}},
		{"جاهز", []string{"طلبك جاهز"}},
		{"test:cart", []string{"طلبك جاهز"}},
		{"type:voice", []string{"listen"}},
		{"voice.ogg", []string{"listen"}},
		{"status:503", []string{"late"}},
		{"status:422", []string{"refused"}},
		{"key:shop -is:doubled type:text is:accepted", []string{"طلبك جاهز", "green apple", "red apple is ready"}},
		{"is:doubled", []string{"twice", "twice"}},
		{"is:failed", []string{"late", "refused"}},
		{"operation:sendMessage", all},
		{"-apple -twice", []string{"late", "listen", "refused", "طلبك جاهز"}},
		{"nothing has this", nil},
		{"", all},
	} {
		b.find(t, c.typed)
		found := ""
		if c.typed != "" {
			found = fmt.Sprintf("%d of %d match", len(c.found), len(all))
		}
		b.until(t, lists(c.found...)+fmt.Sprintf(` && document.querySelector("#found").textContent === %q`, found))
	}
	// Typing makes no entry in the history, but changes the address.
	before := evaluate[int](t, b, "history.length")
	b.find(t, "to:01055555555")
	b.until(t, lists("green apple")+` && new URLSearchParams(location.search).get("q") === "to:01055555555"`)
	if now := evaluate[int](t, b, "history.length"); now != before {
		t.Errorf("typing made %d entries in the history", now-before)
	}
	// If nothing is found, a button shows all.
	b.find(t, "zebra")
	b.until(t, `document.querySelector("#none").checkVisibility()`)
	b.says(t, "#none", "Nothing matches.")
	b.click(t, "#none button")
	b.until(t, lists(all...)+` && document.querySelector("#search").value === ""`)
	// Below the search are buttons for the words with a colon.
	b.run(t, chromedp.Focus("#search"))
	b.click(t, `#search-help [data-word="type:"]`)
	b.until(t, `document.activeElement.id === "search" && document.activeElement.value === "type:"`)
	b.press(t, "v", "o", "i", "c", "e")
	b.until(t, lists("listen"))
}

// TestFilters: the filters show how many requests they have, of all and of those that the search finds.
func TestFilters(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "two")
	b.post(t, `{"to_phone": "+201010000000", "content": "wrong two"}`)
	b.inbox(t)
	counts := func(all, accepted, failed, doubled, unread int) string {
		return fmt.Sprintf(`[...document.querySelectorAll("[data-filter]")]
			.map((b) => b.textContent.trim()).join(", ") === "All %d, Accepted %d, Failed %d, Doubled %d, Unread %d"`,
			all, accepted, failed, doubled, unread)
	}
	b.until(t, counts(4, 3, 1, 2, 4))
	for _, c := range []struct {
		filter string
		found  []string
	}{
		{"accepted", []string{"two", "two", "one"}}, {"failed", []string{"wrong two"}}, {"doubled", []string{"two", "two"}},
		{"unread", []string{"wrong two", "two", "two", "one"}}, {"all", []string{"wrong two", "two", "two", "one"}},
	} {
		b.click(t, fmt.Sprintf("[data-filter=%q]", c.filter))
		b.until(t, lists(c.found...)+fmt.Sprintf(` &&
			document.querySelector('.filters [aria-pressed="true"]').dataset.filter === %q`, c.filter))
		want := "/?is=" + c.filter
		if c.filter == "all" {
			want = "/"
		}
		if got := evaluate[string](t, b, "location.pathname + location.search"); got != want {
			t.Errorf("the filter %s leads to %s", c.filter, got)
		}
	}
	b.find(t, "two")
	b.until(t, counts(3, 2, 1, 2, 3))
	b.click(t, `[data-filter="failed"]`)
	b.until(t, lists("wrong two"))
	if got := strings.TrimSpace(b.text(t, "#found")); got != "3 of 4 match" {
		t.Errorf("the search found %q", got)
	}
}
