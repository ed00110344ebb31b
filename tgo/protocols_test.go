package tgo_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"
)

// protocol is a protocol between client and server.
type protocol string

const (
	http1    protocol = "HTTP/1.1"
	http1TLS protocol = "HTTP/1.1 over TLS"
	http2TLS protocol = "HTTP/2"
)

var allProtocols = []protocol{http1, http1TLS, http2TLS}

// start starts a server of the protocol, and returns it with a transport that trusts it.
func (p protocol) start(t *testing.T, handler http.Handler) (*httptest.Server, *http.Transport) {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if (r.ProtoMajor == 2) != (p == http2TLS) || (r.TLS == nil) != (p == http1) {
			t.Errorf("a server of %s got a request of %s", p, r.Proto)
		}
		handler.ServeHTTP(w, r)
	}))
	server.Config.ErrorLog = discardLog
	if server.EnableHTTP2 = p == http2TLS; p == http1 {
		server.Start()
	} else {
		server.StartTLS()
	}
	t.Cleanup(server.Close)
	return server, server.Client().Transport.(*http.Transport)
}

// front puts a proxy with the protocol before an HTTP/1.1 server. It returns the URL of the proxy.
func (p protocol) front(t *testing.T, serverURL string) (string, *http.Transport) {
	t.Helper()
	behind, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	switch p {
	case http1TLS:
		address, transport := terminateTLS(t, behind.Host)
		return "https://" + address + behind.Path, transport
	case http2TLS:
		through := &http.Transport{DisableKeepAlives: true, DisableCompression: true}
		server, transport := p.start(t, &httputil.ReverseProxy{
			Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = "http", behind.Host },
			Transport:     through,
			FlushInterval: -1,
			ErrorLog:      discardLog,
			// If the server cuts the connection, the proxy sends a RST_STREAM.
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		})
		return server.URL + behind.Path, transport
	default:
		return serverURL, &http.Transport{}
	}
}

// terminateTLS listens for TLS connections and forwards their content to address, and back. When one side ends, it cuts the TCP
// connection of the other, without a close_notify of TLS.
func terminateTLS(t *testing.T, address string) (string, *http.Transport) {
	t.Helper()
	certified, transport := http1TLS.start(t, nil) // only for its certificate
	certified.Close()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"http/1.1"}, MinVersion: tls.VersionTLS12}
	ctx := t.Context()
	var running sync.WaitGroup // its connections end with the context
	running.Go(func() {
		for {
			outside, err := listener.Accept()
			if err != nil {
				return
			}
			inside, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
			if err != nil {
				_ = outside.Close()
				continue
			}
			secure := tls.Server(outside, config)
			end := func() { _ = outside.Close(); _ = inside.Close() }
			pass := func(to io.Writer, from io.Reader) {
				_, _ = io.Copy(to, from)
				end()
			}
			context.AfterFunc(ctx, end)
			running.Go(func() { pass(inside, secure) })
			running.Go(func() { pass(secure, inside) })
		}
	})
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = listener.Close()
		running.Wait()
	})
	return listener.Addr().String(), transport
}
