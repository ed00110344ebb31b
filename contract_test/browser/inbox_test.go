package browser_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os/exec"
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
			b.menu(t, "#clear")
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
	b.click(t, "#requests li:first-child a")
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
		b.click(t, "#requests li:first-child a")
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

// banner is what the page says under the header of the faults that are on.
const banner = `[...document.querySelectorAll("#banner .fault-words")].map((e) => e.textContent).join("; ")`

// TestFaultsAreSet at a click and by the form, and are said and stopped one by one, whoever has set them.
func TestFaultsAreSet(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.drawer(t)
	preset := func(label string) {
		t.Helper()
		b.until(t, fmt.Sprintf(`(() => {
			const found = [...document.querySelectorAll(".fault-presets button")].find((b) => b.textContent === %q);
			found?.click();
			return found;
		})()`, label))
	}
	stop := func(words string) {
		t.Helper()
		b.until(t, fmt.Sprintf(`(() => {
			const found = [...document.querySelectorAll("#banner li")].find((li) => li.textContent.includes(%q))?.querySelector("button");
			found?.click();
			return found;
		})()`, words))
	}
	send := func(want tgo.Delivery) {
		t.Helper()
		if _, err := b.fake.Sender.SendText(t.Context(), b.fake.RecipientPhone, "Is it there?"); tgo.DeliveryOf(err) != want {
			t.Errorf("the send is %v: %v", tgo.DeliveryOf(err), err)
		}
	}
	if got := evaluate[string](t, b, banner); got != "" {
		t.Errorf("at the beginning this is on: %s", got)
	}
	preset("Stored, answer lost")
	b.until(t, banner+` === "connection cut without an answer after the request was carried out on the next sendMessage request, not struck yet"`)
	send(tgo.DeliveryUnknown)
	b.fake.ExpectMessage(t, tgotest.Containing("Is it there?"))
	b.until(t, banner+` === ""`) // it was for the next one
	b.until(t, `document.querySelector("#detail").innerText.includes("accepted all the same")`)
	send(tgo.DeliveryAccepted)

	// One of the drawer, one of Go code, one of the admin API: each is said, and each is stopped alone.
	b.run(t, chromedp.SetValue("#fault-operation", ""))
	b.click(t, "#fault-until-stopped")
	preset("503 Service Unavailable")
	b.until(t, banner+` === "503 Service Unavailable on every request until stopped, not struck yet"`)
	send(tgo.DeliveryUnknown)
	send(tgo.DeliveryUnknown)
	b.until(t, banner+` === "503 Service Unavailable on every request until stopped, struck 2 times"`)
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "getUsage", Kind: tgotest.FaultStatus, Status: http.StatusTeapot, Times: 3}); err != nil {
		t.Fatal(err)
	}
	b.admin(t, http.MethodPost, "/faults", `{"operation": "getMe", "kind": "empty", "times": 0, "skip": 2}`)
	b.until(t, banner+`.split("; ").length === 3`)
	for _, words := range []string{"418 I'm a teapot on the next 3 getUsage requests", "empty answer on every getMe request until stopped after 2 more"} {
		if !strings.Contains(evaluate[string](t, b, banner), words) {
			t.Errorf("%q is missing in %s", words, evaluate[string](t, b, banner))
		}
	}
	stop("503")
	b.until(t, banner+`.split("; ").length === 2 && !`+banner+`.includes("503")`)
	send(tgo.DeliveryAccepted)
	stop("418")
	stop("empty")
	b.until(t, banner+` === ""`)

	// The form: every field that a kind has reaches the fake, and a refusal of the fake is shown.
	b.click(t, ".fault-other summary")
	b.run(t, chromedp.SetValue("#fault-operation", "sendMessage"), chromedp.SetValue("#fault-skip", "1"))
	b.click(t, "#fault-until-stopped")
	b.run(t, chromedp.SetValue("#fault-times", "2"), chromedp.SetValue("#fault-status", "507"), chromedp.SetValue("#fault-retry-after", "7"),
		chromedp.SetValue("#fault-delay", "1"))
	b.click(t, ".fault-form button")
	b.until(t, banner+` === "507 Insufficient Storage, 1ms late on the next 2 sendMessage requests after 1 more, not struck yet"`)
	stop("507")
	b.do(t, `(() => { const k = document.querySelector("#fault-kind"); k.value = "redirect"; k.dispatchEvent(new Event("change")); })()`)
	b.run(t, chromedp.SetValue("#fault-status", "299"), chromedp.SetValue("#fault-location", "/elsewhere"))
	b.click(t, ".fault-form button")
	b.until(t, `document.querySelector("#fault-editor .refusal").textContent === "Not set: status: 299 is no redirect."`)

	// Every button sets a fault that the fake knows.
	count := evaluate[int](t, b, `document.querySelectorAll(".fault-presets button").length`)
	for i := range count {
		b.do(t, fmt.Sprintf(`document.querySelectorAll(".fault-presets button")[%d].click()`, i))
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#banner li").length === %d`, i+1))
	}
	if count < 10 {
		t.Errorf("there are only %d buttons", count)
	}
}

// TestFaultsByCode: a test's own function chooses faults, which nobody can stop in the page.
func TestFaultsByCode(t *testing.T) {
	b := open(t, func(c *tgotest.Config) { c.Faults = func(string) *tgotest.Fault { return nil } })
	b.inbox(t)
	b.until(t, `document.querySelector("#banner").innerText.includes("Go code of the test chooses faults too")`)
}

func TestContactsAndSendersAreSwitches(t *testing.T) {
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "one", Scopes: []tgo.Scope{"*"}}, {Name: "two", Scopes: []tgo.Scope{"messages.send"}}}
	})
	b.inbox(t)
	b.drawer(t)
	choose := func(label, value string) {
		t.Helper()
		b.until(t, fmt.Sprintf(`document.querySelector('select[aria-label=%q]') !== null`, label))
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
	// What cannot be undone asks first.
	b.click(t, `[aria-label="Revoke key one"]`)
	b.click(t, `dialog[open] button:not([data-confirm])`)
	sendFails(nil)
	b.click(t, `[aria-label="Revoke key one"]`)
	b.click(t, `dialog[open] [data-confirm]`)
	sendFails(tgo.ErrUnauthenticated)
	b.click(t, `form[aria-label="Add a contact"] summary, details:has(> form[aria-label="Add a contact"]) > summary`)
	if got := evaluate[string](t, b, `document.querySelector("#contact-state").value + ": " + document.querySelector("#contact-meaning").textContent`); !strings.HasPrefix(got, "unreachable: ") || !strings.Contains(got, "refused") {
		t.Errorf("a contact is added as %q", got)
	}
	b.run(t, chromedp.SendKeys("#contact-phone", "+201077777777"+kb.Enter))
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]')?.value === "unreachable"`)
	b.menu(t, "#reset")
	b.click(t, `dialog[open] button:not([data-confirm])`)
	sendFails(tgo.ErrUnauthenticated)
	b.menu(t, "#reset")
	b.click(t, `dialog[open] [data-confirm]`)
	sendFails(nil)
}

// TestRefusalsSayWhere sends what is wrong, and looks for what was wrong and where the contract says so.
func TestRefusalsSayWhere(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.fetch(t, "/api/v1/messages", b.fake.Key.Reveal(), `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "video", "content": "x"}`)
	b.until(t, `document.querySelector("#requests .badge")?.textContent === "422"`)
	b.until(t, `document.querySelector("#detail .problem") !== null`)
	text := evaluate[string](t, b, `document.querySelector("#detail").innerText`)
	line := 1 + slices.Index(strings.Split(string(openapi.Document), "\n"), "          enum: [text]")
	if !regexp.MustCompile(fmt.Sprintf(`openapi\.yaml, line %d\b`, line)).MatchString(text) {
		t.Errorf("line %d is not named in:\n%s", line, text)
	}
	for _, want := range []string{"type: ", "The selected type is invalid.", "openapi.yaml, line ", "enum: [text]", "POST /api/v1/messages", `"to_phone": "+201010000000"`} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if strings.Contains(text, b.fake.Key.Reveal()) {
		t.Error("the key is shown")
	}
	// Whom it was to, what it said and from whom is told as of one that was accepted.
	for selector, want := range map[string]string{
		"#requests .who": "+201010000000", "#requests .what": "x", "#requests .from": "from number 1",
		"#detail h2": "Video to +201010000000", "#detail .content": "x",
	} {
		if got := evaluate[string](t, b, fmt.Sprintf(`document.querySelector(%q).textContent`, selector)); got != want {
			t.Errorf("%s is %q, want %q", selector, got, want)
		}
	}
	// An unknown sender cites the sender, not how a phone is spelled; the link opens at the line.
	b.fetch(t, "/api/v1/messages", b.fake.Key.Reveal(), `{"sender_phone": "+201099999999", "to_phone": "+201010000000", "type": "text", "content": "y"}`)
	b.until(t, `document.querySelector("#requests .what")?.textContent === "y"`)
	b.click(t, "#requests a")
	b.until(t, shows("y")+` && document.querySelector("#detail .problem a") !== null`)
	if text := evaluate[string](t, b, `document.querySelector("#detail .problem").innerText`); strings.Contains(text, "pattern") {
		t.Errorf("an unknown sender cites the pattern of a phone:\n%s", text)
	}
	cited := evaluate[string](t, b, `document.querySelector("#detail .problem pre").textContent.split("\n")[0]`)
	b.run(t, chromedp.Navigate(evaluate[string](t, b, `document.querySelector("#detail .problem a").href`)))
	b.until(t, fmt.Sprintf(`(() => {
		const line = document.querySelector(":target");
		const box = line.getBoundingClientRect();
		return line.textContent.includes(%q) && box.top >= 0 && box.bottom <= innerHeight;
	})()`, strings.TrimSpace(cited)))
}

// TestWarningsAreShown of what works here and need not at the API.
func TestWarningsAreShown(t *testing.T) {
	b := open(t)
	b.inbox(t)
	b.fetch(t, "/api/v1/contacts/lookup?phone=+201010000000&sender_number_id=1", b.fake.Key.Reveal(), "")
	b.until(t, `document.querySelector("#requests .chip.warn") !== null && document.querySelector("#detail .problem.warning") !== null`)
	if text := evaluate[string](t, b, `document.querySelector("#detail .problem.warning").innerText`); !strings.Contains(text, "Warning: phone holds a bare plus") || !strings.Contains(text, "openapi.yaml, line ") {
		t.Errorf("the warning is:\n%s", text)
	}
	if text := evaluate[string](t, b, `document.querySelector("#requests .what").innerText`); !strings.Contains(text, "bare plus") {
		t.Errorf("the list shows:\n%s", text)
	}
}

// TestKeyboard uses the inbox without a mouse.
func TestKeyboard(t *testing.T) {
	b := open(t)
	b.inbox(t)
	sendTexts(t, b.fake, "first apple", "second pear", "third apple")
	b.until(t, texts+` === "third apple, second pear, first apple"`)
	key := func(key, expression string) {
		t.Helper()
		b.press(t, key)
		b.until(t, expression)
	}
	focus := func(text string) string {
		return fmt.Sprintf(`document.activeElement.querySelector(".what")?.textContent === %q && `, text) + shows(text)
	}
	key("/", `document.activeElement.id === "search"`)
	b.press(t, "apple")
	b.until(t, texts+` === "third apple, first apple"`)
	// Letters that are typed into the box are no commands.
	if got := evaluate[string](t, b, `document.querySelector("#search").value`); got != "apple" {
		t.Errorf("the box has %q", got)
	}
	key(kb.Escape, `document.activeElement.matches("#requests a")`)
	key(kb.Home, focus("third apple"))
	key("j", focus("first apple"))
	key("k", focus("third apple"))
	key(kb.ArrowDown, focus("first apple"))
	key(kb.ArrowDown, focus("first apple")) // there is none below it
	key(kb.Home, focus("third apple"))
	key(kb.End, focus("first apple"))
	if n := evaluate[int](t, b, `document.querySelectorAll('#requests a[tabindex="0"]').length`); n != 1 {
		t.Errorf("Tab stops %d times in the list", n)
	}
	key(kb.Enter, `document.activeElement.id === "detail" || document.querySelector("#detail").contains(document.activeElement)`)
	key(kb.Escape, focus("first apple"))
	key("d", texts+` === "third apple"`)
	b.until(t, `document.querySelector("#toast").innerText.includes("Deleted")`)
	b.click(t, "#toast .undo")
	b.until(t, texts+` === "third apple, first apple"`)
	key("?", `document.querySelector("#help").open`)
	key(kb.Escape, `!document.querySelector("#help").open`)
	// Every control has a name.
	nameless := evaluate[[]string](t, b, `[...document.querySelectorAll("button, select, input, a, audio")].filter((e) =>
		!(e.innerText || e.textContent.trim() || e.getAttribute("aria-label") || (e.labels && e.labels.length))).map((e) => e.outerHTML)`)
	if len(nameless) > 0 {
		t.Errorf("without a name: %v", nameless)
	}
	// What comes is announced to those who do not see it.
	b.do(t, `document.querySelector("#news").replaceChildren()`)
	sendTexts(t, b.fake, "fourth")
	b.until(t, `document.querySelector("#news").textContent.includes("New text to +201010000000")`)
}

// TestClearAndUndo: what is cleared or deleted at one click comes back at another.
func TestClearAndUndo(t *testing.T) {
	b := open(t)
	b.inbox(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.until(t, texts+` === "three, two, one"`)
	b.menu(t, "#clear")
	b.until(t, `document.querySelectorAll("#requests li").length === 0`)
	if n := len(b.fake.Messages()); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	b.click(t, "#toast .undo")
	b.until(t, texts+` === "three, two, one"`)
	if n := len(b.fake.Messages()); n != 3 {
		t.Errorf("%d messages came back", n)
	}
	b.click(t, "#requests li:nth-child(2) a")
	b.until(t, shows("two"))
	b.click(t, "#delete")
	b.until(t, texts+` === "three, one" && `+shows("one"))
	if n := len(b.fake.Messages()); n != 2 {
		t.Errorf("%d messages are left of three", n)
	}
	b.click(t, "#toast .undo")
	b.until(t, texts+` === "three, two, one" && `+shows("two"))
	if n := len(b.fake.Messages()); n != 3 {
		t.Errorf("there are %d messages after undo", n)
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
		b.menu(t, "#reset")
		b.click(t, `dialog[open] [data-confirm]`)
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
	// One that has no inbox answers no stream: the page goes on trying, and finds the next one.
	f.replace(tgotest.New(t))
	b.until(t, `document.querySelector("#live").dataset.on === "false"`)
	last := tgotest.New(t, withInbox)
	sendTexts(t, last, "the last")
	f.replace(last)
	b.until(t, texts+` === "the last"`)
}

// TestReadingGoesOn loses the connection while somebody reads an older message.
func TestReadingGoesOn(t *testing.T) {
	b := open(t)
	f := b.behind(t)
	sendTexts(t, b.fake, "before the page")
	b.inbox(t)
	sendTexts(t, b.fake, "this is read", "another")
	b.until(t, texts+` === "another, this is read, before the page"`)
	b.click(t, "#requests li:nth-child(2) a")
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
			const e = document.querySelector("#trouble"), box = e.getBoundingClientRect();
			return e.textContent.includes(%q) && e.contains(document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2));
		})()`, text)
	}
	const none = `document.querySelector("#trouble").getBoundingClientRect().height === 0`
	if !evaluate[bool](t, b, none) {
		t.Error("there is an error at the beginning")
	}
	for _, width := range []int64{390, 768, 1280} {
		b.run(t, chromedp.EmulateViewport(width, 860))
		f.replace(nil)
		b.menu(t, "#clear")
		b.until(t, seen("That did not work"))
		if wide := evaluate[[]string](t, b, `[...document.querySelectorAll("html, .columns, .columns > *")].filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.tagName)`); len(wide) > 0 {
			t.Errorf("at %d pixels one has to scroll sideways in %v", width, wide)
		}
		b.keep(t, fmt.Sprintf("error-%d", width), width < 1280)
		f.replace(b.fake)
		b.menu(t, "#clear")
		b.until(t, none)
	}
	b.until(t, `document.querySelector("#live").dataset.on === "true"`)

	// What is wrong is said where it was typed, and what was typed stays.
	b.drawer(t)
	b.click(t, `details:has(> form[aria-label="Add a contact"]) > summary`)
	b.run(t, chromedp.SendKeys("#contact-phone", "0101"+kb.Enter))
	b.until(t, `document.querySelector('[aria-label="Contacts"] .refusal').textContent.includes("E.164") && document.querySelector("#contact-phone").value === "0101"`)
	b.do(t, `document.querySelector("#contact-phone").select()`)
	b.press(t, "+201077777777"+kb.Enter)
	b.until(t, `document.querySelector('select[aria-label="State of +201077777777"]') !== null && document.querySelector('[aria-label="Contacts"] .refusal').textContent === ""`)

	// What was not changed does not look as if it were.
	f.replace(nil)
	const status = `document.querySelector('select[aria-label="Status of +201001187188"]')`
	b.do(t, `(() => { const s = `+status+`; s.value = "suspended"; s.dispatchEvent(new Event("change")); })()`)
	b.until(t, `document.querySelector('[aria-label="Sender numbers"] .refusal').textContent !== "" && `+status+`.value === "active"`)
	f.replace(b.fake)
	b.until(t, `document.querySelector("#live").dataset.on === "true"`)
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
		b.show(t, i)
		if bad := evaluate[int](t, b, `document.querySelectorAll("body script:not([src]), [onerror], [onload], a[href^='javascript:'], iframe, object, embed").length`); bad > 0 {
			t.Errorf("request %d put %d elements into the page", i, bad)
		}
	}
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

// show opens the request in a row, the first being 0, and waits until all of it is there.
func (b *tab) show(t *testing.T, row int) {
	t.Helper()
	b.click(t, fmt.Sprintf("#requests li:nth-child(%d) a", row+1))
	b.until(t, fmt.Sprintf(`document.querySelectorAll("#requests a")[%d].getAttribute("aria-current") === "true" &&
		location.pathname === document.querySelectorAll("#requests a")[%d].pathname &&
		document.querySelector("#detail .facts").innerText.includes("number " + document.querySelectorAll("#requests a")[%d].dataset.id) &&
		[...document.querySelectorAll("#detail img")].every((i) => i.complete)`, row, row, row))
}

func script2JSON(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }

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
	show := func(i int) { b.show(t, i) }
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
