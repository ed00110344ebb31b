package browser_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// red is an expression that is true if an element has a red background.
func red(selector string) string {
	return fmt.Sprintf(`(() => {
		const [r, g, b] = getComputedStyle(document.querySelector(%q)).backgroundColor.match(/\d+/g).map(Number);
		return r > 150 && g < 80 && b < 80;
	})()`, selector)
}

// TestDoubledMessage: a client sends a stored message again, since the response was lost. The page shows that in the list, in the header and
// in the detail, with the time between the two and the reason.
func TestDoubledMessage(t *testing.T) {
	t.Parallel()
	var now clock
	b := open(t, withClock(&now, time.Date(2026, 11, 27, 14, 3, 22, 187e6, time.UTC)))
	b.inbox(t)
	b.until(t, `document.querySelector("#doubled").innerText === "0 doubled" && !`+red("#doubled"))
	sendTexts(t, b.fake, "before it")
	inject(t, b.fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Times: 1})
	tries(t, b.fake, "Your code is 4821", tgo.DeliveryUnknown)
	now.add(812 * time.Millisecond)
	sendTexts(t, b.fake, "Your code is 4821", "after it")

	// One frame is around both, with a band above the newer one.
	b.until(t, lists("after it", "Your code is 4821", "Your code is 4821", "before it"))
	b.until(t, `[...document.querySelectorAll("#requests li")]
		.map((li) => li.className.replace(/unread|doubled/g, "").trim()).join() === ",first,last,"`)
	const bands = `[...document.querySelectorAll("#requests .band")].filter((e) => e.getBoundingClientRect().width > 50)
		.map((e) => e.textContent).join("; ")`
	b.until(t, bands+` === "sent twice, 0.8 s apart"`)
	b.until(t, red("#requests .first .band")+" && "+red("#doubled"))
	b.says(t, "#doubled", "1 doubled")
	// Both rows have the words for screen readers.
	b.until(t, `[...document.querySelectorAll("#requests .doubled .band")]
		.every((e) => e.textContent === "sent twice, 0.8 s apart" && e.checkVisibility())`)
	b.until(t, `document.querySelector("#icon").href.endsWith("/icon.svg?count=4&alert=1")`)

	// A click on the counter filters the list, and the next click ends that.
	b.click(t, "#doubled")
	b.until(t, lists("Your code is 4821", "Your code is 4821")+` && location.search === "?is=doubled" &&
		document.querySelector("#doubled").getAttribute("aria-pressed") === "true"`)
	b.click(t, "#doubled")
	b.until(t, `document.querySelectorAll("#requests li").length === 4`)

	// The timeline has both requests, and between them the reason for the second one.
	for _, id := range []int{2, 3} {
		b.click(t, fmt.Sprintf(`#requests a[href="/requests/%d"]`, id))
		b.until(t, fmt.Sprintf(`location.pathname === "/requests/%d" &&
			document.querySelector("#detail .timeline [aria-current]")?.textContent === "Request %d"`, id, id))
		b.says(t, "#detail .timeline h3", "Sent twice, 0.8 s apart")
		parts := evaluate[[]string](t, b, `[...document.querySelectorAll("#detail .timeline li")]
			.map((li) => li.innerText.replace(/\s+/g, " "))`)
		if len(parts) != 3 {
			t.Fatalf("the timeline has %q", parts)
		}
		for i, want := range [][]string{
			{"14:03:22.187", "Request 2", "no response", "message 2"},
			{"response lost: connection cut without a response after the request was executed, set on purpose", "812 ms later"},
			{"14:03:22.999", "Request 3", "201 Created", "message 3"},
		} {
			for _, words := range want {
				if !contains(parts[i], words) {
					t.Errorf("part %d of the timeline is %q, and lacks %q", i, parts[i], words)
				}
			}
		}
	}
	b.click(t, `#detail .timeline a[href="/requests/2"]`)
	b.until(t, `location.pathname === "/requests/2"`)
	b.says(t, "#detail .faulty", "The message was accepted anyway.")

	// The page shows the same as the fake's Doubled.
	if doubled := b.fake.Doubled(); len(doubled) != 1 || len(doubled[0]) != 2 || doubled[0][0].ID != 2 || doubled[0][1].ID != 3 {
		t.Errorf("the fake's doubled messages are %+v", doubled)
	}
	// After one copy is deleted, no message is doubled.
	b.click(t, "#delete")
	b.until(t, `document.querySelector("#doubled").innerText === "0 doubled" &&
		document.querySelectorAll("#requests .doubled").length === 0`)
}

// TestTimelineOfTheNewest: the newest request, which is shown before the user has chosen one, is marked in its timeline, and still
// when the user chooses it. The links of the timeline keep the filter of the list, also one that was set after they were drawn.
func TestTimelineOfTheNewest(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "copy", "copy")
	b.inbox(t)
	current := func(address string, id int) string {
		return fmt.Sprintf(`location.pathname + location.search === %q &&
			[...document.querySelectorAll("#detail .timeline [aria-current]")].map((a) => a.textContent).join() === "Request %d"`, address, id)
	}
	b.until(t, current("/", 2))
	b.click(t, `#requests a[href="/requests/2"]`)
	b.until(t, current("/requests/2", 2))
	b.click(t, "#doubled")
	b.until(t, current("/requests/2?is=doubled", 2))
	b.click(t, `#detail .timeline a[href="/requests/1"]`)
	b.until(t, current("/requests/1?is=doubled", 1))
	b.click(t, "#doubled")
	b.until(t, current("/requests/1", 1))
	b.click(t, `#detail .timeline a[href="/requests/2"]`)
	b.until(t, current("/requests/2", 2))
}

// TestCopiesApart: a request between two copies is between their two frames, and three copies count as one doubled message.
func TestCopiesApart(t *testing.T) {
	t.Parallel()
	var now clock
	b := open(t, withClock(&now, time.Date(2026, 11, 27, 14, 3, 22, 187e6, time.UTC)))
	b.inbox(t)
	send := func(text string) {
		t.Helper()
		sendTexts(t, b.fake, text)
		now.add(5 * time.Second)
	}
	send("copy")
	send("in between")
	send("copy")
	const places = `[...document.querySelectorAll("#requests li")].map((li) => li.className.replace(/unread|doubled/g, "").trim()).join()`
	b.until(t, places+` === "alone,,alone"`)
	const bands = `[...document.querySelectorAll("#requests .doubled .band")]
		.map((e) => e.textContent + " " + (e.getBoundingClientRect().width > 50)).join("; ")`
	b.until(t, bands+` === "sent twice, 10 s apart true; sent twice, 10 s apart true"`)
	send("copy")
	b.until(t, places+` === "first,last,,alone"`)
	b.says(t, "#requests .band", "sent 3 times within 15 s")
	b.says(t, "#doubled", "1 doubled")
	b.visit(t, "/requests/1")
	b.until(t, `document.querySelectorAll("#detail .timeline li").length === 5`)
	b.says(t, "#detail .timeline li:nth-child(2)", "1 other request in between", "no fault: the response was 201 Created, and the client sent it again anyway")
	// The same text more than a minute later is another message.
	now.add(time.Minute)
	send("copy")
	b.until(t, places+` === ",first,last,,alone"`)
}

// TestOtherMessagesAreNotDoubled: messages to another phone, with another file or with another key are not copies.
func TestOtherMessagesAreNotDoubled(t *testing.T) {
	t.Parallel()
	b := open(t, func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{{Name: "one", Scopes: []tgo.Scope{"*"}}, {Name: "two", PlainText: "tgo_two_two_two", Scopes: []tgo.Scope{"*"}}}
	})
	b.inbox(t)
	sendTexts(t, b.fake, "same")
	b.post(t, `{"sender_number_id": 1, "to_phone": "+201055555555", "type": "text", "content": "same"}`)
	b.post(t, `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "same"}`, "X-Api-Key", "tgo_two_two_two")
	for _, file := range []string{"a", "b"} {
		if _, err := b.fake.Sender.SendDocument(t.Context(), b.fake.RecipientPhone, tgo.Document{File: tgo.BytesFile("x.txt", []byte(file)), Caption: "same"}); err != nil {
			t.Fatal(err)
		}
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 5`)
	b.says(t, "#doubled", "0 doubled")
	if n := evaluate[int](t, b, `document.querySelectorAll("#requests .doubled").length`); n != 0 {
		t.Errorf("%d of them count as doubled", n)
	}
}

// TestDoubledByAClientInALoop: the detail lists the copies around the one that is shown, and the list has one frame around all.
func TestDoubledByAClientInALoop(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, slices.Repeat([]string{"again"}, 60)...)
	b.visit(t, "/requests/30")
	b.until(t, `document.querySelectorAll("#detail .timeline-request").length === 20`)
	b.says(t, "#detail .timeline li:first-child", "19 earlier copies")
	b.says(t, "#detail .timeline li:last-child", "21 later copies")
	b.says(t, "#detail .timeline [aria-current]", "Request 30")
	b.until(t, `document.querySelectorAll("#requests .doubled").length === 60 &&
		document.querySelectorAll("#requests .first").length === 1`)
	b.visit(t, "/phone")
	b.until(t, `document.querySelectorAll("#thread .phone-twice").length === 1`)
}
