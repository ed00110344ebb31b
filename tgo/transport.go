package tgo

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// sharedTransport serves every client without a transport of its own, so that a client made for each message does not
// open a connection for each.
var sharedTransport = sync.OnceValue(func() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 64,               // the default, 2, opens a connection for nearly every send under load
		IdleConnTimeout:     30 * time.Second, // below what servers allow: one that closes just then leaves a send unknown
		// Without pings, a connection that a firewall dropped swallows every request until TCP gives up, after minutes.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
		MaxResponseHeaderBytes: 64 << 10,
	}
})

// safeHTTPClient copies a client and keeps its requests, which carry the key and the message, at their own origin:
// net/http would send X-Api-Key along to any host, and would repeat a POST's body there.
func safeHTTPClient(hc *http.Client) *http.Client {
	safe := *hc
	if safe.Transport == nil {
		safe.Transport = sharedTransport()
	}
	safe.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if hc.CheckRedirect != nil {
			if err := hc.CheckRedirect(req, via); err != nil {
				return err
			}
		}
		if via[0].Method != http.MethodGet || !sameOrigin(req.URL, via[0].URL) {
			return http.ErrUseLastResponse
		}
		if len(via) >= 10 {
			return errors.New("stopped after 10 redirects")
		}
		return nil
	}
	return &safe
}

func sameOrigin(a, b *url.URL) bool {
	port := func(u *url.URL) string {
		if p := u.Port(); p != "" {
			return p
		}
		return map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}
