//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// These tests take single steps of a worker on SQLite, while River does not run. They wait for nothing, and they run before
// those of the whole, which are parallel: what is wrong with a step shows within a second.

// stepper is a worker whose steps a test takes.
type stepper struct {
	*bed[*sql.Tx]

	db *sql.DB
	w  *Worker[*sql.Tx]
}

// here is the id of the stepper's river.Client.
const here = "here"

func newStepper(t *testing.T, workers Workers) *stepper {
	t.Helper()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	b := newBed(t, riversqlite.New(db), func(ctx context.Context) (*sql.Tx, error) { return db.BeginTx(ctx, nil) }, nil)
	w, err := b.Register(river.NewWorkers(), b.fake.Client, workers)
	if err != nil {
		t.Fatal(err)
	}
	w.id.Store(here)
	runs.Store(here, nil)
	t.Cleanup(func() { runs.Delete(here) })
	w.stop() // where it may not begin, it does not wait
	if err := w.beat(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	return &stepper{b, db, w}
}

// attempt works a message's job as River would, and returns what River is told.
func (s *stepper) attempt(id int64) error {
	s.t.Helper()
	s.fetchedBy(id, here)
	job := s.job(id)
	return s.w.attempt(s.t.Context(), job, job.EncodedArgs)
}

func (s *stepper) job(id int64) *rivertype.JobRow {
	s.t.Helper()
	job, err := s.river.JobGet(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return job
}

func (s *stepper) get(id int64) Record {
	s.t.Helper()
	record, err := s.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return record
}

func (s *stepper) status() Status {
	s.t.Helper()
	status, err := s.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

func (s *stepper) fault(f tgotest.Fault) {
	s.t.Helper()
	f.Operation, f.Times = "sendMessage", 1
	if _, err := s.fake.Inject(f); err != nil {
		s.t.Fatal(err)
	}
}

// Invariant 2: only a message that waits begins, only on a worker that counts as alive, and only in a queue that is neither paused nor
// held back.
func TestBegin(t *testing.T) {
	s := newStepper(t, Workers{})
	for _, test := range []struct {
		name, before, after string
		state               State
	}{
		{"sending", `update {message} set state = 'sending', attempt = 1, worker = 'other' where id = $1`, "", Sending},
		{"sent", `update {message} set state = 'sent', attempt = 1 where id = $1`, "", Sent},
		{"rejected", `update {message} set state = 'rejected', attempt = 1 where id = $1`, "", Rejected},
		{"unknown", `update {message} set state = 'unknown', attempt = 1 where id = $1`, "", Unknown},
		{"cancelled", `update {message} set state = 'cancelled' where id = $1`, "", Cancelled},
		{"dead", `update {worker} set lease_until = 1 where $1 > 0`, `update {worker} set lease_until = {now} + 60000000`, Waiting},
		{"paused", `update {queue} set paused_at = 1 where $1 > 0`, `update {queue} set paused_at = null`, Waiting},
		{"held back", `update {queue} set held_until = {now} + 60000000 where $1 > 0`, `update {queue} set held_until = 0`, Waiting},
	} {
		id := s.add(s.message(test.name))
		s.must(test.before, id)
		err := s.attempt(id)
		if record := s.get(id); record.State != test.state || !record.BegunAt.IsZero() {
			t.Errorf("%s: %+v, %v", test.name, record, err)
		}
		if test.after != "" {
			s.must(test.after)
			if err := s.attempt(id); err != nil || s.get(id).State != Sent {
				t.Errorf("%s, and no longer: %+v, %v", test.name, s.get(id), err)
			}
		}
	}
	for _, m := range s.fake.Messages() {
		if !slices.Contains([]string{"dead", "paused", "held back"}, m.Content) {
			t.Errorf("%q was sent", m.Content)
		}
	}
	if n := len(s.fake.Messages()); n != 3 {
		t.Errorf("%d messages were sent", n)
	}
}

// Invariants 3 and 6, and what a refusal does to the queue.
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

// What is found before an attempt begins: a closed window, a file that has changed, a key of another message.
func TestBeforehand(t *testing.T) {
	now := time.Now().UTC()
	clock := time.Duration(now.Hour()) * time.Hour
	closed := Window{From: (clock + 3*time.Hour) % (24 * time.Hour), Until: (clock + 4*time.Hour) % (24 * time.Hour)}
	s := newStepper(t, Workers{Windows: map[Priority]Window{Bulk: closed}})

	night := s.message("at night")
	night.Priority = Bulk
	id := s.add(night)
	var snooze *rivertype.JobSnoozeError
	if err := s.attempt(id); !errors.As(err, &snooze) || snooze.Duration < time.Hour || s.get(id).State != Waiting {
		t.Errorf("at night: %+v, %v", s.get(id), err)
	}

	file := filepath.Join(t.TempDir(), "invoice.pdf")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("%PDF-1.7 invoice 1")
	invoice := s.message("")
	invoice.Media = &Media{Type: tgo.TypeDocument, Ref: file}
	id = s.add(invoice)
	write("%PDF-1.7 invoice 2")
	var cancel *rivertype.JobCancelError
	if err := s.attempt(id); !errors.As(err, &cancel) || s.get(id).State != Rejected || s.get(id).Code != codeFile {
		t.Errorf("another file: %+v, %v", s.get(id), err)
	}

	first := s.message("first")
	first.Key = "k"
	s.add(first)
	raw, err := s.prepare(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := s.river.Insert(t.Context(), jobArgs{raw}, &river.InsertOpts{Queue: s.Queue()})
	if err != nil {
		t.Fatal(err)
	}
	id = foreign.Job.ID
	if err := s.attempt(id); !errors.As(err, &cancel) || s.get(id).State != Cancelled || s.get(id).Code != codeKey {
		t.Errorf("another program's message with the same key: %+v, %v", s.get(id), err)
	}
	if n := len(s.fake.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// Invariant 5: of the second message with a key there is no record, nor a job that a worker would find.
func TestDuplicate(t *testing.T) {
	s := newStepper(t, Workers{})
	m := s.message("once")
	m.Key = "k"
	id := s.add(m)
	if again, err := s.Add(t.Context(), m); err != nil || again != (Added{ID: id, Duplicate: true}) {
		t.Errorf("%+v, %v", again, err)
	}
	jobs, err := s.river.JobList(t.Context(), river.NewJobListParams().Queues(s.Queue()))
	if err != nil || len(jobs.Jobs) != 1 || jobs.Jobs[0].ID != id {
		t.Errorf("the jobs are %+v, %v", jobs, err)
	}
}

// begun makes a message look as if an attempt of it had begun.
func (s *stepper) begun(text, worker string, token int64) int64 {
	s.t.Helper()
	id := s.add(s.message(text))
	s.fetchedBy(id, worker)
	s.must(`update {message} set state = 'sending', attempt = 1, worker = $2, token = $3, begun_at = {now} where id = $1`, id, worker, token)
	return id
}

// Invariant 2: a worker takes back only what it never heard had begun: neither what it has under way, nor what begins meanwhile, nor
// what is another's.
func TestTakeBackStep(t *testing.T) {
	s := newStepper(t, Workers{})
	lost, underWay := s.w.underWay.add(), s.w.underWay.add()
	s.w.underWay.remove(lost)
	states := map[int64]State{
		s.begun("lost", here, lost):               Waiting,
		s.begun("under way", here, underWay):      Sending,
		s.begun("meanwhile", here, underWay+1):    Sending,
		s.begun("another's", "elsewhere", lost):   Sending,
		s.add(s.message("waiting all the while")): Waiting,
	}
	if err := s.w.takeBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, want := range states {
		if record := s.get(id); record.State != want {
			t.Errorf("%+v is not %s", record, want)
		}
	}
}

// Invariants 2 and 4: what a dead worker had begun is unknown, and its job waits for a person.
func TestSetAsideDead(t *testing.T) {
	s := newStepper(t, Workers{})
	dead, alive := s.begun("dead", "elsewhere", 1), s.begun("alive", here, 1)
	if err := s.w.setAsideDead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if record := s.get(dead); record.State != Unknown || record.Code != codeWorker || record.EndedAt.IsZero() ||
		s.job(dead).State != rivertype.JobStatePending {
		t.Errorf("%+v, its job is %s", record, s.job(dead).State)
	}
	if record := s.get(alive); record.State != Sending || s.job(alive).State != rivertype.JobStateRunning {
		t.Errorf("%+v, its job is %s", record, s.job(alive).State)
	}
}

// Invariants 2, 4 and 6: a late outcome counts for a message that was set aside since its worker seemed dead, and for no other, and
// only that of its last attempt.
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

	// A job that was ended in River stays so.
	id := s.begun("cancelled in River", here, 1)
	s.must(`update {job} set state = 'cancelled', finalized_at = {timestamp} where id = $1`, id)
	if recorded, err := s.record(ctx, id, 1, outcome{state: Unknown}); !recorded || err != nil || s.job(id).State != rivertype.JobStateCancelled {
		t.Errorf("recorded %t, %v: the job is %s", recorded, err, s.job(id).State)
	}
}

// Invariant 2: a person cannot have a message sent again that is under way.
func TestResolveUnderWay(t *testing.T) {
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

// What the API says is kept without the phones in it.
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

// Invariant 2: an attempt whose outcome could not be recorded stays among those under way, or it would be taken back and sent again.
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
	if tokens, last := s.w.underWay.list(); !slices.Equal(tokens, []int64{last}) {
		t.Errorf("%v are under way", tokens)
	}
}

// transport does something, and gives no answer.
type transport func()

func (do transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
	do()
	return nil, errors.New("no answer")
}
