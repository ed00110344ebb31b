//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// A waiting message can be cancelled, with Cancel or in River, and is then never sent.
func TestCancel(t *testing.T) {
	each(t, testCancel[*sql.Tx], testCancel[pgx.Tx])
}

func testCancel[TTx any](t *testing.T, b *bed[TTx]) {
	later := b.message("later")
	later.At = time.Now().Add(time.Hour)
	id, inRiver, deleted, atWork := b.add(later), b.add(later), b.add(later), b.add(later)
	raw, err := b.prepare(t.Context(), later)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := b.river.Insert(t.Context(), jobArgs{raw}, &river.InsertOpts{Queue: b.Queue(), ScheduledAt: later.At})
	if err != nil {
		t.Fatal(err)
	}
	foreign := alone.Job.ID // without a record
	if err := b.Cancel(t.Context(), id, "not wanted"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobCancel(t.Context(), inRiver); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobCancel(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobDelete(t.Context(), deleted); err != nil {
		t.Fatal(err)
	}
	if record := b.until(id, Cancelled); record.Code != "person" || record.EndedAt.IsZero() {
		t.Errorf("%+v", record)
	}
	b.work(Workers{Lease: 6 * time.Second})
	for _, id := range []int64{inRiver, foreign, deleted, atWork} {
		if record := b.until(id, Cancelled); record.Code != "job" {
			t.Errorf("%+v", record)
		}
		if id == deleted { // the worker has checked all messages once, and now looks for recent changes
			if _, err := b.river.JobCancel(t.Context(), atWork); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Cancel(t.Context(), id, "not wanted"); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("cancel again: %v", err)
	}
	// If somebody retries the job in River, nothing is sent, because the record counts.
	for _, id := range []int64{id, inRiver, foreign} {
		if _, err := b.river.JobRetry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		b.eventually(func() bool {
			job, err := b.river.JobGet(t.Context(), id)
			return err == nil && job.State == "completed"
		}, func() { t.Errorf("the job of message %d is not completed", id) })
	}
	b.fake.ExpectNoMessage(t)
}
