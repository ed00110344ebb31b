package browser_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// clipboard makes the page copy to window.copied.
func (b *tab) clipboard(t *testing.T) {
	t.Helper()
	b.do(t, `(navigator.clipboard.writeText = async (text) => { window.copied = text; })`)
}

// TestClearAndReset: clearing can be undone; a reset asks first.
func TestClearAndReset(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.inbox(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.until(t, lists("three", "two", "one"))
	b.menu(t, "#clear")
	b.until(t, `document.querySelectorAll("#requests li").length === 0 && document.querySelector(".welcome") !== null`)
	if n := len(b.fake.Messages()); n != 0 {
		t.Errorf("%d messages are left", n)
	}
	b.says(t, "#toast", "cleared")
	b.click(t, "#toast .undo")
	b.until(t, lists("three", "two", "one"))
	if n := len(b.fake.Messages()); n != 3 {
		t.Errorf("%d messages came back", n)
	}

	b.fake.SetContact(b.fake.RecipientPhone, tgotest.ContactUnreachable)
	b.menu(t, "#reset")
	b.says(t, "dialog[open]", "Reset the fake?", "A reset cannot be undone.")
	b.answer(t, false)
	tries(t, b.fake, "refused", tgo.DeliveryRejected)
	b.until(t, lists("refused", "three", "two", "one"))
	b.menu(t, "#reset")
	b.answer(t, true)
	b.until(t, `document.querySelectorAll("#requests li").length === 0 && document.querySelector(".welcome") !== null`)
	tries(t, b.fake, "again", tgo.DeliveryAccepted)
	b.until(t, lists("again"))
}

// TestExports: the exports contain what the list shows.
func TestExports(t *testing.T) {
	t.Parallel()
	b := open(t)
	sendTexts(t, b.fake, "one", "two", "three")
	b.post(t, `{"content": "refused"}`)
	exported := func(selector string) string {
		t.Helper()
		return evaluate[string](t, b, `fetch(document.querySelector("`+selector+`").href).then((r) => r.text())`)
	}
	for _, c := range []struct {
		at    string
		words string
		texts []string
	}{
		{"/", "Export all as ", []string{"one", "two", "three", "refused"}}, {"/?q=tw", "Export results as ", []string{"two"}},
		{"/?is=failed", "Export results as ", []string{"refused"}},
	} {
		b.visit(t, c.at)
		b.click(t, "#menu-button")
		b.until(t, fmt.Sprintf(`document.querySelector("#export-jsonl").textContent === %q &&
			document.querySelector("#export-har").textContent === %q`, c.words+"JSON lines", c.words+"HAR"))
		var texts []string
		for line := range strings.Lines(exported("#export-jsonl")) {
			var one struct {
				Text string `json:"text"`
			}
			if err := json.Unmarshal([]byte(line), &one); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			texts = append(texts, one.Text)
		}
		if strings.Join(texts, ", ") != strings.Join(c.texts, ", ") {
			t.Errorf("%s exports %v, want %v", c.at, texts, c.texts)
		}
		var har struct {
			Log struct {
				Entries []struct {
					Request struct {
						PostData struct {
							Text string `json:"text"`
						} `json:"postData"`
					} `json:"request"`
				} `json:"entries"`
			} `json:"log"`
		}
		if err := json.Unmarshal([]byte(exported("#export-har")), &har); err != nil {
			t.Fatal(err)
		}
		if len(har.Log.Entries) != len(c.texts) {
			t.Fatalf("%s exports %d entries, want %d", c.at, len(har.Log.Entries), len(c.texts))
		}
		for i, e := range har.Log.Entries {
			if !strings.Contains(e.Request.PostData.Text, c.texts[i]) {
				t.Errorf("%s: entry %d is %s", c.at, i, e.Request.PostData.Text)
			}
		}
		if !evaluate[bool](t, b, `[...document.querySelectorAll("#menu a[href*='/_fake/']")].every((a) => a.hasAttribute("download"))`) {
			t.Error("a click would leave the page")
		}
	}
}
