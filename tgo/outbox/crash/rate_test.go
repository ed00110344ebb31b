//go:build unix && !386 && !arm

package crash_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// begins returns the times at which the messages of a run began, sorted, from the clock of the database.
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

// Three processes keep one rate together, and a 429 to one of them holds back all. Invariant 3.
func TestRatePostgreSQL(t *testing.T) {
	t.Parallel()
	postgres := postgrestest.Start(t)
	t.Run("20 a second", func(t *testing.T) { rate(t, postgres.Database(t), 3) })
	t.Run("Retry-After", func(t *testing.T) { retryAfterHoldsAll(t, postgres.Database(t), 3) })
}

// The same with one process and SQLite.
func TestRateSQLite(t *testing.T) {
	t.Parallel()
	t.Run("20 a second", func(t *testing.T) { rate(t, sqliteAddress(t), 1) })
	if *rateFlag >= 10*time.Second {
		t.Run("Retry-After", func(t *testing.T) { retryAfterHoldsAll(t, sqliteAddress(t), 1) })
	}
}

func rate(t *testing.T, address string, workers int) {
	const wanted = 20
	s := openMigrated(t, address)
	n := int(wanted*rateFlag.Seconds()) + 1
	s.addAll(t, newMessages("r", 0, n+10*wanted)) // so many that the backlog does not run out during the measurement
	server := newServer(t, always, atOnce)
	started := time.Now()
	for i := range workers {
		p := startProcess(t, i, role{Database: address, BaseURL: server.baseURL(i), Concurrency: concurrency, Rate: wanted})
		defer p.stop(t)
	}
	select {
	case <-server.reached(n + 5): // they do not arrive in exactly the order in which they began
	case <-time.After(2**rateFlag + time.Minute):
		t.Fatalf("only %d of %d have arrived after twice the time", server.arrived(), n)
	}
	begun := begins(s.records(t))
	if len(begun) < n {
		t.Fatalf("%d have arrived, but only %d have begun", server.arrived(), len(begun))
	}
	processes := map[int]int{}
	var arrived []time.Time
	for _, a := range server.all() {
		arrived = append(arrived, a.at)
		processes[a.process]++
	}
	of := func(times []time.Time) float64 { return float64(n-1) / times[n-1].Sub(times[0]).Seconds() }
	most := 0 // the largest number that began within one second
	for i, from := range begun {
		j := i
		for j < len(begun) && begun[j].Sub(from) < time.Second {
			j++
		}
		most = max(most, j-i)
	}
	t.Logf("over %v: %.2f/s begun, %.2f/s arrived, at most %d in a second; by process: %v", *rateFlag, of(begun), of(arrived), most, processes)
	// In a short run on a busy machine, messages may begin late. It only shows that none begins before its turn.
	if *rateFlag < 10*time.Second {
		if possible := wanted*begun[n-1].Sub(started).Seconds() + 1; float64(n) > possible {
			t.Errorf("%d messages began, but only %.1f had their turn", n, possible)
		}
		return
	}
	// Within 5 %.
	expected := wanted * begun[n-1].Sub(begun[0]).Seconds()
	if off := math.Abs(float64(n-1) - expected); off > 0.05*float64(n-1) {
		t.Errorf("%d messages began; want %.1f", n-1, expected)
	}
	if n > 200 && len(processes) != workers {
		t.Errorf("only %d of %d processes sent", len(processes), workers)
	}
}

// retryAfterHoldsAll makes the server respond to one request with a 429, and checks that nothing begins before the time that it asks for.
func retryAfterHoldsAll(t *testing.T, address string, workers int) {
	s := openMigrated(t, address)
	var refused atomic.Bool
	decide := func(text string, _ int) reaction {
		if strings.HasSuffix(text, "100") && !refused.Swap(true) {
			return holdsBack
		}
		return accepts
	}
	server := newServer(t, decide, func() time.Duration { return 5 * time.Millisecond })
	// There are always messages waiting, so that processes would begin them if nothing held them back.
	messages := newMessages("h", 0, 1500)
	s.addAll(t, messages)
	for i := range workers {
		p := startProcess(t, i, role{Database: address, BaseURL: server.baseURL(i), Concurrency: concurrency, Rate: 300})
		defer p.stop(t)
	}
	var held, seen time.Time
	await(t, time.Minute, "the hold", func(ctx context.Context) (bool, error) {
		status, err := s.Status(ctx)
		held, seen = status.HeldUntil, time.Now() // the database's clock is this machine's
		return !held.IsZero(), err
	})
	asked := held.Add(-retryAfter * time.Second)
	s.awaitEnds(t, 2*time.Minute)
	// The hold counts from the time of the 429, but the other processes see it only when it is committed, a moment later. At most one message in
	// each slot can begin between the two. After the commit, none may begin.
	before, between, during, after := 0, 0, 0, 0
	for _, begun := range begins(s.records(t)) {
		switch {
		case begun.Before(asked):
			before++
		case begun.Before(seen) && between < workers*concurrency:
			between++
		case begun.Before(held):
			during++
			t.Errorf("a message began %v after the 429", begun.Sub(asked))
		default:
			after++
		}
	}
	// Messages that have begun may arrive a moment later. No others may.
	late := 0
	for _, a := range server.all() {
		if a.at.After(seen) && a.at.Before(held) {
			late++
		}
	}
	if late > workers*concurrency {
		t.Errorf("%d requests arrived while the queue was held back", late)
	}
	t.Logf("%d began before the 429 was recorded, %d while it was, %d in the %d s after (%d arrived), %d later", before, between, during, retryAfter, late, after)
	if before == 0 || after == 0 || before+between+during+after != len(messages) {
		t.Error("the 429 came too early or too late for a meaningful result")
	}
	var texts []string
	for _, a := range server.all() {
		if a.reaction.took() {
			texts = append(texts, a.text)
		}
	}
	slices.Sort(texts)
	if len(texts) != len(messages) || len(slices.Compact(texts)) != len(messages) {
		t.Errorf("%d messages were accepted instead of %d, each once", len(texts), len(messages))
	}
}
