//go:build !race

package tgotest_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Everything that is kept for the inbox page counts, wherever in a request it is long: requests of all kinds share one fake, and one
// kind that did not count would exceed the bound. Not parallel: it measures memory.
func TestInboxMemoryIsBounded(t *testing.T) {
	const size, rounds, most = 900_000, 20, 70 << 20 // of the 108 MB that are sent
	long := strings.Repeat("x", size)
	hostile := strings.Repeat("\x01", size) // longer wherever it is shown
	fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages = 1 })
	sends := map[string]func() answer{
		"JSON": func() answer { return ask(t, fake, http.MethodPost, "/messages", text(recipient, long)) },
		"a form": func() answer {
			body, contentType := form(append(imageParts(strings.Repeat("m", 40_000)), part{name: "content", content: hostile})...)
			return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
		},
		"a file name": func() answer {
			body, contentType := form(append(imageParts("")[:3], part{name: "media", content: "m", filename: long})...)
			return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
		},
		"a header": func() answer {
			return ask(t, fake, http.MethodGet, "/usage", nil, func(r *http.Request) { r.Header.Set("X-Long", long) })
		},
		"a path":  func() answer { return ask(t, fake, http.MethodDelete, "/api-keys/"+long, nil) },
		"a query": func() answer { return ask(t, fake, http.MethodGet, "/usage?x="+long, nil) },
	}
	send := func() {
		for name, request := range sends {
			if a := request(); a.status/100 != 2 && a.status != http.StatusNotFound {
				t.Fatalf("%s: %d %s", name, a.status, short(a.body))
			}
		}
	}
	send()
	before := heap()
	for range rounds {
		send()
	}
	if grown := heap() - before; grown > most {
		t.Errorf("before a person looks, %d bytes are kept", grown)
	}
	shownRequests(t, fake)
	if grown := heap() - before; grown > most {
		t.Errorf("after a person looked, %d bytes are kept", grown)
	}
}
