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

// decideAtRandom loses two responses in a hundred, in three ways, refuses one message in a hundred, and sometimes asks to wait. The decision
// about a message depends only on the seed and its text.
func decideAtRandom(seed uint64) func(string, int) reaction {
	return func(text string, before int) reaction {
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

// One process works on a SQLite file. It is killed with SIGKILL at random points and started again. Invariants 2, 3, 4 and 6.
func TestCrashSQLite(t *testing.T) {
	crash(t, sqliteAddress(t), nil, 1, *killsFlag)
}

// Three processes work on a PostgreSQL database. The processes and PostgreSQL are killed at random points and started again. Invariants 2, 3, 4
// and 6.
func TestCrashPostgreSQL(t *testing.T) {
	postgres := postgrestest.Start(t)
	crash(t, postgres.Database(t), postgres, 3, *killsFlag)
}

func crash(t *testing.T, address string, postgres *postgrestest.Server, workers, kills int) {
	dice, seed := newDice(t)
	s := openMigrated(t, address)
	e := evidence{doubtful: map[int]int{}}
	add := func() {
		messages := newMessages("m", len(e.keys), len(e.keys)+*messagesFlag)
		s.addAll(t, messages)
		for _, m := range messages {
			e.keys = append(e.keys, m.Key)
		}
	}
	add()
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
	// The kills are spread over the run and before its end, so that messages are being sent at each of them. Some of the messages that were being
	// sent at an earlier kill may never arrive.
	failures := slices.Repeat([]bool{false}, kills)
	if postgres != nil {
		failures = append(failures, slices.Repeat([]bool{true}, *outagesFlag)...)
	}
	dice.Shuffle(len(failures), func(i, j int) { failures[i], failures[j] = failures[j], failures[i] })
	var restarts []time.Duration
	for i, outage := range failures {
		left := len(e.keys) - server.arrived() - concurrency*workers*i
		moment := server.reached(server.arrived() + 1 + dice.IntN(max(1, 2*left/(len(failures)-i+2))))
		if !s.awaitRequests(t, moment) { // on a slow machine, the workers may send all messages while PostgreSQL is started
			moment = server.reached(server.arrived() + 1)
			add()
			if !s.awaitRequests(t, moment) {
				t.Fatal("no request arrives of the messages that were added")
			}
		}
		time.Sleep(time.Duration(dice.Int64N(int64(3 * time.Millisecond)))) // not waiting for an event: a random point
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
			t.Errorf("process %d had already ended: %s", victim.number, victim.stderr)
		}
		e.doubtful[victim.number] += concurrency
		begun, before := time.Now(), server.arrived()
		running[which] = start()
		if workers == 1 {
			select {
			case <-server.reached(before + 1):
				restarts = append(restarts, time.Since(begun))
			case <-time.After(time.Minute):
				t.Fatalf("process %d does not send after its restart: %s", running[which].number, running[which].stderr)
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
	check(e).report(t)
	t.Logf("%d messages, %d requests, %d workers killed, PostgreSQL killed %d times", len(e.keys), len(e.arrivals), kills, len(failures)-kills)
}

// A connection may be lost after River has fetched jobs in the database and before it receives them. No other process may take them, since the
// process is alive. It has to notice this itself. Invariant 4.
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
