package outbox

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// exec executes a statement that is written for dialect; row executes one that returns one row.
func (b *Box[TTx]) exec(ctx context.Context, exec riverdriver.Executor, statement string, args ...any) error {
	return exec.Exec(ctx, b.sql.of(statement), args...)
}

func (b *Box[TTx]) row(ctx context.Context, exec riverdriver.Executor, statement string, args ...any) riverdriver.Row {
	return exec.QueryRow(ctx, b.sql.of(statement), args...)
}

// tx runs do in a transaction, and commits it unless do returns an error.
func (b *Box[TTx]) tx(ctx context.Context, do func(tx riverdriver.ExecutorTx) error) error {
	tx, err := b.driver.GetExecutor().Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx)) // the error of do is the cause
		return err
	}
	return tx.Commit(ctx)
}

// noRows reports whether a statement returned no row.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// micros converts a time of the database.
func micros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return time.UnixMicro(at).UTC()
}
