package traffic

import (
	"context"
	"net/http"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

type observedKey struct{}

// observed is what the operation itself knows of a request that is recorded. All of it happens in one goroutine.
type observed struct {
	sent  *workspace.Sent
	form  *contract.Form
	fault *Fault
	// warnings are about query parameters and fields of the body, by name.
	warnings [][2]string
	// resentOf is the id of the request that is sent again; id becomes that of this one.
	resentOf, id int64
}

// Fault is what the fake did to a request on purpose.
type Fault struct {
	// Text says what it did.
	Text string
	// Late is whether it did nothing but wait.
	Late bool
}

func withObserved(ctx context.Context, o *observed) context.Context {
	return context.WithValue(ctx, observedKey{}, o)
}

// observe returns where to note things about a request; nil if it is not recorded.
func observe(r *http.Request) *observed {
	o, _ := r.Context().Value(observedKey{}).(*observed)
	return o
}

// NoteSent notes the message that a request has sent.
func NoteSent(r *http.Request, sent workspace.Sent) {
	if o := observe(r); o != nil {
		o.sent = &sent
	}
}

// NoteForm notes what was read of the form in a request.
func NoteForm(r *http.Request, f *contract.Form) {
	if o := observe(r); o != nil {
		o.form = f
	}
}

// NoteWarning notes that something in a request works here and may not elsewhere.
func NoteWarning(r *http.Request, field, message string) {
	if o := observe(r); o != nil {
		o.warnings = append(o.warnings, [2]string{field, message})
	}
}

// NoteFault notes that a fault strikes a request. fault is called only if the request is recorded.
func NoteFault(r *http.Request, fault func() Fault) {
	if o := observe(r); o != nil {
		struck := fault()
		o.fault = &struck
	}
}

// IsResent reports whether a request is one that the inbox sends again.
func IsResent(r *http.Request) bool {
	o := observe(r)
	return o != nil && o.resentOf != 0
}
