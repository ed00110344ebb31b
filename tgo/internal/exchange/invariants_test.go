package exchange

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/net/http2"

	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

// The numbers of the tests are those of the invariants in the package comment.

// file is a File that open opens.
type file struct {
	length int64
	open   func() io.Reader
	closed func()
	once   bool
}

func (f file) Length() int64 { return f.length }
func (f file) Once() bool    { return f.once }

func (f file) Open() (io.ReadCloser, error) {
	closed := f.closed
	if closed == nil {
		closed = func() {}
	}
	return closer{f.open(), closed}, nil
}

type closer struct {
	io.Reader
	closed func()
}

func (c closer) Close() error { c.closed(); return nil }

// textFile is a File with a text.
func textFile(text string) file {
	return file{length: int64(len(text)), open: func() io.Reader { return strings.NewReader(text) }}
}

// transport is a transport that is not net/http's.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func through(t transport) func(*Config) {
	return func(c *Config) { c.Client = &http.Client{Transport: t} }
}

// ok is a 200.
func ok(r *http.Request) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}
}

// counting starts a server that counts requests, and answers them with handler.
func counting(t *testing.T, handler http.HandlerFunc) (base string, requests *atomic.Int32) {
	t.Helper()
	requests = new(atomic.Int32)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		handler(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, requests
}

func TestInvariant1(t *testing.T) {
	for _, call := range []Call{
		{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")},
		{Request: request(t, http.MethodPost, "https://example.com", "as net/http makes it, with a GetBody"), JSON: []byte("{}")},
		{Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile("hello")},
		{Request: request(t, http.MethodDelete, "https://example.com", "")},
	} {
		engineOf(t, through(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil {
				t.Errorf("%s: the transport could get the body again", r.Method)
			}
			if r.Body == nil || r.Body == http.NoBody {
				t.Errorf("%s: without a body net/http repeats the request", r.Method)
			}
			return ok(r), nil
		})).Do(t.Context(), call)
	}
}

// If a reused connection breaks, net/http replays any request that a header declares idempotent, if it has no body or one that
// net/http can get again.
func TestInvariant1IdempotencyKey(t *testing.T) {
	for name, call := range map[string]Call{
		"JSON":   {Request: request(t, http.MethodPost, "", ""), JSON: []byte("{}")},
		"file":   {Request: request(t, http.MethodPost, "", ""), File: textFile("hello")},
		"delete": {Request: request(t, http.MethodDelete, "", "")},
	} {
		base, requests := counting(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if r.Method != http.MethodGet {
				panic(http.ErrAbortHandler)
			}
		})
		engine := engineOf(t, func(c *Config) {
			header := c.Header
			c.Header = func(h http.Header) { header(h); h.Set("Idempotency-Key", "4821") }
		})
		engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")})
		call.Request.URL = parse(t, base)
		if o := engine.Do(t.Context(), call); o.Verdict != Unknown || o.Requests != 1 || requests.Load() != 2 {
			t.Errorf("%s: %v after %d requests; the server got %d", name, o.Verdict, o.Requests, requests.Load()-1)
		}
	}
}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A transport that changes a request does not change the next one.
func TestInvariant1Request(t *testing.T) {
	post := request(t, http.MethodPost, "https://example.com/path", "")
	engineOf(t, through(func(r *http.Request) (*http.Response, error) {
		r.URL.Path = "/prefix" + r.URL.Path
		r.Header.Set("Accept", "nothing")
		return nil, errors.New("dial")
	})).Do(t.Context(), Call{Request: post, JSON: []byte("{}")})
	if post.URL.Path != "/path" || len(post.Header) > 0 {
		t.Errorf("%v, %v", post.URL, post.Header)
	}
}

// A transport with its own timeout gives up while the request that it passed on is still running.
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

// If a read is under way when the attempt ends, its result is not handed over.
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

// A panic or runtime.Goexit in the transport also ends the attempt. The file is closed once.
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

// takes is a transport that reads a number of bytes of the content and fails.
func takes(n int64, err error) transport {
	return func(r *http.Request) (*http.Response, error) {
		_, _ = io.CopyN(io.Discard, r.Body, n)
		_ = r.Body.Close()
		return nil, err
	}
}

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
		{"declared with another text", takes(9, errors.New("x "+declared.Error())), Unknown},
		{"declared with a text that is not net/http's", takes(9, errors.New("zzz")), Unknown},
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

// A file may fail with any text, including one that net/http uses for its own errors.
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

// The cause of the caller's context may also have any text, and net/http returns it unchanged. It may be the error of another call.
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

// closing is a connection that can pretend that the server closed it while it was idle.
type closing struct {
	net.Conn
	err    error         // the error of reading then
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

// A connection, kept from an earlier request, that turns out to be closed before anything is written to it has carried nothing.
// net/http reports it in one of several ways, at random.
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
			engine.ours = i%2 == 0 // without a guard
			if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")}); o.Verdict != Answered {
				t.Fatal(o.Err)
			}
			// The connection closes after net/http has chosen it and before net/http writes.
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

// A connection to which nothing can be written has carried nothing.
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
				return writeOnly{conn}, nil
			}}}
		})
		engine.ours = ours
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")})
		if o.Verdict != Answered || o.Requests != 2 || requests.Load() != 1 {
			t.Errorf("ours %v: %v after %d requests, of which the server got %d: %v", ours, o.Verdict, o.Requests, requests.Load(), o.Err)
		}
	}
}

// writeOnly is a connection that cannot be written to.
type writeOnly struct{ net.Conn }

func (writeOnly) Write([]byte) (int, error) { return 0, syscall.EPIPE }

// The same over HTTP/2, with and without a guard: a new or reused connection closes after net/http has chosen it and before net/http
// sends anything.
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

// For a request without content, the connections decide the verdict, if the transport reports them.
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

// net/http's errors about its connections prove nothing if the caller has registered a protocol with the transport.
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

func TestInvariant4(t *testing.T) {
	outcomes := map[Failure]transport{
		FailureNone:           func(r *http.Request) (*http.Response, error) { return ok(r), nil },
		FailureNotSent:        func(*http.Request) (*http.Response, error) { return nil, errors.New("dial") },
		FailureConnectionLost: func(r *http.Request) (*http.Response, error) { _, _ = io.Copy(io.Discard, r.Body); return nil, io.EOF },
	}
	for failure, status := range map[Failure]int{
		FailureRateLimited: 429, FailureBadGateway: 502, FailureUnavailable: 503, FailureGatewayTimeout: 504,
	} {
		outcomes[failure] = func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			resp := ok(r)
			resp.StatusCode = status
			return resp, nil
		}
	}
	for failure, outcome := range outcomes {
		for _, named := range append(everything, FailureNone) {
			requests := 0
			engine := engineOf(t, func(c *Config) {
				c.Writes = []Failure{named}
				if named == FailureNone {
					c.Writes = nil
				}
				through(func(r *http.Request) (*http.Response, error) { requests++; return outcome(r) })(c)
			})
			o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
			want := 1
			if named == failure && failure != FailureNone {
				want = 3
			}
			if requests != want || o.Requests != want {
				t.Errorf("failure %d, %d named: %d requests, and %d counted", failure, named, requests, o.Requests)
			}
		}
	}
}

// Content that can only be read once is opened only once.
func TestInvariant4Once(t *testing.T) {
	requests := 0
	engine := engineOf(t, through(func(*http.Request) (*http.Response, error) { requests++; return nil, errors.New("dial") }))
	once := textFile("hello")
	once.once = true
	if engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), File: once}); requests != 1 {
		t.Errorf("%d requests", requests)
	}
}

// rawServer accepts connections and serves each with f, which gets the connection's number, counted from 1, and its requests.
func rawServer(t *testing.T, f func(number int, requests *bufio.Reader, conn net.Conn)) (base string) {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for number := 1; ; number++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			served.Go(func() {
				defer conn.Close() //nolint:errcheck // the test is about what came before
				f(number, bufio.NewReader(conn), conn)
			})
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		served.Wait()
	})
	return "http://" + listener.Addr().String()
}

// readHead reads a request without a body.
func readHead(r *bufio.Reader) bool {
	if _, err := r.ReadString('\n'); err != nil {
		return false
	}
	_, err := textproto.NewReader(r).ReadMIMEHeader()
	return err == nil
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

// Over HTTP/1, net/http repeats a read for each kept connection that turns out to be closed. Here all connections are cut after their
// first request, so without the invariant the call would go through all kept connections.
func TestInvariant5(t *testing.T) {
	for attempts := 1; attempts <= 4; attempts++ {
		t.Run(strconv.Itoa(attempts), func(t *testing.T) { readOverKeptConnections(t, attempts) })
	}
}

func readOverKeptConnections(t *testing.T, attempts int) {
	t.Helper()
	const kept = 5
	var requests atomic.Int32
	t.Cleanup(func() { // the server has read all that was sent
		if int(requests.Load()) != attempts {
			t.Errorf("%d attempts: the server got %d requests", attempts, requests.Load())
		}
	})
	var together sync.WaitGroup
	together.Add(kept)
	base := rawServer(t, func(number int, r *bufio.Reader, conn net.Conn) {
		if number <= kept {
			if !readHead(r) {
				return
			}
			together.Done()
			together.Wait() // so that each of the first requests has its own connection
			_, _ = io.WriteString(conn, okAnswer)
		}
		if readHead(r) {
			requests.Add(1)
		}
	})
	engine := engineOf(t, func(c *Config) {
		c.Client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: kept}}
		c.Attempts = attempts
	})
	var first sync.WaitGroup
	for range kept {
		first.Go(func() { engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")}) })
	}
	first.Wait()
	o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")})
	if o.Verdict != Unknown || o.Requests != attempts {
		t.Errorf("%d attempts: %d requests were counted; %v, %v", attempts, o.Requests, o.Verdict, o.Err)
	}
}

// tracked is a TLS connection that records whether it was closed.
type tracked struct {
	net.Conn
	protocol string
	closed   bool
}

func (c *tracked) Close() error { c.closed = true; return nil }
func (c *tracked) ConnectionState() tls.ConnectionState {
	return tls.ConnectionState{NegotiatedProtocol: c.protocol}
}

// net/http may still obtain a connection for a request that has just ended. Over HTTP/1 it would then write the request.
func TestInvariant5TakenLate(t *testing.T) {
	for protocol, closed := range map[string]bool{"": true, "http/1.1": true, "h2": false} {
		allowed, late := &tracked{protocol: protocol}, &tracked{protocol: protocol}
		engine := engineOf(t, func(c *Config) {
			c.Attempts = 1
			through(func(r *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(r.Context())
				for _, conn := range []*tracked{allowed, late} {
					trace.GetConn("example.com:443")
					trace.GotConn(httptrace.GotConnInfo{Conn: conn})
				}
				return nil, context.Cause(r.Context())
			})(c)
		})
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")})
		if o.Verdict != Unknown || o.Requests != 1 || !errors.Is(o.Err, errRepeated) || allowed.closed || late.closed != closed {
			t.Errorf("%q: %v after %d requests: %v; closed: %v, %v", protocol, o.Verdict, o.Requests, o.Err, allowed.closed, late.closed)
		}
	}
}

// If a dialer itself uses HTTP with the request's context, its connections are not the request's.
func TestInvariant5Dialer(t *testing.T) {
	helper, _ := counting(t, func(http.ResponseWriter, *http.Request) {})
	base, requests := counting(t, func(http.ResponseWriter, *http.Request) {})
	inner := &http.Transport{}
	t.Cleanup(inner.CloseIdleConnections)
	engine := engineOf(t, func(c *Config) {
		c.Attempts = 1
		c.Client = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			for range 3 {
				r, _ := http.NewRequestWithContext(ctx, http.MethodGet, helper, nil)
				resp, err := inner.RoundTrip(r)
				if err != nil {
					return nil, err
				}
				_ = resp.Body.Close()
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}}}
	})
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")}); o.Verdict != Answered || o.Requests != 1 || requests.Load() != 1 {
		t.Errorf("%v after %d requests: %v", o.Verdict, o.Requests, o.Err)
	}
}

// Over HTTP/2, net/http repeats a read that was refused, and behind a proxy it asks for connections to the proxy and to the server.
func TestInvariant5HTTP2(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		server, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", r.Host)
		if err != nil {
			t.Error(err)
			return
		}
		client, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(client, "HTTP/1.1 200 OK\r\n\r\n")
		var both sync.WaitGroup
		both.Go(func() { _, _ = io.Copy(server, client); _ = server.Close() })
		both.Go(func() { _, _ = io.Copy(client, server); _ = client.Close() })
		both.Wait()
	}))
	t.Cleanup(proxy.Close)
	for name, through := range map[string]func(*http.Request) (*url.URL, error){"direct": nil, "proxy": http.ProxyURL(parse(t, proxy.URL))} {
		for attempts := 1; attempts <= 2; attempts++ {
			server := frames.New(t, frames.Config{Handle: func(s *frames.Stream) { s.Reset(http2.ErrCodeRefusedStream) }})
			own := server.Transport()
			own.Proxy = through
			engine := engineOf(t, func(c *Config) { c.Client, c.Attempts = &http.Client{Transport: own}, attempts })
			o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, server.URL, "")})
			if o.Verdict != Unknown || o.Requests != attempts || len(server.Requests()) != attempts {
				t.Errorf("%s, %d attempts: the server got %d requests, %d were counted; %v", name, attempts, len(server.Requests()), o.Requests, o.Err)
			}
		}
	}
}

// A request that follows a redirect does not count as a repetition.
func TestInvariant5Redirect(t *testing.T) {
	base, requests := counting(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "/there", http.StatusFound)
			return
		}
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	o := engineOf(t, func(*Config) {}).Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/", "")})
	if o.Answer.Status != http.StatusServiceUnavailable || o.Requests != 3 || requests.Load() != 6 {
		t.Errorf("%d after %d requests, of which the server got %d: %v", o.Answer.Status, o.Requests, requests.Load(), o.Err)
	}
}

type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

func TestInvariant6(t *testing.T) {
	asked, requests := 0, 0
	refuse := errors.New("no budget")
	engine := engineOf(t, func(c *Config) {
		c.Limiter = limiter(func(context.Context) error {
			if asked++; asked > 2 {
				return refuse
			}
			return nil
		})
		through(func(*http.Request) (*http.Response, error) { requests++; return nil, errors.New("dial") })(c)
	})
	o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
	if o.Verdict != NotSent || o.Requests != 2 || requests != 2 || asked != 3 || !errors.Is(o.Err, refuse) {
		t.Errorf("%v after %d requests, %d of them real, %d asked for: %v", o.Verdict, o.Requests, requests, asked, o.Err)
	}
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")}); o.Requests != 0 || requests != 2 {
		t.Errorf("the limiter refuses, but %d requests are counted and %d made", o.Requests, requests-2)
	}
}

func TestInvariant7(t *testing.T) {
	refuse := errors.New("no budget")
	for name, second := range map[string]func(*Config){
		"no connection": func(*Config) {},
		"the limiter refuses": func(c *Config) {
			asked := 0
			c.Limiter = limiter(func(context.Context) error {
				if asked++; asked > 1 {
					return refuse
				}
				return nil
			})
		},
	} {
		for method, status := range map[string]int{http.MethodPost: 429, http.MethodGet: 503} {
			requests := 0
			engine := engineOf(t, func(c *Config) {
				c.Writes = []Failure{FailureNotSent, FailureRateLimited}
				through(func(r *http.Request) (*http.Response, error) {
					if requests++; requests > 1 {
						if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GetConn != nil {
							trace.GetConn("example.com:443") // as net/http does
						}
						return nil, errors.New("dial")
					}
					resp := ok(r)
					resp.StatusCode = status
					return resp, nil
				})(c)
				second(c)
			})
			call := Call{Request: request(t, method, "https://example.com", "")}
			if method == http.MethodPost {
				call.JSON = []byte("{}")
			}
			if o := engine.Do(t.Context(), call); o.Verdict != Answered || o.Answer.Status != status || o.Requests != 1 {
				t.Errorf("%s, %s: %v, %d, after %d requests: %v", name, method, o.Verdict, o.Answer.Status, o.Requests, o.Err)
			}
		}
	}
}

// Such an attempt does not end the call.
func TestInvariant7GoesOn(t *testing.T) {
	requests := 0
	engine := engineOf(t, func(c *Config) {
		c.Writes = []Failure{FailureNotSent, FailureRateLimited}
		through(func(r *http.Request) (*http.Response, error) {
			requests++
			resp := ok(r)
			switch requests {
			case 1:
				resp.StatusCode = http.StatusTooManyRequests
			case 2:
				return nil, errors.New("dial")
			}
			return resp, nil
		})(c)
	})
	o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
	if o.Answer.Status != http.StatusOK || o.Requests != 3 {
		t.Errorf("%v, %d after %d requests: %v", o.Verdict, o.Answer.Status, o.Requests, o.Err)
	}
}

// hangs is a transport that ignores contexts.
func hangs(t *testing.T) transport {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(*http.Request) (*http.Response, error) {
		<-over
		return nil, errors.New("over")
	}
}

func TestInvariant8(t *testing.T) {
	hang := hangs(t)
	for name, call := range map[string]Call{
		"JSON":   {Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")},
		"file":   {Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile("hello")},
		"read":   {Request: request(t, http.MethodGet, "https://example.com", "")},
		"delete": {Request: request(t, http.MethodDelete, "https://example.com", "")},
	} {
		want := Unknown // a request without content may still be sent
		if call.JSON != nil || call.File != nil {
			want = NotSent
		}
		t.Run(name+", time-out", func(t *testing.T) {
			t.Parallel()
			engine := engineOf(t, func(c *Config) { c.Timeout, c.Attempts = 10*time.Millisecond, 1; through(hang)(c) })
			if o := engine.Do(t.Context(), call); o.Verdict != want || !errors.Is(o.Err, context.DeadlineExceeded) {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
		t.Run(name+", cancelled", func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("changed my mind")
			engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) { cancel(why); return hang(r) }))
			if o := engine.Do(ctx, call); o.Verdict != want || !errors.Is(o.Err, why) {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
	}
}

// Other code of the caller may also ignore the context.
func TestInvariant8CallersCode(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	slow := textFile("hello")
	slow.closed = func() { <-over }
	text := Call{JSON: []byte("{}")}
	for name, c := range map[string]struct {
		call   Call
		change func(*Config)
	}{
		"proxy": {text, func(c *Config) {
			c.Client = &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { <-over; return nil, io.EOF }}}
		}},
		"cookies": {text, func(c *Config) { c.Client = &http.Client{Jar: jar(func() { <-over })} }},
		"limiter": {text, func(c *Config) { c.Limiter = limiter(func(context.Context) error { <-over; return nil }) }},
		"close":   {Call{File: slow}, through(takes(0, errors.New("dial")))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			c.call.Request = request(t, http.MethodPost, "https://example.com", "")
			if o := engineOf(t, c.change).Do(ctx, c.call); o.Verdict != NotSent {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
	}
}

// jar is an empty cookie jar.
type jar func()

func (j jar) Cookies(*url.URL) []*http.Cookie { j(); return nil }

func (jar) SetCookies(*url.URL, []*http.Cookie) {}

// A reader that returns nothing makes no progress, no matter how often it is called. A reader that returns one byte at a time does.
func TestInvariant8Progress(t *testing.T) {
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	const timeout = 100 * time.Millisecond
	engine := engineOf(t, func(c *Config) { c.Timeout = timeout })
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
	const pieces = 8
	given := 0
	slow := reader(func(p []byte) (int, error) {
		<-time.After(timeout / 4)
		given++
		p[0] = 'x'
		return 1, nil
	})
	o = engine.Do(t.Context(), Call{
		Request: request(t, http.MethodPost, base, ""),
		File:    file{length: pieces, once: true, open: func() io.Reader { return io.LimitReader(slow, pieces) }},
	})
	if o.Verdict != Answered || given != pieces {
		t.Errorf("%v after %d pieces: %v", o.Verdict, given, o.Err)
	}
}

func TestInvariant9(t *testing.T) {
	var paths []string
	status := http.StatusTemporaryRedirect
	base, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		if n, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/")); n > 0 {
			http.Redirect(w, r, "/"+strconv.Itoa(n-1), status)
		}
	})
	engine := engineOf(t, func(c *Config) { c.Reads = nil; c.Attempts = 1 })
	for hops, want := range map[int]int{0: 1, 1: 2, 9: 10} {
		paths = nil
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/"+strconv.Itoa(hops), "")})
		if o.Verdict != Answered || o.Answer.Status != 200 || len(paths) != want {
			t.Errorf("%d redirects: %v, %v, %v", hops, o.Verdict, o.Err, paths)
		}
	}
	paths = nil
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/10", "")}); o.Err == nil || len(paths) > 10 {
		t.Errorf("10 redirects: %v, %v", o.Answer.Status, paths)
	}
	// A write goes through an http.Client if the transport is not net/http's.
	plain := &http.Transport{}
	t.Cleanup(plain.CloseIdleConnections)
	wrapped := engineOf(t, through(plain.RoundTrip))
	for _, call := range []Call{
		{Request: request(t, http.MethodPost, base+"/1", ""), JSON: []byte("{}")},
		{Request: request(t, http.MethodDelete, base+"/1", "")},
	} {
		for i := range 10 {
			engine := []*Engine{engine, wrapped}[i%2]
			status = []int{301, 302, 303, 307, 308}[i/2]
			paths = nil
			if o := engine.Do(t.Context(), call); o.Answer.Status != status || len(paths) != 1 {
				t.Errorf("%s: %d, %v", call.Request.Method, o.Answer.Status, paths)
			}
		}
	}
	// TestRedirectMatrix in package tgo tests all combinations of origins.
}

func TestInvariant10(t *testing.T) {
	endless := reader(func(p []byte) (int, error) { return len(p), nil })
	for status, limit := range map[int]int{200: MaxSuccess, 404: MaxOther, 500: MaxOther} {
		read := 0
		engine := engineOf(t, func(c *Config) {
			c.Reads = nil
			through(func(r *http.Request) (*http.Response, error) {
				body := reader(func(p []byte) (int, error) { n, err := endless(p); read += n; return n, err })
				return &http.Response{StatusCode: status, Body: io.NopCloser(body), ContentLength: -1, Request: r}, nil
			})(c)
		})
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")})
		if o.Verdict != Answered || read > limit+1 || len(o.Answer.Body) > limit || (status == 200) != (o.Answer.Err != nil) {
			t.Errorf("%d: %d bytes read, %d kept, %v", status, read, len(o.Answer.Body), o.Answer.Err)
		}
	}
	// Reading ends even if the body never returns anything.
	engine := engineOf(t, func(c *Config) {
		c.Reads = nil
		through(func(r *http.Request) (*http.Response, error) {
			nothing := reader(func([]byte) (int, error) { return 0, nil })
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(nothing), ContentLength: -1, Request: r}, nil
		})(c)
	})
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")}); !errors.Is(o.Answer.Err, io.ErrNoProgress) {
		t.Errorf("%v", o.Answer.Err)
	}
}

// After status 101 the body is the connection itself, and no context ends it.
func TestInvariant10SwitchingProtocols(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	base := rawServer(t, func(_ int, r *bufio.Reader, conn net.Conn) {
		readHead(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n")
		select {
		case <-over:
		case <-gone(r): // the client has closed the connection
		}
	})
	for name, call := range map[string]Call{
		"JSON": {Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")},
		"file": {Request: request(t, http.MethodPost, base, ""), File: textFile("hello")},
		"read": {Request: request(t, http.MethodGet, base, "")},
	} {
		o := engineOf(t, func(*Config) {}).Do(t.Context(), call)
		if o.Verdict != Answered || o.Answer.Status != http.StatusSwitchingProtocols || len(o.Answer.Body) > 0 || o.Requests != 1 {
			t.Errorf("%s: %v, %d, %q after %d requests", name, o.Verdict, o.Answer.Status, o.Answer.Body, o.Requests)
		}
	}
}

// gone returns a channel that is closed when nothing more can be read.
func gone(r io.Reader) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, r)
		close(c)
	}()
	return c
}

func TestInvariant11(t *testing.T) {
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	post := func() *http.Request { return request(t, http.MethodPost, base, "") }
	for name, do := range map[string]func(fail func()){
		"in the transport": func(fail func()) {
			engineOf(t, through(func(*http.Request) (*http.Response, error) { fail(); return nil, nil })).
				Do(t.Context(), Call{Request: post(), JSON: []byte("{}")})
		},
		"in a reader": func(fail func()) {
			source := reader(func([]byte) (int, error) { fail(); return 0, nil })
			engineOf(t, func(*Config) {}).Do(t.Context(), Call{Request: post(), File: file{length: 10, open: func() io.Reader { return source }}})
		},
		"midway in a reader": func(fail func()) {
			source := io.MultiReader(strings.NewReader("some"), reader(func([]byte) (int, error) { fail(); return 0, nil }))
			engineOf(t, func(*Config) {}).Do(t.Context(), Call{Request: post(), File: file{length: 10, open: func() io.Reader { return source }}})
		},
		"in open": func(fail func()) {
			_, _ = Await(t.Context(), func() int { fail(); return 0 }, func(int) {})
		},
	} {
		if v := caught(func() { do(func() { panic("boom") }) }); v != "boom" {
			t.Errorf("a panic %s became %v", name, v)
		}
		if v := caught(func() { do(runtime.Goexit) }); v != exited {
			t.Errorf("runtime.Goexit %s became %v", name, v)
		}
	}
}

const exited = "the goroutine ended"

// caught runs f on a goroutine and returns how it ended.
func caught(f func()) (v any) {
	done := make(chan any)
	go func() {
		returned := false
		defer func() {
			switch v := recover(); {
			case returned:
				done <- "it returned"
			case v == nil:
				done <- exited
			default:
				done <- v
			}
		}()
		f()
		returned = true
	}()
	return <-done
}

// Afterwards the file is closed, and no more of it is handed over.
func TestInvariant11LeavesNothing(t *testing.T) {
	for name, fail := range map[string]func(){"a panic": func() { panic("boom") }, "runtime.Goexit": runtime.Goexit} {
		var body io.Reader
		closed := 0
		hello := textFile("hello")
		hello.closed = func() { closed++ }
		engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) { body = r.Body; fail(); return nil, nil }))
		caught(func() {
			engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), File: hello})
		})
		if late, err := io.ReadAll(body); closed != 1 || len(late) > 0 || err == nil {
			t.Errorf("after %s: closed %d times, and handed over %q, %v", name, closed, late, err)
		}
	}
}

// Then there is no outcome to log.
func TestInvariant11Logger(t *testing.T) {
	var out bytes.Buffer
	do := func(fail func()) any {
		engine := engineOf(t, func(c *Config) {
			c.Logger = slog.New(slog.NewTextHandler(&out, nil))
			through(func(*http.Request) (*http.Response, error) { fail(); return nil, nil })(c)
		})
		return caught(func() {
			engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
		})
	}
	if v := do(func() { panic("boom") }); v != "boom" {
		t.Errorf("a panic became %v", v)
	}
	if v := do(runtime.Goexit); v != exited {
		t.Errorf("runtime.Goexit became %v", v)
	}
}

func TestInvariant12(t *testing.T) {
	const secret, phone = "the eagle lands", "+201010000000"
	var out bytes.Buffer
	base := rawServer(t, func(number int, r *bufio.Reader, conn net.Conn) {
		readHead(r)
		_, _ = io.WriteString(conn, []string{
			"HTTP/1.1 " + secret + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n",
			"HTTP/1.1 500 No\r\nX-Request-Id: " + testKey + " " + phone + "\r\n\r\n" + secret,
		}[(number-1)%4])
	})
	engine := engineOf(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		c.Attempts = 1
	})
	for range 4 {
		engine.Do(t.Context(), Call{Operation: "op", Name: "call", Request: request(t, http.MethodGet, base+"/?phone=%2B"+phone[1:], "")})
	}
	failing := engineOf(t, func(c *Config) {
		c.Logger, c.Attempts = engine.Logger, 1
		through(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("wrapped: %w", &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New(r.Header.Get("X-Api-Key") + phone)})
		})(c)
	})
	o := failing.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/?phone=%2B"+phone[1:], "")})
	if strings.Contains(o.Err.Error(), phone[1:]) || strings.Contains(o.Err.Error(), testKey) {
		t.Errorf("the error shows too much: %v", o.Err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 5 {
		t.Errorf("%d lines", lines)
	}
	for _, leak := range []string{secret, "eagle", phone[1:], testKey} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in the log:\n%s", leak, out.String())
		}
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	const most = time.Duration(1<<63 - 1)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "60": time.Minute, " 5 ": 5 * time.Second, "1.5": 2 * time.Second, "0.001": time.Second, "2.": 2 * time.Second,
		"9999999999": most, "99999999999999999999": most, strings.Repeat("9", 400): most, "9223372036": 9223372036 * time.Second,
		"-5": 0, "soon": 0, "1e9": 0, "1.5.5": 0, ".": 0, "0x10": 0, "Inf": 0, "١": 0,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q is %v, not %v", value, got, want)
		}
	}
}
