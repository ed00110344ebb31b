package browser_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestNothingRuns sends scripts in every text and file of a request. None of them runs.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	const script = `<img src=x onerror="alert(1);window.ran=1"><script>alert(2);window.ran=2</script><a href="javascript:alert(3)">x</a>`
	b := open(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", DisplayName: script}}
		c.Keys = []tgotest.Key{{Name: script, Scopes: []tgo.Scope{"*"}}}
	})
	// The browser reports what the policy has blocked.
	b.expect(func(e string) bool {
		return strings.Contains(e, "Content Security Policy") || strings.Contains(e, "sandboxed")
	})
	b.inbox(t)
	ctx, to := t.Context(), b.fake.RecipientPhone
	svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="60" height="60" onload="alert(4)"><script>alert(5);window.ran=5</script><rect width="60" height="60" fill="red"/><image href="https://elsewhere.example/x.png"/></svg>`)
	html := []byte(`<!DOCTYPE html><script>alert(6);window.ran=6</script>` + script)
	_, textErr := b.fake.Sender.SendText(ctx, to, script)
	_, svgErr := b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.BytesFile(script+".svg", svg).WithContentType("image/svg+xml"), Caption: script})
	_, imageErr := b.fake.Sender.SendImage(ctx, to, tgo.Image{File: tgo.BytesFile("page.png", html).WithContentType("image/png"), Caption: script})
	_, voiceErr := b.fake.Sender.SendVoice(ctx, to, tgo.Voice{File: tgo.BytesFile("v.html", html).WithContentType("text/html"), Duration: time.Second, Caption: script})
	_, documentErr := b.fake.Sender.SendDocument(ctx, to, tgo.Document{File: tgo.BytesFile(script+".html", html).WithContentType("text/html"), Caption: script})
	if err := errors.Join(textErr, svgErr, imageErr, voiceErr, documentErr); err != nil {
		t.Fatal(err)
	}
	for _, body := range []string{`{"` + script2JSON(script) + `": 1}`, `{"type": "` + script2JSON(script) + `"}`, script} {
		b.do(t, fmt.Sprintf(`fetch("/api/v1/messages?x=%%3Cscript%%3E", {method: "POST", headers: {"X-Api-Key": %q, "Content-Type": "application/json", "X-Tgo-Test": %q}, body: %q}).then((r) => r.status)`,
			b.fake.Key.Reveal(), script, body))
	}
	b.until(t, `document.querySelectorAll("#requests li").length === 8`)
	for i := range 8 {
		id := 8 - i
		b.click(t, fmt.Sprintf("#requests li:nth-child(%d) a", i+1))
		b.until(t, fmt.Sprintf(`location.pathname === "/requests/%d" &&
			document.querySelector("#detail .facts")?.innerText.includes("number %d") &&
			[...document.querySelectorAll("#detail img")].every((i) => i.complete)`, id, id))
		if bad := evaluate[int](t, b, `document.querySelectorAll("body script:not([src]), [onerror], [onload], a[href^='javascript:'], iframe, object, embed").length`); bad > 0 {
			t.Errorf("request %d put %d elements into the page", i, bad)
		}
	}
	// The SVG is still shown as a picture, and the HTML page as a file.
	b.visit(t, "/messages/2")
	b.until(t, `document.querySelector("#detail .bubble img")?.naturalWidth > 0`)
	b.visit(t, "/messages/3")
	b.until(t, `document.querySelector("#detail .bubble .file a")?.textContent === "page.png"`)
	// Nothing runs in the phone view or in the drawer.
	b.visit(t, "/phone/"+string(to))
	b.drawer(t)
	b.until(t, `document.querySelectorAll("#thread .bubble").length === 5`)
	if evaluate[string](t, b, "String(window.ran)") != "undefined" {
		t.Error("a script ran")
	}
	// Nothing runs when a file is opened directly.
	for _, m := range b.fake.Messages() {
		if m.Media == nil || !strings.HasPrefix(m.Media.ContentType, "image/") {
			continue // the others are downloads, as another test checks
		}
		b.run(t, chromedp.Navigate(fmt.Sprintf("%s/_fake/messages/%d/media", b.root, m.ID)))
		if evaluate[string](t, b, "String(window.ran)") != "undefined" {
			t.Errorf("%s ran when opened directly", m.Media.ContentType)
		}
	}
	b.untilBlocked(t)
}

func script2JSON(s string) string { return strings.ReplaceAll(s, `"`, `\"`) }
