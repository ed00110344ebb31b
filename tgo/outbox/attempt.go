package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
)

// attempt works one job. It makes one attempt at most; whatever it finds, River hears nothing that would make it count or
// discard. Only a panic of an Opener or of OnEnd does that.
func (w *Worker[TTx]) attempt(ctx context.Context, job *rivertype.JobRow, raw []byte) error {
	if job.Queue != w.box.cfg.Queue { // it may be another tenant's
		w.log.ErrorContext(ctx, "tgo outbox: the river.Client works a queue of another Box", slog.String("queue", job.Queue))
		return river.JobSnooze(time.Minute)
	}
	w.held.add(job.ID)
	defer w.held.remove(job.ID)
	m, noted, err := w.box.decode(raw)
	if err == nil {
		err = w.admissible(ctx, m, noted)
	}
	if err != nil {
		if !errors.Is(err, errWorker) { // then the key is not known
			if err := w.adopt(ctx, job, m); err != nil {
				return err
			}
		}
		_, err := w.settle(ctx, job, 0, beforehand(err, job))
		return err
	}
	if wait := w.cfg.Windows[Priority(job.Priority)].wait(time.Now()); wait > 0 {
		return river.JobSnooze(wait)
	}
	if err := w.reserve(ctx, m.sender()); err != nil {
		return err
	}
	asked, token := time.Now(), w.underWay.add()
	number, err := w.begin(ctx, job, m, token)
	if err != nil || number == 0 {
		w.underWay.remove(token)
		return err
	}
	var o outcome
	if time.Since(asked) > w.cfg.Lease/2 || time.Now().Round(0).Sub(asked.Round(0)) > w.cfg.Lease/2 {
		// The machine slept: it may count as dead by now. Nothing has been sent.
		o = outcome{state: Waiting, reason: "the machine slept before it could send", retry: time.Second}
	} else {
		o = w.send(context.WithoutCancel(ctx), m, number)
	}
	settled, err := w.settle(ctx, job, number, o)
	if settled {
		w.underWay.remove(token)
	}
	return err
}

// admissible tells beforehand what would be refused.
func (w *Worker[TTx]) admissible(ctx context.Context, m Message, noted content) error {
	if problems := m.problems(true); problems != nil { // whether there is an Opener, unchanged finds out
		return &tgo.InputError{Op: "send message", Fields: problems}
	}
	return unchanged(ctx, m.Media, noted, w.box.cfg.Open)
}

// begin commits that an attempt begins, and returns its number, or 0 where there is nothing to do. This is the compare-and-set that makes
// attempts one at a time: it succeeds for a message that waits, for a worker that counts as alive, in a queue that is neither paused nor
// held back. Otherwise the error is what River is to be told.
func (w *Worker[TTx]) begin(ctx context.Context, job *rivertype.JobRow, m Message, token int64) (int, error) {
	exec := w.box.driver.GetExecutor()
	for {
		var number int
		err := w.box.row(ctx, exec, `
			update {message} set state = 'sending', attempt = attempt + 1, worker = $2, token = $4,
				begun_at = {now}, ended_at = null, code = '', reason = ''
			where id = $1 and state = 'waiting'
				and exists (select 1 from {worker} where id = $2 and lease_until > {now})
				and not exists (select 1 from {queue} where name = $3 and (paused_at is not null or held_until > {now}))
			returning attempt`, job.ID, w.id.Load(), w.box.cfg.Queue, token).Scan(&number)
		if err == nil {
			return number, nil
		}
		if !noRows(err) { // it may have been committed all the same: takeBack sees to that
			w.log.ErrorContext(ctx, "tgo outbox: an attempt cannot begin", slog.Int64("id", job.ID), slog.String("error", err.Error()))
			return 0, river.JobSnooze(snoozeTrouble)
		}
		var state string
		var paused bool
		var held int64
		err = w.box.row(ctx, exec, `
			select coalesce((select state from {message} where id = $1), ''),
				exists (select 1 from {queue} where name = $2 and paused_at is not null),
				coalesce((select held_until - {now} from {queue} where name = $2), 0)`, job.ID, w.box.cfg.Queue).Scan(&state, &paused, &held)
		switch wait := time.Duration(held) * time.Microsecond; {
		case err != nil:
			return 0, river.JobSnooze(snoozeTrouble)
		case state == "":
			if err := w.adopt(ctx, job, m); err != nil {
				return 0, err
			}
			continue
		case State(state) == Sending: // by another worker, which ends it, or whose death is noticed
			return 0, river.JobSnooze(w.cfg.Lease / 2)
		case State(state) == Unknown: // somebody retried the job, for example in River UI
			return 0, w.setAside(ctx, job.ID)
		case State(state) != Waiting:
			return 0, nil // it has ended, and River was not told
		case paused:
			return 0, w.waitInSlot(ctx, snoozePaused)
		case wait > 0:
			return 0, w.waitInSlot(ctx, wait)
		default:
			return 0, w.waitInSlot(ctx, time.Second) // this worker is not registered just now
		}
	}
}

const (
	snoozeTrouble = 5 * time.Second // after an error of the database
	snoozePaused  = 5 * time.Second // by a worker that has not heard yet that the queue is paused
	slotWait      = time.Second     // the longest that a message that may not begin keeps a slot of the worker busy
)

// waitInSlot waits for up to slotWait, so that a queue which may not begin anything is not churned through, and then gives the slot
// to what is more urgent. The error tells River when to come back.
func (w *Worker[TTx]) waitInSlot(ctx context.Context, wait time.Duration) error {
	if err := w.sleep(ctx, min(wait, slotWait)); err != nil {
		return err
	}
	return river.JobSnooze(max(0, wait-slotWait))
}

// sleep waits, and gives the job back when the worker is to stop.
func (w *Worker[TTx]) sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-w.stopping:
	case <-ctx.Done():
	}
	return river.JobSnooze(0)
}

// snoozes is how often River has put a job off.
func snoozes(job *rivertype.JobRow) int {
	var metadata struct {
		Snoozes int `json:"snoozes"`
	}
	_ = json.Unmarshal(job.Metadata, &metadata) // 0 where it is not there
	return metadata.Snoozes + 1
}
