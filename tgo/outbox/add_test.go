//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// Invariant 5, also for messages of one transaction, of one call, and after the first one has been sent and purged.
func TestKey(t *testing.T) {
	each(t, testKey[*sql.Tx], testKey[pgx.Tx])
}

func testKey[TTx any](t *testing.T, b *bed[TTx]) {
	keyed := func(key, text string) Message {
		m := b.message(text)
		m.Key = key
		return m
	}
	added, err := b.AddMany(t.Context(), []Message{keyed("a", "1"), keyed("b", "2"), keyed("a", "3"), keyed("", "4"), keyed("", "5")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal([]bool{added[0].Duplicate != added[2].Duplicate, added[1].Duplicate, added[3].Duplicate, added[4].Duplicate},
		[]bool{true, false, false, false}) || added[0].ID != added[2].ID || added[3].ID == added[4].ID {
		t.Errorf("added %+v", added)
	}
	stop := b.work(Workers{})
	for _, id := range []int64{added[0].ID, added[1].ID, added[3].ID, added[4].ID} {
		b.until(id, Sent)
	}
	stop()
	if n, err := b.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 4 {
		t.Errorf("purged %d, %v", n, err)
	}
	again, err := b.Add(t.Context(), keyed("b", "6"))
	if err != nil || again != (Added{ID: added[1].ID, Duplicate: true}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	if other, err := b.box(Config{Queue: "other"}).Add(t.Context(), keyed("b", "7")); err != nil || other.Duplicate {
		t.Errorf("in another queue: %+v, %v", other, err)
	}
	record, err := b.Get(t.Context(), added[1].ID)
	if err != nil || record.Key != "b" || record.State != Sent || record.Message != nil || record.Receipt.ID == 0 {
		t.Errorf("the record after the purge: %+v, %v", record, err)
	}
	waiting, err := b.List(t.Context(), Query{State: Waiting})
	if err != nil || len(waiting) != 0 {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
}

// Invariant 5, if several goroutines add the same key at the same time.
func TestKeyRace(t *testing.T) {
	each(t, testKeyRace[*sql.Tx], testKeyRace[pgx.Tx])
}

func testKeyRace[TTx any](t *testing.T, b *bed[TTx]) {
	ids := make([]int64, 20)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			m := b.message(fmt.Sprint(i))
			m.Key = "one"
			added, err := b.Add(t.Context(), m)
			if err != nil {
				t.Error(err)
			}
			ids[i] = added.ID
		})
	}
	group.Wait()
	if slices.Min(ids) != slices.Max(ids) {
		t.Errorf("the ids are %v", ids)
	}
	if status, err := b.Status(t.Context()); err != nil || status.Messages[Waiting] != 1 {
		t.Errorf("%+v, %v", status, err)
	}
}

// Invariant 5: the second message with a key has neither a record nor a job that a worker could find.
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
