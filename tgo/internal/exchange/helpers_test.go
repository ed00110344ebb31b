package exchange

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// No test of this package may leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "tgo_" + "s3cretKeyOfTheTests/+="

// everything has each failure.
var everything = []Failure{
	FailureNotSent, FailureConnectionLost, FailureRateLimited, FailureBadGateway, FailureUnavailable, FailureGatewayTimeout,
}

// engineOf returns an engine that repeats reads after every failure, and writes that were not sent, without noticeable waits.
func engineOf(t *testing.T, change func(*Config)) *Engine {
	t.Helper()
	c := Config{
		Client:   &http.Client{Transport: &http.Transport{}},
		Header:   func(h http.Header) { h.Set("X-Api-Key", testKey) },
		Timeout:  time.Minute,
		Attempts: 3,
		MaxWait:  time.Millisecond,
		Reads:    everything,
		Writes:   []Failure{FailureNotSent},
		Mask:     redact.New(testKey),
	}
	change(&c)
	engine := New(c)
	t.Cleanup(engine.CloseIdleConnections)
	return engine
}

// request returns a request like those of the generated code.
func request(t *testing.T, method, url, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if body == "" {
		r, err = http.NewRequestWithContext(t.Context(), method, url, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// reader is a function as an io.Reader.
type reader func([]byte) (int, error)

func (r reader) Read(p []byte) (int, error) { return r(p) }

// file is a File whose source is the result of open.
type file struct {
	length int64
	open   func() io.Reader
	closed func()
	once   bool
}

func (f file) Length() int64 { return f.length }

func (f file) Once() bool { return f.once }

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

// textFile returns a File with a text.
func textFile(text string) file {
	return file{length: int64(len(text)), open: func() io.Reader { return strings.NewReader(text) }}
}

// transport is a transport that is not of net/http.
type transport func(*http.Request) (*http.Response, error)

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) { return t(r) }

func through(t transport) func(*Config) {
	return func(c *Config) { c.Client = &http.Client{Transport: t} }
}

// ok is a 200.
func ok(r *http.Request) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(strings.NewReader("{}")), Request: r}
}

// hangs returns a transport that ignores contexts.
func hangs(t *testing.T) transport {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	return func(*http.Request) (*http.Response, error) {
		<-over
		return nil, errors.New("over")
	}
}

// takes returns a transport that reads n bytes of the content and fails.
func takes(n int64, err error) transport {
	return func(r *http.Request) (*http.Response, error) {
		_, _ = io.CopyN(io.Discard, r.Body, n)
		_ = r.Body.Close()
		return nil, err
	}
}

type limiter func(context.Context) error

func (l limiter) Wait(ctx context.Context) error { return l(ctx) }

// jar is a jar without cookies.
type jar func()

func (j jar) Cookies(*url.URL) []*http.Cookie { j(); return nil }

func (jar) SetCookies(*url.URL, []*http.Cookie) {}

func parse(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// counting starts a server with a handler that counts requests.
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

// rawServer accepts connections and calls f for each, with its number from 1 and its requests.
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

// gone returns a channel that is closed when the end of r has been read.
func gone(r io.Reader) <-chan struct{} {
	c := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, r)
		close(c)
	}()
	return c
}

const exited = "the goroutine ended"

// caught runs f on a new goroutine and returns how it ended.
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
