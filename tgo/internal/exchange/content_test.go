package exchange

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A transport with its own timeout gives up while the request that it forwarded continues.
func TestInvariant2(t *testing.T) {
	late := make(chan *http.Request, 8)
	engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) {
		late <- r
		return nil, errors.New("circuit breaker: too slow")
	}))
	for name, call := range map[string]Call{
		"JSON": {Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")},
		"file": {Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile("hello")},
	} {
		if o := engine.Do(t.Context(), call); o.Verdict != NotSent || o.Requests != 3 {
			t.Errorf("%s: %v after %d requests", name, o.Verdict, o.Requests)
		}
		for range 3 {
			if content, err := io.ReadAll((<-late).Body); len(content) > 0 || err == nil {
				t.Errorf("%s: after the attempt the transport got %q, %v", name, content, err)
			}
		}
	}
}

// The result of a read that was running when the attempt ended is not handed over either.
func TestInvariant2ReadUnderWay(t *testing.T) {
	reading, give := make(chan struct{}), make(chan struct{})
	got := make(chan string, 1)
	engine := engineOf(t, func(c *Config) {
		c.Timeout = 20 * time.Millisecond
		through(func(r *http.Request) (*http.Response, error) {
			content, err := io.ReadAll(r.Body)
			got <- fmt.Sprintf("%q, %v", content, err)
			return nil, err
		})(c)
	})
	source := reader(func(p []byte) (int, error) {
		close(reading)
		<-give
		return copy(p, "late"), io.EOF
	})
	o := engine.Do(t.Context(), Call{
		Request: request(t, http.MethodPost, "https://example.com", ""),
		File:    file{length: 4, once: true, open: func() io.Reader { return source }},
	})
	<-reading
	if o.Verdict != NotSent || !errors.Is(o.Err, context.DeadlineExceeded) {
		t.Errorf("%v: %v", o.Verdict, o.Err)
	}
	close(give)
	if s := <-got; s != `"", the request is over` {
		t.Errorf("the transport got %s", s)
	}
}

// A panic in the transport, and runtime.Goexit, end the attempt too (invariant 11). The file is then closed, once, and nothing more
// of it is handed over.
func TestInvariant2Panic(t *testing.T) {
	for name, fail := range map[string]func(){"panic": func() { panic("boom") }, "runtime.Goexit": runtime.Goexit} {
		var kept io.Reader
		closed := 0
		hello := textFile("hello")
		hello.closed = func() { closed++ }
		engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) { kept = r.Body; fail(); return nil, nil }))
		caught(func() {
			engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), File: hello})
		})
		if content, err := io.ReadAll(kept); len(content) > 0 || err == nil || closed != 1 {
			t.Errorf("%s: afterwards the transport got %q, %v; the file was closed %d times", name, content, err, closed)
		}
	}
}

// A reader that returns nothing makes no progress, however often it is read. A reader that returns one byte at a time does.
func TestInvariant8Progress(t *testing.T) {
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	engine := engineOf(t, func(*Config) {})
	reads := 0
	nothing := reader(func([]byte) (int, error) { reads++; return 0, nil })
	o := engine.Do(t.Context(), Call{
		Request: request(t, http.MethodPost, base, ""),
		File: file{length: 100, once: true, open: func() io.Reader {
			return io.MultiReader(strings.NewReader("some of it"), nothing)
		}},
	})
	if o.Verdict != Unknown || !errors.Is(o.Err, io.ErrNoProgress) || reads > 200 {
		t.Errorf("%v after %d reads: %v", o.Verdict, reads, o.Err)
	}
	synctest.Test(t, func(t *testing.T) { // in its own time, so a busy machine does not matter
		const pieces = 8
		engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) {
			_, err := io.Copy(io.Discard, r.Body)
			return ok(r), err
		}))
		given := 0
		slow := reader(func(p []byte) (int, error) {
			time.Sleep(time.Minute / 4) // of the timeout of a minute
			given++
			p[0] = 'x'
			return 1, nil
		})
		o := engine.Do(t.Context(), Call{
			Request: request(t, http.MethodPost, "https://example.com", ""),
			File:    file{length: pieces, once: true, open: func() io.Reader { return io.LimitReader(slow, pieces) }},
		})
		if o.Verdict != Answered || given != pieces {
			t.Errorf("%v after %d pieces: %v", o.Verdict, given, o.Err)
		}
	})
}
