// Package python_test runs add.py, an example of a Python program that adds a message in its own transaction, and checks the rows that it
// inserts. ../setup.sh installs everything it needs except Go.
package python_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// findPython returns the interpreter that has River's client. It must exist if TGO_REQUIRE_RUNTIMES is set, as in CI.
func findPython(t *testing.T) string {
	t.Helper()
	// The path of the link, not of its target, because Python finds its environment by that path.
	python, err := filepath.Abs(filepath.Join(".venv", "bin", "python"))
	if err == nil {
		_, err = os.Stat(python)
	}
	if err != nil && os.Getenv("TGO_REQUIRE_RUNTIMES") != "" {
		t.Fatal("River's client for Python is missing, and TGO_REQUIRE_RUNTIMES is set: run tgo/outbox/setup.sh first")
	}
	if err != nil {
		t.Skip("River's client for Python is missing: tgo/outbox/setup.sh installs it")
	}
	return python
}

// add runs add.py and returns what it prints.
func add(t *testing.T, python, database string, arguments ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, append([]string{"add.py"}, arguments...)...)
	cmd.Env = []string{"DATABASE_URL=" + database, "PYTHONDONTWRITEBYTECODE=1"}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("add.py %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

// jobs returns the rows of river_job in the order in which they were inserted, without the columns that always differ.
func jobs(t *testing.T, pool *pgxpool.Pool) []map[string]any {
	t.Helper()
	rows, err := pool.Query(t.Context(), `SELECT to_jsonb(j) - '{id,created_at,scheduled_at}'::text[] FROM river_job j ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[map[string]any])
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func encode(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v) // with the keys of a map in order
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// add.py inserts exactly the row that the outbox itself writes, and a Go worker sends the message. After a rollback there is no row. Invariants
// 1 and 5.
func TestAdd(t *testing.T) {
	python := findPython(t)
	database := postgrestest.Start(t).Database(t)
	pool, err := pgxpool.New(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	box, err := outbox.New(riverpgxv5.New(pool), outbox.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}

	if out := add(t, python, database, "--rollback", "4820"); out != "" {
		t.Errorf("after a rollback, add.py prints %q", out)
	}
	if found := jobs(t, pool); len(found) != 0 {
		t.Errorf("after a rollback there is %s", encode(t, found))
	}
	if out := add(t, python, database, "4821"); !strings.HasSuffix(out, " is in the outbox\n") {
		t.Errorf("add.py prints %q", out)
	}
	twin := outbox.Message{From: "+201001187188", To: "+201010000000", Text: "Your order 4821 has shipped", Key: "order-4821-shipped"}
	if _, err := box.Add(t.Context(), twin); err != nil {
		t.Fatal(err)
	}
	found := jobs(t, pool)
	if len(found) != 2 {
		t.Fatalf("2 jobs were added, but the table has %s", encode(t, found))
	}
	if python, golang := encode(t, found[0]), encode(t, found[1]); python != golang {
		t.Errorf("the row of\nPython is %s,\nof Go     %s", python, golang)
	}

	fake := tgotest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- box.Work(ctx, fake.Client, outbox.Workers{Concurrency: 1}) }()
	if sent := fake.ExpectMessage(t); sent.Content != twin.Text || sent.To != twin.To {
		t.Errorf("sent %+v", sent)
	}
	for { // one of the two is sent, the other one is cancelled because it has the same key
		status, err := box.Status(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if status.Messages[outbox.Sent] == 1 && status.Messages[outbox.Cancelled] == 1 {
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	fake.ExpectNoMessage(t)

	rows, err := pool.Query(t.Context(), `SELECT id FROM orders`)
	if err != nil {
		t.Fatal(err)
	}
	if orders, err := pgx.CollectRows(rows, pgx.RowTo[int]); err != nil || len(orders) != 1 || orders[0] != 4821 {
		t.Errorf("the orders are %v (%v), want only 4821", orders, err)
	}
}
