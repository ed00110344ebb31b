package exchange

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
)

// connections records the connections that net/http obtained for a request without guarded content. They are the only evidence of
// whether such a request may have been sent. They also show when net/http repeats a read automatically, because it does so on
// another connection. net/http calls getConn and gotConn, possibly on other goroutines.
type connections struct {
	attempt *attempt
	trace   httptrace.ClientTrace

	mu       sync.Mutex // guards the rest
	allowed  int        // how many connections the request may obtain
	asked    bool       // whether the transport reports its connections
	address  string     // the first address that net/http asked for: of the server or of a proxy
	dialer   int        // number of connections to other addresses, which a dialer asked for that uses HTTP itself
	gotAny   bool       // whether a connection was obtained, by the request or by a dialer
	obtained int        // number of connections that the request obtained
}

type connectionsKey struct{}

// watch returns a context with which net/http reports its connections.
func (c *connections) watch(a *attempt) context.Context {
	c.attempt, c.allowed, c.asked = a, a.engine.Attempts-a.made, a.engine.ours
	ctx := a.ctx
	c.trace.GotConn = c.gotConn
	if !c.asked || a.call.read() {
		c.trace.GetConn = c.getConn
		ctx = context.WithValue(ctx, connectionsKey{}, c)
	}
	return httptrace.WithClientTrace(ctx, &c.trace)
}

var errRepeated = errors.New("the connection was lost repeatedly")

// getConn is called before net/http looks for a connection, possibly more than once.
func (c *connections) getConn(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = true
	if c.address == "" {
		c.address = address
	}
	switch {
	case address != c.address && address != hostPort(c.attempt.call.Request.URL): // with a proxy net/http asks for the one address, and over HTTP/2 also for the other
		c.dialer++
	case c.obtained >= c.allowed:
		c.attempt.cancel(errRepeated)
	}
}

// gotConn is called before net/http sends anything on a connection.
func (c *connections) gotConn(info httptrace.GotConnInfo) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gotAny = true
	switch {
	case !c.attempt.call.read():
		// net/http cannot repeat a write. Over HTTP/2 it may obtain another connection if the first turns out to be closed.
		c.obtained = 1
	case c.dialer > 0:
		c.dialer--
	case c.obtained >= c.allowed:
		// Over HTTP/2 net/http checks the context before it sends. Over HTTP/1 it does not, and would close the connection of a
		// cancelled request only afterwards.
		c.attempt.cancel(errRepeated)
		if !c.attempt.engine.mayBeHTTP2(info.Conn) {
			_ = info.Conn.Close()
		}
	default:
		c.obtained++
	}
}

// mayBeHTTP2 reports whether a connection may be used by several requests at the same time.
func (e *Engine) mayBeHTTP2(conn net.Conn) bool {
	if secure, ok := conn.(interface{ ConnectionState() tls.ConnectionState }); ok {
		return secure.ConnectionState().NegotiatedProtocol == "h2"
	}
	t, ok := e.client().Transport.(*http.Transport)
	return !ok || (t.Protocols != nil && t.Protocols.UnencryptedHTTP2())
}

// redirected allows the request that follows a redirect, which does not count.
func (c *connections) redirected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.obtained = max(0, c.obtained-1)
}

// begun reports whether the request may have been sent. It was not sent if a connection was asked for and none was obtained. A
// transport that did not return may still obtain one.
func (c *connections) begun(returned bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !returned || !c.asked || c.gotAny
}

// count returns the number of requests, without those that followed a redirect.
func (c *connections) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.obtained
}
