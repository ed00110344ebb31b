//go:build unix

package crash_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/outbox/internal/postgrestest"
)

// begins are when the messages of a run began, in order, by the clock of the database.
func begins(records []outbox.Record) []time.Time {
	var list []time.Time
	for _, r := range records {
		if !r.BegunAt.IsZero() {
			list = append(list, r.BegunAt)
		}
	}
	slices.SortFunc(list, time.Time.Compare)
	return list
}

// Three processes hold one rate together, and what a 429 asks of one of them binds all. It shows the invariant 3.
func TestRatePostgreSQL(t *testing.T) {
	postgres := postgrestest.Start(t)
	t.Run("20 a second", func(t *testing.T) { rate(t, postgres.Database(t), 3) })
	t.Run("Retry-After", func(t *testing.T) { retryAfterHoldsAll(t, postgres.Database(t), 3) })
}

// The same with one process and SQLite.
func TestRateSQLite(t *testing.T) {
	t.Run("20 a second", func(t *testing.T) { rate(t, sqliteAddress(t), 1) })
	if *rateFlag >= 10*time.Second {
		t.Run("Retry-After", func(t *testing.T) { retryAfterHoldsAll(t, sqliteAddress(t), 1) })
	}
}

func rate(t *testing.T, address string, workers int) {
	const wanted = 20
	s := openMigrated(t, address)
	n := int(wanted*rateFlag.Seconds()) + 1
	s.addAll(t, newMessages("r", 0, n))
	server := newServer(t, always, atOnce)
	for i := range workers {
		p := startProcess(t, i, role{Database: address, BaseURL: server.baseURL(i), Concurrency: concurrency, Rate: wanted})
		defer p.stop(t)
	}
	s.awaitEnds(t, *rateFlag+time.Minute)
	of := func(times []time.Time) float64 {
		return float64(len(times)-1) / times[len(times)-1].Sub(times[0]).Seconds()
	}
	begun := begins(s.records(t))
	var arrived []time.Time
	processes := map[int]int{}
	for _, a := range server.all() {
		arrived = append(arrived, a.at)
		processes[a.process]++
	}
	if len(begun) != n || len(arrived) != n || len(processes) != workers {
		t.Fatalf("%d of %d have begun, %d arrived, from %v", len(begun), n, len(arrived), processes)
	}
	burst := 0 // the most that began in one second
	for i, from := range begun {
		j := i
		for j < len(begun) && begun[j].Sub(from) < time.Second {
			j++
		}
		burst = max(burst, j-i)
	}
	t.Logf("over %v: %.2f/s begun, %.2f/s arrived, at most %d in a second; by process: %v", *rateFlag, of(begun), of(arrived), burst, processes)
	// A slow machine makes it slower, and nothing makes it faster.
	if got := of(begun); got > 1.05*wanted || got < 0.95*wanted {
		t.Errorf("%.2f/s instead of %d/s", got, wanted)
	}
}

// retryAfterHoldsAll has the server answer one request with a 429, and sees that nothing begins before its time.
func retryAfterHoldsAll(t *testing.T, address string, workers int) {
	s := openMigrated(t, address)
	var refused atomic.Bool
	decide := func(text string, _ int) fate {
		if strings.HasSuffix(text, "100") && !refused.Swap(true) {
			return holdsBack
		}
		return accepts
	}
	server := newServer(t, decide, func() time.Duration { return 5 * time.Millisecond })
	// Messages are added all the time, so that somebody has a reason to begin.
	messages := newMessages("h", 0, 3000)
	s.addAll(t, messages)
	for i := range workers {
		p := startProcess(t, i, role{Database: address, BaseURL: server.baseURL(i), Concurrency: concurrency, Rate: 400})
		defer p.stop(t)
	}
	var held time.Time
	await(t, time.Minute, "the hold", func(ctx context.Context) (bool, error) {
		status, err := s.Status(ctx)
		held = status.HeldUntil
		return !held.IsZero(), err
	})
	recorded := held.Add(-retryAfter * time.Second)
	s.awaitEnds(t, 2*time.Minute)
	before, during, after := 0, 0, 0
	for _, begun := range begins(s.records(t)) {
		switch {
		case begun.Before(recorded):
			before++
		case begun.Before(held):
			during++
			t.Errorf("one began %v after the 429 was recorded", begun.Sub(recorded))
		default:
			after++
		}
	}
	// What began before may arrive a moment after; nothing else may.
	late := 0
	for _, a := range server.all() {
		if a.at.After(recorded) && a.at.Before(held) {
			late++
		}
	}
	if late > workers*concurrency {
		t.Errorf("%d requests arrived while the queue was held back", late)
	}
	t.Logf("%d began before the 429 was recorded (%d of them arrived after), %d in the %d s after, %d later", before, late, during, retryAfter, after)
	if before == 0 || after == 0 || before+during+after != len(messages) {
		t.Error("the 429 came too early or too late to tell anything")
	}
	var texts []string
	for _, a := range server.all() {
		if a.fate.took() {
			texts = append(texts, a.text)
		}
	}
	slices.Sort(texts)
	if len(texts) != len(messages) || len(slices.Compact(texts)) != len(messages) {
		t.Errorf("%d messages were accepted instead of %d, each once", len(texts), len(messages))
	}
}
