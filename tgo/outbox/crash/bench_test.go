//go:build unix && !386 && !arm

package crash_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/measure"
	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
)

// The benchmarks measure the complete system: working processes with a concurrency of 16 each, a server that responds after 2 ms, and a
// database that writes every commit to the disk. An iteration would be a message; they send -crash.bench-messages, whatever b.N is, and
// report metrics.

// once runs do for a benchmark's first iteration only.
func once(b *testing.B, do func()) {
	done := false
	for b.Loop() {
		if !done {
			done = true
			do()
		}
	}
	b.ReportMetric(0, "ns/op")
}

// drain adds messages, starts processes, and returns the number of messages a second that arrived, from the first tenth to the last message.
func drain(b *testing.B, s *store, address, name string, workers, n int) float64 {
	b.Helper()
	s.addAll(b, newMessages(name, 0, n))
	server := newServer(b, always, func() time.Duration { return 2 * time.Millisecond })
	defer server.Close()
	var running []*process
	for i := range workers {
		r := role{Database: address, BaseURL: server.baseURL(i), Concurrency: concurrency}
		if *profileFlag != "" {
			r.Profile = filepath.Join(*profileFlag, fmt.Sprintf("%s-%d.pprof", strings.ReplaceAll(name, "/", "-"), i))
		}
		running = append(running, startProcess(b, i, r))
	}
	<-server.reached(n / 10)
	begun := time.Now()
	select {
	case <-server.reached(n):
	case <-time.After(5 * time.Minute):
		b.Fatalf("only %d of %d have arrived", server.arrived(), n)
	}
	took := time.Since(begun)
	s.awaitEnds(b, time.Minute)
	for _, p := range running {
		p.stop(b)
	}
	return float64(n-n/10) / took.Seconds()
}

// open opens the outbox of a benchmark.
type open func(b *testing.B) (s *store, address string)

func onSQLite(b *testing.B) (*store, string) {
	address := sqliteAddress(b)
	return openMigrated(b, address), address
}

func onPostgreSQL(b *testing.B) (*store, string) {
	address := postgrestest.Start(b).Database(b)
	return openMigrated(b, address), address
}

// BenchmarkOutboxSend measures one process on SQLite and three on PostgreSQL.
func BenchmarkOutboxSend(b *testing.B) {
	run := func(b *testing.B, open open, workers int) {
		once(b, func() {
			s, address := open(b)
			var rates []float64
			for i := range 3 {
				rates = append(rates, drain(b, s, address, fmt.Sprintf("send-%d-%d-", workers, i), workers, *benchMessagesFlag))
			}
			b.ReportMetric(measure.Median(rates), "messages/s")
			b.Logf("messages/s: %.0f", rates)
		})
	}
	b.Run("SQLite", func(b *testing.B) { run(b, onSQLite, 1) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, onPostgreSQL, 3) })
}

// fill inserts ended messages into River's table and the outbox's, as they are one day later.
func fill(b *testing.B, s *store, address string, n int) {
	b.Helper()
	series := fmt.Sprintf("generate_series(1, %d) as i", n)
	args := `jsonb_build_object('version', 1, 'from', '%[1]s', 'to', '%[2]s', 'type', 'text', 'text', 'full' || i, 'key', 'full' || i)`
	attemptedBy, ago, micros, after := `array['a worker']`, `now() - interval '1 hour'`, `cast(extract(epoch from now() - interval '1 hour') * 1000000 as bigint)`, "analyze"
	receipt := `jsonb_build_object('id', i, 'sender_number_id', 1, 'message_type', 'text', 'status', 'sent', 'sent_at', '2026-01-10T08:00:00Z', 'message_id', i)`
	if strings.HasPrefix(address, kindSQLite) {
		series = fmt.Sprintf("(with recursive s (i) as (select 1 union all select i + 1 from s where i < %d) select i from s)", n)
		args = `jsonb(json_object('version', 1, 'from', '%[1]s', 'to', '%[2]s', 'type', 'text', 'text', 'full' || i, 'key', 'full' || i))`
		attemptedBy, ago, micros, after = `jsonb('["a worker"]')`, `datetime('now', '-1 hour', 'subsec')`, `cast(unixepoch('now', '-1 hour') * 1000000 as integer)`, ""
		receipt = `json_object('id', i, 'sender_number_id', 1, 'message_type', 'text', 'status', 'sent', 'sent_at', '2026-01-10T08:00:00Z', 'message_id', i)`
	}
	for _, statement := range []string{
		`insert into river_job (state, attempt, max_attempts, attempted_at, created_at, finalized_at, scheduled_at, priority, args, attempted_by, kind, queue)
			select 'completed', 1, 25, ` + ago + `, ` + ago + `, ` + ago + `, ` + ago + `, 2, ` + fmt.Sprintf(args, sender, recipient) + `, ` + attemptedBy + `,
			'tgo_message', 'tgo' from ` + series,
		`insert into tgo_outbox_message (id, queue, key, sender, state, attempt, worker, added_at, begun_at, ended_at, receipt)
			select i, queue, 'full' || i, '` + sender + `', 'sent', 1, 'a worker', ` + micros + `, ` + micros + `, ` + micros + `, ` +
			receipt + ` from (select id as i, queue from river_job where state = 'completed') jobs`,
		after,
	} {
		if statement == "" {
			continue
		}
		if err := s.exec(b.Context(), statement); err != nil {
			b.Fatalf("%v\n%s", err, statement)
		}
	}
	for _, table := range []string{"river_job where state = 'completed'", "tgo_outbox_message where state = 'sent'"} {
		if found, err := s.count(b.Context(), "select count(*) from "+table); err != nil || found != int64(n) {
			b.Fatalf("%d of %d in %s, %v", found, n, table, err)
		}
	}
}

// BenchmarkOutboxFull compares the time for a message with a million ended messages in the tables with that for empty tables, alternating.
func BenchmarkOutboxFull(b *testing.B) {
	run := func(b *testing.B, open open, workers int) {
		once(b, func() {
			empty, emptyAddress := open(b)
			full, fullAddress := open(b)
			fill(b, full, fullAddress, *benchEndedFlag)
			var ratios, rates []float64
			for i := range 5 {
				alone := drain(b, empty, emptyAddress, fmt.Sprintf("empty-%d-%d-", workers, i), workers, *benchMessagesFlag)
				among := drain(b, full, fullAddress, fmt.Sprintf("among-%d-%d-", workers, i), workers, *benchMessagesFlag)
				ratios, rates = append(ratios, alone/among), append(rates, alone, among)
			}
			b.ReportMetric(measure.Median(ratios), "cost-ratio")
			b.Logf("messages/s, empty and full in turns: %.0f; ratios %.2f", rates, ratios)
		})
	}
	b.Run("SQLite", func(b *testing.B) { run(b, onSQLite, 1) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, onPostgreSQL, 3) })
}

// BenchmarkOutboxAddMany adds a million messages in batches of 5,000.
func BenchmarkOutboxAddMany(b *testing.B) {
	run := func(b *testing.B, open open) {
		once(b, func() {
			s, _ := open(b)
			const batch = 5000
			n := max(batch, *benchEndedFlag/batch*batch)
			begun := time.Now()
			for from := 0; from < n; from += batch {
				if _, err := s.AddMany(b.Context(), newMessages("add", from, from+batch)); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(time.Since(begun).Seconds()*1e6/float64(n), "s/million")
		})
	}
	b.Run("SQLite", func(b *testing.B) { run(b, onSQLite) })
	b.Run("PostgreSQL", func(b *testing.B) { run(b, onPostgreSQL) })
}
