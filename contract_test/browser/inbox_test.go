package browser_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const demo = "../../tgo/cmd/tgo/demo/"

// withinASecond sends, and waits for what the page then shows. A busy machine may take longer, but not three times.
func withinASecond(t *testing.T, b *tab, send func(), expression string) {
	t.Helper()
	var took time.Duration
	for range 3 {
		// The list is empty when the fake has cleared it; of one that was empty before nobody could tell when.
		if !evaluate[bool](t, b, `document.querySelectorAll("#requests li").length === 0`) {
			b.click(t, "#clear")
			b.until(t, `document.querySelectorAll("#requests li").length === 0`)
		}
		begun := time.Now()
		send()
		b.until(t, expression)
		if took = time.Since(begun); took < time.Second {
			return
		}
	}
	t.Errorf("%s took %v", expression, took)
}

// TestMessagesAppear sends by the Go client and by curl while the page is open.
func TestMessagesAppear(t *testing.T) {
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme متجر"}}
	})
	b.inbox(t)
	picture := tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "This is what your parcel looks like"}
	withinASecond(t, b, func() {
		if _, err := b.fake.Sender.SendImage(t.Context(), b.fake.RecipientPhone, picture); err != nil {
			t.Fatal(err)
		}
	}, `(() => { const i = document.querySelector("#detail .bubble img"); return i !== null && i.complete && i.naturalWidth > 0 })()`)
	// The right picture: the page's bytes are those of the file.
	sum := evaluate[string](t, b, `document.querySelector("#detail .facts").innerText`)
	shown := b.sha256(t, `document.querySelector("#detail .bubble img").src`)
	if want := lastMessage(b).Media.SHA256; shown != want || !strings.Contains(sum, want) {
		t.Errorf("the picture has SHA-256 %s, want %s; the facts are %s", shown, want, sum)
	}
	for _, text := range []string{"+201001187188", "Acme متجر", "+201010000000", "all scopes", "This is what your parcel"} {
		if !evaluate[bool](t, b, fmt.Sprintf(`document.querySelector("#detail").innerText.includes(%q)`, text)) {
			t.Errorf("the page does not show %q", text)
		}
	}

	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("there is no curl here")
	}
	withinASecond(t, b, func() {
		curl := exec.CommandContext(t.Context(), "curl", "--silent", "--fail", b.fake.URL+"/messages", "-H", "X-Api-Key: "+b.fake.Key.Reveal(),
			"-F", "sender_number_id=1", "-F", "to_phone=+201055555555", "-F", "type=image", "-F", "media=@"+demo+"picture.png")
		if out, err := curl.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}, `document.querySelector("#requests li .who")?.textContent === "+201055555555"`)
	b.click(t, "#requests li:first-child button")
	b.until(t, `document.querySelector("#detail .bubble img")?.naturalWidth > 0`)
	if got, want := b.sha256(t, `document.querySelector("#detail .bubble img").src`), lastMessage(b).Media.SHA256; got != want {
		t.Errorf("curl's picture has SHA-256 %s, want %s", got, want)
	}
}

func lastMessage(b *tab) tgotest.Message {
	all := b.fake.Messages()
	return all[len(all)-1]
}

// sha256 reads an address as the page can, and hashes it.
func (b *tab) sha256(t *testing.T, address string) string {
	t.Helper()
	return evaluate[string](t, b, `(async () => {
		const bytes = await (await fetch(`+address+`)).arrayBuffer();
		const hash = await crypto.subtle.digest("SHA-256", bytes);
		return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
	})()`)
}

func TestVoiceNotePlays(t *testing.T) {
	b := open(t)
	b.inbox(t)
	voice := tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}
	if _, err := b.fake.Sender.SendVoice(t.Context(), b.fake.RecipientPhone, voice); err != nil {
		t.Fatal(err)
	}
	const player = `document.querySelector("#detail audio")`
	b.until(t, player+`?.readyState >= 3`)
	b.do(t, player+`.play()`)
	b.until(t, player+`.currentTime > 0.2 && !`+player+`.paused && `+player+`.error === null`)
	if d := evaluate[float64](t, b, player+`.duration`); d < 4 || d > 4.2 {
		t.Errorf("its length is %v s", d)
	}
}

func TestArabicRunsFromRightToLeft(t *testing.T) {
	b := open(t)
	b.inbox(t)
	for _, c := range []struct{ text, direction string }{{"طلبك 4821 جاهز للاستلام", "rtl"}, {"Your order is ready", "ltr"}} {
		if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, c.text); err != nil {
			t.Fatal(err)
		}
		b.until(t, fmt.Sprintf(`document.querySelector("#requests li .what")?.textContent === %q`, c.text))
		b.click(t, "#requests li:first-child button")
		b.until(t, fmt.Sprintf(`document.querySelector("#detail .content")?.textContent === %q`, c.text))
		if got := evaluate[string](t, b, `getComputedStyle(document.querySelector("#detail .content")).direction`); got != c.direction {
			t.Errorf("%q runs %s", c.text, got)
		}
		// And so it is drawn: the first word begins at the side where reading does.
		first := evaluate[bool](t, b, `(() => {
			const p = document.querySelector("#detail .content"), r = document.createRange();
			r.setStart(p.firstChild, 0); r.setEnd(p.firstChild, 1);
			const box = p.getBoundingClientRect(), letter = r.getBoundingClientRect();
			return Math.abs(letter.right - box.right) < Math.abs(letter.left - box.left);
		})()`)
		if first != (c.direction == "rtl") {
			t.Errorf("%q begins at the other side", c.text)
		}
	}
}

func TestFaultsAreSwitches(t *testing.T) {
	b := open(t)
	b.inbox(t)
	toggle := func(label string) {
		t.Helper()
		b.do(t, fmt.Sprintf(`[...document.querySelectorAll("#faults button")].find((b) => b.textContent.trim() === %q).click()`, label))
	}
	state := func(label string) string {
		return fmt.Sprintf(`[...document.querySelectorAll("#faults button")].find((b) => b.textContent === %q)?.getAttribute("aria-checked")`, label)
	}
	const lost = "Stored, answer lost"
	toggle(lost)
	b.until(t, state(lost)+` === "true"`)
	if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "Is it there?"); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("the next send: %v", err)
	}
	b.fake.ExpectMessage(t, tgotest.Containing("Is it there?"))
	b.until(t, state(lost)+` === "false"`) // it was for the next one
	b.until(t, `document.querySelector("#detail").innerText.includes("accepted all the same")`)
	if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "And now?"); err != nil {
		t.Errorf("the one after it: %v", err)
	}
	// One for all, on everything; and off again.
	b.run(t, chromedp.SetValue("#fault-times", "0"), chromedp.SetValue("#fault-operation", ""))
	const trouble = "503 Service Unavailable"
	toggle(trouble)
	b.until(t, state(trouble)+` === "true"`)
	for range 2 {
		if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "x"); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
			t.Errorf("%v", err)
		}
	}
	toggle(trouble)
	b.until(t, state(trouble)+` === "false"`)
	if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "x"); err != nil {
		t.Error(err)
	}
	// Every switch is a fault that the fake knows.
	count := evaluate[int](t, b, `document.querySelectorAll("#faults button").length`)
	for i := range count {
		b.do(t, fmt.Sprintf(`document.querySelectorAll("#faults button")[%d].click()`, i))
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#faults button")[%d].getAttribute("aria-checked") === "true"`, i))
	}
	if count < 10 || evaluate[int](t, b, `document.querySelectorAll('#faults [aria-checked="true"]').length`) != count {
		t.Errorf("of %d switches not all are on", count)
	}
}

func TestContactsAndSendersAreSwitches(t *testing.T) {
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "one", Scopes: []tgo.Scope{"*"}}, {Name: "two", Scopes: []tgo.Scope{"messages.send"}}}
	})
	b.inbox(t)
	choose := func(label, value string) {
		t.Helper()
		b.do(t, fmt.Sprintf(`(() => { const s = document.querySelector('select[aria-label=%q]'); s.value = %q; s.dispatchEvent(new Event("change")); })()`, label, value))
	}
	sendFails := func(want error) {
		t.Helper()
		deadline := time.Now().Add(patience)
		for { // the page asks the fake; nothing tells a test when that is done
			_, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "x")
			if errIs(err, want) {
				return
			}
			if time.Now().After(deadline) {
				t.Fatalf("got %v, want %v", err, want)
			}
			time.Sleep(20 * time.Millisecond) // the page draws each message that arrives, and must come to its request
		}
	}
	// Each choice is seen to work before the next: the page sends them side by side.
	for _, state := range []string{"unreachable", "unverified", "unknown"} {
		choose("State of +201010000000", state)
		sendFails(tgo.ErrValidation)
		choose("State of +201010000000", "reachable")
		sendFails(nil)
	}
	for _, state := range []string{"suspended", "rejected", "pending_verification"} {
		choose("Status of +201001187188", state)
		sendFails(tgo.ErrSenderInactive)
		choose("Status of +201001187188", "active")
		sendFails(nil)
	}
	choose("Verification of +201001187188", "pending_account_verification")
	sendFails(tgo.ErrSenderUnverified)
	choose("Verification of +201001187188", "active")
	sendFails(nil)
	b.click(t, `[aria-label="Revoke key one"]`)
	sendFails(tgo.ErrUnauthenticated)
	b.run(t, chromedp.SendKeys("#contact-phone", "+201077777777"+kb.Enter))
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]')?.value === "unreachable"`)
	b.click(t, "#reset")
	sendFails(nil)
}

// TestRefusalsSayWhere sends what is wrong, and looks for what was wrong and where the contract says so.
func TestRefusalsSayWhere(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.do(t, fmt.Sprintf(`fetch("/api/v1/messages", {method: "POST", headers: {"X-Api-Key": %q, "Content-Type": "application/json"},
		body: JSON.stringify({sender_number_id: 1, to_phone: "+201010000000", type: "video", content: "x"})}).then((r) => r.status)`, b.fake.Key.Reveal()))
	b.until(t, `document.querySelector("#requests .badge")?.textContent === "422"`)
	text := evaluate[string](t, b, `document.querySelector("#detail").innerText`)
	line := 1 + slices.Index(strings.Split(string(openapi.Document), "\n"), "          enum: [text]")
	if !regexp.MustCompile(fmt.Sprintf(`openapi\.yaml, line %d\b`, line)).MatchString(text) {
		t.Errorf("line %d is not named in:\n%s", line, text)
	}
	for _, want := range []string{"type: ", "The selected type is invalid.", "openapi.yaml, line ", "enum: [text]", "POST /api/v1/messages", `"to_phone":"+201010000000"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(text, b.fake.Key.Reveal()) {
		t.Error("the key is shown")
	}
}

// TestWarningsAreShown of what works here and need not at the API.
func TestWarningsAreShown(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.do(t, fmt.Sprintf(`fetch("/api/v1/contacts/lookup?phone=+201010000000&sender_number_id=1", {headers: {"X-Api-Key": %q}}).then((r) => r.status)`, b.fake.Key.Reveal()))
	b.until(t, `document.querySelector("#requests .badge.good")?.textContent === "200"`)
	if text := evaluate[string](t, b, `document.querySelector("#detail .problem.warning").innerText`); !strings.Contains(text, "Warning: phone holds a bare plus") || !strings.Contains(text, "openapi.yaml, line ") {
		t.Errorf("the warning is:\n%s", text)
	}
	if text := evaluate[string](t, b, `document.querySelector("#requests .what").innerText`); !strings.Contains(text, "bare plus") {
		t.Errorf("the list shows:\n%s", text)
	}
}

// TestSearchAndKeyboard uses the list without a mouse.
func TestSearchAndKeyboard(t *testing.T) {
	b := open(t)
	b.inbox(t)
	for _, text := range []string{"first apple", "second pear", "third apple"} {
		if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
	items := `[...document.querySelectorAll("#requests .what")].map((e) => e.textContent).join(", ")`
	b.until(t, items+` === "third apple, second pear, first apple"`)
	b.run(t, chromedp.SendKeys("#search", "apple"))
	b.until(t, items+` === "third apple, first apple"`)
	b.run(t, chromedp.Focus("#requests button"), chromedp.KeyEvent(kb.ArrowDown))
	b.until(t, `document.querySelector("#detail .content")?.textContent === "first apple"`)
	if got := evaluate[string](t, b, `document.activeElement.querySelector(".what").textContent`); got != "first apple" {
		t.Errorf("the focus is at %q", got)
	}
	b.run(t, chromedp.KeyEvent(kb.Home))
	b.until(t, `document.querySelector("#detail .content")?.textContent === "third apple"`)
	// What comes is announced to those who do not see it.
	b.until(t, `document.querySelector("#news").textContent.startsWith("New text to +20")`)
	// Every control has a name.
	nameless := evaluate[[]string](t, b, `[...document.querySelectorAll("button, select, input, a, audio")].filter((e) =>
		!(e.innerText || e.getAttribute("aria-label") || (e.labels && e.labels.length))).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Errorf("without a name: %v", nameless)
	}
	b.click(t, "#clear")
	b.until(t, `document.querySelectorAll("#requests li").length === 0 && !document.querySelector("#none").hidden`)
	if n := len(b.fake.Messages()); n != 0 {
		t.Errorf("%d messages are left", n)
	}
}

// TestAnotherPictureAfterReset: the ids of messages begin again, and with them the addresses of their files.
func TestAnotherPictureAfterReset(t *testing.T) {
	b := open(t)
	b.inbox(t)
	for _, width := range []int{10, 33} {
		var picture bytes.Buffer
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, width, width))); err != nil {
			t.Fatal(err)
		}
		if _, err := b.fake.Sender.SendImage(t.Context(), b.fake.RecipientPhone, tgo.Image{File: tgo.BytesFile("a.png", picture.Bytes())}); err != nil {
			t.Fatal(err)
		}
		b.until(t, fmt.Sprintf(`document.querySelector("#detail .bubble img")?.naturalWidth === %d`, width))
		b.click(t, "#reset")
		b.until(t, `document.querySelectorAll("#requests li").length === 0`)
	}
}

// texts are those in the list, of which the page shows one.
const texts = `[...document.querySelectorAll("#requests .what")].map((e) => e.textContent).join(", ")`

func shows(text string) string {
	return fmt.Sprintf(`document.querySelector("#detail .content")?.textContent === %q`, text)
}

func sendTexts(t *testing.T, fake *tgotest.Server, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if _, err := fake.Sender.SendText(t.Context(), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAnotherFake puts fakes that have had more and fewer requests in the place of the one that the page knows.
func TestAnotherFake(t *testing.T) {
	b := open(t)
	f := b.behind(t)
	b.inbox(t)
	sendTexts(t, b.fake, "old 1", "old 2", "old 3")
	b.until(t, texts+` === "old 3, old 2, old 1"`)
	for _, sent := range [][]string{{"more 1", "more 2", "more 3", "more 4", "more 5"}, {"few 1", "few 2"}} {
		other := tgotest.New(t, withInbox)
		sendTexts(t, other, sent...)
		f.replace(other)
		last := sent[len(sent)-1]
		slices.Reverse(sent)
		b.until(t, fmt.Sprintf(`%s === %q`, texts, strings.Join(sent, ", ")))
		b.until(t, shows(last))
	}
	// Of one that has no inbox the browser asks only once.
	f.replace(tgotest.New(t))
	b.until(t, `document.querySelector("#live").textContent === "not connected; reload the page"`)
}

// TestReadingGoesOn loses the connection while somebody reads an older message.
func TestReadingGoesOn(t *testing.T) {
	b := open(t)
	f := b.behind(t)
	sendTexts(t, b.fake, "before the page")
	b.inbox(t)
	sendTexts(t, b.fake, "this is read", "another")
	b.until(t, texts+` === "another, this is read, before the page"`)
	b.click(t, "#requests li:nth-child(2) button")
	b.until(t, shows("this is read"))
	f.replace(nil)
	b.until(t, `document.querySelector("#live").dataset.on === "false"`)
	sendTexts(t, b.fake, "missed")
	f.replace(b.fake)
	b.until(t, texts+` === "missed, another, this is read, before the page"`)
	if !evaluate[bool](t, b, shows("this is read")) {
		t.Error("the page shows another message now")
	}
	b.until(t, `document.querySelector("#news").textContent === "New text to +201010000000"`)

	// What was forgotten meanwhile goes.
	f.replace(nil)
	b.until(t, `document.querySelector("#live").dataset.on === "false"`)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, strings.TrimSuffix(b.fake.URL, "/api/v1")+"/_fake/messages", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	sendTexts(t, b.fake, "after it")
	f.replace(b.fake)
	b.until(t, texts+` === "after it"`)
	b.until(t, shows("after it"))
}

// TestErrorsAreSeen does what the fake refuses, and what it is not there for.
func TestErrorsAreSeen(t *testing.T) {
	b := open(t)
	f := b.behind(t)
	b.inbox(t)
	if got := evaluate[string](t, b, `document.querySelector("#url").textContent`); got != f.URL+"/api/v1" {
		t.Errorf("the fake is said to be at %s", got)
	}
	// An alert, and where it can be seen, however far down a narrow page is scrolled.
	seen := func(text string) string {
		return fmt.Sprintf(`(() => {
			const e = document.querySelector("[role=alert]"), box = e.getBoundingClientRect();
			return e.textContent.includes(%q) && e.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
		})()`, text)
	}
	const none = `document.querySelector("[role=alert]").getBoundingClientRect().height === 0`
	if !evaluate[bool](t, b, none) {
		t.Error("there is an error at the beginning")
	}
	b.run(t, chromedp.EmulateViewport(400, 800))
	b.run(t, chromedp.SendKeys("#contact-phone", "0101"+kb.Enter))
	b.until(t, seen("E.164"))
	if evaluate[float64](t, b, "scrollY") == 0 {
		t.Error("the page is not scrolled")
	}
	for _, width := range []int64{400, 900, 1280} {
		b.run(t, chromedp.EmulateViewport(width, 860))
		b.until(t, seen("E.164"))
		if wide := evaluate[[]string](t, b, `[...document.querySelectorAll("html, .columns, .columns > *")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.tagName)`); len(wide) > 0 {
			t.Errorf("at %d pixels one has to scroll sideways in %v", width, wide)
		}
		b.keep(t, fmt.Sprintf("error-%d", width), width < 1280)
	}
	b.run(t, chromedp.SetValue("#contact-phone", "+201077777777"))
	b.click(t, "#contact-form button")
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]') !== null && `+none)

	f.replace(nil)
	b.click(t, "#clear")
	b.until(t, seen("That did not work"))
	// What was not changed does not look as if it were.
	const status = `document.querySelector('select[aria-label="Status of +201001187188"]')`
	b.do(t, `(() => { const s = `+status+`; s.value = "suspended"; s.dispatchEvent(new Event("change")); })()`)
	b.until(t, status+`.value === "active"`)
	f.replace(b.fake)
	b.until(t, `document.querySelector("#live").dataset.on === "true"`)
	b.click(t, "#clear")
	b.until(t, none)
}

// TestNothingRuns sends scripts wherever a text or a file can be.
func TestNothingRuns(t *testing.T) {
	const script = `<img src=x onerror="alert(1);window.ran=1"><script>alert(2);window.ran=2</script><a href="javascript:alert(3)">x</a>`
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: script}}
		c.Keys = []tgotest.Key{{Name: script, Scopes: []tgo.Scope{"*"}}}
	})
	b.inbox(t)
	ctx, to := t.Context(), b.fake.RecipientPhone
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60" onload="alert(4)"><script>alert(5);window.ran=5</script><rect width="60" height="60" fill="red"/><image href="https://elsewhere.example/x.png"/></svg>`)
	html := []byte(`<!DOCTYPE html><script>alert(6);window.ran=6</script>` + script)
	sends := []func() error{
		func() error { _, err := b.fake.Sender.SendText(ctx, to, script); return err },
		func() error {
			_, err := b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.BytesFile(script+".svg", svg).WithContentType("image/svg+xml"), Caption: script})
			return err
		},
		func() error {
			_, err := b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.BytesFile("page.png", html).WithContentType("image/png"), Caption: script})
			return err
		},
		func() error {
			_, err := b.fake.Sender.SendVoice(ctx, to, tgo.Voice{File: tgo.BytesFile("v.html", html).WithContentType("text/html"), Duration: time.Second, Caption: script})
			return err
		},
		func() error {
			_, err := b.fake.Sender.SendDocument(ctx, to, tgo.Document{File: tgo.BytesFile(script+".html", html).WithContentType("text/html"), Caption: script})
			return err
		},
		func() error { // refused, with the script in what is complained of
			_, err := b.fake.Sender.SendDocument(ctx, "+201", tgo.Document{File: tgo.BytesFile("x", html)})
			_ = err // it never leaves: see the next
			return nil
		},
	}
	for i, send := range sends {
		if err := send(); err != nil {
			t.Fatalf("%d: %v", i, err)
		}
	}
	for _, body := range []string{`{"` + script2JSON(script) + `": 1}`, `{"type": "` + script2JSON(script) + `"}`, script} {
		b.do(t, fmt.Sprintf(`fetch("/api/v1/messages?x=%%3Cscript%%3E", {method: "POST", headers: {"X-Api-Key": %q, "Content-Type": "application/json"}, body: %q}).then((r) => r.status)`,
			b.fake.Key.Reveal(), body))
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 8`)
	for i := range 8 {
		b.do(t, fmt.Sprintf(`document.querySelectorAll("#requests button")[%d].click()`, i))
		b.until(t, `document.querySelector("#detail h2") !== null && [...document.querySelectorAll("#detail img")].every((i) => i.complete)`)
		if bad := evaluate[int](t, b, `document.querySelectorAll("body script:not([src]), [onerror], [onload], a[href^='javascript:'], iframe, object, embed").length`); bad > 0 {
			t.Errorf("request %d put %d elements into the page", i, bad)
		}
	}
	// The SVG is a picture all the same.
	b.do(t, `[...document.querySelectorAll("#requests button")].find((b) => b.innerText.includes("image"))?.click()`)
	if evaluate[string](t, b, "String(window.ran)") != "undefined" {
		t.Error("a script ran")
	}
	// And when a file is opened by itself.
	for _, m := range b.fake.Messages() {
		if m.Media == nil || !strings.HasPrefix(m.Media.ContentType, "image/") {
			continue // the others are downloads, as another test checks
		}
		b.run(t, chromedp.Navigate(fmt.Sprintf("%s/_fake/messages/%d/media", b.root, m.ID)))
		if evaluate[string](t, b, "String(window.ran)") != "undefined" {
			t.Errorf("%s ran by itself", m.Media.ContentType)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	// The browser complains of what the policy has stopped: that is what was to be seen.
	stopped := 0
	kept := b.errors[:0]
	for _, e := range b.errors {
		if strings.Contains(e, "Content Security Policy") || strings.Contains(e, "sandboxed") {
			stopped++
		} else {
			kept = append(kept, e)
		}
	}
	b.errors = kept
	if stopped == 0 {
		t.Error("the policy was not put to the test: nothing was stopped")
	}
}

func script2JSON(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }

// TestDocs tries the reference out: a text and an upload.
func TestDocs(t *testing.T) {
	b := open(t)
	b.run(t, chromedp.Navigate(b.root+"/docs"))
	b.until(t, `document.documentElement.dataset.ready === "true" && document.querySelectorAll(".opblock").length === 10`)
	b.keep(t, "docs", false)
	b.click(t, "#operations-Messages-sendMessage .opblock-summary-control")
	// Before its example has been filled in, Execute does nothing.
	b.until(t, `document.querySelector("#operations-Messages-sendMessage textarea.body-param__text")?.value.includes("Your order")`)
	b.click(t, "#operations-Messages-sendMessage .execute")
	b.until(t, `document.querySelector("#operations-Messages-sendMessage .live-responses-table tbody .response-col_status")?.innerText.startsWith("201")`)
	if m := b.fake.ExpectMessage(t); m.Type != "text" || m.Content != "Your order 4821 is ready." {
		t.Errorf("%+v", m)
	}
	// The same operation with the other body: a picture.
	content, err := os.ReadFile(demo + "picture.png")
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "picture.png") // in some locales Chromium opens no file below a folder named in Arabic
	if err := os.WriteFile(picture, content, 0o600); err != nil {
		t.Fatal(err)
	}
	const form = "#operations-Messages-sendMessage "
	choose := func(list, value string) {
		t.Helper()
		b.do(t, `(() => {
			const s = document.querySelector("`+form+list+`");
			Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value").set.call(s, "`+value+`");
			s.dispatchEvent(new Event("change", {bubbles: true}));
		})()`)
	}
	choose(".opblock-section-request-body .content-type", "multipart/form-data")
	b.until(t, `document.querySelector("`+form+`input[type=file]") !== null`)
	choose("tr[data-property-name=type] select", "image")
	b.run(t, chromedp.SetUploadFiles(form+"input[type=file]", []string{picture}))
	// As a person does it: clear what must not be there, and write over what is.
	for name, value := range map[string]string{"sender_phone": "+201001187188", "sender_number_id": "", "duration": "", "file_name": "", "file_size": "", "file_type": "", "content": "by try-it"} {
		field := form + "tr[data-property-name=" + name + "] input[type=text]"
		b.run(t, chromedp.Focus(field))
		b.do(t, "document.activeElement.select()")
		b.run(t, chromedp.KeyEvent(kb.Backspace+value))
	}
	b.click(t, form+".execute")
	soon, cancel := context.WithTimeout(b.ctx, 15*time.Second)
	defer cancel()
	m, err := b.fake.NextMessage(soon, tgotest.OfType("image"))
	if err != nil {
		text := evaluate[string](t, b, `document.querySelector("`+form+`").innerText`)
		t.Fatalf("%v; the page says:\n%s", err, text)
	}
	if m.Media.Size != int64(len(content)) || m.Media.Name != "picture.png" || m.Content != "by try-it" {
		t.Errorf("%+v with %+v", m, m.Media)
	}
	// The description of the admin API is there as well.
	b.run(t, chromedp.Navigate(b.root+"/docs?admin"))
	b.until(t, `document.querySelectorAll(".opblock").length > 15`)
}

// TestScreenshots makes the pictures of the README.
func TestScreenshots(t *testing.T) {
	if *screenshots == "" {
		t.Skip("make screenshots wants them")
	}
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"}, {Phone: "+201001187189", DisplayName: "Acme deliveries", Status: "suspended"},
		}
		c.Keys = []tgotest.Key{{Name: "shop", Scopes: []tgo.Scope{"*"}}}
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
	})
	b.inbox(t)
	ctx, to, s := t.Context(), b.fake.RecipientPhone, b.fake.Sender
	must := func(_ tgo.Receipt, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.SendText(ctx, to, "طلبك رقم 4821 جاهز للاستلام من فرع المعادي. شكرًا لك!"))
	must(s.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: 5 * time.Second}))
	must(s.SendDocument(ctx, to, tgo.Document{File: tgo.FilePath(demo + "invoice.pdf"), Caption: "Your invoice"}))
	_, _ = s.SendText(ctx, "+201066666666", "Are you there?") // it is refused
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Stored: true, Times: 1}); err != nil {
		t.Fatal(err)
	}
	_, _ = s.SendText(ctx, to, "Your code is 4821") // its answer is lost
	must(s.SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "This is what your parcel looks like"}))
	b.until(t, `document.querySelectorAll("#requests li").length === 6`)
	show := func(i int) {
		b.do(t, fmt.Sprintf(`document.querySelectorAll("#requests button")[%d].click()`, i))
		b.until(t, `[...document.querySelectorAll("#detail img")].every((i) => i.complete) && document.querySelector("#detail h2") !== null`)
	}
	show(0)
	b.keep(t, "inbox", false)
	show(5)
	b.keep(t, "inbox-arabic", true)
	b.do(t, fmt.Sprintf(`fetch("/api/v1/messages", {method: "POST", headers: {"X-Api-Key": %q, "Content-Type": "application/json"},
		body: JSON.stringify({sender_number_id: 1, sender_phone: "+201001187188", to_phone: "01010000000", type: "text", content: "Hello"})}).then((r) => r.status)`, b.fake.Key.Reveal()))
	b.until(t, `document.querySelectorAll("#requests li").length === 7`)
	show(0)
	b.keep(t, "inbox-refused", true)
	show(6)
	b.keep(t, "inbox-refused-light", false)
}
