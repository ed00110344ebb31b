//go:build unix && !386 && !arm

package crash_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/measure"
	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
)

const (
	concurrency = 16
	lease       = 3 * time.Second
)

// decideAtRandom loses two answers of a hundred, in three ways, refuses one message, and now and then asks to wait. What becomes of a
// message depends on the seed and its text alone.
func decideAtRandom(seed uint64) func(string, int) fate {
	return func(text string, before int) fate {
		switch p := chance(seed, text); {
		case p < 0.010:
			return loses
		case p < 0.015:
			return fails
		case p < 0.020:
			return cuts
		case p < 0.030:
			return refuses
		case p < 0.0303 && before == 0:
			return holdsBack
		}
		return accepts
	}
}

// A process at a time works on a SQLite file, is killed with SIGKILL at random points and started again. It shows the invariants 2, 3, 4
// and 6.
func TestCrashSQLite(t *testing.T) {
	crash(t, sqliteAddress(t), nil, 1, *killsFlag)
}

// Three processes work on a PostgreSQL. Both they and PostgreSQL are killed at random points and started again. It shows the invariants
// 2, 3, 4 and 6.
func TestCrashPostgreSQL(t *testing.T) {
	postgres := postgrestest.Start(t)
	crash(t, postgres.Database(t), postgres, 3, *killsFlag)
}

func crash(t *testing.T, address string, postgres *postgrestest.Server, workers, kills int) {
	dice, seed := newDice(t)
	messages := newMessages("m", 0, *messagesFlag)
	s := openMigrated(t, address)
	s.addAll(t, messages)
	e := evidence{doubtful: map[int]int{}}
	for _, m := range messages {
		e.keys = append(e.keys, m.Key)
	}
	server := newServer(t, decideAtRandom(seed), func() time.Duration { return time.Duration(rand.Int64N(int64(4 * time.Millisecond))) })

	started := 0
	start := func() *process {
		started++
		return startProcess(t, started-1, role{
			Database: address, BaseURL: server.baseURL(started - 1), Concurrency: concurrency, Lease: lease,
		})
	}
	running := make([]*process, workers)
	for i := range running {
		running[i] = start()
	}
	// The moments are spread over the run and ahead of its end, so that each finds messages under way. Of those that were under way at an
	// earlier one, some may never arrive.
	blows := slices.Repeat([]bool{false}, kills)
	if postgres != nil {
		blows = append(blows, slices.Repeat([]bool{true}, *outagesFlag)...)
	}
	dice.Shuffle(len(blows), func(i, j int) { blows[i], blows[j] = blows[j], blows[i] })
	var restarts []time.Duration
	for i, outage := range blows {
		left := len(messages) - server.arrived() - concurrency*workers*i
		moment := server.reached(server.arrived() + 1 + dice.IntN(max(1, 2*left/(len(blows)-i+2))))
		select {
		case <-moment:
		case <-time.After(2 * time.Minute):
			status, err := s.Status(t.Context())
			t.Fatalf("nothing arrives any more, after %d requests and %d blows: %+v, %v", server.arrived(), i, status, err)
		}
		time.Sleep(time.Duration(dice.Int64N(int64(3 * time.Millisecond)))) // no event: a point at random
		if outage {
			postgres.Kill()
			if err := postgres.Restart(); err != nil {
				t.Fatal(err)
			}
			for _, p := range running {
				e.doubtful[p.number] += concurrency
			}
			continue
		}
		which := dice.IntN(workers)
		victim := running[which]
		if !victim.kill() {
			t.Errorf("process %d was not alive any more: %s", victim.number, victim.stderr)
		}
		e.doubtful[victim.number] += concurrency
		begun, before := time.Now(), server.arrived()
		running[which] = start()
		if workers == 1 {
			select {
			case <-server.reached(before + 1):
				restarts = append(restarts, time.Since(begun))
			case <-time.After(time.Minute):
				t.Fatalf("process %d does not go on: %s", running[which].number, running[which].stderr)
			}
		}
	}
	s.awaitEnds(t, 3*time.Minute)
	for _, p := range running {
		p.stop(t)
	}
	if len(restarts) > 0 {
		t.Logf("from a start after a kill to the first request: median %v, at most %v", measure.Median(restarts), slices.Max(restarts))
	}
	e.records, e.arrivals = s.records(t), server.all()
	judge(e).report(t)
	t.Logf("%d messages, %d requests, %d workers killed, PostgreSQL killed %d times", len(messages), len(e.arrivals), kills, len(blows)-kills)
}

// A connection may be lost after River has fetched jobs in the database and before it hears of them. Nobody else may take them, for the
// process lives; it has to notice by itself. It shows the invariant 4.
func TestFetchThatWasLost(t *testing.T) {
	run := func(t *testing.T, address, attemptedBy, longAgo string) {
		s := openMigrated(t, address)
		server := newServer(t, always, atOnce)
		p := startProcess(t, 0, role{Database: address, BaseURL: server.baseURL(0), Concurrency: concurrency, Lease: time.Second})
		defer p.stop(t)
		s.awaitWorker(t, p)
		tx, err := s.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		err = tx.add(newMessages("lost", 0, 3))
		if err == nil {
			err = tx.exec("update river_job set state = 'running', attempt = 1, attempted_at = " + longAgo + ", attempted_by = (select " + attemptedBy + " from tgo_outbox_worker)")
		}
		if err == nil {
			err = tx.commit()
		}
		if err != nil {
			t.Fatal(err)
		}
		s.awaitEnds(t, time.Minute)
		if arrived := server.arrived(); arrived != 3 {
			t.Errorf("%d of 3 messages arrived", arrived)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		run(t, sqliteAddress(t), "jsonb_array(client)", "datetime('now', '-1 hour', 'subsec')")
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		run(t, postgrestest.Start(t).Database(t), "array[client]", "now() - interval '1 hour'")
	})
}
