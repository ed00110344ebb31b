package web

import (
	"mime"
	"net"
	"net/http"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// Guard keeps out what a browser may send here for a page of another site. A page can make its visitor's browser send anything
// that a form can, and through a host name that leads here it can read the responses too.
type Guard struct {
	// Tenants are the host names that the fake serves; "*" stands for all.
	Tenants []string
	// UnknownHost is called for a request to another host.
	UnknownHost func(host string)
}

// Check returns a [Refusal] for a request that may be from a page of another site.
func (g *Guard) Check(r *http.Request) error {
	if !g.knowsVisitor(r.Host) {
		g.UnknownHost(r.Host)
		return Refuse(http.StatusNotFound, "%s", contract.MessageUnknownTenant)
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host && origin != "https://"+r.Host {
		return Refuse(http.StatusForbidden, "Pages of other sites may not use the admin API.")
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return Refuse(http.StatusForbidden, "Pages of other sites may not use the admin API.")
	}
	if r.Method == http.MethodPost || r.Method == http.MethodPut {
		// No form can send this type, and a script of another site may not without being allowed to.
		if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/json" {
			return Refuse(http.StatusUnsupportedMediaType, "The Content-Type must be application/json.")
		}
	}
	return nil
}

// KnowsTenant reports whether the API serves a host.
func (g *Guard) KnowsTenant(host string) bool {
	host = HostName(host)
	return slices.ContainsFunc(g.Tenants, func(name string) bool { return name == "*" || strings.EqualFold(name, host) })
}

// knowsVisitor is stricter than KnowsTenant: a name that is accepted only because of "*" may belong to anyone. Addresses are
// safe, since no page of another site has them for its own.
func (g *Guard) knowsVisitor(host string) bool {
	name := HostName(host)
	return net.ParseIP(name) != nil && g.KnowsTenant(host) || strings.EqualFold(name, "localhost") && g.KnowsTenant(host) ||
		slices.ContainsFunc(g.Tenants, func(tenant string) bool { return strings.EqualFold(tenant, name) })
}

// HostName is a host without its port.
func HostName(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.Trim(host, "[]")
}
