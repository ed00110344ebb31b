package frames_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/net/http2"

	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// post sends a body that net/http cannot repeat, and returns the response's body or the error.
func post(t *testing.T, client *http.Client, url, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, io.NopCloser(strings.NewReader(body)))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return fmt.Sprintf("%d %s %v", resp.StatusCode, text, err)
}

// TestRecord compares the record, and the response that an ordinary client gets, with what the handler does.
func TestRecord(t *testing.T) {
	long := strings.Repeat("x", 100_000) // more than fits in the window
	for _, c := range []struct {
		name, body string
		handle     func(*frames.Stream)
		processed  bool
		length     int
		seen       string // a part of the client's response or error
	}{
		{"answer", "hello", func(s *frames.Stream) { s.ReadAll(); s.Answer(201, "{}") }, true, 5, "201 {} <nil>"},
		{"answer to a long body", long, func(s *frames.Stream) { s.ReadAll(); s.Answer(201, long) }, true, len(long), "201 " + long},
		{"refused unread", "hello", func(s *frames.Stream) { s.Reset(http2.ErrCodeRefusedStream) }, false, 0, "REFUSED_STREAM"},
		{"refused when read", "hello", func(s *frames.Stream) { s.ReadAll(); s.Reset(http2.ErrCodeRefusedStream) }, false, 5, "REFUSED_STREAM"},
		{"reset when read", "hello", func(s *frames.Stream) { s.ReadAll(); s.Reset(http2.ErrCodeInternal) }, true, 5, "INTERNAL_ERROR"},
		{"refused too late", "hello", func(s *frames.Stream) {
			s.ReadAll()
			s.Head(201)
			s.Reset(http2.ErrCodeRefusedStream)
		}, true, 5, "201"},
		{"goaway below", "hello", func(s *frames.Stream) { s.ReadAll(); s.GoAway(0, http2.ErrCodeNo); s.Answer(201, "{}") }, false, 5, "GOAWAY"},
		{"goaway equal", "hello", func(s *frames.Stream) { s.ReadAll(); s.GoAway(s.ID, http2.ErrCodeNo); s.Answer(201, "{}") }, true, 5, "201 {} <nil>"},
		{"hung up after the answer", "hello", func(s *frames.Stream) {
			s.ReadAll()
			s.Head(201)
			s.Data("{}", false)
			s.HangUp()
		}, true, 5, "201 {} unexpected EOF"},
		{"cut", "hello", func(s *frames.Stream) { s.ReadAll(); s.Abort() }, true, 5, ""},
		{"cut midway", long, func(s *frames.Stream) { s.ReadSome(); s.Abort() }, false, -1, ""},
		{"bad trailer", "hello", func(s *frames.Stream) {
			s.ReadAll()
			s.Head(201)
			s.Data("{}", false)
			s.Trailer(":status", "200")
		}, true, 5, "201 {} "},
		{"103", "hello", func(s *frames.Stream) { s.Inform(103); s.ReadAll(); s.Answer(201, "{}") }, true, 5, "201 {} <nil>"},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := frames.New(t, frames.Config{Handle: c.handle})
			transport := server.Transport()
			defer transport.CloseIdleConnections()
			seen := post(t, &http.Client{Transport: transport}, server.URL+"/path", c.body)
			server.Close()
			if !strings.Contains(seen, c.seen) {
				t.Errorf("the client got %.200s", seen)
			}
			requests := server.Requests()
			if len(requests) != 1 {
				t.Fatalf("%d requests", len(requests))
			}
			r := requests[0]
			if r.Method != http.MethodPost || r.Path != "/path" || r.Conn != 1 || r.ID != 1 || r.Number != 1 {
				t.Errorf("%+v", r)
			}
			if r.Processed() != c.processed {
				t.Errorf("Processed returns %v", r.Processed())
			}
			if c.length >= 0 && (r.Length != c.length || string(r.Body) != c.body[:min(c.length, frames.KeptBody)]) {
				t.Errorf("%d bytes of the body were read: %.20s", r.Length, r.Body)
			}
			if c.length < 0 && (r.Length == 0 || r.Length == len(c.body)) {
				t.Errorf("%d bytes of the body were read", r.Length)
			}
		})
	}
}

// TestGoAwayOfOthers: a GOAWAY does not affect streams that have a response, and ends those that have none.
func TestGoAwayOfOthers(t *testing.T) {
	waiting, gone := make(chan *frames.Stream, 1), make(chan struct{})
	server := frames.New(t, frames.Config{Handle: func(s *frames.Stream) {
		s.ReadAll()
		switch s.Path {
		case "/waits":
			waiting <- s
			<-gone
			s.Answer(201, "{}")
		default:
			s.Answer(201, "{}")
		}
	}})
	transport := server.Transport()
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	if seen := post(t, client, server.URL+"/answered", "one"); seen != "201 {} <nil>" {
		t.Fatal(seen)
	}
	seen := make(chan string)
	go func() { seen <- post(t, client, server.URL+"/waits", "two") }()
	s := <-waiting
	s.GoAway(0, http2.ErrCodeNo)
	close(gone)
	if got := <-seen; !strings.Contains(got, "GOAWAY") {
		t.Errorf("the client got %s", got)
	}
	server.Close()
	for i, r := range server.Requests() {
		if r.Processed() != (i == 0) {
			t.Errorf("%+v", r)
		}
	}
}
