package tgotest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
)

// Fault is a way for the fake to misbehave. Inject refuses a fault that would have no effect, because a test would then
// pass for the wrong reason: FaultNone without a Delay, a field that the kind does not use, or a redirect without a Location.
type Fault struct {
	// Operation is the operationId of the requests that it affects; empty means every operation.
	Operation string
	// Skip is how many matching requests pass first.
	Skip int
	// Times is how many it then affects; 0 means all of them.
	Times int
	// Stored executes the request first: the message is stored, and only its response fails. It is not for FaultCutMidway,
	// which ends before the request is complete.
	Stored bool
	// Delay is how long the fake waits: before it responds if Stored is set, and otherwise before it does anything.
	Delay time.Duration
	// Kind is what the fake does then. FaultNone responds as usual after Delay, which it requires: a slow server.
	Kind FaultKind
	// Status is the status of FaultStatus (503 by default) and FaultHTML (502), from 200 to 599 except 204 and 304, which
	// carry no body, and of FaultRedirect (307): 301, 302, 303, 307 or 308. Other kinds have none.
	Status int
	// RetryAfter is the Retry-After header of FaultStatus; empty is none. Other kinds have none.
	RetryAfter string
	// Location is where FaultRedirect points, and no other kind. Neither it nor RetryAfter may have control characters in it
	// or white space around it, which no header carries.
	Location string
}

// FaultKind is what a faulty server does instead of responding normally.
type FaultKind int

const (
	// FaultNone responds as usual.
	FaultNone FaultKind = iota
	// FaultStatus returns Status in the API's error form. With 401, 403, 422, 429 and 500 the message is the API's.
	FaultStatus
	// FaultHTML returns Status with a page, as a proxy does; with status 200, as a login form does.
	FaultHTML
	// FaultRedirect returns Status with Location.
	FaultRedirect
	// FaultCut closes the connection without a response. With Stored the whole request was read; otherwise nothing of its
	// body was. A browser would resend the request automatically, so its body is read and it gets a response that it cannot read.
	FaultCut
	// FaultCutMidway closes the connection in the middle of the request's body.
	FaultCutMidway
	// FaultCutResponse closes the connection in the middle of the response body. The request is always executed.
	FaultCutResponse
	// FaultBrokenJSON returns the right status and half of the JSON. The request is always executed.
	FaultBrokenJSON
	// FaultEmpty returns the right status and no body. The request is always executed.
	FaultEmpty
)

// faultKinds describe the kinds, each at the place of its constant. What a kind does is in (*Fault).strike.
var faultKinds = [...]struct {
	name   string   // in the admin API
	does   string   // in lists of requests and of faults; a %s is the status
	label  string   // in the form of the inbox
	status int      // by default; 0 if the kind has none
	fields []string // of the form: those that not every kind has
	always bool     // the request is always executed first
}{
	FaultNone:        {name: "none", label: "Respond late"},
	FaultStatus:      {"status", "%s", "Return a status", http.StatusServiceUnavailable, []string{"status", "retry_after", "stored"}, false},
	FaultHTML:        {"html", "HTML page with %s", "Return an HTML page", http.StatusBadGateway, []string{"status", "stored"}, false},
	FaultRedirect:    {"redirect", "%s", "Redirect", http.StatusTemporaryRedirect, []string{"status", "location", "stored"}, false},
	FaultCut:         {"cut", "connection cut without a response", "Cut the connection, no response", 0, []string{"stored"}, false},
	FaultCutMidway:   {"cut midway", "connection cut in the middle of the upload", "Cut in the middle of the upload", 0, nil, false},
	FaultCutResponse: {"cut response", "connection cut in the middle of the response", "Cut in the middle of the response", 0, nil, true},
	FaultBrokenJSON:  {"broken json", "half of the JSON", "Return half of the JSON", 0, nil, true},
	FaultEmpty:       {"empty", "empty response", "Return no body", 0, nil, true},
}

// isKind reports whether there is such a kind.
func (k FaultKind) isKind() bool { return k >= 0 && int(k) < len(faultKinds) }

// has reports whether a kind has a field that not every kind has.
func (k FaultKind) has(field string) bool { return slices.Contains(faultKinds[k].fields, field) }

// String names the kind.
func (k FaultKind) String() string {
	if !k.isKind() {
		return fmt.Sprintf("FaultKind(%d)", int(k))
	}
	return faultKinds[k].name
}

// status is the status of a kind that has one.
func (f *Fault) status() int { return cmp.Or(f.Status, faultKinds[f.Kind].status) }

// carriesOut reports whether the request is executed first.
func (f *Fault) carriesOut() bool { return f.Stored || faultKinds[f.Kind].always }

// text says what the fault does.
func (f *Fault) text() string {
	if f.Kind == FaultNone {
		return fmt.Sprintf("response %v late", f.Delay)
	}
	text := strings.ReplaceAll(faultKinds[f.Kind].does, "%s", statusText(f.status()))
	if f.Location != "" {
		text += " to " + f.Location
	}
	if f.Stored {
		text += " after the request was executed"
	}
	if f.Delay > 0 {
		text += fmt.Sprintf(", %v late", f.Delay)
	}
	return text
}

func statusText(status int) string {
	return strings.TrimSpace(strconv.Itoa(status) + " " + http.StatusText(status))
}

// summary says what the fault does, to which requests, for how long, and how often it has. The caller holds the lock of
// the faults.
func (i *Injected) summary() string {
	f := i.fault
	text, requests := f.text(), "request"
	if f.Operation != "" {
		requests = f.Operation + " request"
	}
	left, until := f.Times-i.struck, ""
	switch {
	case !i.active():
		text += " (over)"
	case f.Times == 0:
		text += " on every " + requests
		until = " until stopped"
	case left == 1:
		text += " on the next " + requests
	default:
		text += fmt.Sprintf(" on the next %d %ss", left, requests)
	}
	if pass := f.Skip - i.seen; i.active() && pass > 0 {
		text += fmt.Sprintf(" after %d more", pass)
	}
	text += until
	switch i.struck {
	case 0:
		return text + ", not struck yet"
	case 1:
		return text + ", struck once"
	}
	return fmt.Sprintf("%s, struck %d times", text, i.struck)
}

// active reports whether the fault can strike. The caller holds the lock of the faults.
func (i *Injected) active() bool { return i.fault.Times == 0 || i.struck < i.fault.Times }

// Injected is a fault at work.
type Injected struct {
	faults *faults
	id     int64
	fault  Fault
	seen   int
	struck int
}

// Struck returns how many requests the fault has struck.
func (i *Injected) Struck() int {
	i.faults.mu.Lock()
	defer i.faults.mu.Unlock()
	return i.struck
}

// Remove ends the fault.
func (i *Injected) Remove() {
	i.faults.mu.Lock()
	i.fault.Times = -1
	i.faults.mu.Unlock()
	i.faults.changed()
}

// faults are those at work, in the order in which they were injected.
type faults struct {
	mu         sync.Mutex
	operations map[string]bool
	list       []*Injected
	lastID     int64
	choose     func(operation string) *Fault
	changed    func() // notifies the inbox
}

// Inject makes the fake misbehave from the next request on. If several faults match a request, the oldest strikes. Inject
// returns an error for an operation that the contract does not have, an unknown kind, a negative Skip, Times or Delay, a
// Status out of its range, and a fault that would not do what it says.
func (s *Server) Inject(f Fault) (*Injected, error) {
	if err := s.faults.check(f); err != nil {
		return nil, fmt.Errorf("tgotest: fault: %w", err)
	}
	s.faults.mu.Lock()
	s.faults.lastID++
	i := &Injected{faults: &s.faults, id: s.faults.lastID, fault: f}
	s.faults.list = append(s.faults.list, i)
	s.faults.mu.Unlock()
	s.faults.changed()
	return i, nil
}

// check says what is wrong with a fault.
func (f *faults) check(fault Fault) error {
	switch {
	case fault.Operation != "" && !f.operations[fault.Operation]:
		return fmt.Errorf("operation: the contract does not have %q: use an operationId of openapi.yaml", fault.Operation)
	case !fault.Kind.isKind():
		return fmt.Errorf("kind: %d is not a kind of fault: use one of the constants, such as FaultCut", fault.Kind)
	case fault.Skip < 0 || fault.Times < 0 || fault.Delay < 0:
		return errors.New("skip, times and delay must not be negative")
	case fault.Status != 0 && (fault.Status < 200 || fault.Status > 599):
		return fmt.Errorf("status: %d is not from 200 to 599", fault.Status)
	}
	switch kind := fault.Kind; {
	case kind == FaultNone && fault.Delay == 0:
		return errors.New("kind: none does nothing without a delay: set one")
	case fault.Status != 0 && !kind.has("status"):
		return fmt.Errorf("status: the kind %q does not use it: leave it out", kind)
	case fault.Status != 0 && kind == FaultRedirect && !slices.Contains(redirects, fault.Status):
		return fmt.Errorf("status: %d is not a redirect: use 301, 302, 303, 307 or 308", fault.Status)
	case (fault.Status == http.StatusNoContent || fault.Status == http.StatusNotModified) && kind != FaultRedirect:
		return fmt.Errorf("status: a %d response has no body, but the kind %q sends one: use another status", fault.Status, kind)
	case !fitsHeader(fault.RetryAfter):
		return fmt.Errorf("retry_after: %q cannot be sent in a header", fault.RetryAfter)
	case !fitsHeader(fault.Location):
		return fmt.Errorf("location: %q cannot be sent in a header", fault.Location)
	case fault.RetryAfter != "" && !kind.has("retry_after"):
		return fmt.Errorf("retry_after: the kind %q does not use it: leave it out", kind)
	case fault.Location != "" && !kind.has("location"):
		return fmt.Errorf("location: the kind %q does not use it: leave it out", kind)
	case fault.Location == "" && kind.has("location"):
		return errors.New("location: a redirect needs one: set it")
	case fault.Stored && kind == FaultCutMidway:
		return errors.New("stored: a request that is cut midway cannot be executed: leave it out")
	}
	return nil
}

// redirects are the statuses with which a client goes to the Location.
var redirects = []int{
	http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
}

// fitsHeader reports whether a header can carry a text as it is. net/http would change any other text.
func fitsHeader(text string) bool {
	return strings.TrimSpace(text) == text && !strings.ContainsFunc(text, unicode.IsControl)
}

// ClearFaults ends all faults that were injected.
func (s *Server) ClearFaults() {
	s.faults.clear()
	s.faults.changed()
}

func (f *faults) clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = nil
}

// next returns the fault that strikes this request, if any does. The error is that Config.Faults chose one that Inject would refuse.
func (f *faults) next(operation string) (*Fault, error) {
	f.mu.Lock()
	for _, i := range f.list {
		if i.fault.Times < 0 || (i.fault.Operation != "" && i.fault.Operation != operation) {
			continue
		}
		i.seen++
		if i.seen <= i.fault.Skip || (i.fault.Times > 0 && i.struck == i.fault.Times) {
			continue
		}
		i.struck++
		struck := i.fault
		f.mu.Unlock()
		return &struck, nil
	}
	f.mu.Unlock()
	if f.choose == nil {
		return nil, nil
	}
	chosen := f.choose(operation)
	if chosen != nil {
		if err := f.check(*chosen); err != nil {
			return nil, fmt.Errorf("tgotest: Config.Faults: %w", err)
		}
	}
	return chosen, nil
}
