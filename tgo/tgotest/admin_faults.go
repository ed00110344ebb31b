package tgotest

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/web"
)

// newFault is a Fault as the admin path takes it.
type newFault struct {
	Operation  string `json:"operation"`
	Kind       string `json:"kind"`
	Skip       int    `json:"skip"`
	Times      int    `json:"times"`
	Stored     bool   `json:"stored"`
	DelayMS    int64  `json:"delay_ms"`
	Status     int    `json:"status"`
	RetryAfter string `json:"retry_after"`
	Location   string `json:"location"`
}

// adminFault is a Fault as the admin path shows it.
type adminFault struct {
	ID int64 `json:"id"`
	newFault
	Struck  int    `json:"struck"`
	Active  bool   `json:"active"`
	Summary string `json:"summary"`
}

// maxDelay bounds a delay, so that a fault that is left on cannot hang a test forever.
const maxDelay = 10 * time.Minute

func (f newFault) fault() (Fault, error) {
	kind := FaultNone
	for kind.String() != f.Kind {
		if kind++; !kind.isKind() {
			return Fault{}, web.Refuse(http.StatusUnprocessableEntity, "%q is not a kind of fault.", f.Kind)
		}
	}
	if f.DelayMS < 0 || f.DelayMS > maxDelay.Milliseconds() {
		return Fault{}, web.Refuse(http.StatusUnprocessableEntity, "delay_ms must be from 0 to %d.", maxDelay.Milliseconds())
	}
	return Fault{
		Operation: f.Operation, Kind: kind, Skip: f.Skip, Times: f.Times, Stored: f.Stored, Delay: time.Duration(f.DelayMS) * time.Millisecond,
		Status: f.Status, RetryAfter: f.RetryAfter, Location: f.Location,
	}, nil
}

// shown describes a fault. The caller holds the lock of the faults.
func (i *Injected) shown() adminFault {
	f := i.fault
	return adminFault{i.id, newFault{
		Operation: f.Operation, Kind: f.Kind.String(), Skip: f.Skip, Times: max(0, f.Times), Stored: f.Stored, DelayMS: f.Delay.Milliseconds(),
		Status: f.Status, RetryAfter: f.RetryAfter, Location: f.Location,
	}, i.struck, i.active(), i.summary()}
}

// activeFaults are those that can strike, the oldest first.
func (s *Server) activeFaults() []adminFault {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	list := []adminFault{}
	for _, i := range s.faults.list {
		if i.active() {
			list = append(list, i.shown())
		}
	}
	return list
}

func (s *Server) adminFaults(handle adminHandle) {
	handle("GET /faults", http.StatusOK, func(*http.Request) (any, error) {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		list := []adminFault{}
		for _, i := range s.faults.list {
			list = append(list, i.shown())
		}
		return list, nil
	})
	handle("POST /faults", http.StatusCreated, func(r *http.Request) (any, error) {
		body := newFault{Kind: FaultNone.String()}
		if err := readAdmin(r, &body); err != nil {
			return nil, err
		}
		f, err := body.fault()
		if err != nil {
			return nil, err
		}
		i, err := s.Inject(f)
		if err != nil {
			return nil, web.Refuse(http.StatusUnprocessableEntity, "%v.", errors.Unwrap(err))
		}
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		return i.shown(), nil
	})
	handle("DELETE /faults/{id}", http.StatusNoContent, func(r *http.Request) (any, error) {
		id := idOf(r)
		s.faults.mu.Lock()
		before := len(s.faults.list)
		s.faults.list = slices.DeleteFunc(s.faults.list, func(i *Injected) bool { return i.id == id })
		gone := len(s.faults.list) < before
		s.faults.mu.Unlock()
		if !gone {
			return nil, web.Refuse(http.StatusNotFound, "There is no such fault.")
		}
		s.changed()
		return nil, nil
	})
	handle("DELETE /faults", http.StatusNoContent, func(*http.Request) (any, error) {
		s.ClearFaults()
		return nil, nil
	})
}

type faultOption struct {
	Kind   string   `json:"kind"`
	Label  string   `json:"label"`
	Status int      `json:"status"` // by default; 0 if it has none
	Fields []string `json:"fields"` // that not every kind has
}

type faultPreset struct {
	Label string   `json:"label"`
	Fault newFault `json:"fault"`
}

// faultOptions are the kinds as the form of the inbox has them.
func faultOptions() []faultOption {
	list := make([]faultOption, len(faultKinds))
	for i, k := range faultKinds {
		list[i] = faultOption{k.name, k.label, k.status, append([]string{}, k.fields...)}
	}
	return list
}

// faultPresets are the buttons of the inbox that set a fault.
var faultPresets = []faultPreset{
	{"Stored, response lost", newFault{Kind: FaultCut.String(), Stored: true}},
	{"Cut before it is stored", newFault{Kind: FaultCut.String()}},
	{"503 Service Unavailable", newFault{Kind: FaultStatus.String(), Status: http.StatusServiceUnavailable}},
	{"429 Too Many Requests", newFault{Kind: FaultStatus.String(), Status: http.StatusTooManyRequests, RetryAfter: "1"}},
	{"401, as with a revoked key", newFault{Kind: FaultStatus.String(), Status: http.StatusUnauthorized}},
	{"502 page of a proxy", newFault{Kind: FaultHTML.String(), Status: http.StatusBadGateway}},
	{"200 login page", newFault{Kind: FaultHTML.String(), Status: http.StatusOK}},
	{"Redirect elsewhere", newFault{Kind: FaultRedirect.String(), Status: http.StatusTemporaryRedirect, Location: "/elsewhere"}},
	{"Cut in the middle of the upload", newFault{Kind: FaultCutMidway.String()}},
	{"Cut in the middle of the response", newFault{Kind: FaultCutResponse.String()}},
	{"Half of the JSON", newFault{Kind: FaultBrokenJSON.String()}},
	{"Empty response", newFault{Kind: FaultEmpty.String()}},
	{"3 seconds late", newFault{Kind: FaultNone.String(), DelayMS: (3 * time.Second).Milliseconds()}},
}
