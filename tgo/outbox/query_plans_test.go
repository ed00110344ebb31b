//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"regexp"
	"testing"

	"github.com/riverqueue/river/riverdriver"
)

// The statements that workers execute all the time read only messages that have not ended. The test asks SQLite, whose query plans do not
// depend on the content of the tables.
func TestPlans(t *testing.T) {
	s := newStepper(t, Workers{})
	ctx := t.Context()
	id := s.add(s.message("hello"))
	var seen []statement
	s.Box.driver = watchedDriver{s.driver, &seen}
	s.w.followed = true
	s.w.recoverAll(ctx)
	if err := s.attempt(id); err != nil {
		t.Error(err)
	}
	s.w.pauseAfterTrouble(ctx, id, outcome{state: Unknown})
	s.w.pauseAfterTrouble(ctx, id, outcome{state: Rejected})
	s.w.leave(ctx)
	for _, state := range []State{Sending, Unknown} {
		if _, err := s.List(ctx, Query{State: state}); err != nil {
			t.Error(err)
		}
	}
	if _, err := s.UnknownByQueue(ctx); err != nil {
		t.Error(err)
	}
	if len(seen) < 16 {
		t.Errorf("only %d statements were seen", len(seen))
	}
	slow := regexp.MustCompile(`^SCAN (tgo_outbox_message|river_job|m|j)\b|river_job_kind|tgo_outbox_message_key \(queue=\?\)`)
	unfinished := regexp.MustCompile(`USING (COVERING )?INDEX tgo_outbox_message_(sending|unknown)$`) // these hold nothing that has ended
	for _, statement := range seen {
		rows, err := s.db.QueryContext(ctx, "explain query plan "+statement.text, statement.args...)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var node, parent, unused int
			var detail string
			if err := rows.Scan(&node, &parent, &unused, &detail); err != nil {
				t.Error(err)
			}
			if slow.MatchString(detail) && !unfinished.MatchString(detail) {
				t.Errorf("%s: %s", statement.text, detail)
			}
		}
		if err := rows.Close(); err != nil {
			t.Error(err)
		}
	}
}

type statement struct {
	text string
	args []any
}

// watchedDriver records the outbox's own statements.
type watchedDriver struct {
	riverdriver.Driver[*sql.Tx]

	seen *[]statement
}

func (d watchedDriver) GetExecutor() riverdriver.Executor {
	return watchedExecutor{d.Driver.GetExecutor(), d.seen}
}

type watchedExecutor struct {
	riverdriver.Executor

	seen *[]statement
}

func (e watchedExecutor) Exec(ctx context.Context, text string, args ...any) error {
	*e.seen = append(*e.seen, statement{text, args})
	return e.Executor.Exec(ctx, text, args...)
}

func (e watchedExecutor) QueryRow(ctx context.Context, text string, args ...any) riverdriver.Row {
	*e.seen = append(*e.seen, statement{text, args})
	return e.Executor.QueryRow(ctx, text, args...)
}

func (e watchedExecutor) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := e.Executor.Begin(ctx)
	return watchedTx{tx, watchedExecutor{tx, e.seen}}, err
}

// watchedTx is a transaction whose statements are recorded by watched.
type watchedTx struct {
	riverdriver.ExecutorTx

	watched watchedExecutor
}

func (t watchedTx) Exec(ctx context.Context, text string, args ...any) error {
	return t.watched.Exec(ctx, text, args...)
}

func (t watchedTx) QueryRow(ctx context.Context, text string, args ...any) riverdriver.Row {
	return t.watched.QueryRow(ctx, text, args...)
}
