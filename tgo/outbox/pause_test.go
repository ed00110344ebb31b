//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Nothing begins in a paused queue, even if somebody resumes it in River.
func TestPause(t *testing.T) {
	each(t, testPause[*sql.Tx], testPause[pgx.Tx])
}

func testPause[TTx any](t *testing.T, b *bed[TTx]) {
	if err := b.Pause(t.Context(), "the night"); err != nil { // before anybody has worked
		t.Fatal(err)
	}
	if err := b.Pause(t.Context(), "another reason"); err != nil {
		t.Fatal(err)
	}
	id := b.add(b.message("hello"))
	b.work(Workers{Lease: 6 * time.Second})
	paused := func() bool {
		queue, err := b.river.QueueGet(t.Context(), b.Queue())
		return err == nil && queue.PausedAt != nil
	}
	b.eventually(paused, func() { t.Error("River's queue is not paused") })
	if err := b.river.QueueResume(t.Context(), b.Queue(), nil); err != nil {
		t.Fatal(err)
	}
	b.eventually(paused, func() { t.Error("River's queue is not paused again") })
	status, err := b.Status(t.Context())
	if err != nil || status.PauseReason != "the night" || status.PausedAt.IsZero() || status.Messages[Waiting] != 1 {
		t.Errorf("%+v, %v", status, err)
	}
	b.fake.ExpectNoMessage(t)
	if err := b.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until(id, Sent)
	if status, err := b.Status(t.Context()); err != nil || !status.PausedAt.IsZero() || status.PauseReason != "" {
		t.Errorf("%+v, %v", status, err)
	}
}

// A refusal that every message would get pauses the queue and rejects no message.
func TestPauseByRefusal(t *testing.T) {
	each(t, testPauseByRefusal[*sql.Tx], testPauseByRefusal[pgx.Tx])
}

func testPauseByRefusal[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	for _, code := range []int{401, 402, 403, 404} {
		fault, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: code})
		if err != nil {
			t.Fatal(err)
		}
		id := b.add(b.message(fmt.Sprint(code)))
		status, err := b.pausedStatus()
		if err != nil || !strings.Contains(status.PauseReason, fmt.Sprint(code)) {
			t.Errorf("%+v, %v", status, err)
		}
		record := b.until(id, Waiting)
		if record.Attempts != 1 {
			t.Errorf("%+v", record)
		}
		fault.Remove()
		other := b.add(b.message("while paused"))
		if record, err := b.Get(t.Context(), other); err != nil || record.State != Waiting {
			t.Errorf("%+v, %v", record, err)
		}
		if err := b.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.until(id, Sent)
		b.until(other, Sent)
	}
}

// An unknown sender number pauses the queue too.
func TestPauseByUnknownSender(t *testing.T) {
	each(t, testPauseByUnknownSender[*sql.Tx], testPauseByUnknownSender[pgx.Tx])
}

func testPauseByUnknownSender[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	m := b.message("hello")
	m.From = "+201001187177"
	id := b.add(m)
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "sender_phone") {
		t.Errorf("%+v, %v", status, err)
	}
	if pause, err := b.Paused(t.Context()); err != nil || pause.PausedAt.IsZero() || !strings.Contains(pause.Reason, "sender_phone") {
		t.Errorf("%+v, %v", pause, err)
	}
	b.until(id, Waiting)
}

// Several messages in a row that end as unknown or rejected pause the queue. A message that is sent between them restarts the count.
func TestPauseByTrouble(t *testing.T) {
	each(t, testPauseByTrouble[*sql.Tx], testPauseByTrouble[pgx.Tx])
}

func testPauseByTrouble[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{Concurrency: 1, PauseUnknown: 3, PauseRejected: 2})
	bad := func(kind tgotest.FaultKind, state State) {
		if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: kind, Status: map[tgotest.FaultKind]int{tgotest.FaultStatus: 422}[kind]}); err != nil {
			t.Fatal(err)
		}
		b.until(b.add(b.message("bad")), state)
	}
	for range 2 {
		bad(tgotest.FaultCut, Unknown)
		bad(tgotest.FaultCut, Unknown)
		bad(tgotest.FaultStatus, Rejected)
		b.until(b.add(b.message("good")), Sent)
	}
	if status, err := b.Status(t.Context()); err != nil || !status.PausedAt.IsZero() {
		t.Fatalf("%+v, %v", status, err)
	}
	bad(tgotest.FaultStatus, Rejected)
	bad(tgotest.FaultStatus, Rejected)
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "2 messages in a row were rejected for the same reason") {
		t.Errorf("%+v, %v", status, err)
	}
	if err := b.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		bad(tgotest.FaultCut, Unknown)
	}
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "3 messages in a row ended as unknown") {
		t.Errorf("%+v, %v", status, err)
	}
}

// The queue is paused when the number of unknown messages in a row reaches the limit, and not before.
func TestPauseAtTheLimit(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: 2})
	for _, paused := range []bool{false, true} {
		s.fault(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError})
		if err := s.attempt(s.add(s.message("hello"))); !snoozed(err) || s.status().PausedAt.IsZero() == paused {
			t.Errorf("River gets %v, the queue is %+v", err, s.status())
		}
	}
}

// The queue is paused even if another message was sent before the worker counted.
func TestPauseOvertaken(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: 1})
	s.must(`update {message} set state = 'sent', ended_at = {now} + 3600000000 where id = $1`, s.add(s.message("since")))
	s.fault(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError})
	if err := s.attempt(s.add(s.message("hello"))); !snoozed(err) || s.status().PausedAt.IsZero() {
		t.Errorf("River gets %v, the queue is %+v", err, s.status())
	}
}

// A concurrent pause and resume leave the outbox's queue and River's in the same state.
func TestPauseMeetsResume(t *testing.T) {
	each(t, testPauseMeetsResume[*sql.Tx], testPauseMeetsResume[pgx.Tx])
}

func testPauseMeetsResume[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})()
	for round := range 100 {
		calls := []func() error{
			func() error { return b.Pause(t.Context(), "a test") },
			func() error { return b.Resume(t.Context()) },
			func() error { return b.Pause(t.Context(), "another") },
		}
		errs := make(chan error)
		for _, call := range calls {
			go func() { errs <- call() }()
		}
		for range calls {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
		status, err := b.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		queue, err := b.river.QueueGet(t.Context(), b.Queue())
		if err != nil || status.PausedAt.IsZero() != (queue.PausedAt == nil) {
			t.Fatalf("round %d: the outbox's queue is paused at %v, River's at %v, %v", round, status.PausedAt, queue.PausedAt, err)
		}
	}
}
