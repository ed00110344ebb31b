package tgo

import (
	"net"
	"net/url"
	"strings"
)

// WithBaseURL sends requests to another server than https://TENANT/api/v1: a fake, or a proxy of your own. It is the
// server URL of the contract, path included; a URL without a path gets /api/v1. It must be https, or http on a loopback
// address (see [WithInsecureHTTP]), without user info, query or fragment. The tenant given to [New] is then not used and may
// be empty.
func WithBaseURL(baseURL string) Option {
	return func(c *config) *FieldError {
		c.baseURL, c.baseURLGiven = baseURL, true
		return nil
	}
}

// WithInsecureHTTP allows a base URL with http to a host that is not this machine, such as a fake in another container. The
// key and all messages then go over the network for everybody to read: never use it with a real tenant.
func WithInsecureHTTP() Option {
	return func(c *config) *FieldError {
		c.insecure = true
		return nil
	}
}

const basePath = "/api/v1"

// parseTenant makes the base URL of a tenant's domain.
func parseTenant(tenant string) (string, *FieldError) {
	if tenant == "" {
		return "", fieldError("tenant", "is empty: give the domain of your workspace, such as acme.tgo-eg.com")
	}
	if strings.ContainsAny(tenant, "/?#@\\ \t\r\n") {
		return "", fieldError("tenant", "must be a domain alone, such as acme.tgo-eg.com, without scheme or path")
	}
	normal, problem := parseBaseURL("https://"+tenant+basePath, false)
	if problem != nil {
		return "", fieldError("tenant", "is not a domain such as acme.tgo-eg.com")
	}
	if u, err := url.Parse(normal); err == nil && !strings.Contains(u.Hostname(), ".") && !isLoopback(u.Hostname()) {
		return "", fieldError("tenant", "is a name without a dot: give the whole domain, such as "+u.Hostname()+".tgo-eg.com")
	}
	return normal, nil
}

// parseBaseURL checks a server URL and gives it the form that the generated client wants. insecure allows http to any host.
func parseBaseURL(s string, insecure bool) (string, *FieldError) {
	wrong := func(rule string) (string, *FieldError) { return "", fieldError("base URL", rule) }
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return wrong("must look like https://acme.tgo-eg.com/api/v1")
	case u.User != nil:
		return wrong("must not hold a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(s, "#"):
		return wrong("must not hold a query or fragment")
	case u.Scheme != "https" && u.Scheme != "http":
		return wrong("must begin with https://")
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return wrong("must begin with https://: plain http would show the key to everyone on the way (a loopback address is allowed, and with WithInsecureHTTP any host)")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = basePath
	}
	return strings.TrimRight(u.String(), "/") + "/", nil
}

// isLoopback reports whether a host is this machine: a loopback address, or localhost and the names below it (RFC 6761).
func isLoopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
