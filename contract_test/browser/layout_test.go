package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// fits fails if anything but code scrolls sideways, or if a text or a control is outside the window.
func (b *tab) fits(t *testing.T, where string) {
	t.Helper()
	if wide := evaluate[[]string](t, b, `(() => {
		const named = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + [...e.classList].map((c) => "." + c).join("");
		const found = [];
		const page = document.scrollingElement;
		if (page.scrollWidth > innerWidth) found.push("the page is " + page.scrollWidth + " pixels wide");
		for (const e of document.querySelectorAll("body *")) {
			if (!e.checkVisibility({visibilityProperty: true})) continue;
			const {overflowX} = getComputedStyle(e);
			if (!e.matches("pre") && e.scrollWidth > e.clientWidth + 1 && (overflowX === "auto" || overflowX === "scroll")) found.push(named(e) + " scrolls sideways");
			if (!e.matches("button, a, input, select, h2, p, .who, .what, .bubble")) continue;
			const box = e.getBoundingClientRect();
			if (box.width < 2 || e.closest(".hidden, .skip, [popover]:not(:popover-open)")) continue;
			if (box.right > innerWidth + 1 || box.left < -1) found.push(named(e) + " is from " + box.left + " to " + box.right);
		}
		return found;
	})()`); len(wide) > 0 {
		t.Errorf("%s: %q", where, wide)
	}
}

// withEverything opens a tab whose fake has had requests of every kind, and returns their ids.
func withEverything(t *testing.T) (b *tab, requests map[string]int) {
	t.Helper()
	b = open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "Acme deliveries of the whole of Cairo and Giza", Status: "suspended"},
		}
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
	})
	ctx, to, s := t.Context(), b.fake.RecipientPhone, b.fake.Sender
	requests = map[string]int{}
	note := func(name string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		requests[name] = len(requests) + 1
	}
	send := func(name string) func(tgo.Receipt, error) {
		return func(_ tgo.Receipt, err error) { t.Helper(); note(name, err) }
	}
	const long = "averylongwordwithoutanyplacetobreakitsuchasanaddressofapagesomewhereinthewebthatgoesonandonandonandonandonandon"
	send("text")(s.SendText(ctx, to, "طلبك رقم 4821 جاهز للاستلام من فرع المعادي. "+long))
	send("image")(s.SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "This is what your parcel looks like"}))
	send("voice")(s.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}))
	send("document")(s.SendDocument(ctx, to, tgo.Document{File: tgo.BytesFile(long+".pdf", []byte("%PDF")), Caption: "Your invoice"}))
	b.post(t, `{"sender_number_id": 1, "sender_phone": "+201001187188", "to_phone": "01010000000", "type": "video", "content": "`+long+`"}`, "X-Tgo-Test", "TestCheckout/"+long, "User-Agent", long)
	note("refused", nil)
	inject(t, b.fake, tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true, Times: 1})
	tries(t, b.fake, "Your code is 4821", tgo.DeliveryUnknown)
	note("lost", nil)
	send("doubled")(s.SendText(ctx, to, "Your code is 4821"))
	inject(t, b.fake, tgotest.Fault{Operation: "getUsage", Kind: tgotest.FaultStatus})
	inject(t, b.fake, tgotest.Fault{Operation: "listMessages", Kind: tgotest.FaultRedirect, Location: "/" + long})
	return b, requests
}

// TestNothingScrollsSideways opens every view on screens of all sizes, and at a zoom of 200 and 400 %.
func TestNothingScrollsSideways(t *testing.T) {
	t.Parallel()
	b, requests := withEverything(t)
	for _, screen := range []struct {
		name          string
		width, height int64
		scale         float64
	}{
		{"1280", 1280, 860, 1}, {"1280 at 200 %", 640, 430, 2}, {"1280 at 400 %", 320, 256, 4}, {"768", 768, 1024, 1}, {"390", 390, 844, 3},
	} {
		b.size(t, screen.width, screen.height, chromedp.EmulateScale(screen.scale))
		b.visit(t, "/") // loaded at this size
		b.until(t, `document.querySelectorAll("#requests li").length === 7`)
		b.fits(t, screen.name+", list")
		for name, id := range requests {
			b.goTo(t, fmt.Sprintf("/requests/%d", id))
			b.until(t, fmt.Sprintf(`document.querySelector("#detail .facts")?.innerText.includes("number %d")`, id)+` &&
				document.querySelector("#detail .facts").checkVisibility() &&
				[...document.querySelectorAll("#detail img")].every((i) => i.complete)`)
			b.do(t, `document.querySelectorAll("#detail details").forEach((d) => (d.open = true))`)
			b.fits(t, screen.name+", "+name)
		}
		b.drawer(t)
		b.do(t, `document.querySelectorAll("#drawer details").forEach((d) => (d.open = true))`)
		b.until(t, `document.querySelectorAll("#workspace select").length > 4`)
		b.fits(t, screen.name+", drawer")
		b.click(t, "#drawer-close")
		b.click(t, "#menu-button")
		b.fits(t, screen.name+", menu")
		b.click(t, "#help-item")
		b.until(t, `document.querySelector("#help").open`)
		b.fits(t, screen.name+", help")
		b.do(t, `document.querySelector("#help").close()`)
		b.goTo(t, "/phone/+201010000000")
		b.until(t, `document.querySelectorAll("#thread .bubble").length === 6`)
		b.fits(t, screen.name+", phone")
		b.goTo(t, "/phone")
		b.until(t, `document.querySelectorAll("#phones li").length === 1 &&
			document.querySelector("#phones").checkVisibility() || innerWidth > 672`)
		b.fits(t, screen.name+", phones")
	}
	b.admin(t, "DELETE", "/messages", "")
	b.visit(t, "/")
	b.until(t, `document.querySelectorAll(".snippet").length === 2`)
	b.fits(t, "390, empty")
}

// TestListWidth: the drawer leaves the list wide enough. If there is no room beside the list, the drawer covers the rest.
func TestListWidth(t *testing.T) {
	t.Parallel()
	b, _ := withEverything(t)
	b.inbox(t)
	b.drawer(t)
	width := func(selector string) float64 {
		t.Helper()
		return evaluate[float64](t, b, fmt.Sprintf(`document.querySelector(%q).getBoundingClientRect().width`, selector))
	}
	for _, c := range []struct {
		window       int64
		list, detail float64 // at least
	}{{1600, 400, 500}, {1280, 300, 450}, {1024, 300, 500}, {768, 300, 440}, {700, 300, 380}} {
		b.size(t, c.window, 860)
		if list, detail := width(".list"), width("#detail"); list < c.list || detail < c.detail {
			t.Errorf("at %d pixels the list is %v wide and the message %v", c.window, list, detail)
		}
		if drawer := width("#drawer"); drawer < 300 {
			t.Errorf("at %d pixels the drawer is %v wide", c.window, drawer)
		}
		// The list can be used while the drawer is open.
		if !evaluate[bool](t, b, `(() => {
			const box = document.querySelector("#requests li a").getBoundingClientRect();
			return document.querySelector("#requests").contains(document.elementFromPoint(box.left + 40, box.top + 10));
		})()`) {
			t.Errorf("at %d pixels something covers the list", c.window)
		}
	}
}

// TestNarrowScreen: on a narrow screen, list and message are two screens.
func TestNarrowScreen(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.run(t, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile))
	b.inbox(t)
	if width := evaluate[int](t, b, "innerWidth"); width != 390 {
		t.Errorf("the page is %d pixels wide", width)
	}
	const list, detail = `document.querySelector("#requests").checkVisibility()`, `document.querySelector("#detail").checkVisibility()`
	b.until(t, lists("three", "two", "one")+` && `+list+` && !`+detail)
	for _, back := range []string{`document.querySelector("#back").click()`, `history.back()`} {
		b.click(t, `#requests li:nth-child(2) a`)
		b.until(t, shows("two")+` && `+detail+` && !`+list+` && location.pathname === "/requests/2" &&
			document.querySelector("#back").checkVisibility()`)
		b.do(t, back)
		b.until(t, `location.pathname === "/" && `+list+` && !`+detail)
	}
	// The way back leads to the same row.
	b.until(t, `document.activeElement.textContent.includes("two") || document.activeElement === document.body`)
	b.visit(t, "/requests/1")
	b.until(t, shows("one")+` && `+detail+` && !`+list)
	b.click(t, "#back")
	b.until(t, list+` && !`+detail)
	// Every touch target is at least 24 pixels high.
	if small := evaluate[[]string](t, b, `[...document.querySelectorAll("button, a, input, select")].filter((e) => {
		const box = e.getBoundingClientRect();
		return e.checkVisibility() && !e.closest(".hidden, .skip") && box.width > 2 && box.height < 24;
	}).map((e) => e.outerHTML)`); len(small) > 0 {
		t.Errorf("too small to touch: %q", small)
	}
}

// TestForcedColours: with forced colours, backgrounds are not shown. A line marks what is selected or on.
func TestForcedColours(t *testing.T) {
	t.Parallel()
	b, requests := withEverything(t)
	b.media(t, "forced-colors", "active")
	b.visit(t, fmt.Sprintf("/requests/%d?is=accepted", requests["image"]))
	b.until(t, `document.querySelector("#requests [aria-current]") !== null &&
		document.querySelector("#detail .bubble") !== null`)
	if !evaluate[bool](t, b, `matchMedia("(forced-colors: active)").matches`) {
		t.Fatal("the browser does not emulate forced colours")
	}
	b.drawer(t)
	b.click(t, "#menu-button")
	for selector, property := range map[string]string{
		"#requests [aria-current]": "outline", `.filters [aria-pressed="true"]`: "outline", ".views [aria-current]": "outline",
		".themes input:checked + span": "outline", "#detail .bubble": "border", "#banner .fault-list li": "border", "#detail .head .badge": "border",
		"#requests .doubled": "border-left", "#menu": "border", "#doubled": "border",
	} {
		if line := evaluate[string](t, b, fmt.Sprintf(`(() => {
			const e = document.querySelector(%q);
			const s = getComputedStyle(e, null);
			return s.getPropertyValue(%q + "-style") + " " + s.getPropertyValue(%q + "-width");
		})()`, selector, property, property)); line == "none 0px" || line == "" || line[:4] == "none" {
			t.Errorf("%s has no %s", selector, property)
		}
	}
	// The browser's own drawing or a line shows whether a switch is on.
	b.until(t, `[...document.querySelectorAll('#menu input[type="checkbox"], #drawer input[type="checkbox"]')]
		.every((e) => getComputedStyle(e).appearance !== "none")`)
	b.do(t, `document.querySelector("#menu").hidePopover()`)
	b.keepWith(t, "forced-colours", "forced-colors", "active", "prefers-color-scheme", "dark")
}

// TestLinkToTheListOnANarrowScreen: the link leads to the list from a request, as it does from the phone view.
func TestLinkToTheListOnANarrowScreen(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one")
	b.size(t, 390, 844)
	b.visit(t, "/requests/1?q=one")
	b.says(t, "#detail .facts", "Send a message")
	b.click(t, "#to-list")
	b.until(t, `location.pathname + location.search === "/?q=one" && document.querySelector(".list").checkVisibility()`)
}

// TestLongNames: a recipient with thousands of characters is cut short in the list and leaves the rest of the page visible.
func TestLongNames(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post(t, `{"sender_number_id": 1, "to_phone": "`+strings.Repeat("9", 5000)+`", "type": "text", "content": "x"}`)
	b.visit(t, "/requests/1")
	b.says(t, "#detail .problem", "to_phone")
	b.until(t, `document.querySelector("#detail .tools").getBoundingClientRect().bottom < 400 && document.querySelector("#requests .who").textContent.length <= 201`)
}

// TestFiltersInOneRow: with counts of three digits all filters are in one row beside a detail.
func TestFiltersInOneRow(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one")
	b.size(t, 1280, 800)
	b.inbox(t)
	b.until(t, `document.querySelectorAll("#requests li").length === 1`)
	b.until(t, `(() => { const tops = [...document.querySelectorAll(".filters button")].map((e) => { e.querySelector("span").textContent = "123"; return e; }).map((e) => e.getBoundingClientRect().top); return new Set(tops).size === 1; })()`)
}
