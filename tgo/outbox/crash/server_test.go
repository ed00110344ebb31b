//go:build unix && !386 && !arm

package crash_test

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// reaction is what the server does with a request.
type reaction string

const (
	accepts   reaction = "accepts"                    // 201
	loses     reaction = "accepts and cuts"           // no response
	fails     reaction = "accepts and returns 500"    // so the outcome is unknown
	cuts      reaction = "cuts"                       // without accepting the message
	refuses   reaction = "refuses"                    // 422
	holdsBack reaction = "returns 429 and a few more" // the same message may come again
)

// took reports whether the server accepted the message.
func (f reaction) took() bool { return f == accepts || f == loses || f == fails }

// tells reports whether the response says what happened to the message.
func (f reaction) tells() bool { return f == accepts || f == refuses || f == holdsBack }

// arrival is a request with a complete body. It is recorded before the server responds.
type arrival struct {
	text     string
	process  int // that sent it
	reaction reaction
	at       time.Time
	id       int64 // of the message, in the receipt
	gone     bool  // the client disconnected before the response
}

// server is a minimal fake that records the requests it gets. Each process that sends has its own base URL.
type server struct {
	*httptest.Server

	decide func(text string, before int) reaction // before is the number of earlier requests with this text
	delay  func() time.Duration                   // from the arrival to the response

	mu       sync.Mutex
	arrivals []*arrival
	times    map[string]int
	alarmAt  int
	alarm    chan struct{}
}

// retryAfter is what a 429 asks for, in seconds.
const retryAfter = 5

func newServer(tb testing.TB, decide func(text string, before int) reaction, delay func() time.Duration) *server {
	s := &server{decide: decide, delay: delay, times: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{process}/messages", s.take)
	s.Server = httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // killed processes break their connections
	s.Start()
	tb.Cleanup(s.Close)
	return s
}

// always accepts every message.
func always(string, int) reaction { return accepts }

func atOnce() time.Duration { return 0 }

// baseURL returns the base URL of a process.
func (s *server) baseURL(process int) string { return s.URL + "/" + strconv.Itoa(process) }

// chance returns a number from 0 to 1 that depends only on the seed and the text.
func chance(seed uint64, text string) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", seed, text)
	x := h.Sum64() // its upper bits hardly depend on the last byte
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	return float64(x>>11) / (1 << 53)
}

func (s *server) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var message struct{ Content string }
	if err != nil || json.Unmarshal(body, &message) != nil {
		return // it did not arrive
	}
	process, _ := strconv.Atoi(r.PathValue("process"))
	a := s.note(message.Content, process)
	if delay := s.delay(); delay > 0 {
		timer := time.NewTimer(delay)
		<-timer.C
	}
	if r.Context().Err() != nil { // the process is dead
		s.mu.Lock()
		defer s.mu.Unlock()
		a.gone = true
		return
	}
	answer := func(status int, body string) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // the client may be dead
		_ = http.NewResponseController(w).Flush()
	}
	switch a.reaction {
	case accepts:
		answer(http.StatusCreated, fmt.Sprintf(`{"data":{"id":%d,"sender_number_id":1,"message_type":"text","content":%q,"status":"sent",`+
			`"sent_at":"2026-01-10T08:00:00Z","recipient_user_id":1,"conversation_id":1,"message_id":%d}}`, a.id, a.text, a.id))
	case fails:
		answer(http.StatusInternalServerError, `{"message":"Server Error"}`)
	case refuses:
		answer(http.StatusUnprocessableEntity, `{"message":"The given data was invalid.","errors":{"to_phone":["The to phone is invalid."]}}`)
	case holdsBack:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		answer(http.StatusTooManyRequests, `{"message":"Too Many Attempts."}`)
	default:
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
}

// note records an arrival.
func (s *server) note(text string, process int) *arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &arrival{text: text, process: process, at: time.Now(), id: int64(len(s.arrivals) + 1), reaction: s.decide(text, s.times[text])}
	s.times[text]++
	s.arrivals = append(s.arrivals, a)
	if s.alarm != nil && len(s.arrivals) >= s.alarmAt {
		close(s.alarm)
		s.alarm = nil
	}
	return a
}

// arrived returns the number of requests so far.
func (s *server) arrived() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.arrivals)
}

// reached returns a channel that is closed when n requests have arrived.
func (s *server) reached(n int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	reached := make(chan struct{})
	if len(s.arrivals) >= n {
		close(reached)
		return reached
	}
	s.alarmAt, s.alarm = n, reached
	return reached
}

// all returns a copy of the arrivals, in order.
func (s *server) all() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]arrival, len(s.arrivals))
	for i, a := range s.arrivals {
		list[i] = *a
	}
	return list
}
