package exchange

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// deafConn is a connection that, after deaf is closed, sends nothing and receives nothing.
type deafConn struct {
	net.Conn
	deaf <-chan struct{}
	over <-chan struct{}
}

func (c deafConn) Write(p []byte) (int, error) {
	select {
	case <-c.deaf:
		return len(p), nil
	default:
		return c.Conn.Write(p)
	}
}

func (c deafConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case <-c.deaf:
		<-c.over
		return 0, io.EOF
	default:
		return n, err
	}
}

// If a firewall has dropped an HTTP/2 connection silently, the connection is closed and another one is opened.
func TestConnectionThatWentDeaf(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "{}")
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()

	transport := sharedTransport().Clone()
	transport.HTTP2.SendPingTimeout /= 300 // to milliseconds
	transport.HTTP2.PingTimeout /= 300
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	deaf, over, dials := make(chan struct{}), make(chan struct{}), 0
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if dials++; dials > 1 || err != nil {
			return conn, err
		}
		return deafConn{conn, deaf, over}, nil
	}
	defer transport.CloseIdleConnections()
	defer close(over)

	engine := engineOf(t, func(c *Config) {
		c.Client = &http.Client{Transport: transport}
		c.Timeout = time.Second
		c.Reads = nil
	})
	get := func() Verdict {
		return engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, server.URL, "")}).Verdict
	}
	if v := get(); v != Answered {
		t.Fatalf("the first request is %v", v)
	}
	close(deaf)
	for tries := 1; get() != Answered; tries++ {
		if tries == 5 {
			t.Fatal("still on the deaf connection")
		}
	}
}
