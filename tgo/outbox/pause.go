package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Pause says why a queue sends nothing.
type Pause struct {
	// PausedAt is the time at which the queue was paused; zero if it is not paused.
	PausedAt time.Time
	// Reason says why the queue was paused.
	Reason string
	// HeldUntil is the time until which the API asked to wait (Retry-After); zero if it did not.
	HeldUntil time.Time
}

// Pause stops sending on all machines: no further attempt begins. Attempts in progress are completed. The reason is shown to people; the first
// reason is kept until the queue is resumed. River's queue is paused too, so that no jobs are fetched.
func (b *Box[TTx]) Pause(ctx context.Context, reason string) error {
	if err := b.ensureQueue(ctx); err != nil {
		return explain(err)
	}
	// The row is always written. Its lock makes a concurrent pause and resume happen in the same order for the outbox's queue and River's.
	return b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
		err := b.exec(ctx, tx, `
			update {queue} set pause_reason = case when paused_at is null then $2 else pause_reason end, paused_at = coalesce(paused_at, {now})
			where name = $1`, b.cfg.Queue, clean(reason))
		if err != nil {
			return err
		}
		return ignoreNotFound(b.river.QueuePauseTx(ctx, b.driver.UnwrapTx(tx), b.cfg.Queue, nil))
	})
}

// Resume ends a pause.
func (b *Box[TTx]) Resume(ctx context.Context) error {
	return explain(b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
		err := b.exec(ctx, tx, `update {queue} set paused_at = null, pause_reason = '' where name = $1`, b.cfg.Queue)
		if err != nil {
			return err
		}
		return ignoreNotFound(b.river.QueueResumeTx(ctx, b.driver.UnwrapTx(tx), b.cfg.Queue, nil))
	}))
}

// Paused reports whether and why the queue sends nothing. It reads a single row.
func (b *Box[TTx]) Paused(ctx context.Context) (Pause, error) {
	var pause Pause
	var paused, held int64
	err := b.row(ctx, b.driver.GetExecutor(), `
		select coalesce(paused_at, 0), pause_reason, case when held_until > {now} then held_until else 0 end
		from {queue} where name = $1`, b.cfg.Queue).Scan(&paused, &pause.Reason, &held)
	if err != nil && !noRows(err) {
		return Pause{}, explain(err)
	}
	pause.PausedAt, pause.HeldUntil = micros(paused), micros(held)
	return pause, nil
}

// ignoreNotFound drops the error for a queue or a job that River does not know. It does not know a queue that nobody has worked on yet.
func ignoreNotFound(err error) error {
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil
	}
	return err
}

// ensureQueue inserts the row of the queue if it is missing.
func (b *Box[TTx]) ensureQueue(ctx context.Context) error {
	return b.exec(ctx, b.driver.GetExecutor(), `insert into {queue} (name) values ($1) on conflict (name) do nothing`, b.cfg.Queue)
}

// keepPaused pauses River's queue if the outbox's queue is paused: River deletes a queue that nobody has worked on for a day. It writes the row
// as Pause and Resume do, so that the lock orders it with a concurrent Resume.
func (b *Box[TTx]) keepPaused(ctx context.Context) error {
	return b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
		var name string
		err := b.row(ctx, tx, `
			update {queue} set name = name where name = $1 and paused_at is not null
				and exists (select 1 from {river_queue} where name = $1 and paused_at is null)
			returning name`, b.cfg.Queue).Scan(&name)
		if noRows(err) {
			return nil
		}
		if err != nil {
			return err
		}
		return ignoreNotFound(b.river.QueuePauseTx(ctx, b.driver.UnwrapTx(tx), b.cfg.Queue, nil))
	})
}

// pauseAfterTrouble pauses the queue if the last messages to end, on any machine, all ended as unknown, or were all rejected for the same
// reason. id is the last of these messages; others may have ended since. Messages whose worker died do not count.
func (w *Worker[TTx]) pauseAfterTrouble(ctx context.Context, id int64, o outcome) {
	limit, same, what := w.cfg.PauseUnknown, `state = 'unknown' and cast($4 as text) <> ''`, "ended as unknown"
	if o.state == Rejected {
		limit, same, what = w.cfg.PauseRejected, `state = 'rejected' and code || reason = $4`, "were rejected for the same reason"
	}
	if limit < 0 {
		return
	}
	var count int
	err := w.box.row(ctx, w.box.driver.GetExecutor(), `
		select count(*) from (
			select state, code, reason from {message}
			where queue = $1 and ended_at <= (select ended_at from {message} where id = $5) and code <> $3
			order by ended_at desc limit $2
		) last where `+same, w.box.cfg.Queue, limit, codeWorker, o.code+o.reason, id).Scan(&count)
	if err == nil && count >= limit {
		err = w.box.Pause(ctx, fmt.Sprintf("%d messages in a row %s: %s", limit, what, o.reason))
	}
	if err != nil {
		w.log.ErrorContext(ctx, "tgo outbox: cannot pause the queue", slog.String("error", err.Error()))
	}
}
