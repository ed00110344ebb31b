//go:build unix && !386 && !arm

package crash_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// A worker is stopped (SIGSTOP) while it is sending, for longer than its lease and longer than River leaves a job alone, and then continued.
// Meanwhile the others keep working, and its jobs are made available to them directly in the database. Invariants 2 and 6.
func TestStopPostgreSQL(t *testing.T) {
	t.Parallel()
	address := postgrestest.Start(t).Database(t)
	t.Run("past its lease", func(t *testing.T) { stops(t, address, "a", 3, time.Second, time.Hour) })
	t.Run("past River's rescue", func(t *testing.T) { stops(t, address, "b", 3, 20*time.Second, 2*time.Second) })
}

// The only worker of a SQLite file is stopped for longer than both. Invariants 2 and 6.
func TestStopSQLite(t *testing.T) {
	t.Parallel()
	stops(t, sqliteAddress(t), "a", 1, time.Second, time.Second)
}

func stops(t *testing.T, address, prefix string, workers int, lease, rescueAfter time.Duration) {
	dice, _ := newDice(t)
	s := openMigrated(t, address)
	// Slow enough that there is always work, also while a worker is stopped.
	server := newServer(t, always, func() time.Duration {
		return 20*time.Millisecond + time.Duration(rand.Int64N(int64(20*time.Millisecond)))
	})
	e := evidence{doubtful: map[int]int{}}
	started, added := 0, 0
	var aside []int64 // how many were unknown at the end of each stop
	add := func(n int) {
		batch := newMessages(prefix, added, added+n)
		added += n
		s.addAll(t, batch)
		for _, m := range batch {
			e.keys = append(e.keys, m.Key)
		}
	}
	start := func() *process {
		started++
		return startProcess(t, started-1, role{
			Database: address, BaseURL: server.baseURL(started - 1), Concurrency: concurrency, Lease: lease, RescueAfter: rescueAfter,
		})
	}
	running := make([]*process, workers)
	for i := range running {
		running[i] = start()
		s.awaitWorker(t, running[i])
	}
	doubtfulAll := func() { // a leader that rescues jobs takes slow ones from all processes
		for _, p := range running {
			e.doubtful[p.number] += concurrency
		}
	}
	for range *stopsFlag {
		before := server.arrived()
		add(300)
		<-server.reached(before + 1 + dice.IntN(100))
		time.Sleep(time.Duration(dice.Int64N(int64(20 * time.Millisecond)))) // no event: a point at random
		which := dice.IntN(workers)
		stopped := running[which]
		if err := stopped.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		doubtfulAll()
		asleep := time.Now()
		if workers > 1 {
			// Either the messages that it was sending are set aside, or others take the jobs that it had fetched.
			await(t, time.Minute, "the end of its lease", func(ctx context.Context) (bool, error) {
				status, err := s.Status(ctx)
				for _, w := range status.Workers {
					if w.PID == stopped.cmd.Process.Pid && w.LeaseUntil.After(time.Now()) {
						return lease > rescueAfter, err // this case does not depend on its lease
					}
				}
				return true, err
			})
			await(t, time.Minute, "jobs to rescue", func(context.Context) (bool, error) { return time.Since(asleep) > min(rescueAfter, 5*time.Second), nil })
			// A leader rescues jobs every 30 s, and a new leader when it starts.
			if err := s.exec(t.Context(), "delete from river_leader"); err != nil {
				t.Fatal(err)
			}
			running = append(running, start())
			s.awaitWorker(t, running[len(running)-1])
			// River's rescuer ignores jobs whose workers have no timeout. A person in River UI, or a leader of another version, may not.
			err := s.exec(t.Context(), fmt.Sprintf("update river_job set state = 'available' where state in ('running', 'pending') and "+
				"attempted_at < now() - interval '%d milliseconds'", min(rescueAfter, 2*time.Second).Milliseconds()))
			if err != nil {
				t.Fatal(err)
			}
			reached := server.arrived() + 50
			select {
			case <-server.reached(reached):
			case <-time.After(3 * time.Second): // fewer were left
			}
			n, err := s.count(t.Context(), "select count(*) from tgo_outbox_message where state = 'unknown'")
			if err != nil {
				t.Fatal(err)
			}
			aside = append(aside, n)
		} else {
			await(t, time.Minute, "a long sleep", func(context.Context) (bool, error) { return time.Since(asleep) > 2*max(lease, rescueAfter), nil })
		}
		if err := stopped.cmd.Process.Signal(syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		s.awaitEnds(t, 3*time.Minute)
		// If it was stopped before it could send, its message may wait again: it reports that outcome, at the latest when it ends.
		stopped.stop(t)
		running[which] = start()
		s.awaitWorker(t, running[which])
		s.awaitEnds(t, 3*time.Minute)
	}
	for _, p := range running {
		p.stop(t)
	}
	e.arrivals = server.all()
	for _, r := range s.records(t) {
		if strings.HasPrefix(r.Key, prefix) {
			e.records = append(e.records, r)
		}
	}
	v := check(e)
	v.report(t)
	if workers > 1 {
		t.Logf("unknown while a worker was stopped: %v", aside)
	}
	if v.states[outbox.Sent]+v.states[outbox.Unknown] != added {
		t.Errorf("%v of %d messages", v.states, added)
	}
}
