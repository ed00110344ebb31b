package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

func TestInvariant3(t *testing.T) {
	declared := errors.New("http2: Transport: cannot retry err [stream error: stream ID 1; REFUSED_STREAM; received from peer] after Request.Body was written; " +
		"define Request.GetBody to avoid this error")
	for _, c := range []struct {
		name string
		t    transport
		want Verdict
	}{
		{"nothing taken", takes(0, errors.New("dial")), NotSent},
		{"one byte taken", takes(1, &net.OpError{Op: "dial", Err: errors.New("so it says")}), Unknown},
		{"all taken", takes(9, io.ErrUnexpectedEOF), Unknown},
		{"declared unprocessed", takes(9, declared), NotSent},
		{"declared in other words", takes(9, errors.New("x "+declared.Error())), Unknown},
		{"declared in no words that net/http has", takes(9, errors.New("zzz")), Unknown},
		{"protocol error", takes(9, errors.New("stream error: stream ID 1; PROTOCOL_ERROR; received from peer")), Unknown},
	} {
		for _, call := range []Call{
			{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte(`"message"`)},
			{Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile(`"message"`)},
		} {
			if o := engineOf(t, through(c.t)).Do(t.Context(), call); o.Verdict != c.want {
				t.Errorf("%s: %v", c.name, o.Verdict)
			}
		}
	}
}

// The error of a file may have any text, also one with which net/http declares something.
func TestInvariant3FileError(t *testing.T) {
	said := errors.New("http: server closed idle connection")
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	o := engineOf(t, func(*Config) {}).Do(t.Context(), Call{
		Request: request(t, http.MethodPost, base, ""),
		File: file{length: 100, once: true, open: func() io.Reader {
			return io.MultiReader(strings.NewReader("some of it"), iotest.ErrReader(said))
		}},
	})
	if o.Verdict != Unknown || !errors.Is(o.Err, said) {
		t.Errorf("%v: %v", o.Verdict, o.Err)
	}
}

// So may the cause of the caller's context, which net/http returns unchanged: it may be the error of another call.
func TestInvariant3Cause(t *testing.T) {
	got := make(chan struct{})
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		got <- struct{}{}
		<-r.Context().Done()
	})
	said := errors.New("http: server closed idle connection")
	for name, call := range map[string]Call{
		"JSON": {Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")},
		"file": {Request: request(t, http.MethodPost, base, ""), File: textFile("hello")},
	} {
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			<-got
			cancel(fmt.Errorf("another call: %w", said))
		}()
		if o := engineOf(t, func(*Config) {}).Do(ctx, call); o.Verdict != Unknown || !errors.Is(o.Err, said) {
			t.Errorf("%s: %v: %v", name, o.Verdict, o.Err)
		}
	}
}

// closing is a connection that, after fail, behaves as if the server had closed it while it was idle.
type closing struct {
	net.Conn
	err    error         // what Read then returns
	now    chan struct{} // closed by fail
	closed chan struct{} // closed when net/http closes the connection
	once   sync.Once
}

func newClosing(conn net.Conn, err error) *closing {
	return &closing{Conn: conn, err: err, now: make(chan struct{}), closed: make(chan struct{})}
}

// fail ends the connection, and returns when net/http has noticed.
func (c *closing) fail() {
	close(c.now)
	_ = c.SetReadDeadline(time.Now()) // wakes the reading goroutine
	<-c.closed
}

func (c *closing) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case <-c.now:
		return 0, c.err
	default:
		return n, err
	}
}

func (c *closing) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

// If a kept connection turns out to be closed before anything is written to it, nothing was sent. net/http reports this in one of
// several ways, at random.
func TestInvariant3NothingWritten(t *testing.T) {
	for _, why := range []error{io.EOF, syscall.ECONNRESET} {
		for i := range 40 {
			base, requests := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
			dials := 0
			own := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if dials++; dials > 1 || err != nil {
					return conn, err
				}
				return newClosing(conn, why), nil
			}}
			engine := engineOf(t, func(c *Config) { c.Client = &http.Client{Transport: own} })
			engine.ours = i%2 == 0 // without the guard
			if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")}); o.Verdict != Answered {
				t.Fatal(o.Err)
			}
			// Between the moment at which net/http has chosen the connection and the one at which it writes, the connection closes.
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
				if info.Reused {
					info.Conn.(*closing).fail()
				}
			}})
			o := engine.Do(ctx, Call{Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")})
			if o.Verdict != Answered || o.Requests != 2 || requests.Load() != 2 {
				t.Errorf("%v: %v after %d requests, of which the server got %d: %v", why, o.Verdict, o.Requests, requests.Load()-1, o.Err)
			}
		}
	}
}

// If nothing can be written to a connection, nothing was sent.
func TestInvariant3WriteFails(t *testing.T) {
	for _, ours := range []bool{true, false} {
		base, requests := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
		dials := 0
		engine := engineOf(t, func(c *Config) {
			c.Client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				if dials++; dials > 1 || err != nil {
					return conn, err
				}
				return readOnly{conn}, nil
			}}}
		})
		engine.ours = ours
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")})
		if o.Verdict != Answered || o.Requests != 2 || requests.Load() != 1 {
			t.Errorf("ours %v: %v after %d requests, of which the server got %d: %v", ours, o.Verdict, o.Requests, requests.Load(), o.Err)
		}
	}
}

// readOnly is a connection that cannot be written to.
type readOnly struct{ net.Conn }

func (readOnly) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// The same over HTTP/2, with and without the guard: a new or a kept connection is closed after net/http has chosen it, before it sends
// anything.
func TestInvariant3NothingWrittenHTTP2(t *testing.T) {
	for i := range 4 {
		ours, used := i%2 == 0, i/2
		var requests atomic.Int32
		server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			requests.Add(1)
			_, _ = io.Copy(io.Discard, r.Body)
		}))
		server.EnableHTTP2 = true
		server.StartTLS()
		var first *closing
		transport := server.Client().Transport.(*http.Transport)
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
			if first != nil || err != nil {
				return conn, err
			}
			first = newClosing(conn, io.EOF)
			return first, nil
		}
		engine := engineOf(t, func(c *Config) { c.Client = &http.Client{Transport: transport} })
		engine.ours = ours
		for range used {
			if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, server.URL, "")}); o.Verdict != Answered {
				t.Fatal(o.Err)
			}
		}
		var once sync.Once
		ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
			once.Do(first.fail)
		}})
		o := engine.Do(ctx, Call{Request: request(t, http.MethodPost, server.URL, ""), JSON: []byte("{}")})
		if o.Verdict != Answered || o.Requests != 2 || int(requests.Load()) != used+1 {
			t.Errorf("ours %v, used %d: %v after %d requests, of which the server got %d: %v", ours, used, o.Verdict, o.Requests, requests.Load(), o.Err)
		}
		server.Close()
	}
}

// An HTTP/2 connection closes after net/http has chosen it and before it writes. Nothing was written, and net/http then tries another
// connection.
func TestInvariant3ClosedBeforeHeaders(t *testing.T) {
	for _, ours := range []bool{false, true} {
		for _, kept := range []int{1, 2} { // connections
			var together sync.WaitGroup
			together.Add(kept)
			server := frames.New(t, frames.Config{Streams: 1, Handle: func(s *frames.Stream) {
				s.ReadAll()
				if s.Number > 1 && s.Number <= 1+kept { // so that each of these requests has its own connection
					together.Done()
					together.Wait()
				}
				s.Answer(200, "{}")
			}})
			own := server.Transport()
			own.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return newClosing(conn, io.EOF), err
			}
			t.Cleanup(own.CloseIdleConnections)
			engine := engineOf(t, func(c *Config) {
				c.Client, c.Attempts = &http.Client{Transport: own}, 1
				if ours {
					shared := sharedTransport
					sharedTransport = func() *http.Transport { return own }
					t.Cleanup(func() { sharedTransport = shared })
					c.Client = &http.Client{}
				}
			})
			post := Call{Request: request(t, http.MethodPost, server.URL, ""), JSON: []byte("{}")}
			engine.Do(t.Context(), post) // from the response net/http knows how many streams the server allows
			var first sync.WaitGroup
			for range kept {
				first.Go(func() { engine.Do(t.Context(), post) })
			}
			first.Wait()
			before, got := len(server.Requests()), 0
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
				if got++; got == 1 {
					info.Conn.(*tls.Conn).NetConn().(*closing).fail()
				}
			}})
			o := engine.Do(ctx, post)
			if o.Verdict == Unknown || o.Requests != 1 || (o.Verdict == Answered) != (len(server.Requests()) > before) {
				t.Errorf("ours %v, %d kept: %v after %d requests, %d got by the server: %v", ours, kept, o.Verdict, o.Requests, len(server.Requests())-before, o.Err)
			}
		}
	}
}

// For a request without content the verdict depends on the connections, if the transport reports them.
func TestInvariant3WithoutContent(t *testing.T) {
	fails := errors.New("so it says")
	ask := func(r *http.Request) { httptrace.ContextClientTrace(r.Context()).GetConn("example.com:443") }
	get := func(r *http.Request) { httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{}) }
	for _, c := range []struct {
		name string
		t    transport
		want Verdict
	}{
		{"no word of a connection", func(*http.Request) (*http.Response, error) { return nil, fails }, Unknown},
		{"asked for, not obtained", func(r *http.Request) (*http.Response, error) { ask(r); return nil, fails }, NotSent},
		{"obtained", func(r *http.Request) (*http.Response, error) { ask(r); get(r); return nil, fails }, Unknown},
		{"asked for, and still at it", func(r *http.Request) (*http.Response, error) { ask(r); return hangs(t)(r) }, Unknown},
	} {
		engine := engineOf(t, func(c2 *Config) { c2.Attempts, c2.Timeout = 1, 20*time.Millisecond; through(c.t)(c2) })
		if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodDelete, "https://example.com", "")}); o.Verdict != c.want {
			t.Errorf("%s: %v", c.name, o.Verdict)
		}
	}
}

// An error of net/http about its own connections proves nothing if the caller has registered a protocol with the transport.
func TestInvariant3OnlyOurTransport(t *testing.T) {
	rewind := errors.New("net/http: cannot rewind body after connection loss")
	other, ours := &attempt{ctx: t.Context(), engine: &Engine{}}, &attempt{ctx: t.Context(), engine: &Engine{ours: true}}
	if v := other.verdict(rewind, true); v != Unknown {
		t.Errorf("with another transport: %v", v)
	}
	if v := ours.verdict(fmt.Errorf("in a wrapper: %w", rewind), true); v != NotSent {
		t.Errorf("with ours: %v", v)
	}
}
