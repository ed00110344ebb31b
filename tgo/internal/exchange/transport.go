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

// sharedTransport is used by every client without a transport of its own, so that a program that makes a client for each message does
// not open a connection for each.
var sharedTransport = sync.OnceValue(func() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		ForceAttemptHTTP2:   true,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConns:        256,
		MaxIdleConnsPerHost: 64,               // with the default, 2, nearly every send under load opens a connection
		IdleConnTimeout:     30 * time.Second, // shorter than in servers: if a server closes a connection that is being used, the send is unknown
		// Without pings, every request on a connection that a firewall dropped is lost until TCP gives up, after minutes.
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: 10 * time.Second},
		MaxResponseHeaderBytes: 64 << 10,
		// Otherwise the error would be the text of the proxy.
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("the proxy responded to CONNECT with %d", resp.StatusCode)
			}
			return nil
		},
	}
})
