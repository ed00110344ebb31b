//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Invariants 3 and 6: how the server's response changes the state of a message.
func TestOutcomes(t *testing.T) {
	each(t, testOutcomes[*sql.Tx], testOutcomes[pgx.Tx])
}

func testOutcomes[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{PauseUnknown: -1, PauseRejected: -1})
	for _, test := range []struct {
		name     string
		fault    tgotest.Fault
		state    State
		code     string
		attempts int
		arrives  bool
	}{
		{"refused", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422}, Rejected, "422", 1, false},
		{"failed", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 500, Stored: true}, Unknown, "500", 1, true},
		{"cut", tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, Unknown, "network", 1, true},
		{"cut midway", tgotest.Fault{Kind: tgotest.FaultCutMidway}, Unknown, "network", 1, false},
		{"too many", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "1"}, Sent, "", 2, true},
	} {
		test.fault.Operation, test.fault.Times = "sendMessage", 1
		if _, err := b.fake.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		record := b.until(b.add(b.message(test.name)), test.state)
		if record.Code != test.code || record.Attempts != test.attempts || (record.Reason == "") != (test.state == Sent) {
			t.Errorf("%s: %+v", test.name, record)
		}
		if test.arrives {
			b.fake.ExpectMessage(t, withContent(test.name))
		}
		if record.Message == nil || record.Message.To != b.fake.RecipientPhone {
			t.Errorf("%s: the record has %+v", test.name, record.Message)
		}
	}
	b.fake.ExpectNoMessage(t)
	records, err := b.List(t.Context(), Query{State: Unknown})
	if err != nil || len(records) != 3 {
		t.Errorf("unknown: %+v, %v", records, err)
	}
}

// Invariant 3: a message that was not sent is tried again automatically.
func TestNotSent(t *testing.T) {
	each(t, testNotSent[*sql.Tx], testNotSent[pgx.Tx])
}

func testNotSent[TTx any](t *testing.T, b *bed[TTx]) {
	var refused sync.WaitGroup
	refused.Add(1)
	client, err := b.fake.ClientWith(b.fake.Key, tgo.WithWriteRetries(), tgo.WithLimiter(&refusing{times: 1, done: refused.Done}))
	if err != nil {
		t.Fatal(err)
	}
	b.workOn(b.Box, client, Workers{})
	id := b.add(b.message("hello"))
	refused.Wait()
	if record := b.until(id, Sent); record.Attempts != 2 {
		t.Errorf("%+v", record)
	}
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
}

// refusing is a limiter that refuses the first few requests.
type refusing struct {
	mu    sync.Mutex
	times int
	done  func()
}

func (r *refusing) Wait(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.times == 0 {
		return nil
	}
	r.times--
	r.done()
	return errors.New("not now")
}

// Invariants 3 and 6, and the effect of a refusal on the queue.
func TestAttempt(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: -1, PauseRejected: -1})
	status := func(code int) tgotest.Fault { return tgotest.Fault{Kind: tgotest.FaultStatus, Status: code} }
	for _, test := range []struct {
		name         string
		fault        tgotest.Fault
		state        State
		held, paused bool
	}{
		{"422", status(422), Rejected, false, false},
		{"500", status(500), Unknown, false, false},
		{"cut", tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, Unknown, false, false},
		{"429", status(429), Waiting, true, false},
		{"401", status(401), Waiting, false, true},
		{"402", status(402), Waiting, false, true},
		{"403", status(403), Waiting, false, true},
	} {
		id := s.add(s.message(test.name))
		s.fault(test.fault)
		err := s.attempt(id)
		var snooze *rivertype.JobSnoozeError
		if record := s.get(id); record.State != test.state || record.Attempts != 1 || errors.As(err, &snooze) != (test.state == Waiting || test.state == Unknown) {
			t.Errorf("%s: %+v, %v", test.name, record, err)
		}
		if status := s.status(); status.HeldUntil.IsZero() == test.held || status.PausedAt.IsZero() == test.paused {
			t.Errorf("%s: %+v", test.name, status)
		}
		s.must(`update {queue} set paused_at = null, held_until = 0`)
	}
	if n := len(s.fake.Messages()); n != 1 {
		t.Errorf("%d messages were sent", n)
	}
}

// The API's reason is stored without the phones in it.
func TestReasonWithoutPhones(t *testing.T) {
	s := newStepper(t, Workers{})
	id := s.add(s.message("hello"))
	s.fetchedBy(id, here)
	_, told := s.w.settle(t.Context(), s.job(id), 0, outcome{state: Rejected, reason: fmt.Sprintf("%s has\nblocked this sender", s.fake.RecipientPhone)})
	record := s.get(id)
	for _, said := range []string{record.Reason, told.Error()} {
		if strings.Contains(said, string(s.fake.RecipientPhone[1:])) || !strings.HasSuffix(said, "has blocked this sender") {
			t.Errorf("the reason is %q", said)
		}
	}
}
