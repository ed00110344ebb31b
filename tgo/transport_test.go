package tgo

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

// deafConn is a connection of which, once it is deaf, nothing goes out and nothing comes in.
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

// An HTTP/2 connection that a firewall has dropped without a word is given up, and another one opened.
func TestConnectionThatWentDeaf(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = io.WriteString(w, `{"data": []}`)
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

	client, err := New("", NewKey("tgo_test"), WithBaseURL(server.URL), WithHTTPClient(&http.Client{Transport: transport}),
		WithTimeout(time.Second), WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.SenderNumbers(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(deaf)
	for tries := 1; ; tries++ {
		_, err := client.SenderNumbers(t.Context())
		if err == nil {
			break
		}
		if tries == 5 {
			t.Fatalf("still on the deaf connection: %v", err)
		}
	}
}
