//go:build !386 && !arm

package outbox

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Invariants 2, 4 and 6: a late outcome is recorded only for a message that was set aside because its worker seemed dead, and only if it is
// the outcome of the last attempt.
func TestLateOutcome(t *testing.T) {
	s := newStepper(t, Workers{})
	ctx := t.Context()
	for _, test := range []struct {
		name, since string
		recorded    bool
		state       State
	}{
		{"taken for dead", `update {message} set state = 'unknown', code = 'worker' where id = $1`, true, Sent},
		{"given up by a person", `update {message} set state = 'cancelled', code = 'person' where id = $1`, false, Cancelled},
		{"to be sent again", `update {message} set state = 'waiting', code = 'person' where id = $1`, false, Waiting},
		{"being sent again", `update {message} set attempt = 2 where id = $1`, false, Sending},
		{"unknown again", `update {message} set state = 'unknown', code = 'worker', attempt = 2 where id = $1`, false, Unknown},
	} {
		id := s.begun(test.name, "elsewhere", 1)
		s.must(test.since, id)
		s.must(`update {job} set state = 'pending' where id = $1`, id)
		recorded, err := s.record(ctx, id, 1, outcome{state: Sent, receipt: &tgo.Receipt{ID: 7}})
		if record := s.get(id); err != nil || recorded != test.recorded || record.State != test.state || (record.Receipt.ID == 7) != test.recorded {
			t.Errorf("%s: recorded %t, %v: %+v", test.name, recorded, err, record)
		}
		if job := s.job(id); (job.State == rivertype.JobStateCompleted) != test.recorded {
			t.Errorf("%s: the job is %s", test.name, job.State)
		}
	}

	// A job that was ended in River stays ended.
	id := s.begun("cancelled in River", here, 1)
	s.must(`update {job} set state = 'cancelled', finalized_at = {timestamp} where id = $1`, id)
	if recorded, err := s.record(ctx, id, 1, outcome{state: Unknown}); !recorded || err != nil || s.job(id).State != rivertype.JobStateCancelled {
		t.Errorf("recorded %t, %v: the job is %s", recorded, err, s.job(id).State)
	}
}

// Invariants 2 and 6: a worker that was considered dead reports the real outcome of its message.
func TestLateResult(t *testing.T) {
	each(t, testLateResult[*sql.Tx], testLateResult[pgx.Tx])
}

func testLateResult[TTx any](t *testing.T, b *bed[TTx]) {
	for _, test := range []struct {
		fault tgotest.Fault
		state State
		job   rivertype.JobState
	}{
		{tgotest.Fault{}, Sent, rivertype.JobStateCompleted},
		{tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422}, Rejected, rivertype.JobStateCancelled},
	} {
		if test.fault.Kind == tgotest.FaultStatus {
			test.fault.Operation, test.fault.Times = "sendMessage", 1
			if _, err := b.fake.Inject(test.fault); err != nil {
				t.Fatal(err)
			}
		}
		client, reached, release := b.holding()
		defer release() // before the worker is stopped
		id := b.add(b.message("late"))
		stop := b.workOn(b.Box, client, Workers{Lease: 2 * time.Minute})
		reached()
		b.must(`update {worker} set lease_until = 0`)
		stopOther := b.work(Workers{})
		b.until(id, Unknown)
		release()
		if record := b.until(id, test.state); record.Attempts != 1 {
			t.Errorf("%+v", record)
		}
		if job, err := b.river.JobGet(t.Context(), id); err != nil || job.State != test.job {
			t.Errorf("the job is %+v, %v", job, err)
		}
		stop()
		stopOther()
		if test.state == Sent {
			b.fake.ExpectMessage(t)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// Invariant 2: an attempt whose outcome could not be recorded stays in progress. Otherwise it would be taken back and sent again.
func TestOutcomeNotRecorded(t *testing.T) {
	s := newStepper(t, Workers{})
	id := s.add(s.message("hello"))
	s.fetchedBy(id, here)
	job := s.job(id)
	ctx, kill := context.WithCancel(t.Context())
	client, err := tgo.New("", s.fake.Key, tgo.WithBaseURL(s.fake.URL), tgo.WithHTTPClient(&http.Client{Transport: transport(func() {
		kill()           // a hard stop
		_ = s.db.Close() // and the database is gone
	})}))
	if err != nil {
		t.Fatal(err)
	}
	s.w.client = client
	synctest.Test(t, func(t *testing.T) { // for the time that the worker tries to record
		_ = s.w.attempt(ctx, job, job.EncodedArgs)
	})
	if tokens, last := s.w.inProgress.list(); !slices.Equal(tokens, []int64{last}) {
		t.Errorf("%v are under way", tokens)
	}
}

// transport calls a function, and returns an error instead of a response.
type transport func()

func (do transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	do()
	return nil, errors.New("no response")
}

// Invariant 4: the outcome of an attempt is recorded even after minutes without a database, and even if somebody has cancelled the job in
// River. Only a hard stop ends the retries.
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

// The log does not contain texts, phones and keys.
func TestLog(t *testing.T) {
	each(t, testLog[*sql.Tx], testLog[pgx.Tx])
}

func testLog[TTx any](t *testing.T, b *bed[TTx]) {
	var log lockedBuffer
	box := b.box(Config{Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	echo := tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultStatus, Status: 422}
	if _, err := b.fake.Inject(echo); err != nil {
		t.Fatal(err)
	}
	stop := b.workOn(box, b.fake.Client, Workers{})
	b.until(b.add(b.message("secret words")), Rejected)
	b.until(b.add(b.message("secret words")), Sent)
	stop()
	text := log.String()
	for _, secret := range []string{"secret", string(b.fake.RecipientPhone[1:]), b.fake.Key.Reveal()} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(text, "tgo outbox: rejected") || !strings.Contains(text, "tgo outbox: sent") {
		t.Errorf("the log is %s", text)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
