package browser_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestVoiceNotePlays(t *testing.T) {
	t.Parallel()
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
		t.Errorf("the voice note takes %v s, want 4 to 4.2", d)
	}
	// It plays on when the request is drawn again, here because the message has arrived again.
	if _, err := b.fake.Sender.SendVoice(t.Context(), b.fake.RecipientPhone, voice); err != nil {
		t.Fatal(err)
	}
	b.until(t, `document.querySelector("#detail .timeline") !== null`)
	at := evaluate[float64](t, b, player+`.currentTime`)
	b.until(t, fmt.Sprintf(`%s.currentTime > %f && !%[1]s.paused || %[1]s.ended`, player, at))
}

func TestArabicRunsFromRightToLeft(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	for _, c := range []struct{ text, direction string }{{"طلبك 4821 جاهز للاستلام", "rtl"}, {"Your order is ready", "ltr"}} {
		sendTexts(t, b.fake, c.text)
		b.until(t, fmt.Sprintf(`document.querySelector("#requests li .what")?.textContent === %q`, c.text))
		b.click(t, "#requests li:first-child a")
		b.until(t, shows(c.text))
		if got := evaluate[string](t, b, `getComputedStyle(document.querySelector("#detail .content")).direction`); got != c.direction {
			t.Errorf("the direction of %q is %s", c.text, got)
		}
		if got := b.beginsAt(t, "#detail .content"); (got == "right") != (c.direction == "rtl") {
			t.Errorf("%q starts at the %s", c.text, got)
		}
	}
}

// beginsAt returns the side of an element at which its first letter is drawn.
func (b *tab) beginsAt(t *testing.T, selector string) string {
	t.Helper()
	return evaluate[string](t, b, fmt.Sprintf(`(() => {
		const p = document.querySelector(%q), r = document.createRange();
		r.setStart(p.firstChild, 0); r.setEnd(p.firstChild, 1);
		const box = p.getBoundingClientRect(), letter = r.getBoundingClientRect();
		return Math.abs(letter.right - box.right) < Math.abs(letter.left - box.left) ? "right" : "left";
	})()`, selector))
}

// TestAnotherPictureAfterReset: after a reset, ids start over, and the browser must not show the picture that had the id before.
func TestAnotherPictureAfterReset(t *testing.T) {
	t.Parallel()
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
		b.admin(t, "POST", "/reset", "{}")
		b.until(t, `document.querySelectorAll("#requests li").length === 0 && document.querySelector("#detail .bubble") === null`)
	}
}

// TestRefusalsShowTheRule sends invalid requests. The page shows what they said, what was wrong, and the rule in the contract.
func TestRefusalsShowTheRule(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	lineOf := func(text string) int {
		t.Helper()
		i := slices.Index(strings.Split(string(openapi.Document), "\n"), text)
		if i < 0 {
			t.Fatalf("the contract has no line %q", text)
		}
		return i + 1
	}
	for i, c := range []struct {
		name, body string
		says       []string
		field      string
		line       int // 0 if another test checks it
	}{
		{
			"a type that is none",
			`{"sender_number_id":1,"to_phone":"+201010000000","type":"video","content":"Is this seen?"}`,
			[]string{"Video to +201010000000", "422 Unprocessable Content", "type: The selected type is invalid.", "number 1", "POST /api/v1/messages", `"to_phone": "+201010000000"`},
			"type", lineOf("          enum: [text]"),
		},
		{
			"a sender number that nobody has",
			`{"sender_phone":"+201099999999","to_phone":"+201010000000","type":"text","content":"Is this seen?"}`,
			[]string{"Text to +201010000000", "422 Unprocessable Content", "sender_phone: ", "+201099999999"},
			"sender_phone", 0,
		},
	} {
		if status := b.post(t, c.body); status != 422 {
			t.Fatalf("%s: the status is %d", c.name, status)
		}
		b.until(t, fmt.Sprintf(`document.querySelectorAll("#requests li").length === %d`, i+1))
		b.click(t, "#requests li:first-child a")
		b.until(t, fmt.Sprintf(`document.querySelector("#detail h2").textContent === %q`, c.says[0]))
		b.says(t, "#detail", c.says...)
		b.until(t, shows("Is this seen?"))
		text := b.text(t, "#detail")
		if strings.Contains(text, b.fake.Key.Reveal()) {
			t.Errorf("%s: the key is shown", c.name)
		}
		place := evaluate[struct {
			Href, Text, Excerpt, Opener string
		}](t, b, `(() => {
			const p = document.querySelector("#detail .problem"), a = p.querySelector("a");
			return {Href: a.pathname + a.hash, Text: a.textContent, Excerpt: p.querySelector("pre").textContent, Opener: a.target + " " + a.rel};
		})()`)
		var line int
		if _, err := fmt.Sscanf(place.Href, "/docs/contract#L%d", &line); err != nil || line < 1 {
			t.Fatalf("%s: the link leads to %s", c.name, place.Href)
		}
		if place.Text != fmt.Sprintf("openapi.yaml, line %d", line) || place.Opener != "_blank noopener" {
			t.Errorf("%s: the link is %+v", c.name, place)
		}
		if c.line != 0 && line != c.line {
			t.Errorf("%s: line %d is cited, want %d", c.name, line, c.line)
		}
		if excerpt := strings.TrimSpace(strings.Split(string(openapi.Document), "\n")[line-1]); !strings.Contains(place.Excerpt, excerpt) {
			t.Errorf("%s: line %d is %q, and the excerpt is\n%s", c.name, line, excerpt, place.Excerpt)
		}
		// The link opens at the line.
		b.run(t, chromedp.Navigate(b.root+place.Href))
		b.until(t, fmt.Sprintf(`(() => {
			const line = document.querySelector(":target"), box = line.getBoundingClientRect();
			return line.textContent.includes(%q) && box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
		})()`, strings.TrimSpace(strings.Split(string(openapi.Document), "\n")[line-1])))
		b.inbox(t)
		if c.field == "sender_phone" && strings.Contains(place.Excerpt, "pattern:") {
			t.Errorf("%s breaks no rule of the contract, but the page cites one:\n%s", c.name, place.Excerpt)
		}
	}
}

// TestOneRuleIsCitedOnce: a rule is cited once, even if several fields broke it.
func TestOneRuleIsCitedOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post(t, `{"sender_number_id": 1, "sender_phone": "+201001187188", "to_phone": "01010000000", "type": "text", "content": "x"}`)
	b.visit(t, "/requests/1")
	b.until(t, `document.querySelectorAll("#detail .problem").length === 2`)
	b.says(t, "#detail .problem", "sender_number_id: The sender number id field prohibits sender phone from being present.",
		"sender_phone: The sender phone field prohibits sender number id from being present.", "required: [sender_phone, sender_number_id]")
	b.until(t, `[...document.querySelectorAll("#detail .problem")].every((p) => p.querySelectorAll("a").length === 1)`)
}

// TestUnusualRequests: what the page says about faults and about an unknown key.
func TestUnusualRequests(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	const body = `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "x"}`
	open := func(path string) {
		t.Helper()
		b.visit(t, path)
		b.until(t, `document.querySelector("#detail .facts") !== null`)
	}
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, Times: 1})
	b.post(t, body)
	open("/requests/1")
	b.says(t, "#detail", "503 Service Unavailable, set on purpose. No message was stored.")
	b.until(t, `document.querySelector("#requests .badge").title === "503 Service Unavailable, set on purpose"`)

	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Times: 1})
	tries(t, b.fake, "y", tgo.DeliveryUnknown)
	open("/requests/2")
	b.says(t, "#detail", "Connection cut without a response after the request was executed, set on purpose. The message was accepted anyway.", "There was no response.")

	b.post(t, body, "X-Api-Key", "tgo_nobody_knows_it")
	open("/requests/3")
	b.says(t, "#detail .facts", "none, or unknown")
	b.says(t, "#detail", "401 Unauthorized")

	tries(t, b.fake, "z", tgo.DeliveryAccepted)
	open("/requests/4")
	b.says(t, "#detail .facts", "Send a message", "number 4", "Message\nnumber 2")
	for id := 1; id <= 4; id++ {
		open(fmt.Sprintf("/requests/%d", id))
		for _, odd := range []string{"fault: ", "The fake misbehaved", "none that is known", "Number in the log"} {
			if strings.Contains(b.text(t, "body"), odd) {
				t.Errorf("request %d says %q", id, odd)
			}
		}
	}
}

// TestAttempts: the attempts at one request, how long each took, what was sent and received, and by which program and test.
func TestAttempts(t *testing.T) {
	t.Parallel()
	var now clock
	b := open(t, withClock(&now, time.Date(2026, 11, 27, 14, 3, 22, 187e6, time.UTC)))
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, RetryAfter: "7", Times: 2})
	const body = `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "Try it thrice"}`
	for range 3 {
		b.post(t, body, "User-Agent", "checkout/1.2", "X-Tgo-Test", "TestCheckout/a code")
		now.add(1300 * time.Millisecond)
	}
	sendTexts(t, b.fake, "of another test")
	b.visit(t, "/requests/2")
	const chain = `[...document.querySelectorAll("#detail .attempts li")].map((li) => [...li.querySelectorAll(".badge, small")]
		.map((e) => e.textContent).join(" ")).join(", ")`
	b.until(t, chain+` === "503 14:03:22.187, 503 +1.3 s, 201 +1.3 s"`)
	b.says(t, "#detail .meta", "14:03:23.487", "2nd attempt", "took ", "test TestCheckout/a code")
	b.says(t, "#detail .facts", "27 Nov 2026, 14:03:23.487", "checkout/1.2")
	b.until(t, `document.querySelectorAll("#detail .raw")[0].innerText.includes("User-Agent: checkout/1.2") &&
		document.querySelectorAll("#detail .raw")[0].innerText.includes('"content": "Try it thrice"')`)
	b.until(t, `document.querySelectorAll("#detail .raw")[1].innerText.includes("Retry-After: 7")`)
	// Each attempt leads to the others.
	b.click(t, "#detail .attempts li:last-child a")
	b.until(t, `location.pathname === "/requests/3" &&
		document.querySelector("#detail .attempts [aria-current]")?.textContent.startsWith("201")`)
	b.says(t, "#detail .meta", "3rd attempt")
	// They keep the filter of the list that is set at the time of the click.
	b.click(t, `[data-filter="failed"]`)
	b.until(t, lists("Try it thrice", "Try it thrice")+` && location.search === "?is=failed"`)
	b.click(t, "#detail .attempts li:first-child a")
	b.until(t, `location.pathname + location.search === "/requests/1?is=failed" &&
		document.querySelectorAll("#detail .attempts li:first-child [aria-current]").length === 1`)
	b.click(t, `[data-filter="all"]`)
	b.until(t, `location.search === ""`)
	b.click(t, "#detail .attempts li:last-child a")
	b.until(t, `location.pathname + location.search === "/requests/3"`)
	// The mark of the test shows all its requests.
	b.until(t, `document.querySelectorAll("#requests li").length === 4`)
	b.click(t, "#detail .meta .chip.test")
	b.until(t, lists("Try it thrice", "Try it thrice", "Try it thrice")+` &&
		document.querySelector("#search").value === 'test:"TestCheckout/a code"'`)
}

// TestDownload: each file can be downloaded as it was sent.
func TestDownload(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx, to := t.Context(), b.fake.RecipientPhone
	if _, err := b.fake.Sender.SendDocument(ctx, to, tgo.Document{File: tgo.BytesFile("فاتورة 7.pdf", []byte("%PDF of no use")), Caption: "Invoice"}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demo + "picture.png")}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.fake.Sender.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demo + "voice.ogg"), Duration: time.Second}); err != nil {
		t.Fatal(err)
	}
	for i, m := range b.fake.Messages() {
		b.visit(t, fmt.Sprintf("/messages/%d", m.ID))
		const link = `document.querySelector("#detail .tools a[download]")`
		b.until(t, link+` !== null`)
		if name := evaluate[string](t, b, link+`.download`); name != m.Media.Name {
			t.Errorf("file %d is saved as %q, want %q", i, name, m.Media.Name)
		}
		if sum := b.sha256(t, link+`.href`); sum != m.Media.SHA256 {
			t.Errorf("file %d has SHA-256 %s, want %s", i, sum, m.Media.SHA256)
		}
	}
}

// TestResend sends the same request again. The message does not count as doubled, since the user wanted it.
func TestResend(t *testing.T) {
	t.Parallel()
	b := open(t)
	picture := tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "Once more"}
	if _, err := b.fake.Sender.SendImage(t.Context(), b.fake.RecipientPhone, picture); err != nil {
		t.Fatal(err)
	}
	b.visit(t, "/requests/1")
	b.click(t, "#resend")
	b.until(t, `location.pathname === "/requests/2" && document.querySelector("#detail .bubble img")?.naturalWidth > 0`)
	b.says(t, "#toast", "Sent again: 201")
	b.says(t, "#detail .meta", "resent from request 1")
	b.until(t, `document.querySelectorAll("#requests li").length === 2 && document.querySelector("#requests .chip").textContent === "resent"`)
	b.says(t, "#doubled", "0 doubled")
	all := b.fake.Messages()
	if len(all) != 2 || all[0].Media.SHA256 != all[1].Media.SHA256 || all[0].Content != all[1].Content {
		t.Errorf("the messages are %+v", all)
	}
	if doubled := b.fake.Doubled(); len(doubled) != 0 {
		t.Errorf("it counts as doubled: %+v", doubled)
	}
	// If a fault produces the response, the page says that too.
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, Times: 1})
	b.click(t, "#resend")
	b.says(t, "#toast", "Sent again: 503")
	b.until(t, `location.pathname === "/requests/3"`)
}

// TestDeleteAndUndo: the buttons delete a request with its message, and restore both.
func TestDeleteAndUndo(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.visit(t, "/requests/2")
	b.until(t, shows("two"))
	b.click(t, "#delete")
	b.until(t, lists("three", "one")+` && location.pathname === "/requests/1"`)
	b.until(t, shows("one")) // the neighbour
	if n := len(b.fake.Messages()); n != 2 {
		t.Errorf("%d messages are left", n)
	}
	b.says(t, "#toast", "Deleted")
	b.click(t, "#toast .undo")
	b.until(t, lists("three", "two", "one")+` && location.pathname === "/requests/2"`)
	b.until(t, shows("two"))
	if n := len(b.fake.Messages()); n != 3 {
		t.Errorf("%d messages are there again", n)
	}
	// The last request can be deleted too.
	b.admin(t, "DELETE", "/messages", "")
	sendTexts(t, b.fake, "alone")
	b.until(t, shows("alone"))
	b.click(t, "#delete")
	b.until(t, `document.querySelector(".welcome") !== null && location.pathname === "/"`)
	b.run(t, chromedp.WaitVisible("#sample"))
}
