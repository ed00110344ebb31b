package exchange

import (
	"errors"
	"net"
	"net/http"
	"net/url"
)

const maxRedirects = 10

// withRedirectRules returns a copy of a client whose requests stay at their origin, because they have the key and the content.
// net/http would send X-Api-Key to any host that it is redirected to, and would send the body again there.
func withRedirectRules(hc *http.Client) *http.Client {
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
		if len(via) >= maxRedirects {
			return errors.New("stopped after 10 redirects")
		}
		if conns, ok := req.Context().Value(connectionsKey{}).(*connections); ok {
			conns.redirected()
		}
		return nil
	}
	return &safe
}

func sameOrigin(a, b *url.URL) bool { return a.Scheme == b.Scheme && hostPort(a) == hostPort(b) }

// hostPort returns the address of a server.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(u.Hostname(), port)
}
