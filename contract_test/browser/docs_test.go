package browser_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

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
