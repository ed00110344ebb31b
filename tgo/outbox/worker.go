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

// Worker is a worker that was added to a river.Client with Register.
type Worker[TTx any] struct {
	box        *Box[TTx]
	client     *tgo.Client
	cfg        Workers
	log        *slog.Logger
	id         atomic.Value // of this run, as a string; empty before Run
	riverID    string       // of the river.Client; set by Run
	registered chan struct{}
	stopping   chan struct{}
	stopOnce   sync.Once
	running    atomic.Bool
	inProgress attempts
	held       jobs
	followed   bool // whether follow has checked all messages once
}

// Work sends messages until the context ends. Then no further attempt begins, and Work returns when the attempts in progress have ended and
// their outcomes are recorded. A long upload, a retry or an unavailable database can make that longer than the client's timeout. Any number
// of processes can work on one PostgreSQL database. If Migrate has not been run, the error is ErrNotMigrated.
//
// The client should not repeat requests [tgo.OnRateLimited]: it would wait alone, while the outbox holds back all machines. An Opener that
// hangs delays the end. A panic in the Opener or in OnEnd goes into River's log with its value.
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
	// The worker must count as alive before River fetches the first job, and until the last one has ended.
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

// fetchCooldown is the minimum time between two fetches of jobs. River's default of 100 ms would limit a process to 160 messages a second.
const fetchCooldown = 5 * time.Millisecond

// Register adds the worker for messages to the workers of a river.Client that the program has already. The Queues of the client's Config must
// contain the Box's Queue, with MaxWorkers as the concurrency, and no queue of another Box: the messages of such a queue are snoozed, since
// they may belong to another tenant. The worker sends only while [Worker.Run] runs.
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

// stop ends all waiting, such as for a turn under a rate.
func (w *Worker[TTx]) stop() { w.stopOnce.Do(func() { close(w.stopping) }) }

// jobWorker implements River's worker interface with a Worker.
type jobWorker[TTx any] struct {
	river.WorkerDefaults[jobArgs]

	worker *Worker[TTx]
}

// Work makes an attempt.
func (j *jobWorker[TTx]) Work(ctx context.Context, job *river.Job[jobArgs]) error {
	return j.worker.attempt(ctx, job.JobRow, job.Args.raw)
}

// Timeout returns -1 for no timeout: the tgo.Client has one. River's rescuer, which does not know what was sent, leaves jobs without a timeout
// alone.
func (j *jobWorker[TTx]) Timeout(*river.Job[jobArgs]) time.Duration { return -1 }

// Run must run as long as the river.Client does: it renews the worker's lease, sets aside the messages that dead workers were sending, and
// returns when the context ends. Stop the river.Client first. A Worker can be run once.
func (w *Worker[TTx]) Run(ctx context.Context, client *river.Client[TTx]) error {
	if w.running.Swap(true) {
		return errors.New("outbox: the Worker has been run before: register a new one")
	}
	defer w.stop()
	if err := w.box.checkMigrated(ctx); err != nil {
		return explain(err)
	}
	// The id of a river.Client may be the same as that of an earlier process, for example if it is the name of the machine. The messages that
	// the earlier process was sending are not this one's, and its tokens are different.
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

	w.recoverAll(ctx)
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
				w.log.WarnContext(ctx, "tgo outbox: cannot renew the lease of this worker", slog.String("error", err.Error()))
			}
			continue
		}
		w.recoverAll(ctx)
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

// leave takes back attempts that did not begin, and ends the lease. If an attempt is still in progress, the lease is left to expire; the message
// then becomes unknown.
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
		w.log.WarnContext(ctx, "tgo outbox: cannot end the lease of this worker", slog.String("error", err.Error()))
	}
}
