package outbox

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"github.com/tgo-business/tgo-go/tgo"
)

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
