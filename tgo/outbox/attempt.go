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

// attempt works one job. It makes at most one attempt to send. Whatever happens, it returns nothing that makes River count a failure or
// discard the job. Only a panic in an Opener or in OnEnd does that.
func (w *Worker[TTx]) attempt(ctx context.Context, job *rivertype.JobRow, raw []byte) error {
	if job.Queue != w.box.cfg.Queue { // it may belong to another tenant
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
		if !errors.Is(err, errWorker) { // otherwise the key of the message is not known
			if err := w.adopt(ctx, job, m); err != nil {
				return err
			}
		}
		_, err := w.settle(ctx, job, 0, outcomeBefore(err, job))
		return err
	}
	if wait := w.cfg.Windows[Priority(job.Priority)].wait(time.Now()); wait > 0 {
		return river.JobSnooze(wait)
	}
	if err := w.reserve(ctx, m.sender()); err != nil {
		return err
	}
	asked, token := time.Now(), w.inProgress.add()
	number, err := w.begin(ctx, job, m, token)
	if err != nil || number == 0 {
		w.inProgress.remove(token)
		return err
	}
	var o outcome
	if time.Since(asked) > w.cfg.Lease/2 || time.Now().Round(0).Sub(asked.Round(0)) > w.cfg.Lease/2 {
		// The machine slept, so this worker may count as dead by now. Nothing has been sent.
		o = outcome{state: Waiting, reason: "the machine slept before it could send", retry: time.Second}
	} else {
		o = w.send(context.WithoutCancel(ctx), m, number)
	}
	settled, err := w.settle(ctx, job, number, o)
	if settled {
		w.inProgress.remove(token)
	}
	return err
}

// admissible validates a message before an attempt begins.
func (w *Worker[TTx]) admissible(ctx context.Context, m Message, noted content) error {
	if problems := m.problems(true); problems != nil { // unchanged checks whether there is an Opener
		return &tgo.InputError{Op: "send message", Fields: problems}
	}
	return unchanged(ctx, m.Media, noted, w.box.cfg.Open)
}

// begin commits that an attempt begins, and returns its number, or 0 if there is nothing to do. This is the compare-and-set that prevents two
// attempts at the same time: it succeeds for a message that waits, for a worker that counts as alive, in a queue that is neither paused nor
// held back. Otherwise the error is for River.
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
		if !noRows(err) { // it may have been committed nevertheless: takeBack handles that
			w.log.ErrorContext(ctx, "tgo outbox: cannot begin an attempt", slog.Int64("id", job.ID), slog.String("error", err.Error()))
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
		case State(state) == Sending: // by another worker, which will end it; if that worker died, recovery handles it
			return 0, river.JobSnooze(w.cfg.Lease / 2)
		case State(state) == Unknown: // somebody retried the job, for example in River UI
			return 0, w.setAside(ctx, job.ID)
		case State(state) != Waiting:
			return 0, nil // it has ended, but this was not reported to River
		case paused:
			return 0, w.waitInSlot(ctx, snoozePaused)
		case wait > 0:
			return 0, w.waitInSlot(ctx, wait)
		default:
			return 0, w.waitInSlot(ctx, time.Second) // this worker is not registered at the moment
		}
	}
}

const (
	snoozeTrouble = 5 * time.Second // after an error of the database
	snoozePaused  = 5 * time.Second // for a worker that does not know yet that the queue is paused
	slotWait      = time.Second     // how long a message that may not begin can occupy a slot of the worker
)

// waitInSlot waits for up to slotWait, so that the worker does not fetch all jobs of a queue in which nothing may begin. Then it frees the
// slot for more urgent messages. The error tells River when to try the job again.
func (w *Worker[TTx]) waitInSlot(ctx context.Context, wait time.Duration) error {
	if err := w.sleep(ctx, min(wait, slotWait)); err != nil {
		return err
	}
	return river.JobSnooze(max(0, wait-slotWait))
}

// sleep waits. It returns the job to River early if the worker is stopping.
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

// snoozes returns how often River has snoozed a job, plus one.
func snoozes(job *rivertype.JobRow) int {
	var metadata struct {
		Snoozes int `json:"snoozes"`
	}
	_ = json.Unmarshal(job.Metadata, &metadata) // 0 if it is missing
	return metadata.Snoozes + 1
}
