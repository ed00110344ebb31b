package browser_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const arabic = "طلبك رقم 4821 جاهز للاستلام من فرع المعادي. شكرًا لك!"

// workspace is a fake with something of every kind in it, as people have it in front of them.
func workspace(c *tgotest.Config) {
	c.SenderNumbers = []tgotest.SenderNumber{
		{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "Acme deliveries متجر"},
		{Phone: "+201001187190", DisplayName: "Old number", Status: "suspended"},
	}
	c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{"*"}}, {Name: "deliveries", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}}}
	c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
}

// fill sends one of every kind, a refused one, a doubled one and some more. The rows are then, the newest first: a reading of the usage, a text to somebody
// else, the doubled text twice, a refused text, a document, a voice note, a picture, and an Arabic text.
func (b *tab) fill(t *testing.T) {
	t.Helper()
	ctx, to, s := t.Context(), b.fake.RecipientPhone, b.fake.Sender
	must := func(_ tgo.Receipt, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.SendText(ctx, to, arabic))
	must(s.SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "This is what your parcel looks like"}))
	must(s.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}))
	must(b.fake.Client.FromPhone("+201001187189").SendDocument(ctx, to, tgo.Document{File: tgo.FilePath(demo + "invoice.pdf"), Caption: "Your invoice"}))
	if _, err := s.SendText(ctx, "+201066666666", "Are you there?"); !errors.Is(err, tgo.ErrValidation) {
		t.Fatal(err)
	}
	b.double(t, "Your code is 4821")
	must(s.SendText(ctx, "+201055555555", "Your courier is on the way"))
	if _, err := b.fake.Client.Usage(ctx); err != nil {
		t.Fatal(err)
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 9 || document.querySelectorAll("#phones li").length === 2`)
}

const rowOfDoubled, rowOfRefused, rowOfDocument, rowOfVoice, rowOfPicture, rowOfArabic = 3, 4, 5, 6, 7, 8

// TestPhoneView shows what arrived as it is on the phones of those who got it.
func TestPhoneView(t *testing.T) {
	b := open(t, workspace)
	b.inbox(t)
	b.fill(t)
	b.click(t, "#to-phone")
	b.until(t, `document.querySelectorAll("#phones li").length === 2`)
	people := evaluate[[]string](t, b, `[...document.querySelectorAll("#phones a")].map((a) => ["who", "last", "count", "doubled"].map((part) => a.querySelector(".phone-" + part)?.textContent).join("|"))`)
	if want := []string{"+201055555555|Your courier is on the way|1|", "+201010000000|Your code is 4821|6|doubled"}; !slices.Equal(people, want) {
		t.Errorf("the phones are %q, want %q", people, want)
	}
	b.click(t, "#phones li:nth-child(2) a")
	b.until(t, `location.pathname === "/phone/+201010000000" && document.querySelectorAll("#thread .bubble").length === 6`)
	thread := `[...document.querySelectorAll("#thread li")]`
	if got := evaluate[[]string](t, b, thread+`.map((li) => li.querySelector(".bubble").className.match(/bubble-(\w+)/)[1])`); !slices.Equal(got, []string{"text", "image", "voice", "document", "text", "text"}) {
		t.Errorf("the thread is %v", got)
	}
	if got := evaluate[[]string](t, b, thread+`.map((li) => li.querySelector(".phone-sender bdi")?.textContent ?? "")`); !slices.Equal(got, []string{"Acme", "", "", "Acme deliveries متجر", "Acme", ""}) {
		t.Errorf("the senders above the bubbles are %q", got)
	}
	b.until(t, `document.querySelector("#thread img").naturalWidth > 0 && document.querySelector("#thread audio").readyState >= 1 && document.querySelector("#thread .file a").textContent === "invoice.pdf"`)
	if got := evaluate[[]bool](t, b, thread+`.map((li) => li.classList.contains("doubled"))`); !slices.Equal(got, []bool{false, false, false, false, true, true}) {
		t.Errorf("the doubled ones are %v", got)
	}
	b.until(t, `document.querySelector("#thread .doubled .phone-twice").textContent.startsWith("Sent twice, ")`)
	// Arabic runs from the right, in a bubble that stays at the side of what is received.
	if !evaluate[bool](t, b, `(() => {
		const [rtl, ltr] = [document.querySelector("#thread li .bubble"), document.querySelector("#thread li:last-child .bubble")];
		return getComputedStyle(rtl.querySelector(".content")).direction === "rtl" && Math.abs(rtl.getBoundingClientRect().left - ltr.getBoundingClientRect().left) < 20;
	})()`) {
		t.Error("the Arabic text is at the wrong side, or runs the wrong way")
	}
	// The newest is in sight, and what arrives comes below it.
	inSight := `(() => { const li = document.querySelector("#thread li:last-child").getBoundingClientRect(); return li.bottom <= innerHeight && li.top > 0; })()`
	b.until(t, inSight)
	sendTexts(t, b.fake, "one more")
	b.until(t, `document.querySelector("#thread li:last-child .content").textContent === "one more" && `+inSight)
	b.keep(t, "phone", false)
	b.keep(t, "phone-dark", true)
	b.run(t, chromedp.SendKeys("#phone input", "01055555555"))
	b.until(t, `document.querySelectorAll("#phones li").length === 1 && document.querySelector("#phones .phone-who").textContent === "+201055555555"`)
	b.do(t, `(() => { const i = document.querySelector("#phone input"); i.value = ""; i.dispatchEvent(new Event("input")); })()`)
	b.until(t, `document.querySelectorAll("#phones li").length === 2`)
	// A bubble leads to its request.
	b.click(t, `#thread li:last-child a[href="/requests/10"]`)
	b.until(t, `location.pathname === "/requests/10" && document.body.dataset.view === "list" && `+shows("one more"))
}

// TestNarrow uses the inbox on a phone, on a tablet, and at 200 %.
func TestNarrow(t *testing.T) {
	b := open(t, workspace)
	b.inbox(t)
	b.fill(t)
	sideways := func(what string) {
		t.Helper()
		if wide := evaluate[[]string](t, b, `[...document.querySelectorAll("html, header, .columns, .columns > *, #scroll, #phone > *")].filter((e) =>
			e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.tagName + "#" + e.id + "." + e.className)`); len(wide) > 0 {
			t.Errorf("%s: one has to scroll sideways in %v", what, wide)
		}
	}
	visible := func(selector string) string {
		return fmt.Sprintf(`(() => {
			const box = document.querySelector(%q).getBoundingClientRect();
			const top = document.elementFromPoint(Math.min(innerWidth - 1, box.left + box.width / 2), Math.max(1, Math.min(innerHeight - 1, box.top + Math.min(box.height, 20) / 2)));
			return box.width > 0 && box.left >= -1 && box.right <= innerWidth + 1 && document.querySelector(%q).contains(top);
		})()`, selector, selector)
	}
	hidden := func(selector string) string {
		return fmt.Sprintf(`!document.querySelector(%q).checkVisibility()`, selector)
	}
	for _, size := range []struct {
		name          string
		width, height int64
		scale         float64
		beside        bool // list and detail
	}{{"390 pixels", 390, 844, 3, false}, {"768 pixels", 768, 1024, 2, true}, {"1280 pixels at 200 %", 640, 430, 2, false}} {
		b.run(t, chromedp.EmulateViewport(size.width, size.height, chromedp.EmulateScale(size.scale)))
		b.run(t, chromedp.Navigate(b.root+"/"))
		b.until(t, `document.querySelectorAll("#requests li").length === 9`)
		b.until(t, visible("#requests a")+" && "+visible("#search")+" && "+visible("#drawer-button")+" && "+visible("#doubled"))
		sideways(size.name + ", list")
		if width := evaluate[float64](t, b, `document.querySelector("#requests").getBoundingClientRect().width`); width < 280 {
			t.Errorf("%s: the list is %v pixels wide", size.name, width)
		}
		b.show(t, rowOfRefused)
		b.until(t, visible("#detail h2"))
		sideways(size.name + ", detail")
		if size.beside {
			b.until(t, visible("#requests a"))
		} else {
			b.until(t, hidden("#requests"))
			// There is a way back: a button, the browser's own, and Escape.
			for _, back := range []func(){
				func() { b.click(t, "#back") },
				func() { b.do(t, `history.back()`) },
				func() { b.press(t, kb.Escape) },
			} {
				back()
				b.until(t, visible("#requests a")+" && "+hidden("#detail"))
				b.show(t, rowOfRefused)
				b.until(t, visible("#detail h2"))
			}
		}
		b.drawer(t)
		b.until(t, visible("#fault-operation"))
		sideways(size.name + ", drawer")
		b.press(t, kb.Escape)
		b.until(t, hidden("#drawer"))
		b.run(t, chromedp.Navigate(b.root+"/phone"))
		b.until(t, `document.querySelectorAll("#phones li").length === 2`)
		if !size.beside {
			b.until(t, visible("#phones a"))
			b.click(t, "#phones a")
			b.until(t, visible("#thread .bubble")+" && "+hidden("#phones"))
			b.click(t, ".phone-back")
		}
		b.until(t, visible("#phones a"))
		sideways(size.name + ", phones")
	}
}

// TestForcedColours: where the system chooses the colours, what is chosen, pressed, unread or doubled is told by more than a colour.
func TestForcedColours(t *testing.T) {
	b := open(t, workspace)
	call(t, b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "forced-colors", Value: "active"}}})
	b.inbox(t)
	b.fill(t)
	b.show(t, rowOfRefused)
	b.until(t, fmt.Sprintf(`document.querySelectorAll("#requests li:not(.unread)").length === 1 && !document.querySelectorAll("#requests li")[%d].classList.contains("unread")`, rowOfRefused))
	// looks is all of an element, and what is drawn before and after it, that a colour of the page does not change in this mode.
	const looks = `(e) => ["", "::before", "::after"].map((part) => {
		const s = getComputedStyle(e, part || null);
		return [s.outlineStyle, s.outlineWidth, s.borderTopStyle, s.borderTopWidth, s.borderLeftWidth, s.borderBottomWidth, s.fontWeight, s.textDecorationLine,
			s.outlineColor, s.borderTopColor, s.borderLeftColor, s.borderBottomColor, s.backgroundColor, s.forcedColorAdjust, s.content].join();
	}).join(";")`
	differ := func(what, one, other string) {
		t.Helper()
		b.until(t, fmt.Sprintf(`document.querySelector(%q) !== null && document.querySelector(%q) !== null`, one, other))
		if evaluate[bool](t, b, fmt.Sprintf(`((looks) => {
			const all = (e) => [e, ...e.querySelectorAll("*")].map(looks).join("|");
			return looks(document.querySelector(%q)) === looks(document.querySelector(%q));
		})(%s)`, one, other, looks)) {
			t.Errorf("%s cannot be told", what)
		}
	}
	differ("the row that is shown", `#requests a[aria-current="true"]`, `#requests li:nth-child(6) a`)
	differ("the filter that is on", `[data-filter][aria-pressed="true"]`, `[data-filter][aria-pressed="false"]`)
	differ("the view that is shown", `#to-list`, `#to-phone`)
	differ("a doubled row", `#requests li.doubled`, `#requests li:nth-child(6)`)
	differ("an unread row", `#requests li.unread .who`, fmt.Sprintf(`#requests li:nth-child(%d) .who`, rowOfRefused+1))
	b.menu(t, `input[name=theme][value=light]`)
	differ("the theme that is chosen", `input[name=theme]:checked, label:has(input[name=theme]:checked) span`, `label:has(input[name=theme]:not(:checked)) span`)
}
