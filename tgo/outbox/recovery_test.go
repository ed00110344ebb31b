//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// Invariants 2 and 4: a message that a dead worker had begun to send is unknown and is not sent again. A message that it had only fetched is
// sent.
func TestDeadWorker(t *testing.T) {
	each(t, testDeadWorker[*sql.Tx], testDeadWorker[pgx.Tx])
}

func testDeadWorker[TTx any](t *testing.T, b *bed[TTx]) {
	begun, fetched := b.add(b.message("begun")), b.add(b.message("fetched"))
	b.must(`insert into {worker} (id, client, queue, host, pid, since, lease_until) values ('dead', 'dead', $1, 'nowhere', 1, 0, 1)`, b.Queue())
	b.must(`update {message} set state = 'sending', attempt = 1, worker = 'dead', token = 1, begun_at = {now} where id = $1`, begun)
	b.fetchedBy(begun, "dead")
	b.fetchedBy(fetched, "dead")
	b.work(Workers{})
	if record := b.until(begun, Unknown); record.Code != "worker" || record.Attempts != 1 || record.EndedAt.IsZero() {
		t.Errorf("%+v", record)
	}
	b.until(fetched, Sent)
	b.fake.ExpectMessage(t, withContent("fetched"))
	status, err := b.Status(t.Context())
	if err != nil || len(status.Workers) != 1 || status.Workers[0].ID == "dead" || !status.PausedAt.IsZero() {
		t.Errorf("%+v, %v", status, err)
	}
	// The job of a message that needs a person is pending in River. Retrying it there sends nothing.
	for range 2 {
		b.eventually(func() bool {
			job, err := b.river.JobGet(t.Context(), begun)
			return err == nil && job.State == rivertype.JobStatePending
		}, func() { t.Error("the job of the unknown message is not pending") })
		if _, err := b.river.JobRetry(t.Context(), begun); err != nil {
			t.Fatal(err)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// Invariants 2 and 4: a message that a dead worker had begun to send is unknown, and its job is pending.
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

// Invariant 4: a message is sent even if River's leader, which has no worker for messages, discarded its job.
func TestDiscardedJob(t *testing.T) {
	each(t, testDiscardedJob[*sql.Tx], testDiscardedJob[pgx.Tx])
}

func testDiscardedJob[TTx any](t *testing.T, b *bed[TTx]) {
	id := b.add(b.message("hello"))
	b.must(`update {job} set state = 'discarded', finalized_at = {timestamp}, attempt = max_attempts where id = $1`, id)
	b.work(Workers{})
	b.until(id, Sent)
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
}

// Invariant 4: River's leader may be a client without a worker for messages, which discards jobs that have run for an hour. Their messages still
// wait, and are sent.
func TestDiscardedJobs(t *testing.T) {
	each(t, testDiscardedJobs[*sql.Tx], testDiscardedJobs[pgx.Tx])
}

func testDiscardedJobs[TTx any](t *testing.T, b *bed[TTx]) {
	waiting, foreign, begun, aside := b.add(b.message("waiting")), b.add(b.message("foreign")), b.add(b.message("begun")), b.add(b.message("aside"))
	b.must(`delete from {message} where id = $1`, foreign)
	b.must(`update {message} set state = 'sending', attempt = 1, worker = 'dead', token = 1 where id = $1`, begun)
	b.must(`update {job} set state = 'discarded', attempt = 1, finalized_at = {timestamp} where id <> $1`, aside)
	b.must(`update {job} set state = 'pending' where id = $1`, aside)
	b.work(Workers{})
	for _, id := range []int64{waiting, foreign, aside} {
		b.until(id, Sent)
		b.fake.ExpectMessage(t)
	}
	b.until(begun, Unknown)
	b.fake.ExpectNoMessage(t)
}

// Invariants 2 and 4: if the response to the commit was lost, the worker does not know that the attempt began, and takes it back. It does not
// take back an attempt that is in progress, however long that takes.
func TestTakeBack(t *testing.T) {
	each(t, testTakeBack[*sql.Tx], testTakeBack[pgx.Tx])
}

func testTakeBack[TTx any](t *testing.T, b *bed[TTx]) {
	client, reached, release := b.holding()
	stop := b.workOn(b.Box, client, Workers{Lease: 6 * time.Second})
	defer release() // before the worker is stopped
	slow := b.add(b.message("slow"))
	reached()
	later := b.message("lost")
	later.At = time.Now().Add(time.Hour)
	id := b.add(later)
	status, err := b.Status(t.Context())
	if err != nil || len(status.Workers) != 1 || status.Workers[0].Sending != 1 {
		t.Fatalf("%+v, %v", status, err)
	}
	const begin = `update {message} set state = 'sending', attempt = 1, worker = $2, token = 0, begun_at = {now} where id = $1`
	b.must(begin, id, status.Workers[0].ID)
	b.until(id, Waiting)
	release()
	if record := b.until(slow, Sent); record.Attempts != 1 {
		t.Errorf("%+v", record)
	}
	b.fake.ExpectMessage(t)
	stop()
	// A worker that stops takes it back too.
	stop = b.work(Workers{})
	b.eventually(func() bool {
		status, err = b.Status(t.Context())
		return err == nil && len(status.Workers) == 1
	}, func() { t.Errorf("%+v, %v", status, err) })
	b.must(begin, id, status.Workers[0].ID)
	stop()
	if record, err := b.Get(t.Context(), id); err != nil || record.State != Waiting {
		t.Errorf("%+v, %v", record, err)
	}
	b.fake.ExpectNoMessage(t)
}

// Invariant 2: a worker takes back only an attempt that it does not know of: not one that is in progress, nor one that begins at the same time,
// nor one of another worker.
func TestTakeBackStep(t *testing.T) {
	s := newStepper(t, Workers{})
	lost, inProgress := s.w.inProgress.add(), s.w.inProgress.add()
	s.w.inProgress.remove(lost)
	states := map[int64]State{
		s.begun("lost", here, lost):               Waiting,
		s.begun("under way", here, inProgress):    Sending,
		s.begun("meanwhile", here, inProgress+1):  Sending,
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

// Invariants 2 and 4: a river.Client may have the id of one that died, for example the name of the machine. The attempts of the dead one are not
// mistaken for attempts of this one that did not begin.
func TestSameClientID(t *testing.T) {
	each(t, testSameClientID[*sql.Tx], testSameClientID[pgx.Tx])
}

func testSameClientID[TTx any](t *testing.T, b *bed[TTx]) {
	const machine = "machine-1"
	begun, fetched := b.add(b.message("begun")), b.add(b.message("fetched"))
	b.must(`insert into {worker} (id, client, queue, host, pid, since, lease_until) values ($1, $1, $2, 'nowhere', 1, 0, {now} + 500000)`,
		machine, b.Queue())
	b.must(`update {message} set state = 'sending', attempt = 1, worker = $2, token = 1 where id = $1`, begun, machine)
	b.fetchedBy(begun, machine)
	b.fetchedBy(fetched, machine)

	bundle := river.NewWorkers()
	worker, err := b.Register(bundle, b.fake.Client, Workers{Lease: 6 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	client, err := river.NewClient(b.driver, &river.Config{
		ID: machine, Workers: bundle, Logger: b.cfg.Logger, FetchCooldown: 5 * time.Millisecond,
		Queues: map[string]river.QueueConfig{b.Queue(): {MaxWorkers: 5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, client) }()
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.until(b.add(b.message("next")), Sent) // with the same token as the attempt of the dead one
	b.until(begun, Unknown)
	b.until(fetched, Sent)
	if err := client.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	b.fake.ExpectMessage(t, withContent("next"))
	b.fake.ExpectMessage(t, withContent("fetched"))
	b.fake.ExpectNoMessage(t)
}

// On SQLite, a process that is restarted after a crash does not wait for the lease, even in a container, where it has the PID of the one that
// died. Another worker in the same process counts as alive.
func TestSamePID(t *testing.T) {
	t.Parallel()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	b := newBed(t, riversqlite.New(db), nil, nil)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	client, reached, release := b.holding()
	slow := b.add(b.message("slow"))
	b.workOn(b.Box, client, Workers{Lease: 2 * time.Minute})
	defer release() // before the worker is stopped
	reached()
	begun := b.message("begun")
	begun.At = time.Now().Add(time.Hour)
	id := b.add(begun)
	b.must(`insert into {worker} (id, client, queue, host, pid, since, lease_until) values ('dead', 'dead', $1, $2, $3, 0, {now} + 60000000)`,
		b.Queue(), host, os.Getpid())
	b.must(`update {message} set state = 'sending', attempt = 1, worker = 'dead', token = 1 where id = $1`, id)
	b.work(Workers{Lease: 2 * time.Minute})
	b.until(id, Unknown)
	if record, err := b.Get(t.Context(), slow); err != nil || record.State != Sending {
		t.Errorf("%+v, %v", record, err)
	}
}

// A connection that hangs during the recovery must not prevent the worker from renewing its lease. The recovery is done later.
func TestRecoveryHangs(t *testing.T) {
	s := newStepper(t, Workers{Lease: time.Second})
	id := s.add(s.message("hello"))
	if _, err := s.river.JobDelete(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	driver := s.Box.driver
	s.Box.driver = hangingDriver{driver, t}
	s.w.recoverAll(t.Context())
	s.Box.driver = driver
	s.w.cfg.Lease = time.Minute
	s.w.recoverAll(t.Context())
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
		e.t.Error("recovery would hang")
		return errors.New("hanging")
	}
	<-ctx.Done()
	return ctx.Err()
}
