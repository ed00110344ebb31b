//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A person can decide about an unknown message, but not about others.
func TestResolve(t *testing.T) {
	each(t, testResolve[*sql.Tx], testResolve[pgx.Tx])
}

func testResolve[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{PauseUnknown: -1})
	for _, test := range []struct {
		resolution Resolution
		state      State
		attempts   int
	}{{WasSent, Sent, 1}, {SendAgain, Sent, 2}, {GiveUp, Cancelled, 1}} {
		if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultCut}); err != nil {
			t.Fatal(err)
		}
		id := b.add(b.message(string(test.resolution)))
		b.until(id, Unknown)
		if err := b.Cancel(t.Context(), id, "not wanted"); !errors.Is(err, ErrNotWaiting) {
			t.Errorf("cancel an unknown message: %v", err)
		}
		// The message can still be resolved after somebody cancels its job in River UI.
		if _, err := b.river.JobCancel(t.Context(), id); err != nil {
			t.Error(err)
		}
		if _, err := b.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if err := b.Resolve(t.Context(), id, test.resolution); err != nil {
			t.Errorf("%s: %v", test.resolution, err)
		}
		record := b.until(id, test.state)
		if record.Attempts != test.attempts || record.EndedAt.IsZero() || (test.attempts == 1) != (record.Code == "person") {
			t.Errorf("%s: %+v", test.resolution, record)
		}
		if err := b.Resolve(t.Context(), id, SendAgain); !errors.Is(err, ErrNotUnknown) {
			t.Errorf("resolve again: %v", err)
		}
	}
	b.fake.ExpectMessage(t, withContent("again"))
	b.fake.ExpectNoMessage(t)
	if err := b.Resolve(t.Context(), 1<<40, WasSent); !errors.Is(err, ErrNotFound) {
		t.Errorf("resolve nothing: %v", err)
	}
	if err := b.Resolve(t.Context(), 1, "maybe"); err == nil {
		t.Error("a resolution that does not exist is accepted")
	}
}

// Invariant 2: a person cannot resolve or cancel a message that is being sent.
func TestResolveSending(t *testing.T) {
	s := newStepper(t, Workers{})
	id := s.begun("under way", here, 1)
	for _, resolution := range []Resolution{WasSent, SendAgain, GiveUp} {
		if err := s.Resolve(t.Context(), id, resolution); !errors.Is(err, ErrNotUnknown) || s.get(id).State != Sending {
			t.Errorf("%s: %+v, %v", resolution, s.get(id), err)
		}
	}
	if err := s.Cancel(t.Context(), id, "not wanted"); !errors.Is(err, ErrNotWaiting) || s.get(id).State != Sending {
		t.Errorf("cancel: %+v, %v", s.get(id), err)
	}
}

// Invariant 4: an unknown message may be resolved, and its job fetched again, before River learns of the previous attempt. The job is still
// worked.
func TestResolveAtOnce(t *testing.T) {
	each(t, testResolveAtOnce[*sql.Tx], testResolveAtOnce[pgx.Tx])
}

func testResolveAtOnce[TTx any](t *testing.T, b *bed[TTx]) {
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultCut, Times: 1}); err != nil {
		t.Fatal(err)
	}
	b.work(Workers{OnEnd: func(_ context.Context, r Record) {
		if r.State != Unknown {
			return
		}
		if err := b.Resolve(t.Context(), r.ID, SendAgain); err != nil {
			t.Error(err)
		}
		b.fetchedBy(r.ID, "another")
	}})
	if record := b.until(b.add(b.message("again")), Sent); record.Attempts != 2 {
		t.Errorf("%+v", record)
	}
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
}
