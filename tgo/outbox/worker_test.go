//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// A graceful stop waits for the attempts in progress, and begins no others.
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

// The worker works next to others in a river.Client of the program. It sends only while Run is running.
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
	}, func() { t.Error("the message of another queue is not snoozed") })
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
