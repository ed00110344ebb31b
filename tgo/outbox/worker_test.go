//go:build !386 && !arm

package outbox

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// must carries out a statement.
func (b *bed[TTx]) must(statement string, args ...any) {
	b.t.Helper()
	if err := b.exec(b.t.Context(), b.driver.GetExecutor(), statement, args...); err != nil {
		b.t.Fatal(err)
	}
}

// fetchedBy makes the job of a message look as if a river.Client had fetched it.
func (b *bed[TTx]) fetchedBy(id int64, client string) {
	b.t.Helper()
	by := `array['` + client + `']`
	if b.sql.sqlite {
		by = `jsonb('["` + client + `"]')`
	}
	b.must(`update {job} set state = 'running', attempt = 1, attempted_at = {timestamp}, attempted_by = `+by+` where id = $1`, id)
}

// slow makes the fake take its time with the next message, which it has taken by then. reached tells that it has come.
func (b *bed[TTx]) slow(delay time.Duration) (reached func()) {
	b.t.Helper()
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Stored: true, Delay: delay}); err != nil {
		b.t.Fatal(err)
	}
	return func() { b.fake.ExpectMessage(b.t) }
}

// Invariants 2 and 4: what a dead worker had begun is unknown and is not sent again; what it had only fetched is sent.
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
	// River's state for what waits for a person. Somebody who retries it there has no message sent.
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

// Invariant 4: what River's leader discards, since it has no worker for messages, is sent.
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

// Invariants 2 and 6: a worker that was taken for dead tells what really became of its message.
func TestLateResult(t *testing.T) {
	each(t, testLateResult[*sql.Tx], testLateResult[pgx.Tx])
}

func testLateResult[TTx any](t *testing.T, b *bed[TTx]) {
	for _, test := range []struct {
		fault tgotest.Fault
		state State
		job   rivertype.JobState
	}{
		{tgotest.Fault{Stored: true}, Sent, rivertype.JobStateCompleted},
		{tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422}, Rejected, rivertype.JobStateCancelled},
	} {
		test.fault.Operation, test.fault.Times, test.fault.Delay = "sendMessage", 1, 2*time.Second
		if _, err := b.fake.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		id := b.add(b.message("late"))
		stop := b.work(Workers{Lease: 2 * time.Minute})
		b.until(id, Sending)
		b.must(`update {worker} set lease_until = 0`)
		stopOther := b.work(Workers{})
		b.until(id, Unknown)
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

// Invariants 2 and 4: where the answer to the commit was lost, the worker does not know that the attempt began. It takes it back. What it has
// under way it leaves alone, however long it takes.
func TestTakeBack(t *testing.T) {
	each(t, testTakeBack[*sql.Tx], testTakeBack[pgx.Tx])
}

func testTakeBack[TTx any](t *testing.T, b *bed[TTx]) {
	reached := b.slow(2 * time.Second)
	stop := b.work(Workers{Lease: time.Second})
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
	if record := b.until(slow, Sent); record.Attempts != 1 {
		t.Errorf("%+v", record)
	}
	stop()
	// So does one that stops.
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

// A graceful stop waits for what is under way, and begins nothing else.
func TestStop(t *testing.T) {
	each(t, testStop[*sql.Tx], testStop[pgx.Tx])
}

func testStop[TTx any](t *testing.T, b *bed[TTx]) {
	reached := b.slow(time.Second)
	stop := b.work(Workers{Concurrency: 1})
	added, err := b.AddMany(t.Context(), []Message{b.message("first"), b.message("second")})
	if err != nil {
		t.Fatal(err)
	}
	reached()
	stop()
	for i, want := range []State{Sent, Waiting} {
		if record, err := b.Get(t.Context(), added[i].ID); err != nil || record.State != want {
			t.Errorf("%+v, %v", record, err)
		}
	}
	if status, err := b.Status(t.Context()); err != nil || len(status.Workers) != 0 {
		t.Errorf("%+v, %v", status, err)
	}
	b.fake.ExpectNoMessage(t)
}

// All workers together keep the rates, and none sends while the API asks to wait. It is told by the clock of the database.
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
	// None begins before its turn, and turns are an interval apart. How much later they begin is the machine's.
	for from := range since {
		if took, least := last[from].Sub(since[from]), (each-1)*time.Second/15; took < least {
			t.Errorf("%d messages from one number began within %s, at 15 a second", each, took)
		}
	}
	if status, err := b.Status(t.Context()); err != nil || len(status.Workers) != 2 {
		t.Errorf("%+v, %v", status, err)
	}
}

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

// A paused queue begins nothing, even if somebody resumes it in River.
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
	b.work(Workers{Lease: time.Second})
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

// In a closed window only what has none goes.
func TestWindows(t *testing.T) {
	each(t, testWindows[*sql.Tx], testWindows[pgx.Tx])
}

func testWindows[TTx any](t *testing.T, b *bed[TTx]) {
	now := time.Now().UTC()
	clock := time.Duration(now.Hour()) * time.Hour
	closed := Window{From: (clock + 3*time.Hour) % (24 * time.Hour), Until: (clock + 4*time.Hour) % (24 * time.Hour)}
	normal := b.add(b.message("normal"))
	code := b.message("code")
	code.Priority = Code
	b.work(Workers{Windows: map[Priority]Window{Normal: closed}})
	b.until(b.add(code), Sent)
	b.eventually(func() bool {
		record, err := b.Get(t.Context(), normal)
		return err == nil && record.Message.At.After(now.Add(time.Hour))
	}, func() { t.Error("the message is not put off") })
	b.fake.ExpectMessage(t, withContent("code"))
	b.fake.ExpectNoMessage(t)
}

// The worker beside others in a river.Client of the program. It sends only while Run runs.
func TestRegister(t *testing.T) {
	each(t, testRegister[*sql.Tx], testRegister[pgx.Tx])
}

type otherArgs struct{}

func (otherArgs) Kind() string { return "other" }

func testRegister[TTx any](t *testing.T, b *bed[TTx]) {
	others := make(chan struct{}, 1)
	bundle := river.NewWorkers()
	river.AddWorker(bundle, river.WorkFunc(func(context.Context, *river.Job[otherArgs]) error {
		others <- struct{}{}
		return nil
	}))
	var mu sync.Mutex
	var ended []Record
	worker, err := b.Register(bundle, b.fake.Client, Workers{OnEnd: func(_ context.Context, r Record) {
		mu.Lock()
		defer mu.Unlock()
		ended = append(ended, r)
	}})
	if err != nil {
		t.Fatal(err)
	}
	client, err := river.NewClient(b.driver, &river.Config{
		Workers: bundle, Logger: b.cfg.Logger, FetchCooldown: 5 * time.Millisecond,
		Queues: map[string]river.QueueConfig{b.Queue(): {MaxWorkers: 5}, river.QueueDefault: {MaxWorkers: 5}, "another": {MaxWorkers: 5}},
	})
	if err != nil {
		t.Fatal(err)
	}
	another, err := b.box(Config{Queue: "another"}).Add(t.Context(), b.message("of another tenant"))
	if err != nil {
		t.Fatal(err)
	}
	id := b.add(b.message("hello"))
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Insert(t.Context(), otherArgs{}, nil); err != nil {
		t.Fatal(err)
	}
	<-others
	b.fake.ExpectNoMessage(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx, client) }()
	b.until(id, Sent)
	b.eventually(func() bool {
		job, err := client.JobGet(t.Context(), another.ID)
		return err == nil && job.State == rivertype.JobStateScheduled
	}, func() { t.Error("the message of another queue is not put off") })
	if err := client.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	b.fake.ExpectMessage(t, withContent("hello"))
	b.fake.ExpectNoMessage(t)
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if err := worker.Run(t.Context(), client); err == nil {
		t.Error("a Worker runs twice")
	}
	mu.Lock()
	defer mu.Unlock()
	if len(ended) != 1 || ended[0].ID != id || ended[0].State != Sent || ended[0].Receipt.ID == 0 {
		t.Errorf("ended: %+v", ended)
	}
}

// Invariants 2 and 4: a river.Client may have the id of one that died, as where it is the name of a machine. What that one had under way is
// not taken for what this one did not begin.
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
	worker, err := b.Register(bundle, b.fake.Client, Workers{Lease: time.Second})
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
	b.until(b.add(b.message("next")), Sent) // with the token that the dead one had
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

// Invariant 4: an unknown message may be resolved, and its job fetched again, before River hears of the attempt before. The job goes on.
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

// Invariant 4: River's leader may be a client that knows nothing of messages. It discards jobs that were under way for an hour. They wait on.
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

// A pause and a resume that meet leave the outbox's queue and River's in one state.
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

// On SQLite a process that is started again after a crash goes on at once, in a container too, where it has the PID of the one that died.
// Another worker in the same process lives.
func TestSamePID(t *testing.T) {
	t.Parallel()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	b := newBed(t, riversqlite.New(db), nil, nil)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	reached := b.slow(3 * time.Second)
	slow := b.add(b.message("slow"))
	b.work(Workers{Lease: 2 * time.Minute})
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

// What goes wrong is logged without texts, phones and keys.
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

// What is wrong with a configuration is told before anything is done.
func TestBadWorkers(t *testing.T) {
	t.Parallel()
	for field, w := range map[string]Workers{
		"Concurrency":   {Concurrency: -1},
		"Rate":          {Rate: -1},
		"SenderRate":    {SenderRate: 1e9},
		"PauseUnknown":  {PauseUnknown: -2},
		"PauseRejected": {PauseRejected: -2},
		"Lease":         {Lease: time.Millisecond},
		"Retention":     {Retention: time.Second},
		"Windows":       {Windows: map[Priority]Window{Normal: {From: 25 * time.Hour}}},
	} {
		_, err := w.withDefaults()
		var input *tgo.InputError
		if !errors.As(err, &input) || input.Fields[0].Field != "Workers."+field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if _, err := (Workers{}).withDefaults(); err != nil {
		t.Error(err)
	}
}

// Windows follow the clock of their place, over the days on which it is changed.
func TestWindow(t *testing.T) {
	t.Parallel()
	cairo, err := time.LoadLocation("Africa/Cairo")
	if err != nil {
		t.Fatal(err)
	}
	day, night := Window{9 * time.Hour, 21 * time.Hour, cairo}, Window{21 * time.Hour, 6 * time.Hour, cairo}
	for _, test := range []struct {
		window Window
		now    string // in Cairo
		wait   time.Duration
	}{
		{day, "2026-01-15 08:59:59", time.Second},
		{day, "2026-01-15 09:00:00", 0},
		{day, "2026-01-15 20:59:59", 0},
		{day, "2026-01-15 21:00:00", 12 * time.Hour},
		{day, "2026-04-23 21:00:00", 11 * time.Hour}, // summer time begins at midnight
		{day, "2026-10-29 21:00:00", 13 * time.Hour}, // and ends
		{night, "2026-01-15 20:00:00", time.Hour},
		{night, "2026-01-15 23:00:00", 0},
		{night, "2026-01-15 05:59:00", 0},
		{night, "2026-01-15 06:00:00", 15 * time.Hour},
		{Window{}, "2026-01-15 06:00:00", 0},
		{Window{From: 4 * time.Hour, Until: 5 * time.Hour}, "2026-01-15 05:00:00", time.Hour}, // UTC
	} {
		now, err := time.ParseInLocation(time.DateTime, test.now, cairo)
		if err != nil {
			t.Fatal(err)
		}
		if wait := test.window.wait(now.UTC()); wait != test.wait {
			t.Errorf("%s-%s at %s: %s instead of %s", test.window.From, test.window.Until, test.now, wait, test.wait)
		}
	}
}
