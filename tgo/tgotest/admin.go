package tgotest

import (
	_ "embed"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// adminPath is where programs in other languages, and the inbox page, read what the fake has received and make it
// misbehave. It is not part of the API. admin.yaml describes it.
const adminPath = "/_fake"

// adminDocument is admin.yaml.
//
//go:embed admin.yaml
var adminDocument []byte

var errNoInbox = web.Refuse(http.StatusNotFound, "Requests are not recorded: start the fake with Config.Inbox, as tgo fake does.")

// admin serves the admin path.
func (s *Server) admin(mux *http.ServeMux) {
	handle := func(pattern string, status int, serve func(*http.Request) (any, error)) {
		method, path, _ := strings.Cut(pattern, " ")
		mux.HandleFunc(method+" "+adminPath+path, func(w http.ResponseWriter, r *http.Request) {
			answer, err := any(nil), s.guard.Check(r)
			if err == nil {
				answer, err = serve(r)
			}
			web.WriteJSON(w, status, answer, err)
		})
	}
	s.adminMessages(handle, mux)
	mux.HandleFunc("GET "+adminPath+"/events", s.serveEvents)
	handle("GET /coverage", http.StatusOK, func(*http.Request) (any, error) {
		report := s.Coverage().Report()
		return adminCoverage{report.Summary(), report.Percent(), report}, nil
	})
	handle("GET /options", http.StatusOK, s.options)
	s.adminRequests(handle, mux)
	s.adminPhones(handle)
	s.adminKeys(handle)
	s.adminPeople(handle)
	s.adminFaults(handle)
	handle("POST /reset", http.StatusNoContent, func(r *http.Request) (any, error) {
		if err := readAdmin(r, &struct{}{}); err != nil {
			return nil, err
		}
		s.faults.clear()
		s.traffic.Reset()
		s.changed()
		return nil, nil
	})
	mux.HandleFunc(adminPath+"/", func(w http.ResponseWriter, r *http.Request) {
		err := s.guard.Check(r)
		if err == nil {
			err = web.Refuse(http.StatusNotFound, "The admin API has no such path or method; see admin.yaml.")
		}
		web.WriteJSON(w, 0, nil, err)
	})
}

// maxAdminBody is more than any request needs.
const maxAdminBody = 64 << 10

func readAdmin(r *http.Request, v any) error {
	if err := readObject(io.LimitReader(r.Body, maxAdminBody), v); err != nil {
		return web.Refuse(http.StatusUnprocessableEntity, "The body does not match admin.yaml: %v.", err)
	}
	return nil
}

func idOf(r *http.Request) int64 {
	id, _ := strconv.ParseInt(r.PathValue("id"), 10, 64) // no one has id 0
	return id
}

// adminHandle registers a path of the admin API.
type adminHandle func(pattern string, status int, serve func(*http.Request) (any, error))

// adminCoverage is the coverage of the contract as the admin path shows it.
type adminCoverage struct {
	Summary string  `json:"summary"`
	Percent float64 `json:"percent"`
	CoverageReport
}
