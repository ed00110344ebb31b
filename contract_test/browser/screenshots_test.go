package browser_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// shop opens a tab with the fake of a shop's developer. Its clock starts a few minutes ago, so all messages are from today.
func shop(t *testing.T) (*tab, *clock) {
	t.Helper()
	now := &clock{}
	b := open(t, withClock(now, time.Now().Add(-5*time.Minute)), func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "أكمي للتوصيل"}, {Phone: "+201001187190", DisplayName: "Acme offers", Status: "suspended"},
		}
		c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{"*"}}}
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
	})
	return b, now
}

// TestScreenshots makes the pictures of the pages. Some of them are in the documentation.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("only `make screenshots` needs them")
	}
	b, now := shop(t)
	b.size(t, 1280, 860)
	b.inbox(t)
	b.until(t, `document.querySelectorAll(".snippet").length === 2`)
	b.keep(t, "inbox-empty", false)
	b.keep(t, "inbox-empty-dark", true)

	ctx, acme := t.Context(), b.fake.Client.FromPhone("+201001187188")
	delivery, offers := b.fake.Client.FromPhone("+201001187189"), b.fake.Client.FromPhone("+201001187190")
	const laila, omar, mona, karim = "+201010000000", "+201224455667", "+201115550198", "+201066666666"
	must := func(_ tgo.Receipt, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		now.add(17*time.Second + 312*time.Millisecond)
	}
	must(acme.SendText(ctx, omar, "Hi Omar, your order 4817 is confirmed. We let you know when it is on its way."))
	must(acme.SendText(ctx, laila, "أهلًا ليلى، تم تأكيد طلبك رقم 4821. الإجمالي 1,250 ج.م."))
	must(acme.SendText(ctx, mona, "Your code is 771204. It works for ten minutes."))
	must(delivery.SendText(ctx, omar, "طلبك 4817 خرج للتوصيل، ويصلك اليوم بين الثالثة والخامسة."))
	if _, err := offers.SendText(ctx, mona, "This weekend: 20 % off everything for the kitchen"); !errIs(err, tgo.ErrSenderInactive) {
		t.Fatal(err)
	}
	now.add(21 * time.Second)
	must(delivery.SendImage(ctx, laila, tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "Your order waits for you at our shop in Maadi, Laila."}))
	inject(t, b.fake, tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Times: 2})
	for range 3 {
		b.post(t, `{"sender_phone": "+201001187188", "to_phone": "+201224455667", "type": "text", "content": "Your order 4830 is confirmed."}`,
			"User-Agent", "shop/2.4", "X-Tgo-Test", "TestCheckout")
		now.add(1300 * time.Millisecond)
	}
	now.add(20 * time.Second)
	b.post(t, `{"sender_number_id": 1, "sender_phone": "+201001187188", "to_phone": "01010000000", "type": "text", "content": "Your parcel is ready for pickup."}`,
		"User-Agent", "shop/2.4", "X-Tgo-Test", "TestPickup")
	now.add(30 * time.Second)
	must(acme.SendDocument(ctx, laila, tgo.Document{File: tgo.FilePath(demo + "invoice.pdf"), Caption: "فاتورة طلبك رقم 4821"}))
	must(delivery.SendVoice(ctx, laila, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}))
	inject(t, b.fake, tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true, Times: 1})
	if _, err := acme.SendText(ctx, laila, "Your code is 482193. It works for ten minutes."); deliveryOf(err) != tgo.DeliveryUnknown {
		t.Fatal(err)
	}
	now.add(812 * time.Millisecond)
	must(acme.SendText(ctx, laila, "Your code is 482193. It works for ten minutes."))
	if _, err := acme.SendText(ctx, karim, "Are you there?"); !errIs(err, tgo.ErrValidation) {
		t.Fatal(err)
	}
	now.add(11 * time.Second)
	if _, err := b.fake.Client.Usage(ctx); err != nil {
		t.Fatal(err)
	}
	now.add(4 * time.Second)
	must(acme.SendDocument(ctx, mona, tgo.Document{File: tgo.FilePath(demo + "invoice.pdf"), Caption: "Invoice of order 4828"}))
	must(acme.SendText(ctx, laila, "شكرًا لك! كيف كانت تجربتك معنا؟"))
	must(delivery.SendText(ctx, mona, "تم تسليم طلبك رقم 4828."))
	const sent = 19
	b.until(t, fmt.Sprintf(`document.querySelectorAll("#requests li").length === %d`, sent))
	// Most of it has been read.
	b.admin(t, "POST", "/requests/read", "{}")
	sendTexts(t, b.fake, "Laila, one more thing: your refund of 120 EGP is on its way.")

	show := func(path, ready string) {
		t.Helper()
		b.visit(t, path)
		b.until(t, ready+` && [...document.querySelectorAll("img")].every((i) => i.complete)`)
	}
	const detail = `document.querySelector("#detail .facts") !== null && document.querySelectorAll("#requests li").length > 5`
	show("/requests/6", detail)
	b.keep(t, "inbox", false)
	b.keep(t, "inbox-dark", true)
	show("/requests/12", detail+` && document.querySelector("#detail audio").readyState > 0`)
	b.keep(t, "inbox-voice", false)
	show("/requests/10", detail+` && document.querySelector("#detail .problem") !== null`)
	b.keep(t, "inbox-refused", false)
	b.keep(t, "inbox-refused-dark", true)
	show("/requests/9", detail+` && document.querySelector("#detail .attempts") !== null`)
	b.keep(t, "inbox-attempts", false)
	show("/requests/14", detail+` && document.querySelector("#detail .timeline") !== null`)
	b.keep(t, "inbox-doubled", false)
	b.keep(t, "inbox-doubled-dark", true)
	b.size(t, 1280, 1060)
	show("/phone/"+laila, `document.querySelectorAll("#thread .bubble").length > 5`)
	b.keep(t, "inbox-phone", false)
	b.keep(t, "inbox-phone-dark", true)
	b.size(t, 1280, 860)
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, Operation: "getUsage"})
	show("/requests/6", detail)
	b.drawer(t)
	b.until(t, `document.querySelector("#coverage-section").checkVisibility()`)
	b.do(t, "document.activeElement.blur()")
	b.keep(t, "inbox-drawer", false)
	b.click(t, "#drawer-close")
	b.do(t, "document.activeElement.blur()")
	b.size(t, 768, 1024)
	b.keep(t, "inbox-768", false)
	b.run(t, chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile, chromedp.EmulateTouch))
	show("/", `document.querySelectorAll("#requests li").length > 5`)
	b.keep(t, "inbox-390", false)
	show("/requests/14", `document.querySelector("#detail .timeline") !== null`)
	b.keep(t, "inbox-390-doubled", true)
	show("/phone/"+laila, `document.querySelectorAll("#thread .bubble").length > 5`)
	b.keep(t, "inbox-390-phone", false)
}
