package browser_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestMessagesAppear sends with the Go client and with curl while the page is open.
func TestMessagesAppear(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme متجر"}}
	})
	b.inbox(t)
	picture := tgo.Image{File: tgo.FilePath(demo + "picture.png"), Caption: "This is what your parcel looks like"}
	if _, err := b.fake.Sender.SendImage(t.Context(), b.fake.RecipientPhone, picture); err != nil {
		t.Fatal(err)
	}
	b.until(t, `(() => { const i = document.querySelector("#detail .bubble img"); return i !== null && i.complete &&
		i.naturalWidth > 0 })()`)
	// It is the right picture: the page has the bytes of the file.
	shown := b.sha256(t, `document.querySelector("#detail .bubble img").src`)
	if facts, want := b.text(t, "#detail .facts"), lastMessage(b).Media.SHA256; shown != want || !strings.Contains(facts, want) {
		t.Errorf("the picture has SHA-256 %s, want %s; the facts are %s", shown, want, facts)
	}
	b.says(t, "#detail", "+201001187188", "Acme متجر", "+201010000000", "all scopes", "This is what your parcel")

	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	curl := exec.CommandContext(t.Context(), "curl", "--silent", "--fail", b.fake.URL+"/messages", "-H", "X-Api-Key: "+b.fake.Key.Reveal(),
		"-F", "sender_number_id=1", "-F", "to_phone=+201055555555", "-F", "type=image", "-F", "media=@"+demo+"picture.png")
	if out, err := curl.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b.until(t, `document.querySelector("#requests li .who")?.textContent === "+201055555555"`)
	b.click(t, "#requests li:first-child a")
	b.until(t, `document.querySelector("#detail h2").textContent === "Image to +201055555555" &&
		document.querySelector("#detail .bubble img")?.naturalWidth > 0`)
	if got, want := b.sha256(t, `document.querySelector("#detail .bubble img").src`), lastMessage(b).Media.SHA256; got != want {
		t.Errorf("curl's picture has SHA-256 %s, want %s", got, want)
	}
}

// sha256 returns the hash of what the page reads from an address.
func (b *tab) sha256(t *testing.T, address string) string {
	t.Helper()
	return evaluate[string](t, b, `(async () => {
		const bytes = await (await fetch(`+address+`)).arrayBuffer();
		const hash = await crypto.subtle.digest("SHA-256", bytes);
		return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, "0")).join("");
	})()`)
}

// row is the content of a row of the list.
type row struct {
	Who, From, What, Clock, Title string
	Chips                         []string
	Height                        float64
}

func (b *tab) rows(t *testing.T) []row {
	t.Helper()
	return evaluate[[]row](t, b, `[...document.querySelectorAll("#requests li")].map((li) => {
		const text = (s) => li.querySelector(s).textContent;
		return {
			Who: text(".who"), From: text(".from"), What: text(".what"), Clock: text(".clock"), Title: li.querySelector(".when").title,
			Chips: [...li.querySelectorAll(".chips > *")].map((e) => e.textContent), Height: li.getBoundingClientRect().height,
		};
	})`)
}

// TestRows: each row has recipient, text and sender, also of refused requests. Only unusual requests have marks: an error status, a
// fault, an attempt.
func TestRows(t *testing.T) {
	t.Parallel()
	var now clock
	b := open(t, withClock(&now, time.Date(2026, 11, 27, 14, 3, 22, 187e6, time.UTC)), func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: "Acme"}}
	})
	b.inbox(t)
	sendTexts(t, b.fake, "It is accepted")
	now.add(time.Millisecond)
	const body = `{"sender_phone": "+201001187188", "to_phone": "+201010000000", "type": "text", "content": "It is tried thrice"}`
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultStatus, Times: 2})
	for _, want := range []int{503, 503, 201} {
		if got := b.post(t, body, "X-Tgo-Test", "TestCheckout"); got != want {
			t.Errorf("the status of an attempt is %d, want %d", got, want)
		}
	}
	if got := b.post(t, `{"sender_phone": "+201099999999", "to_phone": "+201010000000", "type": "text", "content": "It is refused"}`); got != 422 {
		t.Errorf("the status for an unknown sender is %d", got)
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 5`)
	const usual, exact = "14:03:22.188", "27 Nov 2026, 14:03:22.188"
	tried := func(chips ...string) row {
		return row{Who: "+201010000000", From: "from +201001187188", What: "It is tried thrice", Clock: usual, Title: exact, Chips: chips}
	}
	third := tried("TestCheckout", "3rd attempt")
	third.From = "from Acme +201001187188"
	want := []row{
		{Who: "+201010000000", From: "from +201099999999", What: "It is refused", Clock: usual, Title: exact, Chips: []string{"422"}},
		third, tried("TestCheckout", "2nd attempt", "503"), tried("TestCheckout", "503"),
		{Who: "+201010000000", From: "from Acme +201001187188", What: "It is accepted", Clock: "14:03:22.187", Title: "27 Nov 2026, 14:03:22.187", Chips: []string{}},
	}
	for i := range want {
		want[i].Height = 44
	}
	if got := b.rows(t); !reflect.DeepEqual(got, want) {
		t.Errorf("the rows are\n%+v, want\n%+v", got, want)
	}
}

// TestWarningsAreShown: the page warns of a request that the fake accepts and the API may refuse.
func TestWarningsAreShown(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	b.do(t, fmt.Sprintf(`fetch("/api/v1/contacts/lookup?phone=+201010000000&sender_number_id=1", {headers: {"X-Api-Key": %q}}).then((r) => r.status)`, b.fake.Key.Reveal()))
	b.until(t, `document.querySelector("#requests .chip.warn")?.textContent === "warning"`)
	b.says(t, "#detail .problem.warning", "Warning: phone contains a bare plus", "openapi.yaml, line ")
	b.says(t, "#requests .what", "bare plus")
}

// TestUnderWay: the list shows a request that has no response yet, until it has one.
func TestUnderWay(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	inject(t, b.fake, tgotest.Fault{Delay: time.Hour, Times: 1, Stored: true})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := b.fake.Sender.SendText(ctx, b.fake.RecipientPhone, "It takes its time")
		ended <- err
	}()
	b.until(t, `document.querySelectorAll("#under-way li").length === 1 &&
		document.querySelector("#under-way").checkVisibility()`)
	b.says(t, "#under-way li", "POST /messages", "no response yet")
	if n := evaluate[int](t, b, `document.querySelectorAll("#requests li").length`); n != 0 {
		t.Errorf("%d requests have a response", n)
	}
	// Users who prefer reduced motion see none.
	const spinner = `getComputedStyle(document.querySelector("#under-way .spinner")).animationName`
	if turns := evaluate[string](t, b, spinner); turns == "none" {
		t.Error("the spinner stands still")
	}
	b.media(t, "prefers-reduced-motion", "reduce")
	if turns := evaluate[string](t, b, spinner); turns != "none" {
		t.Error("the spinner turns")
	}
	cancel()
	if err := <-ended; deliveryOf(err) != tgo.DeliveryUnknown {
		t.Errorf("it is %v", deliveryOf(err))
	}
	b.until(t, `document.querySelector("#under-way").hidden && document.querySelectorAll("#requests li").length === 1`)
	b.says(t, "#requests li", "It takes its time")
}

// TestRequestsAreLimited: the page limits how often it asks the fake, and asks for the coverage only while it is visible.
func TestRequestsAreLimited(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	sent := 0
	send := func(many int) {
		t.Helper()
		for range many {
			sent++
			sendTexts(t, b.fake, fmt.Sprintf("message %d", sent))
		}
		b.until(t, fmt.Sprintf(`document.querySelector('[data-filter="all"] span').textContent === "%d"`, sent))
	}
	send(1)
	// The first request comes at once, and each further one some time after the one before.
	counting := func(path string, apart time.Duration) (end func() int) {
		before, begun := b.asked(path), time.Now()
		return func() int {
			t.Helper()
			n := b.asked(path) - before
			if took := time.Since(begun); n > int(took/apart)+2 {
				t.Errorf("%s was requested %d times in %v", path, n, took)
			}
			return n
		}
	}
	lists, all := counting("/_fake/inbox", 150*time.Millisecond), counting("/_fake/", 75*time.Millisecond)
	send(200)
	if all(); lists() == 0 {
		t.Error("the list was not requested")
	}
	if n := b.asked("/_fake/coverage"); n != 0 {
		t.Errorf("the coverage was requested %d times while it was hidden", n)
	}

	b.drawer(t)
	b.until(t, `document.querySelector("#coverage-section").checkVisibility()`)
	coverage := counting("/_fake/coverage", 2*time.Second)
	send(200)
	coverage()
	// In the end the coverage includes the last request.
	b.post(t, `{"to_phone": "no phone"}`)
	var report struct {
		Summary string `json:"summary"`
	}
	if err := json.Unmarshal(b.admin(t, http.MethodGet, "/coverage", ""), &report); err != nil {
		t.Fatal(err)
	}
	b.until(t, fmt.Sprintf(`document.querySelector("#coverage-section p").textContent === %q`, report.Summary))
}

// TestScrolledListStays: new requests do not move a list that is scrolled down. A button says how many there are.
func TestScrolledListStays(t *testing.T) {
	t.Parallel()
	b := open(t)
	for i := range 60 {
		sendTexts(t, b.fake, fmt.Sprintf("n%dn", i))
	}
	b.inbox(t)
	b.until(t, `document.querySelectorAll("#requests li").length === 60`)
	b.do(t, `document.querySelector("#scroll").scrollTo(0, 900)`)
	const top = `document.elementFromPoint(200, 500).closest("li").querySelector(".what").textContent`
	at := evaluate[string](t, b, top)
	sendTexts(t, b.fake, "n60n", "n61n", "n62n")
	b.until(t, `document.querySelector("#newer").checkVisibility() && document.querySelector("#newer").textContent === "3 new"`)
	if now := evaluate[string](t, b, top); now != at {
		t.Errorf("the list has moved: %s is where %s was", now, at)
	}
	b.click(t, "#newer")
	b.until(t, `document.querySelector("#requests li .what").textContent === "n62n" &&
		document.querySelector("#scroll").scrollTop === 0 && document.querySelector("#newer").hidden`)
}

// TestAllMessages: counts, search and list cover all messages that the fake keeps, down to the first.
func TestAllMessages(t *testing.T) {
	t.Parallel()
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
	// The first message is found by its text.
	b.press(t, "/"+loadWord(1))
	b.until(t, fmt.Sprintf(`%s === %q`, texts, loadText(1)))
	b.until(t, `document.querySelector("#found").textContent.includes("1 of 12,000")`)
	b.do(t, `(() => { const s = document.querySelector("#search"); s.value = ""; s.dispatchEvent(new Event("input")); })()`)
	b.showsAll(t, count)
	// "Show older" leads through all messages to the first one, and the page never has too many rows.
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
		setTimeout(() => failed(new Error("only " + seen.size + " were seen, down to " + Math.min(...seen))), 300_000);
	})`)
	if seen[0] != count || seen[1] > 600 {
		t.Errorf("on the way back to the first, %d of %d messages were seen, with %d rows at a time", seen[0], count, seen[1])
	}
	b.click(t, "#newer")
	b.until(t, fmt.Sprintf(`document.querySelector("#requests .what").textContent === %q && document.querySelector("#scroll").scrollTop === 0`, loadText(count)))
}
