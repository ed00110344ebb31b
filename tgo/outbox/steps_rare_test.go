//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Invariant 2: a machine that sleeps between the commit that an attempt begins and the request sends nothing, for its worker may count as
// dead by then. The bubble's clock goes on by itself while everybody waits; the database keeps the real time.
func TestSleptBeforeSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
		box, err := New(riversqlite.New(db), Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent := 0
		accepting := roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			return &http.Response{
				StatusCode: http.StatusCreated, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(`{"data":{"id":1}}`)),
			}, req.Body.Close()
		})
		client, err := tgo.New("outbox.invalid", tgo.NewKey("tgo_none"), tgo.WithHTTPClient(&http.Client{Transport: accepting}), tgo.WithWriteRetries())
		if err != nil {
			t.Fatal(err)
		}
		w, err := box.Register(river.NewWorkers(), client, Workers{})
		if err != nil {
			t.Fatal(err)
		}
		w.id.Store(here)
		if err := w.beat(t.Context(), here); err != nil {
			t.Fatal(err)
		}
		s := &stepper{&bed[*sql.Tx]{Box: box, t: t, driver: riversqlite.New(db)}, db, w}
		id := s.add(Message{From: "+201001187188", To: "+201010000000", Text: "hello"})
		s.fetchedBy(id, here)
		job := s.job(id)

		busy, err := db.Conn(t.Context()) // the only connection
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(w.cfg.Lease, func() { _ = busy.Close() })
		var snooze *rivertype.JobSnoozeError
		if err := w.attempt(t.Context(), job, job.EncodedArgs); !errors.As(err, &snooze) || sent != 0 || s.get(id).State != Waiting {
			t.Errorf("after sleeping, River is told %v, %d messages are sent, the record is %+v", err, sent, s.get(id))
		}
		if err := w.attempt(t.Context(), job, job.EncodedArgs); err != nil || sent != 1 || s.get(id).State != Sent {
			t.Errorf("awake, River is told %v, %d messages are sent, the record is %+v", err, sent, s.get(id))
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// Invariant 2: after a panic nobody knows whether the message has left.
func TestPanic(t *testing.T) {
	s := newStepper(t, Workers{})
	client, err := s.fake.ClientWith(s.fake.Key, tgo.WithLimiter(panicking{}))
	if err != nil {
		t.Fatal(err)
	}
	s.w.client = client
	id := s.add(s.message("hello"))
	if err := s.attempt(id); !snoozed(err) || s.get(id).State != Unknown {
		t.Errorf("River is told %v, the record is %+v", err, s.get(id))
	}
}

// snoozed reports that River is told to come back. It does not where the job was set aside.
func snoozed(err error) bool {
	var snooze *rivertype.JobSnoozeError
	return errors.As(err, &snooze)
}

type panicking struct{}

func (panicking) Wait(context.Context) error { panic("in the limiter") }

// As many unknown messages in a row as may be pause the queue, and no fewer.
func TestPauseAtTheLimit(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: 2})
	for _, paused := range []bool{false, true} {
		s.fault(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError})
		if err := s.attempt(s.add(s.message("hello"))); !snoozed(err) || s.status().PausedAt.IsZero() == paused {
			t.Errorf("River is told %v, the queue is %+v", err, s.status())
		}
	}
}

// A message that ended as sent since, while the worker was about to look, does not keep the queue from being paused.
func TestPauseOvertaken(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: 1})
	s.must(`update {message} set state = 'sent', ended_at = {now} + 3600000000 where id = $1`, s.add(s.message("since")))
	s.fault(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError})
	if err := s.attempt(s.add(s.message("hello"))); !snoozed(err) || s.status().PausedAt.IsZero() {
		t.Errorf("River is told %v, the queue is %+v", err, s.status())
	}
}

// A queue that was idle has saved up no turns: the next one after the first is a whole interval away, and is not booked yet.
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
		// The worker is to stop, so it does not wait for a turn, which it has now. The booking tells.
		_ = s.w.reserve(t.Context(), "number")
		first := next()
		if first < 90_000_000 || first > 101_000_000 {
			t.Errorf("%s: the second turn is in %d µs", name, first)
		}
		var snooze *rivertype.JobSnoozeError
		if err := s.w.reserve(t.Context(), "number"); !errors.As(err, &snooze) || next() > first {
			t.Errorf("%s: the second is told %v, and then the next turn is in %d µs", name, err, next())
		}
	}
}

// A purge leaves what has not ended, and what waits for a person.
func TestPurgeLeaves(t *testing.T) {
	s := newStepper(t, Workers{})
	ids := map[rivertype.JobState]int64{}
	for _, state := range []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRunning, rivertype.JobStatePending, rivertype.JobStateCompleted,
	} {
		ids[state] = s.add(s.message(string(state)))
		s.must(`update {job} set state = $2, finalized_at = case when $2 = 'completed' then {timestamp} end where id = $1`, ids[state], string(state))
	}
	s.must(`update {message} set state = 'sent' where id = $1`, ids[rivertype.JobStateCompleted])
	// An unknown message whose job somebody cancelled in River: a person may decide to send it again.
	ids[rivertype.JobStateCancelled] = s.add(s.message("unknown"))
	s.must(`update {job} set state = 'cancelled', finalized_at = {timestamp} where id = $1`, ids[rivertype.JobStateCancelled])
	s.must(`update {message} set state = 'unknown' where id = $1`, ids[rivertype.JobStateCancelled])
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	for state, id := range ids {
		if record := s.get(id); (record.Message == nil) != (state == rivertype.JobStateCompleted) {
			t.Errorf("%s: %+v", state, record)
		}
	}
}

// A message in the queue of another Box is another tenant's: this worker's key must not send it.
func TestQueueOfAnotherBox(t *testing.T) {
	s := newStepper(t, Workers{})
	added, err := s.box(Config{Queue: "other"}).Add(t.Context(), s.message("hello"))
	if err != nil {
		t.Fatal(err)
	}
	var snooze *rivertype.JobSnoozeError
	if err := s.attempt(added.ID); !errors.As(err, &snooze) {
		t.Errorf("River is told %v", err)
	}
	s.fake.ExpectNoMessage(t)
}

// Invariant 4: what an attempt came to is recorded after minutes without a database, also where somebody has cancelled the job in River. Only
// a hard stop ends that.
func TestPersist(t *testing.T) {
	for name, test := range map[string]struct {
		cause error
		want  bool
	}{"cancelled in River": {rivertype.ErrJobCancelledRemotely, true}, "a hard stop": {errors.New("stop"), false}} {
		synctest.Test(t, func(t *testing.T) {
			w := &Worker[*sql.Tx]{log: slog.New(slog.DiscardHandler)}
			ctx, cancel := context.WithCancelCause(t.Context())
			cancel(test.cause)
			back := time.Now().Add(5 * time.Minute)
			got := w.persist(ctx, "", func(context.Context) error {
				if time.Now().Before(back) {
					return errors.New("the database is away")
				}
				return nil
			})
			if got != test.want {
				t.Errorf("%s: %t", name, got)
			}
		})
	}
}

// A connection that hangs while a worker looks around must not keep it from its next sign of life. What it wanted to do is done later.
func TestSweepHangs(t *testing.T) {
	s := newStepper(t, Workers{Lease: time.Second})
	id := s.add(s.message("hello"))
	if _, err := s.river.JobDelete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	driver := s.Box.driver
	s.Box.driver = hangingDriver{driver, t}
	s.w.sweep(t.Context())
	s.Box.driver = driver
	s.w.cfg.Lease = time.Minute
	s.w.sweep(t.Context())
	if record := s.get(id); record.State != Cancelled {
		t.Errorf("%+v", record)
	}
}

type hangingDriver struct {
	riverdriver.Driver[*sql.Tx]

	t *testing.T
}

func (d hangingDriver) GetExecutor() riverdriver.Executor {
	return hangingExecutor{d.Driver.GetExecutor(), d.t}
}

type hangingExecutor struct {
	riverdriver.Executor

	t *testing.T
}

func (e hangingExecutor) Exec(ctx context.Context, _ string, _ ...any) error {
	if _, ok := ctx.Deadline(); !ok {
		e.t.Error("the sweep would hang")
		return errors.New("hanging")
	}
	<-ctx.Done()
	return ctx.Err()
}
