//go:build !race

package tgotest_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Of what is remembered for the inbox page everything counts, wherever in a request it is long. Not parallel: it measures
// memory.
func TestInboxMemoryIsBounded(t *testing.T) {
	const size, times, most = 900_000, 100, 70 << 20 // of the 90 MB that are sent
	long := strings.Repeat("x", size)
	hostile := strings.Repeat("\x01", size) // longer wherever it is shown
	for name, send := range map[string]func(fake *tgotest.Server) answer{
		"JSON": func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodPost, "/messages", text(recipient, long))
		},
		"a form": func(fake *tgotest.Server) answer {
			body, contentType := form(append(imageParts(strings.Repeat("m", 40_000)), part{name: "content", content: hostile})...)
			return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
		},
		"a file name": func(fake *tgotest.Server) answer {
			body, contentType := form(append(imageParts("")[:3], part{name: "media", content: "m", filename: long})...)
			return ask(t, fake, http.MethodPost, "/messages", bytes.NewReader(body), withContentType(contentType))
		},
		"a header": func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodGet, "/usage", nil, func(r *http.Request) { r.Header.Set("X-Long", long) })
		},
		"a path": func(fake *tgotest.Server) answer { return ask(t, fake, http.MethodDelete, "/api-keys/"+long, nil) },
		"a query": func(fake *tgotest.Server) answer {
			return ask(t, fake, http.MethodGet, "/usage?x="+long, nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake := tgotest.New(t, inbox, func(c *tgotest.Config) { c.MaxMessages = 1 })
			send(fake)
			before := heap()
			for range times {
				if a := send(fake); a.status/100 != 2 && a.status != http.StatusNotFound {
					t.Fatalf("%d %s", a.status, short(a.body))
				}
			}
			if grown := heap() - before; grown > most {
				t.Errorf("before anybody looks %d bytes are kept", grown)
			}
			shownRequests(t, fake)
			if grown := heap() - before; grown > most {
				t.Errorf("when somebody has looked %d bytes are kept", grown)
			}
		})
	}
}
