package exchange

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/http2"

	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

// Over HTTP/1 net/http repeats a read for each kept connection that turns out to be closed. Here each connection is cut after its first
// request, so without the invariant the call would use all kept connections.
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

// The connections of a dialer that uses HTTP itself, with the context of the request, do not count for the request.
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

// Over HTTP/2 net/http repeats a read that was refused. With a proxy it asks for connections to the proxy and to the server.
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

// A request that follows a redirect does not count.
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
