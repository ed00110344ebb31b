package outbox

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"github.com/tgo-business/tgo-go/tgo"
)

// Workers configures how a process sends. Its zero value is fine.
type Workers struct {
	// Concurrency is how many messages this process sends at once; 16 by default.
	Concurrency int
	// Rate is how many messages a second all workers of the queue together may begin; 0 is without limit. All should have the same.
	Rate float64
	// SenderRate is the same for the messages of one sender number.
	SenderRate float64
	// Windows are the hours in which messages of a priority may begin. A priority without one may begin at any time.
	Windows map[Priority]Window
	// PauseUnknown is how many messages in a row may end as unknown before the queue is paused; 5 by default, -1 for never.
	PauseUnknown int
	// PauseRejected is how many messages in a row may be rejected for the same reason before the queue is paused; 20 by default, -1 for never.
	PauseRejected int
	// Lease is how long a worker that shows no sign of life counts as alive; one minute by default. What it had under way is set
	// aside as unknown after that.
	Lease time.Duration
	// Retention is how long River keeps ended jobs, and with them texts and phones; 24 hours by default. The records stay. It is
	// for Work; a river.Client of your own has its own retention.
	Retention time.Duration
	// OnEnd is called, for metrics, after this process recorded what became of a message: of an attempt, which may be that the message waits
	// for another (Waiting), or that it was found wrong before one. It is not called for what Resolve, Cancel or another process does, such as
	// setting aside what a dead worker had under way. It must not block.
	OnEnd func(ctx context.Context, record Record)
}

// withDefaults checks the configuration, and fills in what was left out.
func (c Workers) withDefaults() (Workers, error) {
	c.Concurrency = cmp.Or(c.Concurrency, 16)
	c.PauseUnknown = cmp.Or(c.PauseUnknown, 5)
	c.PauseRejected = cmp.Or(c.PauseRejected, 20)
	c.Lease = cmp.Or(c.Lease, time.Minute)
	c.Retention = cmp.Or(c.Retention, 24*time.Hour)
	wrong := func(field, rule string) (Workers, error) {
		return c, &tgo.InputError{Op: "work", Fields: []tgo.FieldError{{Field: "Workers." + field, Rule: rule}}}
	}
	fits := func(rate float64) bool { return rate == 0 || rate >= 1e-4 && rate <= 1e6 }
	switch {
	case c.Concurrency < 1 || c.Concurrency > river.QueueNumWorkersMax:
		return wrong("Concurrency", fmt.Sprintf("must be 1 to %d", river.QueueNumWorkersMax))
	case !fits(c.Rate):
		return wrong("Rate", "must be 0.0001 to 1000000 messages a second, or 0 for no limit")
	case !fits(c.SenderRate):
		return wrong("SenderRate", "must be 0.0001 to 1000000 messages a second, or 0 for no limit")
	case c.PauseUnknown < -1:
		return wrong("PauseUnknown", "must be 1 or more, or -1 for never")
	case c.PauseRejected < -1:
		return wrong("PauseRejected", "must be 1 or more, or -1 for never")
	case c.Lease < time.Second || c.Lease > 2*time.Minute:
		return wrong("Lease", "must be 1 s to 2 min")
	case c.Retention < time.Minute:
		return wrong("Retention", "must be 1 min or more")
	}
	for priority, window := range c.Windows {
		if priority < Code || priority > Bulk {
			return wrong("Windows", "must be for Code, Normal or Bulk")
		}
		if window.From < 0 || window.Until < 0 || window.From > 24*time.Hour || window.Until > 24*time.Hour || window.From == window.Until {
			return wrong("Windows", "must have two different times from 0 to 24 h")
		}
	}
	return c, nil
}

// Work sends messages until the context ends. Then nothing new begins, and it returns when what is under way has ended; that takes as
// long as the client's timeout allows a request. Any number of processes may work on one PostgreSQL database. It needs Migrate to
// have been run (ErrNotMigrated).
//
// The client should not repeat requests [tgo.OnRateLimited]: it would wait by itself, while the outbox holds back all machines. An Opener
// that hangs delays the end, and a panic in it or in OnEnd goes into River's log with what it says.
func (b *Box[TTx]) Work(ctx context.Context, client *tgo.Client, workers Workers) error {
	bundle := river.NewWorkers()
	w, err := b.Register(bundle, client, workers)
	if err != nil {
		return err
	}
	rivers, err := river.NewClient(b.driver, &river.Config{
		CancelledJobRetentionPeriod: w.cfg.Retention,
		CompletedJobRetentionPeriod: w.cfg.Retention,
		DiscardedJobRetentionPeriod: w.cfg.Retention,
		FetchCooldown:               fetchCooldown,
		Logger:                      b.cfg.Logger,
		Plugins:                     b.cfg.Plugins,
		Queues:                      map[string]river.QueueConfig{b.cfg.Queue: {MaxWorkers: w.cfg.Concurrency}},
		Schema:                      b.cfg.Schema,
		Workers:                     bundle,
	})
	if err != nil {
		return err
	}
	// The worker counts as alive before River fetches the first job, and until the last has ended.
	alive, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(alive, rivers) }()
	select {
	case <-w.registered:
	case err := <-ended:
		return err
	}
	if err := rivers.Start(alive); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	<-ctx.Done()
	w.stop()
	err = rivers.Stop(alive)
	stop()
	return errors.Join(err, <-ended)
}

// fetchCooldown is the least time between two fetches of jobs. River's default of 100 ms would bound a process to 160 messages a second.
const fetchCooldown = 5 * time.Millisecond

// Register adds the worker for messages to those of a river.Client that the program has already. The client's Config must have the Box's
// Queue among its Queues, with MaxWorkers as the concurrency, and no queue of another Box: its messages are put off, since they may be
// another tenant's. The worker sends only while [Worker.Run] runs.
func (b *Box[TTx]) Register(bundle *river.Workers, client *tgo.Client, workers Workers) (*Worker[TTx], error) {
	cfg, err := workers.withDefaults()
	if err != nil {
		return nil, err
	}
	if client == nil {
		return nil, errors.New("outbox: the client is nil")
	}
	w := &Worker[TTx]{
		box: b, client: client, cfg: cfg, log: b.cfg.Logger, stopping: make(chan struct{}), registered: make(chan struct{}),
	}
	w.id.Store("")
	return w, river.AddWorkerSafely(bundle, &jobWorker[TTx]{worker: w})
}

// Worker is a registered worker.
type Worker[TTx any] struct {
	box        *Box[TTx]
	client     *tgo.Client
	cfg        Workers
	log        *slog.Logger
	id         atomic.Value // of this run, as a string; empty before it
	riverID    string       // of the river.Client, from Run on
	registered chan struct{}
	stopping   chan struct{}
	stopOnce   sync.Once
	running    atomic.Bool
	underWay   attempts
	held       jobs
	followed   bool // River's cancelled jobs, from the beginning
}

// jobs are those that River has handed to this process, by their ids, and how often.
type jobs struct {
	mu  sync.Mutex
	ids map[int64]int
}

func (j *jobs) add(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ids == nil {
		j.ids = map[int64]int{}
	}
	j.ids[id]++
}

func (j *jobs) remove(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ids[id]--; j.ids[id] == 0 {
		delete(j.ids, id)
	}
}

func (j *jobs) list() []int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Collect(maps.Keys(j.ids))
}

// attempts are those that this process has under way, by their tokens.
type attempts struct {
	mu     sync.Mutex
	last   int64
	tokens map[int64]struct{}
}

// add makes a token, from before the attempt begins.
func (a *attempts) add() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens == nil {
		a.tokens = map[int64]struct{}{}
	}
	a.last++
	a.tokens[a.last] = struct{}{}
	return a.last
}

// remove ends an attempt that was recorded, or did not begin.
func (a *attempts) remove(token int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.tokens, token)
}

// list returns the tokens, and the last one that was made.
func (a *attempts) list() (tokens []int64, last int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.tokens)), a.last
}

// stop ends waiting for a turn.
func (w *Worker[TTx]) stop() { w.stopOnce.Do(func() { close(w.stopping) }) }

// jobWorker is River's view of a Worker.
type jobWorker[TTx any] struct {
	river.WorkerDefaults[jobArgs]

	worker *Worker[TTx]
}

// Work makes an attempt.
func (j *jobWorker[TTx]) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	return j.worker.attempt(ctx, job.JobRow, job.Args.raw)
}

// Timeout is none: the tgo.Client has one, and River's rescue, which knows nothing of what was sent, keeps its hands off such jobs.
func (j *jobWorker[TTx]) Timeout(*river.Job[jobArgs]) time.Duration { return -1 }

// Run keeps the worker alive, for as long as the river.Client runs: it tells the other machines so, sets aside what dead workers had
// under way, and returns when the context ends. Stop the river.Client first. A Worker is run once.
func (w *Worker[TTx]) Run(ctx context.Context, client *river.Client[TTx]) error {
	if w.running.Swap(true) {
		return errors.New("outbox: the Worker has been run before")
	}
	defer w.stop()
	if err := w.box.checkMigrated(ctx); err != nil {
		return explain(err)
	}
	// The id of a river.Client may be that of an earlier process, as where it is the name of a machine. What that one had under way is not
	// this one's, and its tokens are others.
	w.riverID = client.ID()
	id := w.riverID + "/" + rand.Text()
	runs.Store(id, nil)
	defer runs.Delete(id)
	if err := w.beat(ctx, id); err != nil {
		return err
	}
	w.id.Store(id)
	close(w.registered)
	defer w.leave(context.WithoutCancel(ctx))

	w.sweep(ctx)
	ticker := time.NewTicker(w.cfg.Lease / 6)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := w.beat(ctx, id); err != nil {
			if ctx.Err() == nil {
				w.log.WarnContext(ctx, "tgo outbox: cannot show that this worker is alive", slog.String("error", err.Error()))
			}
			continue
		}
		w.sweep(ctx)
	}
}

// beat renews the worker's lease.
func (w *Worker[TTx]) beat(ctx context.Context, id string) error {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Lease/2)
	defer cancel()
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	if err := w.box.ensureQueue(ctx); err != nil {
		return err
	}
	return w.box.exec(ctx, w.box.driver.GetExecutor(), `
		insert into {worker} (id, client, queue, host, pid, since, lease_until) values ($1, $2, $3, $4, $5, {now}, {now} + $6)
		on conflict (id) do update set lease_until = excluded.lease_until`,
		id, w.riverID, w.box.cfg.Queue, host, os.Getpid(), w.cfg.Lease.Microseconds())
}

// leave takes back what did not begin, and ends the lease, unless something is under way still, which is then found to be unknown in time.
func (w *Worker[TTx]) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	err := w.takeBack(ctx)
	if err == nil {
		err = w.box.exec(ctx, w.box.driver.GetExecutor(), `
		delete from {worker} where id = $1
			and not exists (select 1 from {message} where queue = $2 and state = 'sending' and worker = $1)`, w.id.Load(), w.box.cfg.Queue)
	}
	if err != nil {
		w.log.WarnContext(ctx, "tgo outbox: cannot sign off", slog.String("error", err.Error()))
	}
}

// levels are those of the log: a person should look at what is rejected or unknown.
var levels = map[State]slog.Level{Sent: slog.LevelDebug, Waiting: slog.LevelInfo, Rejected: slog.LevelWarn, Unknown: slog.LevelWarn}

// tell logs an outcome, and calls the hook.
func (w *Worker[TTx]) tell(ctx context.Context, id int64, number int, o outcome) {
	w.log.Log(ctx, levels[o.state], "tgo outbox: "+string(o.state), slog.Int64("id", id), slog.Int("attempt", number),
		slog.String("code", o.code), slog.String("reason", o.reason))
	if o.state == Unknown || o.state == Rejected {
		w.pauseAfterTrouble(ctx, id, o)
	}
	if w.cfg.OnEnd == nil {
		return
	}
	record, err := w.box.Get(ctx, id)
	if err != nil {
		record = Record{ID: id, State: o.state, Attempts: number, Code: o.code, Reason: o.reason}
	}
	w.cfg.OnEnd(ctx, record)
}
