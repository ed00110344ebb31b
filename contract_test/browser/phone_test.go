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

func contains(text, part string) bool { return strings.Contains(text, part) }

// TestPhoneView: messages look as on the recipient's phone.
func TestPhoneView(t *testing.T) {
	t.Parallel()
	var now clock
	today := time.Now().UTC().Truncate(24 * time.Hour)
	b := open(t, withClock(&now, today.Add(-10*24*time.Hour).Add(9*time.Hour)), func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "متجر"}}
	})
	ctx, to := t.Context(), b.fake.RecipientPhone
	other := b.fake.Client.FromPhone("+201001187189")
	must := func(_ tgo.Receipt, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	sendTexts(t, b.fake, "long ago")
	now.add(9 * 24 * time.Hour)
	sendTexts(t, b.fake, "yesterday")
	now.add(24 * time.Hour)
	must(b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "Your parcel"}))
	must(b.fake.Sender.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}))
	must(other.SendDocument(ctx, to, tgo.Document{File: tgo.FilePath(demo + "invoice.pdf")}))
	must(other.SendText(ctx, to, "طلبك 4821 جاهز للاستلام"))
	now.add(17 * time.Minute)
	must(b.fake.Sender.SendText(ctx, "+201055555555", "to somebody else"))
	b.visit(t, "/phone")

	// The phones, the latest first, with the last text and the number of messages. The first phone is shown.
	const people = `[...document.querySelectorAll("#phones a")].map((a) => ["who", "when", "last", "count"]
		.map((c) => a.querySelector(".phone-" + c).textContent).join(" | ")).join("; ")`
	b.until(t, people+` === "+201055555555 | 09:17 | to somebody else | 1; +201010000000 | 09:00 | طلبك 4821 جاهز للاستلام | 6"`)
	b.until(t, `location.pathname === "/phone/+201055555555" &&
		document.querySelector("#phones [aria-current]").textContent.includes("+201055555555")`)
	b.click(t, `#phones li:nth-child(2) a`)
	b.until(t, `location.pathname === "/phone/+201010000000" && document.querySelectorAll("#thread .bubble").length === 6`)
	b.says(t, ".phone-head", "+201010000000", "6 messages")

	// Days, and the sender's name at the top of each run of messages.
	days := evaluate[[]string](t, b, `[...document.querySelectorAll("#thread .phone-day")].map((e) => e.textContent)`)
	if want := []string{today.Add(-10 * 24 * time.Hour).Format("2 January 2006"), "Yesterday", "Today"}; fmt.Sprint(days) != fmt.Sprint(want) {
		t.Errorf("the days are %q, want %q", days, want)
	}
	senders := evaluate[[]string](t, b, `[...document.querySelectorAll("#thread .phone-sender")]
		.map((e) => e.querySelector("bdi").textContent + " " + e.querySelector("small").textContent)`)
	if want := []string{"Acme +201001187188", "Acme +201001187188", "Acme +201001187188", "متجر +201001187189"}; fmt.Sprint(senders) != fmt.Sprint(want) {
		t.Errorf("the senders are %q, want %q", senders, want)
	}
	colours := evaluate[int](t, b, `new Set([...document.querySelectorAll("#thread .phone-sender")].map((e) => getComputedStyle(e).color)).size`)
	if colours != 2 {
		t.Errorf("two senders have %d colours", colours)
	}
	// A picture, a voice note that plays, a file to download; and the newest message is visible.
	b.until(t, `document.querySelector("#thread img").naturalWidth > 0 &&
		document.querySelector("#thread audio").readyState >= 1`)
	b.until(t, `document.querySelector("#thread .file a[download]").textContent === "invoice.pdf"`)
	b.until(t, `(() => { const s = document.querySelector(".phone-scroll"); return s.scrollHeight - s.scrollTop - s.clientHeight < 2; })()`)
	// Arabic runs from right to left, in a bubble at the same place as the others.
	const arabic = "#thread li:last-child .content"
	if got := evaluate[string](t, b, fmt.Sprintf(`getComputedStyle(document.querySelector(%q)).direction`, arabic)); got != "rtl" {
		t.Errorf("the direction of the Arabic text is %s", got)
	}
	if got := b.beginsAt(t, arabic); got != "right" {
		t.Errorf("the Arabic text starts at the %s", got)
	}
	if n := evaluate[int](t, b, `new Set([...document.querySelectorAll("#thread .bubble")]
		.map((e) => Math.round(e.getBoundingClientRect().left))).size`); n != 1 {
		t.Errorf("the bubbles start at %d different places", n)
	}

	// New messages appear at once.
	sendTexts(t, b.fake, "a new one")
	b.until(t, `document.querySelector("#thread li:last-child .content").textContent === "a new one"`)
	b.until(t, `document.querySelector("#phones li:first-child .phone-last").textContent === "a new one"`)
	// Each message has a link to its request.
	b.click(t, `#thread li[data-id="4"] .phone-meta a`)
	b.until(t, `location.pathname === "/requests/4" && document.querySelector("#detail audio") !== null &&
		!document.querySelector("#phone").checkVisibility()`)
	// And its request has a link to the phone, where the list's search does not apply.
	b.visit(t, "/requests/4?q=new&is=accepted")
	b.click(t, `#detail .facts a[href="/phone/+201010000000"]`)
	b.until(t, `location.search === "" && document.querySelectorAll("#thread .bubble").length === 7 && document.querySelector("#phone").checkVisibility()`)
	b.click(t, ".phone-all")
	b.until(t, `location.pathname === "/" && document.querySelectorAll("#requests li").length === 7 &&
		document.querySelector("#search").value === "to:+201010000000"`)
}

// TestPhoneOutlinesDoubled: the phone view marks the copies of a message.
func TestPhoneOutlinesDoubled(t *testing.T) {
	t.Parallel()
	var now clock
	b := open(t, withClock(&now, time.Date(2026, 11, 27, 14, 3, 22, 187e6, time.UTC)))
	sendTexts(t, b.fake, "before it", "twice")
	now.add(812 * time.Millisecond)
	sendTexts(t, b.fake, "twice", "after it")
	b.visit(t, "/phone/+201010000000")
	b.until(t, `[...document.querySelectorAll("#thread li")]
		.map((li) => li.className.replace(/phone-message|run|doubled /g, "").trim()).join() === ",doubled-first,doubled-last,"`)
	b.until(t, `document.querySelectorAll("#thread .phone-twice").length === 1`)
	b.says(t, "#thread .phone-twice", "Sent twice, 0.8 s apart")
	const outlined = `[...document.querySelectorAll("#thread .bubble")].map((e) => getComputedStyle(e).outlineStyle).join()`
	if got := evaluate[string](t, b, outlined); got != "none,solid,solid,none" {
		t.Errorf("the outlines are %s", got)
	}
	b.says(t, "#phones", "doubled")
	b.says(t, ".phone-head", "4 messages", "doubled")
	b.says(t, "#doubled", "1 doubled")
	// A message between the copies is in no frame.
	now.add(time.Second)
	sendTexts(t, b.fake, "twice")
	b.until(t, `[...document.querySelectorAll("#thread li")]
		.map((li) => li.className.replace(/phone-message|run|doubled /g, "").trim()).join() === ",doubled-first,doubled-last,,doubled-alone"`)
	b.says(t, "#thread li:last-child .phone-twice", "Sent 3 times within 1.8 s: copy 3")
	// The counter in the header leads to the list.
	b.click(t, "#doubled")
	b.until(t, lists("twice", "twice", "twice")+` && location.pathname + location.search === "/?is=doubled"`)
}

// TestPhones finds a phone by its number in any format or by its last text, and goes back to the first of many messages.
func TestPhones(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i := range 120 {
		b.post(t, fmt.Sprintf(`{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "n%dn"}`, i))
	}
	for i := range 5 {
		b.post(t, fmt.Sprintf(`{"sender_number_id": 1, "to_phone": "+20105555555%d", "type": "text", "content": "hello %d"}`, i, i))
	}
	b.visit(t, "/phone")
	const people = `[...document.querySelectorAll("#phones .phone-who")].map((e) => e.textContent).join()`
	b.until(t, people+` === "+201055555554,+201055555553,+201055555552,+201055555551,+201055555550,+201010000000"`)
	for typed, want := range map[string]string{"hello 3": "+201055555553", "01055555551": "+201055555551", "٠١٠١٠٠٠٠٠٠٠": "+201010000000"} {
		b.do(t, `document.querySelector("#phones-search").select()`)
		b.run(t, chromedp.Focus("#phones-search"))
		b.do(t, fmt.Sprintf(`document.execCommand("insertText", false, %q)`, typed))
		b.until(t, fmt.Sprintf(`%s === %q`, people, want))
	}
	b.visit(t, "/phone/+201010000000")
	b.until(t, `document.querySelector("#thread li:last-child .content")?.textContent === "n119n" &&
		document.querySelectorAll("#thread li").length === 50`)
	for _, n := range []int{100, 120} {
		b.click(t, ".phone-older")
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#thread li").length === %d`, n))
	}
	b.until(t, `document.querySelector("#thread li .content").textContent === "n0n" &&
		document.querySelector(".phone-older").hidden`)
	// A new message does not move a thread that is scrolled up. A button says that it arrived.
	b.do(t, `document.querySelector(".phone-scroll").scrollTo(0, 500)`)
	b.until(t, `document.querySelector(".phone-newest").checkVisibility()`)
	const top = `[...document.querySelectorAll("#thread .content")].find((e) => e.getBoundingClientRect().top > 200).textContent`
	at := evaluate[string](t, b, top)
	sendTexts(t, b.fake, "n120n")
	b.until(t, `document.querySelector(".phone-newest").innerText === "1 new"`)
	if now := evaluate[string](t, b, top); now != at {
		t.Errorf("the thread has moved: %s is where %s was", now, at)
	}
	b.click(t, ".phone-newest")
	b.until(t, `(() => {
		const s = document.querySelector(".phone-scroll");
		return s.scrollHeight - s.scrollTop - s.clientHeight < 2 && document.querySelector("#thread li:last-child .content").textContent === "n120n" && document.querySelector(".phone-newest").hidden;
	})()`)
}

// TestPhoneViewOnANarrowScreen: phones and thread are two screens.
func TestPhoneViewOnANarrowScreen(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.size(t, 390, 800)
	sendTexts(t, b.fake, "here it is")
	b.visit(t, "/phone")
	b.until(t, `document.querySelector("#phones").checkVisibility() &&
		!document.querySelector(".phone-thread").checkVisibility()`)
	b.click(t, "#phones a")
	b.until(t, `document.querySelector("#thread .content")?.textContent === "here it is" &&
		!document.querySelector("#phones").checkVisibility()`)
	b.fits(t, "a thread on a phone")
	b.until(t, `document.querySelector(".phone-back").checkVisibility()`)
	b.click(t, ".phone-back")
	b.until(t, `location.pathname === "/phone" && document.querySelector("#phones").checkVisibility() &&
		!document.querySelector(".phone-thread").checkVisibility()`)
}
