package browser_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// double sends a text twice, as a program does that does not know that the first arrived.
func (b *tab) double(t *testing.T, text string) {
	t.Helper()
	b.cutNextAnswer(t)
	if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, text); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Fatalf("the send whose answer is lost is %v: %v", tgo.DeliveryOf(err), err)
	}
	sendTexts(t, b.fake, text)
}

// text is what an element says.
func (b *tab) text(t *testing.T, selector string) string {
	t.Helper()
	return evaluate[string](t, b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? "there is no such element"`, selector))
}

// TestDoubled: a message that arrived twice is seen at once, found at a click, and explained; the same is told to tests.
func TestDoubled(t *testing.T) {
	b := open(t)
	b.inbox(t)
	sendTexts(t, b.fake, "once", "another")
	b.until(t, texts+` === "another, once" && document.querySelector("#doubled").innerText.trim() === "0 doubled"`)
	calm := evaluate[string](t, b, `getComputedStyle(document.querySelector("#doubled")).color`)
	b.double(t, "twice")
	b.until(t, texts+` === "twice, twice, another, once" && document.querySelector("#doubled").innerText.trim() === "1 doubled"`)
	if loud := evaluate[string](t, b, `getComputedStyle(document.querySelector("#doubled")).color`); loud == calm {
		t.Error("the counter looks as if nothing were doubled")
	}
	band := `[...document.querySelectorAll("#requests li.doubled")].map((li) => li.className.match(/first|last|alone/)[0] + " " + li.querySelector(".band").textContent).join("; ")`
	if got := evaluate[string](t, b, band); !strings.Contains(got, "sent twice, ") || !strings.HasPrefix(got, "first ") || !strings.Contains(got, "; last ") {
		t.Errorf("the two rows in a frame are %q", got)
	}
	b.click(t, "#doubled")
	b.until(t, texts+` === "twice, twice" && location.search === "?is=doubled"`)
	b.show(t, 1)
	b.until(t, `document.querySelectorAll(".timeline .timeline-request").length === 2`)
	story := b.text(t, ".timeline")
	at := 0
	for _, want := range []string{"Sent twice, ", "Request 3", "no answer", "on purpose", "ms later", "Request 4", "201 Created"} {
		i := strings.Index(story[at:], want)
		if i < 0 {
			t.Errorf("after %q, %q is missing in:\n%s", story[:at], want, story)
			continue
		}
		at += i
	}
	b.keep(t, "doubled", false)
	// The same, as data.
	var told []struct {
		Messages []struct {
			Content string `json:"content"`
		} `json:"messages"`
	}
	if err := json.Unmarshal(b.admin(t, http.MethodGet, "/doubled", ""), &told); err != nil || len(told) != 1 || len(told[0].Messages) != 2 || told[0].Messages[0].Content != "twice" {
		t.Errorf("%v %+v", err, told)
	}
	if all := b.fake.Doubled(); len(all) != 1 || len(all[0]) != 2 {
		t.Errorf("%+v", all)
	}
	// What somebody sends again by the button is no fault of the program.
	b.click(t, "#doubled")
	b.until(t, texts+` === "twice, twice, another, once"`)
	b.show(t, 3)
	b.click(t, "#resend")
	b.until(t, texts+` === "once, twice, twice, another, once" && `+shows("once"))
	b.until(t, `document.querySelector("#requests .chip")?.textContent === "resent"`)
	if got := b.text(t, "#doubled"); strings.TrimSpace(got) != "1 doubled" {
		t.Errorf("after a message was sent again by the button: %s", got)
	}
}

// TestAddresses: every view has an address, which Back and Forward lead to, and which can be passed on.
func TestAddresses(t *testing.T) {
	b := open(t)
	sendTexts(t, b.fake, "first apple", "second pear", "third apple")
	at := func(address, expression string) {
		t.Helper()
		b.until(t, fmt.Sprintf(`location.pathname + location.search === %q && (%s)`, address, expression))
	}
	open := func(address, expression string) {
		t.Helper()
		b.run(t, chromedp.Navigate(b.root+address))
		at(address, expression)
	}
	open("/requests/2", shows("second pear")+` && `+texts+` === "third apple, second pear, first apple"`)
	open("/messages/1", shows("first apple"))
	open("/?q=apple&is=accepted", texts+` === "third apple, first apple" && document.querySelector("#search").value === "apple"`)
	open("/requests/3?q=pear", shows("third apple")+` && `+texts+` === "second pear"`)
	open("/requests/99", `document.querySelector("#detail").innerText.includes("Request 99 is not here")`)
	open("/phone/+201010000000", `document.querySelectorAll("#phone .bubble").length === 3`)
	b.run(t, chromedp.Navigate(b.root+"/phone"))
	at("/phone/+201010000000", `document.querySelectorAll("#phone .bubble").length === 3`) // where there is room, one is not left empty
	open("/latest", shows("third apple"))
	sendTexts(t, b.fake, "fourth")
	at("/latest", shows("fourth"))
	sendTexts(t, b.fake, "fifth")
	at("/latest", shows("fifth"))

	open("/", texts+`.startsWith("fifth")`)
	b.show(t, 3)
	at("/requests/2", shows("second pear"))
	sendTexts(t, b.fake, "sixth")
	at("/requests/2", texts+`.startsWith("sixth") && `+shows("second pear")) // who has chosen one is left there
	b.show(t, 0)
	at("/requests/6", shows("sixth"))
	b.click(t, `[data-filter="failed"]`)
	at("/requests/6?is=failed", texts+` === ""`)
	b.do(t, `history.back()`)
	at("/requests/6", texts+`.startsWith("sixth")`)
	b.do(t, `history.back()`)
	at("/requests/2", shows("second pear"))
	b.do(t, `history.forward()`)
	at("/requests/6", shows("sixth"))

	b.do(t, `navigator.clipboard.writeText = async (text) => { window.copied = text }`)
	b.do(t, `[...document.querySelectorAll("#detail button")].find((e) => e.textContent === "Copy link").click()`)
	b.until(t, `[...document.querySelectorAll("#detail button")].some((e) => e.textContent === "Copied")`)
	if got := evaluate[string](t, b, `window.copied`); got != b.root+"/requests/6" {
		t.Errorf("the link is %q", got)
	}
}

// TestSearch finds by the words that the page offers. What each of them finds is tested beside the code of the search.
func TestSearch(t *testing.T) {
	b := open(t, func(c *tgotest.Config) {
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
	})
	b.inbox(t)
	sendTexts(t, b.fake, "order one", "order two")
	if _, err := b.fake.Sender.SendText(t.Context(), "+201055555555", "order three"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.fake.Sender.SendText(t.Context(), "+201066666666", "order four"); !errors.Is(err, tgo.ErrValidation) {
		t.Fatal(err)
	}
	b.double(t, "order five")
	b.until(t, `document.querySelectorAll("#requests li").length === 6`)
	for _, c := range []struct{ search, finds string }{
		{"order", "order five, order five, order four, order three, order two, order one"},
		{"order -five", "order four, order three, order two, order one"},
		{"to:01055555555", "order three"},
		{"to:٠١٠٥٥٥٥٥٥٥٥", "order three"},
		{`to:"+20 105 555 5555"`, "order three"},
		{"status:422", "order four"},
		{"is:doubled", "order five, order five"},
		{`"order t"`, "order three, order two"},
		{"type:image", ""},
		{"from:01001187188 -is:doubled -to:01010000000", "order four, order three"},
	} {
		b.do(t, `document.querySelector("#search").select()`)
		b.press(t, "/")
		b.do(t, `document.querySelector("#search").select()`)
		call(t, b, input.InsertText, input.InsertTextParams{Text: c.search})
		b.until(t, fmt.Sprintf(`new URLSearchParams(location.search).get("q") === %q && %s === %q`, c.search, texts, c.finds))
	}
}

// TestAttempts: the same request again is told from a new one, and leads to the others.
func TestAttempts(t *testing.T) {
	b := open(t)
	b.inbox(t)
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable, RetryAfter: "0", Times: 2}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{503, 503, 201} {
		if got := b.fetchAs(t, "TestShop", `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "Your code is 4821"}`); got != want {
			t.Errorf("attempt %d: %d", i+1, got)
		}
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 3`)
	rows := `[...document.querySelectorAll("#requests .chips")].map((e) => e.innerText.replace(/\s+/g, " ").trim()).join("; ")`
	if got := evaluate[string](t, b, rows); got != "TestShop 3rd attempt; TestShop 2nd attempt 503; TestShop 503" {
		t.Errorf("the rows say %q", got)
	}
	b.show(t, 1)
	b.until(t, `[...document.querySelectorAll(".attempts .badge")].map((e) => e.textContent).join(" ") === "503 503 201"`)
	detail := b.text(t, "#detail")
	for _, want := range []string{"503 Service Unavailable, set on purpose", "Retry-After: 0", "X-Tgo-Test: TestShop", "2nd attempt", "No message was stored"} {
		if !strings.Contains(strings.ToLower(detail), strings.ToLower(want)) {
			t.Errorf("%q is missing in:\n%s", want, detail)
		}
	}
	b.click(t, ".attempts li:last-child a")
	b.until(t, `location.pathname === "/requests/3" && document.querySelector("#detail .badge").textContent === "201 Created"`)
	sendTexts(t, b.fake, "of no test")
	b.until(t, `document.querySelectorAll("#requests li").length === 4`)
	b.click(t, "#detail .chip.test")
	b.until(t, `document.querySelectorAll("#requests li").length === 3 && document.querySelector("#search").value.includes("TestShop")`)
	// Times are exact, to the millisecond.
	if got := evaluate[string](t, b, `document.querySelector("#requests .clock").textContent`); len(got) != len("14:03:22.187") {
		t.Errorf("the time is %q", got)
	}
}

// fetchAs lets the page send a message for a test of a name.
func (b *tab) fetchAs(t *testing.T, test, body string) int {
	t.Helper()
	return evaluate[int](t, b, fmt.Sprintf(`fetch("/api/v1/messages", {method: "POST", body: %q,
		headers: {"X-Api-Key": %q, "Content-Type": "application/json", "X-Tgo-Test": %q}}).then((r) => r.status)`, body, b.fake.Key.Reveal(), test))
}

// TestUnread: what nobody has opened is told by rows, title and icon.
func TestUnread(t *testing.T) {
	b := open(t)
	b.inbox(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.until(t, `document.title === "(3) tgo fake" && document.querySelectorAll("#requests li.unread").length === 3`)
	b.until(t, `document.querySelector("#icon").getAttribute("href") === "/icon.svg?count=3"`)
	weight := `getComputedStyle(document.querySelector("#requests li:nth-child(2) .who")).fontWeight`
	bold := evaluate[string](t, b, weight)
	b.show(t, 1)
	b.until(t, `document.title === "(2) tgo fake" && document.querySelectorAll("#requests li.unread").length === 2`)
	if now := evaluate[string](t, b, weight); now == bold {
		t.Error("what was read looks like what was not")
	}
	b.click(t, `[data-filter="unread"]`)
	b.until(t, texts+` === "three, one"`)
	b.menu(t, "#read-all")
	b.until(t, `document.title === "tgo fake" && document.querySelectorAll("#requests li").length === 0`)
	b.until(t, `document.querySelector("#icon").getAttribute("href") === "/icon.svg"`)
	b.double(t, "twice")
	b.until(t, `document.querySelector("#icon").getAttribute("href") === "/icon.svg?count=2&alert=1"`)
}

// TestEmptyPage helps to send the first message.
func TestEmptyPage(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.until(t, `document.querySelectorAll(".welcome .snippet").length === 2`)
	b.keep(t, "empty", false)
	text := b.text(t, ".welcome")
	for _, want := range []string{b.root + "/api/v1", "curl", "tgo.New(", b.fake.Key.Reveal(), "+201001187188", "+201010000000"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	b.click(t, "#sample")
	m := b.fake.ExpectMessage(t, tgotest.Containing("Your order 4821"))
	b.until(t, shows(m.Content)+` && document.querySelector(".welcome") === null`)
}

// TestTheme follows the system until somebody chooses, and then what was chosen, also when the page is loaded again.
func TestTheme(t *testing.T) {
	b := open(t)
	b.inbox(t)
	const colour = `getComputedStyle(document.body).backgroundColor`
	light := evaluate[string](t, b, colour)
	b.prefer(t, "prefers-color-scheme", "dark")
	dark := evaluate[string](t, b, colour)
	if light == dark {
		t.Errorf("light and dark are both %s", light)
	}
	b.menu(t, `input[name=theme][value=light]`)
	b.until(t, colour+` === "`+light+`"`)
	b.inbox(t)
	b.until(t, colour+` === "`+light+`"`)
	b.prefer(t, "prefers-color-scheme", "light")
	b.menu(t, `input[name=theme][value=dark]`)
	b.until(t, colour+` === "`+dark+`"`)
	b.menu(t, `input[name=theme][value=auto]`)
	b.until(t, colour+` === "`+light+`"`)
}
