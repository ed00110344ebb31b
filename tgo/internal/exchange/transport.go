package exchange

import (
	"context"
	"fmt"
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
		// The error would otherwise be what the proxy says, in its own words.
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("the proxy answered CONNECT with %d", resp.StatusCode)
			}
			return nil
		},
	}
})
