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

// fate is what the server does with a request.
type fate string

const (
	accepts   fate = "accepts"                    // 201
	loses     fate = "accepts and cuts"           // no answer
	fails     fate = "accepts and answers 500"    // which leaves it open
	cuts      fate = "cuts"                       // without having taken the message
	refuses   fate = "refuses"                    // 422
	holdsBack fate = "answers 429 and a few more" // the same message may come again
)

// took reports that the message is on its way to the recipient.
func (f fate) took() bool { return f == accepts || f == loses || f == fails }

// tells reports that the answer says what became of the message.
func (f fate) tells() bool { return f == accepts || f == refuses || f == holdsBack }

// arrival is a request with a whole body. It is noted before anything is answered.
type arrival struct {
	text    string
	process int // that sent it
	fate    fate
	at      time.Time
	id      int64 // of the message, in the receipt
	gone    bool  // whoever asked hung up before the answer
}

// server is a fake that does nothing but note what it gets. Each process that sends has a base URL of its own.
type server struct {
	*httptest.Server

	decide func(text string, before int) fate // before is how often the text has come before
	delay  func() time.Duration               // from the arrival to the answer

	mu       sync.Mutex
	arrivals []*arrival
	times    map[string]int
	alarmAt  int
	alarm    chan struct{}
}

// retryAfter is what a 429 asks for, in seconds.
const retryAfter = 5

func newServer(tb testing.TB, decide func(text string, before int) fate, delay func() time.Duration) *server {
	s := &server{decide: decide, delay: delay, times: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{process}/messages", s.take)
	s.Server = httptest.NewUnstartedServer(mux)
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // processes that were killed hang up
	s.Start()
	tb.Cleanup(s.Close)
	return s
}

// always accepts at once.
func always(string, int) fate { return accepts }

func atOnce() time.Duration { return 0 }

// baseURL is the one of a process.
func (s *server) baseURL(process int) string { return s.URL + "/" + strconv.Itoa(process) }

// chance is a number from 0 to 1 that depends on the seed and the text alone.
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
		_, _ = io.WriteString(w, body) // whoever asked may be dead
		_ = http.NewResponseController(w).Flush()
	}
	switch a.fate {
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

// note writes an arrival down.
func (s *server) note(text string, process int) *arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := &arrival{text: text, process: process, at: time.Now(), id: int64(len(s.arrivals) + 1), fate: s.decide(text, s.times[text])}
	s.times[text]++
	s.arrivals = append(s.arrivals, a)
	if s.alarm != nil && len(s.arrivals) >= s.alarmAt {
		close(s.alarm)
		s.alarm = nil
	}
	return a
}

// arrived is how many requests came.
func (s *server) arrived() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.arrivals)
}

// reached is closed when so many requests came.
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

// all is a copy of what arrived, in order.
func (s *server) all() []arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]arrival, len(s.arrivals))
	for i, a := range s.arrivals {
		list[i] = *a
	}
	return list
}
