//go:build !386 && !arm

package outbox

import (
	"context"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// Invariant 2: after a panic nobody knows whether the message was sent.
func TestPanic(t *testing.T) {
	s := newStepper(t, Workers{})
	client, err := s.fake.ClientWith(s.fake.Key, tgo.WithLimiter(panicking{}))
	if err != nil {
		t.Fatal(err)
	}
	s.w.client = client
	id := s.add(s.message("hello"))
	if err := s.attempt(id); !snoozed(err) || s.get(id).State != Unknown {
		t.Errorf("River gets %v, the record is %+v", err, s.get(id))
	}
}

type panicking struct{}

func (panicking) Wait(context.Context) error { panic("in the limiter") }
