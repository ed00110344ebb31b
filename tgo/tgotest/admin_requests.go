package tgotest

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// inboxList is a part of the list of requests, and what else a page needs to know.
type inboxList struct {
	Run  string `json:"run"`
	Last int64  `json:"last"`
	traffic.Listed
	Doubled      int                `json:"doubled"` // messages that arrived more than once
	UnderWay     []traffic.UnderWay `json:"under_way"`
	Faults       []adminFault       `json:"faults"`
	FaultsByCode bool               `json:"faults_by_code"`
	Forgotten    int64              `json:"forgotten"`
}

const (
	usualInboxList = 100
	maxInboxList   = 500
	usualThread    = 50
	maxPhones      = 500
)

// selectionOf chooses requests by a request's query: q is a search, is one of the kinds that the page has buttons for.
func (s *Server) selectionOf(r *http.Request) (*traffic.Selection, error) {
	is := r.FormValue("is")
	if is != "" && !slices.Contains(traffic.Kinds, is) {
		return nil, web.Refuse(http.StatusUnprocessableEntity, "is must be %s.", oneOf(traffic.Kinds))
	}
	return s.traffic.Select(r.FormValue("q"), is), nil
}

// numberOfQuery reads a number of the query, from 1 to most; usual if there is none.
func numberOfQuery(r *http.Request, name string, usual, most int64) (int64, error) {
	text := r.FormValue(name)
	if text == "" {
		return usual, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > most {
		return 0, web.Refuse(http.StatusUnprocessableEntity, "%s must be a number from 1 to %d.", name, most)
	}
	return n, nil
}

const anyID = 1<<53 - 1 // of what JavaScript can count

func (s *Server) inboxList(r *http.Request) (any, error) {
	chosen, err := s.selectionOf(r)
	if err != nil {
		return nil, err
	}
	before, err := numberOfQuery(r, "before", anyID, anyID)
	if err != nil {
		return nil, err
	}
	limit, err := numberOfQuery(r, "limit", usualInboxList, maxInboxList)
	if err != nil {
		return nil, err
	}
	list := inboxList{Run: s.traffic.Run(), Faults: s.activeFaults(), FaultsByCode: s.cfg.Faults != nil, Doubled: len(s.workspace.Doubled())}
	list.Last, list.Forgotten, list.UnderWay = s.traffic.Status()
	list.Listed = chosen.List(before, limit)
	return list, nil
}

// adminRequests serves the recorded requests: what the inbox reads and does.
func (s *Server) adminRequests(handle adminHandle, mux *http.ServeMux) {
	watched := func(pattern string, status int, serve func(*http.Request) (any, error)) {
		handle(pattern, status, func(r *http.Request) (any, error) {
			if !s.cfg.Inbox {
				return nil, errNoInbox
			}
			return serve(r)
		})
	}
	// one is for a path that names a request.
	one := func(serve func(*http.Request, *traffic.Record) (any, error)) func(*http.Request) (any, error) {
		return func(r *http.Request) (any, error) {
			found := s.traffic.Find(idOf(r))
			if found == nil {
				return nil, web.Refuse(http.StatusNotFound, "There is no such request, or it is no longer kept.")
			}
			return serve(r, found)
		}
	}
	watched("GET /inbox", http.StatusOK, s.inboxList)
	watched("GET /requests", http.StatusOK, func(r *http.Request) (any, error) {
		after, err := strconv.ParseInt(r.FormValue("after"), 10, 64)
		if r.FormValue("after") != "" && err != nil {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "after must be the id of a request.")
		}
		chosen, err := s.selectionOf(r)
		if err != nil {
			return nil, err
		}
		list := []*traffic.Exchange{}
		for _, r := range chosen.After(after) {
			list = append(list, s.traffic.Exchange(r))
		}
		return list, nil
	})
	watched("GET /requests/{id}", http.StatusOK, one(func(_ *http.Request, r *traffic.Record) (any, error) { return s.traffic.Exchange(r), nil }))
	watched("DELETE /requests/{id}", http.StatusNoContent, one(func(_ *http.Request, r *traffic.Record) (any, error) {
		s.traffic.Remove(func(other *traffic.Record) bool { return other == r })
		return nil, nil
	}))
	watched("POST /requests/{id}/resend", http.StatusOK, one(func(admin *http.Request, r *traffic.Record) (any, error) {
		resent, err := s.traffic.Resend(admin, s.http.Handler, r)
		if err != nil {
			return nil, web.Refuse(http.StatusConflict, "%s.", capital(err.Error()))
		}
		return resent, nil
	}))
	watched("POST /requests/{id}/read", http.StatusNoContent, one(func(_ *http.Request, r *traffic.Record) (any, error) {
		s.traffic.MarkRead(r)
		return nil, nil
	}))
	watched("POST /requests/read", http.StatusNoContent, func(*http.Request) (any, error) {
		s.traffic.MarkAllRead()
		return nil, nil
	})
	watched("POST /undo", http.StatusNoContent, func(*http.Request) (any, error) {
		if !s.traffic.Undo() {
			return nil, web.Refuse(http.StatusNotFound, "There is nothing to restore.")
		}
		return nil, nil
	})
	mux.HandleFunc("GET "+adminPath+"/requests.jsonl", s.export("requests.jsonl", "application/jsonl", s.traffic.WriteJSONLines))
	mux.HandleFunc("GET "+adminPath+"/requests.har", s.export("requests.har", "application/json", s.traffic.WriteHAR))
}

// export serves the chosen requests as a file.
func (s *Server) export(name, contentType string, write func(io.Writer, []*traffic.Record) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := s.guard.Check(r)
		if err == nil && !s.cfg.Inbox {
			err = errNoInbox
		}
		var chosen *traffic.Selection
		if err == nil {
			chosen, err = s.selectionOf(r)
		}
		if err != nil {
			web.WriteJSON(w, 0, nil, err)
			return
		}
		web.SecureHeaders(w, web.NoPages)
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Type", contentType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_ = write(w, chosen.After(0)) // a client that does not read to the end misses the rest
	}
}

// capital begins a sentence with an error's text.
func capital(text string) string { return strings.ToUpper(text[:1]) + text[1:] }

// oneOf lists words in a sentence: "a, b or c".
func oneOf(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
