//go:build !race

package tgotest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/measure"
)

// sendTexts sends texts to the fake's handler, without a network between.
func sendTexts(t *testing.T, s *Server, times int) {
	t.Helper()
	const body = `{"sender_phone":"` + defaultSender + `","to_phone":"` + defaultRecipient + `","type":"text","content":"Your code is 4821"}`
	header := http.Header{"X-Api-Key": {s.Key.Reveal()}, "Content-Type": {"application/json"}}
	for range times {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/messages", strings.NewReader(body))
		r.Header = header.Clone()
		w := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(w, r)
		if w.Code != http.StatusCreated {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
	}
}

// However many messages it takes in, the fake keeps the newest only.
func TestMemoryIsBounded(t *testing.T) {
	s := New(t, func(c *Config) { c.MaxMessages = 50 })
	sendTexts(t, s, 200)
	before := measure.InUse()
	const more = 5000
	sendTexts(t, s, more)
	const kept = 50 // bytes that a message takes at the very least
	if growth := measure.InUse() - before; growth > more*kept/2 {
		t.Errorf("after %d more messages %d more bytes are in use", more, growth)
	}
	if n := len(s.Messages()); n != 50 {
		t.Errorf("%d messages are kept", n)
	}
}

// Of files the fake keeps as many bytes as it is told to, also where it remembers requests for the inbox page.
func TestMemoryOfFilesIsBounded(t *testing.T) {
	const size = 1 << 20
	s := New(t, func(c *Config) { c.Inbox, c.KeepMedia = true, size })
	file := tgo.BytesFile("a.pdf", make([]byte, size))
	send := func(times int) {
		t.Helper()
		for range times {
			if _, err := s.Sender.SendDocument(t.Context(), s.RecipientPhone, tgo.Document{File: file}); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(2)
	before := measure.InUse()
	const more = 30
	send(more)
	if growth := measure.InUse() - before; growth > more*size/2 {
		t.Errorf("after %d more files of %d bytes %d more bytes are in use", more, size, growth)
	}
}

// A message that is plainly good is read once and validated with an early end. Without either a send makes some 30
// allocations more.
func TestAllocationsOfAValidatedSend(t *testing.T) {
	s := New(t)
	sendTexts(t, s, 10)
	const most = 150
	if allocs := testing.AllocsPerRun(200, func() { sendTexts(t, s, 1) }); allocs > most {
		t.Errorf("a send makes %v allocations", allocs)
	} else {
		t.Logf("a send makes %v allocations", allocs)
	}
}
