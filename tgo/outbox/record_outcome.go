package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// settle records an outcome, retrying until it succeeds, and returns the error for River. number is the number of the attempt, or 0 if none
// began. settled is false if the outcome could not be recorded.
func (w *Worker[TTx]) settle(ctx context.Context, job *rivertype.JobRow, number int, o outcome) (settled bool, err error) {
	o.reason = clean(o.reason)
	if o.hold > 0 {
		w.persist(ctx, "hold the queue back", func(ctx context.Context) error {
			return w.box.exec(ctx, w.box.driver.GetExecutor(),
				`update {queue} set held_until = {max}(held_until, {now} + $2) where name = $1`, w.box.cfg.Queue, o.hold.Microseconds())
		})
	}
	if o.pause {
		w.persist(ctx, "pause the queue", func(ctx context.Context) error { return w.box.Pause(ctx, o.reason) })
	}
	recorded := false
	settled = w.persist(ctx, "record an outcome", func(ctx context.Context) error {
		var err error
		recorded, err = w.box.record(ctx, job.ID, number, o)
		return err
	})
	if recorded {
		w.report(context.WithoutCancel(ctx), job.ID, number, o)
	}
	switch {
	case !recorded || o.state == Unknown:
		// By the time River handles this, the job may belong to another attempt. It must not end then.
		return settled, river.JobSnooze(time.Second)
	case o.state == Rejected:
		return settled, river.JobCancel(errors.New(o.reason))
	case o.state == Waiting:
		return settled, river.JobSnooze(o.retry)
	}
	return settled, nil
}

const (
	persistTry   = 30 * time.Second // the time limit of one try
	persistAfter = 10 * time.Second // how long to keep trying after a hard stop
)

// persist calls do until it succeeds, so that the result of an attempt is not lost while the database is unavailable. It returns false if it
// did not succeed in time after a hard stop. A message whose outcome is not recorded becomes unknown.
func (w *Worker[TTx]) persist(ctx context.Context, what string, do func(context.Context) error) bool {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		// If somebody cancels the job in River, the worker keeps running. Then recovery would not handle a message whose outcome is not recorded.
		if !errors.Is(context.Cause(ctx), rivertype.ErrJobCancelledRemotely) {
			time.AfterFunc(persistAfter, cancel)
		}
	})()
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 2*time.Second) {
		try, done := context.WithTimeout(detached, persistTry)
		err := do(try)
		done()
		if err == nil {
			return true
		}
		w.log.WarnContext(ctx, "tgo outbox: cannot "+what+" yet", slog.String("error", err.Error()))
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-detached.Done():
			timer.Stop()
			return false
		}
	}
}

// record writes an outcome to a message's record, if the record is still in the state in which the attempt left it. If the worker had been
// considered dead and the message unknown, the outcome replaces that.
func (b *Box[TTx]) record(ctx context.Context, id int64, number int, o outcome) (recorded bool, err error) {
	receipt := any(nil)
	if o.receipt != nil {
		stored := *o.receipt
		stored.Content = ""
		text, err := json.Marshal(stored)
		if err != nil {
			return false, err
		}
		receipt = strings.ReplaceAll(string(text), `\u0000`, `\ufffd`) // PostgreSQL cannot store NUL
	}
	set := func(exec riverdriver.Executor, from string) error {
		var set int64
		return b.row(ctx, exec, `
			update {message} set state = $3, code = $4, reason = $5, receipt = cast(cast($6 as text) as {json}),
				ended_at = case when $3 = 'waiting' then null else {now} end
			where id = $1 and ($2 = 0 or attempt = $2) and `+from+`
			returning id`, id, number, string(o.state), o.code, o.reason, receipt).Scan(&set)
	}
	switch {
	case number == 0:
		err = set(b.driver.GetExecutor(), `state = 'waiting'`)
	case o.state == Unknown:
		err = b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
			if err := set(tx, `state = 'sending'`); err != nil {
				return err
			}
			return b.moveJob(ctx, tx, id, "running", "pending")
		})
	default:
		err = set(b.driver.GetExecutor(), `state = 'sending'`)
		if noRows(err) {
			err = b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
				if err := set(tx, `state = 'unknown' and code = '`+codeWorker+`'`); err != nil {
					return err
				}
				return b.moveJob(ctx, tx, id, "pending", jobStates[o.state])
			})
		}
	}
	if noRows(err) {
		return false, nil
	}
	return err == nil, err
}

// jobStates maps states of messages to states of their River jobs.
var jobStates = map[State]string{Waiting: "available", Sent: "completed", Rejected: "cancelled", Cancelled: "cancelled", Unknown: "pending"}

// moveJob changes the state of a River job from one to another. A job in any other state is left as it is.
func (b *Box[TTx]) moveJob(ctx context.Context, exec riverdriver.Executor, id int64, from, to string) error {
	finalized := "null"
	if to == "completed" || to == "cancelled" {
		finalized = "{timestamp}"
	}
	return b.exec(ctx, exec, `update {job} set state = '`+to+`', finalized_at = `+finalized+` where id = $1 and state = '`+from+`'`, id)
}

// setAside makes the job of an unknown message pending, so that River does not work it. A job that was no longer running by then is only
// snoozed, and comes back.
func (w *Worker[TTx]) setAside(ctx context.Context, id int64) error {
	if err := w.box.moveJob(ctx, w.box.driver.GetExecutor(), id, "running", "pending"); err != nil {
		return river.JobSnooze(snoozeTrouble)
	}
	return river.JobSnooze(time.Second)
}

// levels are the log levels of outcomes. A person should look at messages that are rejected or unknown.
var levels = map[State]slog.Level{Sent: slog.LevelDebug, Waiting: slog.LevelInfo, Rejected: slog.LevelWarn, Unknown: slog.LevelWarn}

// report logs an outcome, and calls the OnEnd hook.
func (w *Worker[TTx]) report(ctx context.Context, id int64, number int, o outcome) {
	w.log.Log(ctx, levels[o.state], "tgo outbox: "+string(o.state), slog.Int64("id", id), slog.Int("attempt", number),
		slog.String("code", o.code), slog.String("reason", o.reason))
	if o.state == Unknown || o.state == Rejected {
		w.pauseAfterTrouble(ctx, id, o)
	}
	if w.cfg.OnEnd == nil {
		return
	}
	record, err := w.box.Get(ctx, id)
	if err != nil {
		record = Record{ID: id, State: o.state, Attempts: number, Code: o.code, Reason: o.reason}
	}
	w.cfg.OnEnd(ctx, record)
}
