package tgo

import (
	"net"
	"net/url"
	"strings"
)

// WithBaseURL sends requests to a server other than https://TENANT/api/v1: a fake, or a proxy of your own. The base URL is the
// server URL of the contract, including the path; if it has no path, /api/v1 is added. It must use https, or http with a loopback
// address (see [WithInsecureHTTP]), and have no user info, query or fragment. The tenant given to [New] is then not used and may be
// empty.
func WithBaseURL(baseURL string) Option {
	return func(c *config) *FieldError {
		c.baseURL, c.baseURLGiven = baseURL, true
		return nil
	}
}

// WithInsecureHTTP allows a base URL with http to a host that is not this machine, such as a fake in another container. The key
// and all messages are then sent unencrypted: never use it with a real tenant.
func WithInsecureHTTP() Option {
	return func(c *config) *FieldError {
		c.insecure = true
		return nil
	}
}

const basePath = "/api/v1"

// parseTenant returns the base URL for the domain of a tenant.
func parseTenant(tenant string) (string, *FieldError) {
	if tenant == "" {
		return "", fieldError("tenant", "is empty: give the domain of your workspace, such as acme.tgo-eg.com")
	}
	if strings.ContainsAny(tenant, "/?#@\\ \t\r\n") {
		return "", fieldError("tenant", "must be a domain, such as acme.tgo-eg.com, without scheme or path")
	}
	normal, problem := parseBaseURL("https://"+tenant+basePath, false)
	if problem != nil {
		return "", fieldError("tenant", "is not a domain such as acme.tgo-eg.com")
	}
	if u, err := url.Parse(normal); err == nil && !strings.Contains(u.Hostname(), ".") && !isLoopback(u.Hostname()) {
		return "", fieldError("tenant", "has no dot: give the whole domain, such as "+u.Hostname()+".tgo-eg.com")
	}
	return normal, nil
}

// parseBaseURL checks a server URL and returns it in the form that the generated client needs. insecure allows http to any host.
func parseBaseURL(s string, insecure bool) (string, *FieldError) {
	wrong := func(rule string) (string, *FieldError) { return "", fieldError("base URL", rule) }
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return wrong("must look like https://acme.tgo-eg.com/api/v1")
	case u.User != nil:
		return wrong("must not contain a user name or password")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.Contains(s, "#"):
		return wrong("must not contain a query or fragment")
	case u.Scheme != "https" && u.Scheme != "http":
		return wrong("must begin with https://")
	case u.Scheme == "http" && !insecure && !isLoopback(u.Hostname()):
		return wrong("must begin with https://: with plain http anyone on the network path can read the key (allowed: a loopback address, and with WithInsecureHTTP any host)")
	}
	if strings.Trim(u.Path, "/") == "" {
		u.Path = basePath
	}
	return strings.TrimRight(u.String(), "/") + "/", nil
}

// isLoopback reports whether a host is this machine: a loopback address, or localhost or a name below it (RFC 6761).
func isLoopback(host string) bool {
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}
