package tgotest

import (
	"fmt"
	"net/http"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// maxDrain is how much of a refused body is read on.
const maxDrain = 64 << 20

// handler routes by the paths of the contract. The error is that the fake does not know an operation.
func (s *Server) handler(routes map[string]*routers.Route) (http.Handler, error) {
	operations := s.operations()
	for id := range routes {
		if operations[id] == nil {
			return nil, fmt.Errorf("tgotest: the fake does not have the operation %q of the contract: write it in operations.go and add it to (*Server).operations", id)
		}
	}
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for id, route := range routes {
		operate := operations[id]
		serve := func(w http.ResponseWriter, r *http.Request) {
			c := &call{Request: r, w: w, route: route, unknown: s.cfg.UnknownFields, coverage: s.cfg.Coverage, cfg: &s.cfg}
			if refused := s.serve(c, operate); refused != nil {
				c.refuse(refused)
			}
		}
		mux.HandleFunc(route.Method+" "+contract.BasePath+route.Path, s.cfg.Coverage.count(route, func(w http.ResponseWriter, r *http.Request) {
			f, err := s.faults.next(id)
			switch {
			case err != nil:
				c := &call{Request: r, w: w}
				c.refuse(&refusal{status: http.StatusInternalServerError, message: err.Error()})
			case f != nil:
				f.strike(w, r, serve, s.closed)
			default:
				serve(w, r)
			}
		}))
		allowed[route.Path] = append(allowed[route.Path], route.Method)
	}
	for at, methods := range allowed {
		sort.Strings(methods)
		mux.HandleFunc(contract.BasePath+at, s.cfg.Coverage.count(nil, func(w http.ResponseWriter, r *http.Request) {
			// What can be read can be requested with HEAD.
			w.Header().Set("Allow", strings.Replace(strings.Join(methods, ", "), http.MethodGet, "GET, HEAD", 1))
			c := &call{Request: r, w: w}
			c.refuse(&refusal{status: http.StatusMethodNotAllowed, message: "This path allows only " + strings.Join(methods, " and ") + "."})
		}))
	}
	s.admin(mux)
	if s.cfg.Inbox {
		web.Serve(mux, s.guard, adminDocument)
	}
	none := s.cfg.Coverage.count(nil, func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, w: w}
		c.refuse(&refusal{status: http.StatusNotFound, message: contract.SaysNoPath(r.Method, r.URL.EscapedPath(), allowed)})
	})
	mux.HandleFunc("/", none)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The mux would redirect, and a client that follows would never learn that its base URL is wrong.
		if clean := path.Clean(r.URL.Path); strings.HasPrefix(clean, "/api/") && clean != strings.TrimSuffix(r.URL.Path, "/") {
			none(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}), nil
}

// serve checks what every operation checks, in the API's order: tenant, key, scope, fields.
func (s *Server) serve(c *call, operate func(*call) *refusal) *refusal {
	if !s.guard.KnowsTenant(c.Host) {
		s.warnOfHost(c.Host)
		return &refusal{status: http.StatusNotFound, message: contract.MessageUnknownTenant}
	}
	key, ok := s.workspace.UseKey(c.Header.Get("X-Api-Key"))
	if !ok {
		return &refusal{status: http.StatusUnauthorized, message: contract.MessageUnauthenticated}
	}
	c.key = key
	for _, scope := range s.cfg.scopesOf(c.route) {
		if !slices.Contains(key.Scopes, tgo.Scope(scope)) && !slices.Contains(key.Scopes, tgo.ScopeAll) {
			return &refusal{status: http.StatusForbidden, message: contract.MessageMissingScope}
		}
	}
	if refused := s.readBody(c); refused != nil {
		return refused
	}
	if refused := c.readQuery(); refused != nil {
		return refused
	}
	s.readBarePlus(c)
	if s.cfg.has(VariantLenientPage) && c.route.Operation.OperationID == "listMessages" && c.check() != nil {
		c.URL.RawQuery = "" // page is all that it may have
	}
	s.readValues(c)
	if !contract.IsGoodBody(c.route, c.Header.Get("Content-Type"), c.values) {
		if refused := c.check(); refused != nil {
			return refused
		}
	}
	return operate(c)
}
