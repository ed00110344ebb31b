package tgotest

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
)

// htmlPage is what a proxy or a login form shows.
const htmlPage = `<!DOCTYPE html><html><head><title>%d %s</title></head><body><h1>%[2]s</h1></body></html>`

// strike executes a fault. next continues as usual; closed ends a delay.
func (f *Fault) strike(w http.ResponseWriter, r *http.Request, next http.HandlerFunc, closed <-chan struct{}) {
	traffic.NoteFault(r, func() traffic.Fault { return traffic.Fault{Text: f.text(), Late: f.Kind == FaultNone} })
	var answer recorder
	stored := f.carriesOut()
	if stored {
		next(&answer, r)
	}
	if f.Delay > 0 {
		timer := time.NewTimer(f.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		case <-closed: // the context does not end while the body has not been read
			panic(http.ErrAbortHandler)
		}
	}
	if !stored && f.Kind.has("status") {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
	}
	switch f.Kind {
	case FaultNone:
		if !stored {
			next(w, r)
			return
		}
		answer.send(w, answer.body.Bytes())
	case FaultStatus:
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		status := f.status()
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprintf(w, "{\"message\": %q}\n", cmp.Or(contract.MessageOf(status), http.StatusText(status)))
	case FaultHTML:
		status := f.status()
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintf(w, htmlPage, status, http.StatusText(status))
	case FaultRedirect:
		w.Header().Set("Location", f.Location)
		w.WriteHeader(f.status())
	case FaultCut:
		cut(w, r)
	case FaultCutMidway:
		_, _ = io.CopyN(io.Discard, r.Body, max(1, r.ContentLength/2))
		cut(w, r)
	case FaultCutResponse:
		w.Header().Set("Content-Length", strconv.Itoa(answer.body.Len()))
		answer.send(w, answer.half())
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case FaultBrokenJSON:
		answer.send(w, answer.half())
	case FaultEmpty:
		answer.send(w, nil)
	}
}

// noAnswer is a response that a browser cannot read: it contradicts itself.
const noAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"

// cut ends a request without a response. A browser resends a request automatically if the cut connection was used before or
// opened in advance, and then one click would be two requests. After noAnswer it does not, and reports the same failure
// to the page. An interim response before the cut would not help: Chromium turns it into an empty 200.
func cut(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Sec-Fetch-Mode") != "" {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain) // what is left unread would take the response with it
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_, _ = io.WriteString(conn, noAnswer) // a client that has gone does not need it
			_ = conn.Close()
		}
	}
	panic(http.ErrAbortHandler)
}

// recorder keeps a response instead of sending it.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header {
	if r.header == nil {
		r.header = http.Header{}
	}
	return r.header
}

func (r *recorder) WriteHeader(status int) { r.status = status }

func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }

func (r *recorder) half() []byte { return r.body.Bytes()[:r.body.Len()/2] }

// send sends the response to a client, with another body.
func (r *recorder) send(w http.ResponseWriter, body []byte) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(body)
}
