//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// All workers together keep the rates, measured by the clock of the database.
func TestRate(t *testing.T) {
	each(t, testRate[*sql.Tx], testRate[pgx.Tx])
}

func testRate[TTx any](t *testing.T, b *bed[TTx]) {
	second := b.fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187199"})
	const each = 10
	var messages []Message
	for i := range each {
		m := b.message(fmt.Sprint(i))
		messages = append(messages, m)
		m.From = second.Phone
		messages = append(messages, m)
	}
	added, err := b.AddMany(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	workers := Workers{Rate: 40, SenderRate: 15}
	b.work(workers)
	b.work(workers)
	since, last := map[tgo.Phone]time.Time{}, map[tgo.Phone]time.Time{}
	for i, a := range added {
		record, from := b.until(a.ID, Sent), messages[i].From
		since[from] = record.AddedAt
		if record.BegunAt.After(last[from]) {
			last[from] = record.BegunAt
		}
	}
	// No message begins before its turn, and turns are one interval apart. How much later they begin depends on the machine.
	for from := range since {
		if took, least := last[from].Sub(since[from]), (each-1)*time.Second/15; took < least {
			t.Errorf("%d messages from one number began within %s, at 15 a second", each, took)
		}
	}
	if status, err := b.Status(t.Context()); err != nil || len(status.Workers) != 2 {
		t.Errorf("%+v, %v", status, err)
	}
}

// An idle queue does not accumulate turns: after the first turn, the next one is a whole interval later, and is not booked yet.
func TestTurnAfterIdling(t *testing.T) {
	for name, workers := range map[string]Workers{"Rate": {Rate: 0.01}, "SenderRate": {SenderRate: 0.01}} {
		s := newStepper(t, workers)
		s.must(`update {queue} set tat = {now} - 3600000000, senders = json_object($1, {now} - 3600000000)`, "number")
		next := func() (at int64) {
			err := s.row(t.Context(), s.driver.GetExecutor(),
				`select max(tat, (select max(cast(value as integer)) from json_each(senders))) - cast($1 as integer) from {queue}`, time.Now().UnixMicro()).Scan(&at)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		// The worker is stopping, so it does not wait for its turn. The test reads the booking.
		_ = s.w.reserve(t.Context(), "number")
		first := next()
		if first < 90_000_000 || first > 101_000_000 {
			t.Errorf("%s: the second turn is in %d µs", name, first)
		}
		var snooze *rivertype.JobSnoozeError
		if err := s.w.reserve(t.Context(), "number"); !errors.As(err, &snooze) || next() > first {
			t.Errorf("%s: the second gets %v, and then the next turn is in %d µs", name, err, next())
		}
	}
}

// No worker sends while the API asks to wait.
func TestHold(t *testing.T) {
	each(t, testHold[*sql.Tx], testHold[pgx.Tx])
}

func testHold[TTx any](t *testing.T, b *bed[TTx]) {
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "2"}); err != nil {
		t.Fatal(err)
	}
	b.work(Workers{})
	b.work(Workers{Rate: 1000})
	ids := []int64{b.add(b.message("held back"))}
	var held time.Time
	b.eventually(func() bool {
		status, err := b.Status(t.Context())
		held = status.HeldUntil
		return err == nil && !held.IsZero()
	}, func() { t.Fatal("the queue is not held back") })
	for i := range 20 {
		ids = append(ids, b.add(b.message(fmt.Sprint(i))))
	}
	for _, id := range ids {
		if record := b.until(id, Sent); record.BegunAt.Before(held) {
			t.Errorf("message %d began %s too early", id, held.Sub(record.BegunAt))
		}
	}
}
