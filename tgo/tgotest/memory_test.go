//go:build !race

package tgotest_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Everything that is kept for the inbox page counts, wherever in a request it is long. Not parallel: it measures memory.
func TestInboxMemoryIsBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("it sends 290 MB")
	}
	const most = 70 << 20 // 90 MB are sent, and the hostile text would need 108 MB
	long, third := strings.Repeat("x", 900_000), strings.Repeat("x", 300_000)
	hostile := strings.Repeat("\x01", 900_000) // six times as long wherever it is shown
	formWith := func(content, filename string) func(*tgotest.Server) answer {
		body, contentType := form(append(imageParts("")[:3], part{name: "content", content: content}, part{name: "media", content: "m", filename: filename})...)
		return func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
		}
	}
	for name, test := range map[string]struct {
		times int
		send  func(*tgotest.Server) answer
	}{
		"a path, a query and a header": {100, func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodDelete, "/api-keys/"+third+"?x="+third, nil, func(r *http.Request) { r.Header.Set("X-Long", third) })
		}},
		"a text": {100, func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodPost, "/messages", text(recipient, long))
		}},
		"a file name":       {100, formWith("hello", long)},
		"a hostile caption": {20, formWith(hostile, "m.png")},
	} {
		t.Run(name, func(t *testing.T) {
			fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages = 1 })
			test.send(fake)
			before := heap()
			for range test.times {
				if a := test.send(fake); a.status/100 != 2 && a.status != http.StatusNotFound {
					t.Fatalf("%d %s", a.status, short(a.body))
				}
			}
			if grown := heap() - before; grown > most {
				t.Errorf("before a person looks, %d bytes are kept", grown)
			}
			look(t, fake)
			if grown := heap() - before; grown > most {
				t.Errorf("after a person looked, %d bytes are kept", grown)
			}
		})
	}
}

// look reads the list of requests, as the inbox page does. It does not decode the tens of megabytes, which would take most of the test's time.
func look(t *testing.T, fake *tgotest.Server) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(fake.URL, "/api/v1")+"/_fake/requests", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := direct.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK || n < 1<<20 {
		t.Fatalf("status %d, %d bytes: %v", resp.StatusCode, n, err)
	}
}
