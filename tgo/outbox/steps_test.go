//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
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

// These tests take the steps of an attempt one by one, on SQLite and without River's loops, so that each condition is seen to hold by
// itself. They don't run beside others: contract_test/mutants has them first.

// stepper is a worker that counts as alive and whose steps the test takes.
type stepper struct {
	*bed[*sql.Tx]

	w  *Worker[*sql.Tx]
	db *sql.DB
}

const me, other = "me", "other"

func newStepper(t *testing.T, workers Workers) *stepper {
	t.Helper()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	s := &stepper{bed: newBed(t, riversqlite.New(db), nil, nil), db: db}
	s.w = registered(t, s.Box, s.fake.Client, workers)
	return s
}

// registered is a worker with a lease. It does not wait for its turn, for it is to stop.
func registered(t *testing.T, box *Box[*sql.Tx], client *tgo.Client, workers Workers) *Worker[*sql.Tx] {
	t.Helper()
	w, err := box.Register(river.NewWorkers(), client, workers)
	if err != nil {
		t.Fatal(err)
	}
	w.id.Store(me)
	if err := w.beat(t.Context(), me); err != nil {
		t.Fatal(err)
	}
	w.stop()
	return w
}

// job is a message's job, as River would hand it to the worker.
func (s *stepper) job(id int64) *rivertype.JobRow {
	s.t.Helper()
	s.fetchedBy(id, me)
	job, err := s.river.JobGet(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return job
}

// attempt makes an attempt of a message, and returns what River is told.
func (s *stepper) attempt(id int64) error {
	s.t.Helper()
	job := s.job(id)
	return s.w.attempt(s.t.Context(), job, job.EncodedArgs)
}

// is wants a message to be in a state.
func (s *stepper) is(id int64, want State) Record {
	s.t.Helper()
	record, err := s.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	if record.State != want {
		s.t.Errorf("message %d is %s (%s %s), not %s", id, record.State, record.Code, record.Reason, want)
	}
	return record
}

// jobIs wants a message's job to be in a state of River's.
func (s *stepper) jobIs(id int64, want rivertype.JobState) {
	s.t.Helper()
	if job, err := s.river.JobGet(s.t.Context(), id); err != nil || job.State != want {
		s.t.Errorf("the job of message %d is %+v (%v), not %s", id, job, err, want)
	}
}

// set gives a message a state by hand.
func (s *stepper) set(id int64, state State, worker string, token int64) {
	s.t.Helper()
	s.must(`update {message} set state = $2, attempt = 1, worker = $3, token = $4, begun_at = {now} where id = $1`, id, string(state), worker, token)
}

// fails makes the fake answer the next message with a status.
func (s *stepper) fails(status int, retryAfter string) {
	s.t.Helper()
	fault := tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultStatus, Status: status, RetryAfter: retryAfter}
	if _, err := s.fake.Inject(fault); err != nil {
		s.t.Fatal(err)
	}
}

// Invariant 2: an attempt begins for a message that waits, and for no other.
func TestStepBegin(t *testing.T) {
	s := newStepper(t, Workers{})
	for _, state := range []State{Sending, Sent, Rejected, Unknown, Cancelled} {
		id := s.add(s.message("hello"))
		s.set(id, state, other, 1)
		if number, _ := s.w.begin(t.Context(), s.job(id), s.message("hello"), 7); number != 0 {
			t.Errorf("attempt %d of a message that is %s has begun", number, state)
		}
		if record := s.is(id, state); record.Attempts != 1 {
			t.Errorf("%+v", record)
		}
	}
	id := s.add(s.message("hello"))
	if number, err := s.w.begin(t.Context(), s.job(id), s.message("hello"), 7); number != 1 || err != nil {
		t.Errorf("attempt %d, %v", number, err)
	}
	if number, _ := s.w.begin(t.Context(), s.job(id), s.message("hello"), 8); number != 0 {
		t.Errorf("attempt %d has begun while another is under way", number)
	}
	s.is(id, Sending)
}

// Invariant 2: a worker that counts as dead begins nothing, nor does one of a queue that is paused or held back.
func TestStepMayNotBegin(t *testing.T) {
	s := newStepper(t, Workers{})
	id := s.add(s.message("hello"))
	for name, change := range map[string][2]string{
		"without a lease": {`update {worker} set lease_until = {now} - 1`, `update {worker} set lease_until = {now} + 60000000`},
		"as nobody":       {`update {worker} set id = 'else'`, `update {worker} set id = 'me'`},
		"while paused":    {`update {queue} set paused_at = {now}`, `update {queue} set paused_at = null`},
		"while held back": {`update {queue} set held_until = {now} + 60000000`, `update {queue} set held_until = 0`},
	} {
		s.must(change[0])
		var snooze *rivertype.JobSnoozeError
		if err := s.attempt(id); !errors.As(err, &snooze) {
			t.Errorf("%s: %v", name, err)
		}
		if record := s.is(id, Waiting); record.Attempts != 0 {
			t.Errorf("an attempt has begun %s", name)
		}
		s.must(change[1])
	}
	s.fake.ExpectNoMessage(t)
	if err := s.attempt(id); err != nil {
		t.Error(err)
	}
	s.is(id, Sent)
}

// Invariant 2: what began without the worker knowing is taken back, and nothing that may be under way: neither what it knows of, nor what
// began since it looked, nor what another worker began.
func TestStepTakeBack(t *testing.T) {
	s := newStepper(t, Workers{})
	lost, underWay := s.w.underWay.add(), s.w.underWay.add()
	s.w.underWay.remove(lost)
	ids := map[string]int64{}
	for name, mark := range map[string]struct {
		worker string
		token  int64
	}{"lost": {me, lost}, "under way": {me, underWay}, "since": {me, underWay + 1}, "of another": {other, lost}} {
		ids[name] = s.add(s.message(name))
		s.set(ids[name], Sending, mark.worker, mark.token)
	}
	if err := s.w.takeBack(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, id := range ids {
		s.is(id, map[bool]State{true: Waiting, false: Sending}[name == "lost"])
	}
}

// Invariants 2 and 4: what a dead worker had begun is unknown, and its job waits for a person. What a living one has begun stays.
func TestStepSetAsideDead(t *testing.T) {
	s := newStepper(t, Workers{})
	dead, alive := s.add(s.message("dead")), s.add(s.message("alive"))
	s.set(dead, Sending, other, 1)
	s.set(alive, Sending, me, 1)
	s.fetchedBy(dead, other)
	s.fetchedBy(alive, me)
	if err := s.w.setAsideDead(t.Context()); err != nil {
		t.Fatal(err)
	}
	if record := s.is(dead, Unknown); record.Code != codeWorker || record.EndedAt.IsZero() {
		t.Errorf("%+v", record)
	}
	s.jobIs(dead, rivertype.JobStatePending)
	s.is(alive, Sending)
	s.jobIs(alive, rivertype.JobStateRunning)
}

// Invariants 2 and 6: an attempt's outcome is recorded where the record still is at that attempt. After the worker was taken for dead it
// counts too, but not after a person decided.
func TestStepRecord(t *testing.T) {
	sent := outcome{state: Sent, receipt: &tgo.Receipt{ID: 9}}
	rejected := outcome{state: Rejected, code: "422"}
	notSent := outcome{state: Waiting, code: codeNetwork}
	for _, test := range []struct {
		name     string
		state    State
		code     string
		number   int
		outcome  outcome
		recorded bool
	}{
		{"in time", Sending, "", 1, sent, true},
		{"in time, unknown", Sending, "", 1, outcome{state: Unknown, code: codeNetwork}, true},
		{"of an earlier attempt", Sending, "", 0, sent, false},
		{"late", Unknown, codeWorker, 1, sent, true},
		{"late, refused", Unknown, codeWorker, 1, rejected, true},
		{"late, not sent", Unknown, codeWorker, 1, notSent, true},
		{"late, of an earlier attempt", Unknown, codeWorker, 2, sent, false},
		{"after it was found to be unknown by itself", Unknown, codeNetwork, 1, notSent, false},
		{"after a person wanted it sent again", Waiting, codePerson, 1, rejected, false},
		{"after a person gave it up", Cancelled, codePerson, 1, notSent, false},
		{"after a person found that it was sent", Sent, codePerson, 1, notSent, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStepper(t, Workers{})
			id := s.add(s.message("hello"))
			s.job(id)
			s.set(id, test.state, me, 1)
			s.must(`update {message} set code = $2 where id = $1`, id, test.code)
			if test.number == 0 { // a second attempt is under way
				s.must(`update {message} set attempt = 2 where id = $1`, id)
				test.number = 1
			}
			if test.state == Unknown {
				s.must(`update {job} set state = 'pending' where id = $1`, id)
			}
			recorded, err := s.record(t.Context(), id, test.number, test.outcome)
			if err != nil || recorded != test.recorded {
				t.Errorf("recorded: %t, %v", recorded, err)
			}
			want := test.state
			if test.recorded {
				want = test.outcome.state
			}
			if record := s.is(id, want); test.recorded && (record.Code != test.outcome.code || (want == Sent) != (record.Receipt.ID == 9)) {
				t.Errorf("%+v", record)
			}
			if test.recorded && (test.state == Unknown || want == Unknown) {
				s.jobIs(id, rivertype.JobState(jobStates[want]))
			}
		})
	}
}

// A job is moved from where it is thought to be, and from nowhere else.
func TestStepMoveJob(t *testing.T) {
	s := newStepper(t, Workers{})
	id := s.add(s.message("hello"))
	if err := s.moveJob(t.Context(), s.driver.GetExecutor(), id, "running", "pending"); err != nil {
		t.Fatal(err)
	}
	s.jobIs(id, rivertype.JobStateAvailable)
}

// Invariants 3 and 6: what each answer does to a message, to its job and to the queue.
func TestStepOutcomes(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: -1, PauseRejected: -1})
	for _, test := range []struct {
		status     int
		retryAfter string
		state      State
		snooze     bool
		hold       time.Duration
		pause      bool
	}{
		{status: 422, state: Rejected},
		{status: 404, state: Rejected},
		{status: 500, state: Unknown},
		{status: 408, state: Unknown},
		{status: 429, retryAfter: "30", state: Waiting, snooze: true, hold: 30 * time.Second},
		{status: 429, state: Waiting, snooze: true, hold: holdDefault},
		{status: 401, state: Waiting, snooze: true, pause: true},
		{status: 402, state: Waiting, snooze: true, pause: true},
		{status: 403, state: Waiting, snooze: true, pause: true},
	} {
		s.fails(test.status, test.retryAfter)
		id := s.add(s.message("hello"))
		var snooze *rivertype.JobSnoozeError
		err := s.attempt(id)
		if errors.As(err, &snooze) != test.snooze || test.snooze && snooze.Duration < test.hold {
			t.Errorf("%d: River is told %v", test.status, err)
		}
		if record := s.is(id, test.state); record.Attempts != 1 {
			t.Errorf("%d: %+v", test.status, record)
		}
		status, err := s.Status(t.Context())
		if err != nil || status.PausedAt.IsZero() == test.pause || status.HeldUntil.IsZero() != (test.hold == 0) {
			t.Errorf("%d: the queue is %+v, %v", test.status, status, err)
		}
		if held := status.HeldUntil.Sub(s.is(id, test.state).BegunAt); test.hold > 0 && held < test.hold {
			t.Errorf("%d: held back for %s, not %s", test.status, held, test.hold)
		}
		s.must(`update {queue} set held_until = 0`)
		if err := s.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	s.fake.ExpectNoMessage(t)
}

// Unknown messages in a row pause the queue, and none too early.
func TestStepPauseByTrouble(t *testing.T) {
	s := newStepper(t, Workers{PauseUnknown: 2})
	for _, paused := range []bool{false, true} {
		s.fails(500, "")
		if err := s.attempt(s.add(s.message("hello"))); err != nil {
			t.Error(err)
		}
		if status, err := s.Status(t.Context()); err != nil || status.PausedAt.IsZero() == paused {
			t.Errorf("%+v, %v", status, err)
		}
	}
}

// A panic after the attempt began leaves the message unknown: it may have left.
func TestStepPanic(t *testing.T) {
	s := newStepper(t, Workers{})
	client, err := s.fake.ClientWith(s.fake.Key, tgo.WithLimiter(panicking{}))
	if err != nil {
		t.Fatal(err)
	}
	s.w.client = client
	id := s.add(s.message("hello"))
	if err := s.attempt(id); err != nil {
		t.Error(err)
	}
	s.is(id, Unknown)
}

type panicking struct{}

func (panicking) Wait(context.Context) error { panic("in the limiter") }

// Nothing begins outside its window.
func TestStepWindow(t *testing.T) {
	now := time.Now().UTC()
	clock := time.Duration(now.Hour()) * time.Hour
	closed := Window{From: (clock + 3*time.Hour) % (24 * time.Hour), Until: (clock + 4*time.Hour) % (24 * time.Hour)}
	s := newStepper(t, Workers{Windows: map[Priority]Window{Normal: closed}})
	id := s.add(s.message("hello"))
	var snooze *rivertype.JobSnoozeError
	if err := s.attempt(id); !errors.As(err, &snooze) || snooze.Duration < time.Hour {
		t.Errorf("%v", err)
	}
	s.is(id, Waiting)
	s.fake.ExpectNoMessage(t)
}

// A file with another content of the same size is refused before anything is sent.
func TestStepChangedFile(t *testing.T) {
	s := newStepper(t, Workers{})
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	m := s.message("")
	m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
	var id int64
	for _, content := range []string{"%PDF-1.7 invoice", "%PDF-1.7 INVOICE"} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if id == 0 {
			id = s.add(m)
		}
	}
	if err := s.attempt(id); err == nil {
		t.Error("River is told nothing")
	}
	if record := s.is(id, Rejected); record.Code != codeFile || record.Attempts != 0 {
		t.Errorf("%+v", record)
	}
	s.fake.ExpectNoMessage(t)
}

// A queue that was idle has saved up no turns: the next message after the first waits a whole interval.
func TestStepRateAfterIdling(t *testing.T) {
	for name, workers := range map[string]Workers{"Rate": {Rate: 0.01}, "SenderRate": {SenderRate: 0.01}} {
		t.Run(name, func(t *testing.T) {
			s := newStepper(t, workers)
			first, second := s.add(s.message("first")), s.add(s.message("second"))
			s.must(`update {queue} set tat = {now} - 3600000000, senders = json_object($1, {now} - 3600000000)`, string(s.fake.SenderPhone))
			reserve := func(id int64) error { return s.w.reserve(t.Context(), s.is(id, Waiting).Message.sender()) }
			var snooze *rivertype.JobSnoozeError
			// The worker is to stop, so that it does not wait either way: the turns that are booked tell.
			_ = reserve(first)
			booked := func() (until int64) {
				err := s.row(t.Context(), s.driver.GetExecutor(),
					`select max(tat, (select max(cast(value as integer)) from json_each(senders))) - {now} from {queue}`).Scan(&until)
				if err != nil {
					t.Fatal(err)
				}
				return until
			}
			if until := booked(); until < 60_000_000 {
				t.Errorf("the next message may begin in %d µs", until)
			}
			before := booked()
			if err := reserve(second); !errors.As(err, &snooze) {
				t.Errorf("the second has its turn at once: %v", err)
			}
			if after := booked(); after > before {
				t.Errorf("a turn %d µs ahead is booked", before)
			}
		})
	}
}

// Invariant 5: of two messages with one key one job remains, whether they were added here or as jobs alone.
func TestStepKey(t *testing.T) {
	s := newStepper(t, Workers{})
	m := s.message("hello")
	m.Key = "k"
	added, err := s.AddMany(t.Context(), []Message{m, m})
	if err != nil || added[0].ID != added[1].ID || added[0].Duplicate == added[1].Duplicate {
		t.Errorf("%+v, %v", added, err)
	}
	if again, err := s.Add(t.Context(), m); err != nil || again != (Added{ID: added[0].ID, Duplicate: true}) {
		t.Errorf("%+v, %v", again, err)
	}
	var jobs int
	if err := s.row(t.Context(), s.driver.GetExecutor(), `select count(*) from {job}`).Scan(&jobs); err != nil || jobs != 1 {
		t.Errorf("%d jobs, %v", jobs, err)
	}
	raw, err := s.prepare(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := s.river.Insert(t.Context(), jobArgs{raw}, &river.InsertOpts{Queue: s.Queue(), Priority: 2})
	if err != nil {
		t.Fatal(err)
	}
	var cancel *rivertype.JobCancelError
	if err := s.attempt(foreign.Job.ID); !errors.As(err, &cancel) {
		t.Errorf("%v", err)
	}
	if record := s.is(foreign.Job.ID, Cancelled); record.Code != codeKey {
		t.Errorf("%+v", record)
	}
	s.fake.ExpectNoMessage(t)
}

// Only what is unknown can be resolved, and only what waits can be cancelled.
func TestStepResolve(t *testing.T) {
	s := newStepper(t, Workers{})
	for _, state := range []State{Waiting, Sending, Sent, Rejected, Cancelled} {
		id := s.add(s.message("hello"))
		s.set(id, state, me, 1)
		for _, resolution := range []Resolution{SendAgain, WasSent, GiveUp} {
			if err := s.Resolve(t.Context(), id, resolution); !errors.Is(err, ErrNotUnknown) {
				t.Errorf("%s of a message that is %s: %v", resolution, state, err)
			}
			s.is(id, state)
		}
		if err := s.Cancel(t.Context(), id); state != Waiting && !errors.Is(err, ErrNotWaiting) {
			t.Errorf("cancel a message that is %s: %v", state, err)
		}
	}
}

// A purge leaves what has not ended, and what a person is to decide.
func TestStepPurge(t *testing.T) {
	s := newStepper(t, Workers{})
	ids := map[rivertype.JobState]int64{}
	for _, state := range []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRunning, rivertype.JobStatePending, rivertype.JobStateCompleted,
	} {
		id := s.add(s.message(string(state)))
		ids[state] = id
		finalized := "null"
		if state == rivertype.JobStateCompleted {
			finalized = "{timestamp}"
		}
		s.must(`update {job} set state = $2, finalized_at = `+finalized+` where id = $1`, id, string(state))
	}
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	for state, id := range ids {
		if record, err := s.Get(t.Context(), id); err != nil || (record.Message == nil) != (state == rivertype.JobStateCompleted) {
			t.Errorf("%s: %+v, %v", state, record, err)
		}
	}
}

// A reason is kept and shown, so it has no phones in it.
func TestStepClean(t *testing.T) {
	got := clean("the contact +201010000000\nis not\tavailable to +201001187188 " + strings.Repeat("x", 600))
	if strings.Contains(got, "1010000000") || strings.Contains(got, "1001187188") || strings.ContainsAny(got, "\n\t") || len(got) > 510 || !strings.HasPrefix(got, "the contact ") {
		t.Errorf("%q", got)
	}
}

// clockless is a worker in a bubble whose clock goes on by itself while everybody waits. The database keeps the real time. reply is what
// the API does.
func clockless(t *testing.T, reply func(db *sql.DB)) (s *stepper, id int64) {
	t.Helper()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	box, err := New(riversqlite.New(db), Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		reply(db)
		return &http.Response{
			StatusCode: http.StatusCreated, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
			Body: io.NopCloser(strings.NewReader(`{"data":{"id":1}}`)),
		}, nil
	})
	client, err := tgo.New("outbox.invalid", tgo.NewKey("tgo_none"), tgo.WithHTTPClient(&http.Client{Transport: transport}), tgo.WithWriteRetries())
	if err != nil {
		t.Fatal(err)
	}
	added, err := box.Add(t.Context(), Message{From: "+201001187188", To: "+201010000000", Text: "hello"})
	if err != nil {
		t.Fatal(err)
	}
	s = &stepper{bed: &bed[*sql.Tx]{Box: box, t: t, driver: riversqlite.New(db)}, w: registered(t, box, client, Workers{}), db: db}
	return s, added.ID
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// Invariant 2: an attempt whose outcome could not be recorded before a hard stop stays under way for the worker, which must not take it
// back: the message has been sent.
func TestStepNotRecorded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, hardStop := context.WithCancel(t.Context())
		s, id := clockless(t, func(db *sql.DB) {
			hardStop()
			if _, err := db.ExecContext(t.Context(), `alter table tgo_outbox_message rename to away`); err != nil {
				t.Error(err)
			}
		})
		job := s.job(id)
		if err := s.w.attempt(ctx, job, job.EncodedArgs); err != nil {
			t.Errorf("River is told %v", err)
		}
		s.must(`alter table away rename to tgo_outbox_message`)
		if err := s.w.takeBack(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.is(id, Sending)
	})
}

// Invariant 2: a machine that sleeps between the commit that an attempt begins and the request sends nothing, for it may count as dead.
func TestStepSlept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sent := 0
		s, id := clockless(t, func(*sql.DB) { sent++ })
		job := s.job(id)
		busy, err := s.db.Conn(t.Context()) // the only connection
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(s.w.cfg.Lease, func() { _ = busy.Close() })
		var snooze *rivertype.JobSnoozeError
		if err := s.w.attempt(t.Context(), job, job.EncodedArgs); !errors.As(err, &snooze) {
			t.Errorf("River is told %v", err)
		}
		if s.is(id, Waiting); sent != 0 {
			t.Error("it was sent")
		}
		if err := s.w.attempt(t.Context(), job, job.EncodedArgs); err != nil {
			t.Errorf("River is told %v", err)
		}
		if record := s.is(id, Sent); sent != 1 || record.Attempts != 2 {
			t.Errorf("sent %d times: %+v", sent, record)
		}
	})
}
