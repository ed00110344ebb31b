//go:build unix && !386 && !arm

package crash_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx" of database/sql
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite" // the driver "sqlite" of database/sql

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// box is the part of outbox.Box that does not depend on the type of a transaction.
type box interface {
	Migrate(ctx context.Context) error
	AddMany(ctx context.Context, messages []outbox.Message) ([]outbox.Added, error)
	Work(ctx context.Context, client *tgo.Client, workers outbox.Workers) error
	List(ctx context.Context, query outbox.Query) ([]outbox.Record, error)
	Status(ctx context.Context) (outbox.Status, error)
}

// store is an outbox in a database of any of the three kinds.
type store struct {
	box

	exec  func(ctx context.Context, statement string) error
	count func(ctx context.Context, query string) (int64, error)
	begin func(ctx context.Context) (*transaction, error)
	// workBeside works with a river.Client of the program's own.
	workBeside func(ctx context.Context, client *tgo.Client, workers outbox.Workers, config river.Config) error
	close      func()
}

// transaction is a transaction of the program that adds messages.
type transaction struct {
	exec             func(statement string) error
	add              func(messages []outbox.Message) error
	commit, rollback func() error
}

// The prefixes of an address, which say what kind of database it is.
const (
	kindSQLite      = "sqlite:"   // followed by a file name
	kindPostgres    = "postgres:" // a URL, used with pgx
	kindPostgresSQL = "sql+"      // followed by a URL, used with database/sql
)

// openStore opens an outbox by the address of its database.
func openStore(ctx context.Context, address string, log *slog.Logger) (*store, error) {
	cfg := outbox.Config{Logger: log}
	switch {
	case strings.HasPrefix(address, kindSQLite):
		pragmas := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
		db, err := sql.Open("sqlite", "file:"+strings.TrimPrefix(address, kindSQLite)+"?"+pragmas.Encode())
		if err != nil {
			return nil, err
		}
		db.SetMaxOpenConns(1)
		return newSQLStore(db, riversqlite.New(db), cfg)
	case strings.HasPrefix(address, kindPostgresSQL):
		db, err := sql.Open("pgx", strings.TrimPrefix(address, kindPostgresSQL))
		if err != nil {
			return nil, err
		}
		return newSQLStore(db, riverdatabasesql.New(db), cfg)
	case strings.HasPrefix(address, kindPostgres):
		pool, err := pgxpool.New(ctx, address)
		if err != nil {
			return nil, err
		}
		s, err := newStore(riverpgxv5.New(pool), cfg, func(ctx context.Context) (pgx.Tx, *transaction, error) {
			tx, err := pool.Begin(ctx)
			if err != nil {
				return nil, nil, err
			}
			return tx, &transaction{
				exec:     func(statement string) error { _, err := tx.Exec(ctx, statement); return err },
				commit:   func() error { return tx.Commit(ctx) },
				rollback: func() error { return tx.Rollback(ctx) },
			}, nil
		})
		if err != nil {
			pool.Close()
			return nil, err
		}
		s.exec = func(ctx context.Context, statement string) error { _, err := pool.Exec(ctx, statement); return err }
		s.count = func(ctx context.Context, query string) (n int64, err error) {
			err = pool.QueryRow(ctx, query).Scan(&n)
			return n, err
		}
		s.close = pool.Close
		return s, nil
	}
	return nil, fmt.Errorf("the address has an unknown kind of database: %s", address)
}

func newSQLStore(db *sql.DB, driver riverdriver.Driver[*sql.Tx], cfg outbox.Config) (*store, error) {
	s, err := newStore(driver, cfg, func(ctx context.Context) (*sql.Tx, *transaction, error) {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return nil, nil, err
		}
		return tx, &transaction{
			exec:   func(statement string) error { _, err := tx.ExecContext(ctx, statement); return err },
			commit: tx.Commit, rollback: tx.Rollback,
		}, nil
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	s.exec = func(ctx context.Context, statement string) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	}
	s.count = func(ctx context.Context, query string) (n int64, err error) {
		err = db.QueryRowContext(ctx, query).Scan(&n)
		return n, err
	}
	s.close = func() { _ = db.Close() } // the database may be gone by then
	return s, nil
}

func newStore[TTx any](driver riverdriver.Driver[TTx], cfg outbox.Config, begin func(context.Context) (TTx, *transaction, error)) (*store, error) {
	b, err := outbox.New(driver, cfg)
	if err != nil {
		return nil, err
	}
	return &store{
		box: b,
		begin: func(ctx context.Context) (*transaction, error) {
			tx, own, err := begin(ctx)
			if err != nil {
				return nil, err
			}
			own.add = func(messages []outbox.Message) error {
				if len(messages) == 1 {
					_, err := b.AddTx(ctx, tx, messages[0])
					return err
				}
				_, err := b.AddManyTx(ctx, tx, messages)
				return err
			}
			return own, nil
		},
		workBeside: func(ctx context.Context, client *tgo.Client, workers outbox.Workers, config river.Config) error {
			config.Workers = river.NewWorkers()
			config.Logger = cfg.Logger
			worker, err := b.Register(config.Workers, client, workers)
			if err != nil {
				return err
			}
			rivers, err := river.NewClient(driver, &config)
			if err != nil {
				return err
			}
			alive, stop := context.WithCancel(context.WithoutCancel(ctx))
			ended := make(chan error, 1)
			go func() { ended <- worker.Run(alive, rivers) }()
			err = rivers.Start(ctx)
			switch {
			case err == nil:
				<-rivers.Stopped()
			case ctx.Err() != nil && errors.Is(err, context.Canceled):
				err = nil // it was stopped while it started
			}
			stop()
			return errors.Join(err, <-ended)
		},
	}, nil
}

// discard is the logger of the test's own store. During an outage of the database it would log many errors.
var discard = slog.New(slog.NewTextHandler(io.Discard, nil))

// openMigrated opens an outbox for a test, with all tables.
func openMigrated(tb testing.TB, address string) *store {
	tb.Helper()
	s, err := openStore(tb.Context(), address, discard)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.close)
	if err := s.Migrate(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return s
}

func sqliteAddress(tb testing.TB) string {
	return kindSQLite + filepath.Join(tb.TempDir(), "outbox.db")
}

const (
	sender    = "+201001187188"
	recipient = "+201010000000"
)

// newMessages returns messages with unique texts. The key of each is its text.
func newMessages(prefix string, from, to int) []outbox.Message {
	var list []outbox.Message
	for i := from; i < to; i++ {
		name := fmt.Sprintf("%s%06d", prefix, i)
		list = append(list, outbox.Message{From: sender, To: recipient, Text: name, Key: name})
	}
	return list
}

// addAll adds messages in batches.
func (s *store) addAll(tb testing.TB, messages []outbox.Message) {
	tb.Helper()
	for batch := range slices.Chunk(messages, 1000) {
		if _, err := s.AddMany(tb.Context(), batch); err != nil {
			tb.Fatal(err)
		}
	}
}

// records returns all records.
func (s *store) records(tb testing.TB) []outbox.Record {
	tb.Helper()
	var all []outbox.Record
	for after := int64(0); ; after = all[len(all)-1].ID {
		page, err := s.List(tb.Context(), outbox.Query{After: after, Limit: 1000})
		if err != nil {
			tb.Fatal(err)
		}
		if len(page) == 0 {
			return all
		}
		all = append(all, page...)
	}
}

// await polls the database until ask returns true. Errors count as false, because the database may be unavailable at the moment.
func await(tb testing.TB, patience time.Duration, what string, ask func(ctx context.Context) (bool, error)) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for {
		yes, err := ask(ctx)
		if yes && err == nil {
			return
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			tb.Fatalf("after %v, still waiting for %s (%v)", patience, what, err)
		}
	}
}

// awaitEnds waits until no message waits or is being sent.
func (s *store) awaitEnds(tb testing.TB, patience time.Duration) {
	tb.Helper()
	var last outbox.Status
	tb.Cleanup(func() {
		if tb.Failed() {
			tb.Logf("the last status: %+v", last)
		}
	})
	await(tb, patience, "the end of all messages", func(ctx context.Context) (bool, error) {
		status, err := s.Status(ctx)
		if err == nil {
			last = status
		}
		return err == nil && allEnded(status), err
	})
}

// allEnded reports whether no message waits or is being sent.
func allEnded(status outbox.Status) bool {
	return status.Messages[outbox.Waiting]+status.Messages[outbox.Sending] == 0
}

// awaitRequests waits until reached is closed. It returns false if all messages have ended, so that no request will arrive.
func (s *store) awaitRequests(tb testing.TB, reached <-chan struct{}) bool {
	tb.Helper()
	patience := time.After(2 * time.Minute)
	for {
		select {
		case <-reached:
			return true
		case <-time.After(time.Second):
			// The database may be unavailable at the moment.
			if status, err := s.Status(tb.Context()); err == nil && allEnded(status) {
				return false
			}
		case <-patience:
			status, err := s.Status(tb.Context())
			tb.Fatalf("no requests arrive any more: %+v, %v", status, err)
		}
	}
}
