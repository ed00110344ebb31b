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

// A worker is stopped with messages under way, for longer than its lease and than River leaves a job alone, and then continued. Meanwhile the
// others go on, and its jobs are given to them in the roughest way there is. It shows the invariants 2 and 6.
func TestStopPostgreSQL(t *testing.T) {
	t.Parallel()
	address := postgrestest.Start(t).Database(t)
	t.Run("past its lease", func(t *testing.T) { stops(t, address, "a", 3, time.Second, time.Hour) })
	t.Run("past River's rescue", func(t *testing.T) { stops(t, address, "b", 3, 20*time.Second, 2*time.Second) })
}

// The only worker of a SQLite file sleeps past both. It shows the invariants 2 and 6.
func TestStopSQLite(t *testing.T) {
	t.Parallel()
	stops(t, sqliteAddress(t), "a", 1, time.Second, time.Second)
}

func stops(t *testing.T, address, prefix string, workers int, lease, rescueAfter time.Duration) {
	dice, _ := newDice(t)
	s := openMigrated(t, address)
	// Enough that there is work all the time, also while a worker is stopped.
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
	doubtfulAll := func() { // a leader that rescues takes from all of them what is slow
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
			// What it had under way is set aside, or what it had fetched is taken by others.
			await(t, time.Minute, "the end of its lease", func(ctx context.Context) (bool, error) {
				status, err := s.Status(ctx)
				for _, w := range status.Workers {
					if w.PID == stopped.cmd.Process.Pid && w.LeaseUntil.After(time.Now()) {
						return lease > rescueAfter, err // its lease is not what this is about
					}
				}
				return true, err
			})
			await(t, time.Minute, "jobs to rescue", func(context.Context) (bool, error) { return time.Since(asleep) > min(rescueAfter, 5*time.Second), nil })
			// The leader rescues every half a minute, and a new one when it begins.
			if err := s.exec(t.Context(), "delete from river_leader"); err != nil {
				t.Fatal(err)
			}
			running = append(running, start())
			s.awaitWorker(t, running[len(running)-1])
			// River's rescue ignores jobs whose workers have no timeout. A person in River UI does not, nor does a leader of another version.
			err := s.exec(t.Context(), fmt.Sprintf("update river_job set state = 'available' where state in ('running', 'pending') and "+
				"attempted_at < now() - interval '%d milliseconds'", min(rescueAfter, 2*time.Second).Milliseconds()))
			if err != nil {
				t.Fatal(err)
			}
			reached := server.arrived() + 50
			select {
			case <-server.reached(reached):
			case <-time.After(3 * time.Second): // there was not so much left
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
		// What it had begun may wait again, where it slept before it could send: its word counts, and is in when it ends.
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
	v := judge(e)
	v.report(t)
	if workers > 1 {
		t.Logf("unknown while a worker was stopped: %v", aside)
	}
	if v.states[outbox.Sent]+v.states[outbox.Unknown] != added {
		t.Errorf("%v of %d messages", v.states, added)
	}
}
