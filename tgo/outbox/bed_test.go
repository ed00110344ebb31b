//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	_ "modernc.org/sqlite"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// each runs a test on SQLite, and with both drivers on PostgreSQL if it is installed.
func each(t *testing.T, onSQLite func(*testing.T, *bed[*sql.Tx]), onPostgres func(*testing.T, *bed[pgx.Tx])) {
	t.Helper()
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
		onSQLite(t, newBed(t, riversqlite.New(db), func(ctx context.Context) (*sql.Tx, error) { return db.BeginTx(ctx, nil) },
			func(tx *sql.Tx, commit bool) error {
				if commit {
					return tx.Commit()
				}
				return tx.Rollback()
			}))
	})
	t.Run("database/sql", func(t *testing.T) {
		t.Parallel()
		if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
			t.Skip("TGO_REQUIRE_RUNTIMES is not set: the driver for database/sql only polls, which is slow")
		}
		db, err := sql.Open("pgx", sharedPostgres(t).Database(t))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		onSQLite(t, newBed(t, riverdatabasesql.New(db), func(ctx context.Context) (*sql.Tx, error) { return db.BeginTx(ctx, nil) },
			func(tx *sql.Tx, commit bool) error {
				if commit {
					return tx.Commit()
				}
				return tx.Rollback()
			}))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		pool := openPostgres(t)
		onPostgres(t, newBed(t, riverpgxv5.New(pool), pool.Begin, func(tx pgx.Tx, commit bool) error {
			if commit {
				return tx.Commit(t.Context())
			}
			return tx.Rollback(t.Context())
		}))
	})
}

func openSQLite(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.ToSlash(file)+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func openPostgres(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), sharedPostgres(t).Database(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// bed is an outbox in an empty database, with a fake server.
type bed[TTx any] struct {
	*Box[TTx]

	t      *testing.T
	driver riverdriver.Driver[TTx]
	fake   *tgotest.Server
	begin  func(context.Context) (TTx, error)
	end    func(tx TTx, commit bool) error
}

func newBed[TTx any](t *testing.T, driver riverdriver.Driver[TTx], begin func(context.Context) (TTx, error), end func(TTx, bool) error) *bed[TTx] {
	t.Helper()
	b := &bed[TTx]{t: t, driver: driver, fake: tgotest.New(t), begin: begin, end: end}
	b.Box = b.box(Config{Open: OpenPath})
	if err := b.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return b
}

// box returns another Box for the same database.
func (b *bed[TTx]) box(cfg Config) *Box[TTx] {
	b.t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(testWriter{b.t}, &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	box, err := New(b.driver, cfg)
	if err != nil {
		b.t.Fatal(err)
	}
	return box
}

// message returns a message that the fake accepts.
func (b *bed[TTx]) message(text string) Message {
	return Message{From: b.fake.SenderPhone, To: b.fake.RecipientPhone, Text: text}
}

func (b *bed[TTx]) add(m Message) int64 {
	b.t.Helper()
	added, err := b.Add(b.t.Context(), m)
	if err != nil {
		b.t.Fatal(err)
	}
	return added.ID
}

// work starts a worker. stop stops it and waits for it; the cleanup of the test does so too.
func (b *bed[TTx]) work(workers Workers) (stop func()) {
	b.t.Helper()
	return b.workOn(b.Box, b.fake.Client, workers)
}

func (b *bed[TTx]) workOn(box *Box[TTx], client *tgo.Client, workers Workers) (stop func()) {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- box.Work(ctx, client, workers) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			b.t.Errorf("Work: %v", err)
		}
	})
	b.t.Cleanup(stop)
	return stop
}

// until waits until a message is in a state, and returns its record.
func (b *bed[TTx]) until(id int64, state State) Record {
	b.t.Helper()
	var record Record
	b.eventually(func() bool {
		var err error
		if record, err = b.Get(b.t.Context(), id); err != nil {
			b.t.Fatal(err)
		}
		return record.State == state
	}, func() {
		b.t.Fatalf("message %d is %s (%s %s), not %s", id, record.State, record.Code, record.Reason, state)
	})
	return record
}

// eventually polls the database, which does not notify of changes, until holds returns true.
func (b *bed[TTx]) eventually(holds func() bool, otherwise func()) {
	b.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			otherwise()
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// must executes a statement.
func (b *bed[TTx]) must(statement string, args ...any) {
	b.t.Helper()
	if err := b.exec(b.t.Context(), b.driver.GetExecutor(), statement, args...); err != nil {
		b.t.Fatal(err)
	}
}

// fetchedBy makes the job of a message look as if a river.Client had fetched it.
func (b *bed[TTx]) fetchedBy(id int64, client string) {
	b.t.Helper()
	by := `array['` + client + `']`
	if b.sql.sqlite {
		by = `jsonb('["` + client + `"]')`
	}
	b.must(`update {job} set state = 'running', attempt = 1, attempted_at = {timestamp}, attempted_by = `+by+` where id = $1`, id)
}

// slow makes the fake accept the next message and respond only after a delay. reached waits until the message has arrived.
func (b *bed[TTx]) slow(delay time.Duration) (reached func()) {
	b.t.Helper()
	if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Stored: true, Delay: delay}); err != nil {
		b.t.Fatal(err)
	}
	return func() { b.fake.ExpectMessage(b.t) }
}

// holding returns a client that holds back the responses of the fake until release is called. reached waits until the fake has responded to a
// request.
func (b *bed[TTx]) holding() (client *tgo.Client, reached, release func()) {
	b.t.Helper()
	h := &holdingTransport{arrived: make(chan struct{}, 100), released: make(chan struct{})}
	release = sync.OnceFunc(func() { close(h.released) })
	b.t.Cleanup(h.CloseIdleConnections)
	b.t.Cleanup(release)
	client, err := tgo.New("", b.fake.Key, tgo.WithBaseURL(b.fake.URL), tgo.WithHTTPClient(&http.Client{Transport: h}))
	if err != nil {
		b.t.Fatal(err)
	}
	return client, func() { <-h.arrived }, release
}

// holdingTransport returns responses only after released is closed.
type holdingTransport struct {
	http.Transport

	arrived, released chan struct{}
}

func (h *holdingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	answer, err := h.Transport.RoundTrip(req)
	h.arrived <- struct{}{}
	<-h.released
	return answer, err
}

// pausedStatus waits until the queue is paused, and returns the status.
func (b *bed[TTx]) pausedStatus() (Status, error) {
	b.t.Helper()
	var status Status
	var err error
	b.eventually(func() bool {
		status, err = b.Status(b.t.Context())
		return err != nil || !status.PausedAt.IsZero()
	}, func() { b.t.Fatalf("the queue is not paused: %+v", status) })
	return status, err
}

// testWriter writes to the output of a test.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	return w.t.Output().Write(p)
}

func withContent(text string) tgotest.Match {
	return func(m tgotest.Message) bool { return m.Content == text }
}

func second[T any](_ T, err error) error { return err }

// answering is a transport that always returns the same response.
type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Request: req, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body)),
	}, req.Body.Close()
}
