package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestExportIsRead reads what the menu exports: the JSON lines one by one, and the HTTP Archive with har-validator.
func TestExportIsRead(t *testing.T) {
	t.Parallel()
	b, _ := withEverything(t)
	b.inbox(t)
	// Unusual requests: no key, an unknown key, a body that is not JSON, an unknown path, a query, a redirect.
	for _, r := range []struct{ method, path, key, body string }{
		{http.MethodGet, "/api/v1/usage", "", ""},
		{http.MethodGet, "/api/v1/messages?page=1&per_page=5&x=%zz&y=a+b", "tgo_a-key-that-the-fake-does-not-know", ""},
		{http.MethodPost, "/api/v1/messages", b.fake.Key.Reveal(), "\x00\xff{\"content\": \"\u202e\u2028 not JSON"},
		{http.MethodDelete, "/api/v1/no/such/path", b.fake.Key.Reveal(), ""},
	} {
		b.fetchRaw(t, r.method, r.path, r.key, r.body)
	}
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "getMe", Kind: tgotest.FaultRedirect, Location: "/elsewhere", Times: 1}); err != nil {
		t.Fatal(err)
	}
	_, _ = b.fake.Client.Me(t.Context()) // the client does not follow it
	made, err := b.fake.Client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "made", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}})
	if err != nil {
		t.Fatal(err)
	}
	const requests = 13
	b.until(t, fmt.Sprintf(`Number(document.querySelector('[data-filter="all"] span').textContent) === %d`, requests))
	export := func(id string) []byte {
		t.Helper()
		b.click(t, "#menu-button")
		b.until(t, `document.querySelector("#menu").matches(":popover-open")`)
		content := evaluate[string](t, b, fmt.Sprintf(`fetch(document.querySelector(%q).href).then(async (r) => {
			if (!r.ok || !r.headers.get("Content-Disposition").startsWith("attachment")) throw new Error(r.status + " " + r.headers.get("Content-Disposition"));
			return r.text();
		})`, "#export-"+id))
		b.do(t, `document.querySelector("#menu").hidePopover()`)
		for _, key := range []string{b.fake.Key.Reveal(), made.Key.Reveal(), "a-key-that-the-fake"} {
			if strings.Contains(content, key) {
				t.Errorf("the key %s is in the %s", key, id)
			}
		}
		return []byte(content)
	}

	lines := bufio.NewScanner(bytes.NewReader(export("jsonl")))
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		var e struct {
			ID        int    `json:"id"`
			Method    string `json:"method"`
			MessageID int    `json:"message_id"`
			Doubled   any    `json:"doubled"`
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatalf("line %d: %v: %s", n+1, err, lines.Text())
		}
		if n++; e.ID != n || e.Method == "" {
			t.Errorf("line %d is of request %d", n, e.ID)
		}
	}
	if n != requests {
		t.Errorf("there are %d lines, want %d", n, requests)
	}

	archive := export("har")
	read := b.readHAR(t, archive)
	if len(read.Log.Entries) != requests || read.Log.Version != "1.2" {
		t.Errorf("version %q has %d entries, want %d", read.Log.Version, len(read.Log.Entries), requests)
	}
	for _, e := range read.Log.Entries {
		if !strings.HasPrefix(e.Request.URL, "http://127.0.0.1:") || e.Request.Method == "" {
			t.Errorf("an entry is of %q %q", e.Request.Method, e.Request.URL)
		}
	}

	// With a search, only the results are exported.
	b.press(t, "/is:doubled")
	b.until(t, `document.querySelectorAll("#requests li").length === 2`)
	if n := bytes.Count(export("jsonl"), []byte("\n")); n != 2 {
		t.Errorf("for 2 results, %d lines were exported", n)
	}
	if read := b.readHAR(t, export("har")); len(read.Log.Entries) != 2 || read.Log.Entries[0].Response.Status != 0 || read.Log.Entries[1].Response.Status != http.StatusCreated {
		t.Errorf("for 2 results, these entries were exported: %+v", read.Log.Entries)
	}
}

type harFile struct {
	Log struct {
		Version string `json:"version"`
		Entries []struct {
			Request  struct{ Method, URL string } `json:"request"`
			Response struct{ Status int }         `json:"response"`
		} `json:"entries"`
	} `json:"log"`
}

// readHAR reads an HTTP Archive, and validates it with har-validator.
func (b *tab) readHAR(t *testing.T, archive []byte) (read harFile) {
	t.Helper()
	if err := json.Unmarshal(archive, &read); err != nil {
		t.Fatal(err)
	}
	installed(t, "har-validator", "package.json")
	validator := node(t, "har.mjs")
	validator.Stdin = bytes.NewReader(archive)
	if out, err := validator.CombinedOutput(); err != nil {
		t.Errorf("har-validator: %v:\n%s", err, out)
	}
	return read
}

// fetchRaw sends any request from the page, with or without a key.
func (b *tab) fetchRaw(t *testing.T, method, path, key, body string) {
	t.Helper()
	evaluate[int](t, b, fmt.Sprintf(`fetch(%s, {method: %q, body: %s || null,
		headers: {...(%q && {"X-Api-Key": %q}), "Content-Type": "application/json"}}).then((r) => r.status)`, quoted(t, path), method, quoted(t, body), key, key))
}

// quoted is a text as a JavaScript literal.
func quoted(t *testing.T, text string) string {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
