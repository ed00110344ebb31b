package outbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// outcome is what an attempt came to. A message that is to wait again waits for retry.
type outcome struct {
	state   State
	code    string
	reason  string
	receipt *tgo.Receipt
	retry   time.Duration
	hold    time.Duration // how long no machine may begin another
	pause   bool          // the queue, for the reason
}

// What Record.Code says besides the status of a refusal.
const (
	codeInput   = "input"   // found wrong before anything was sent
	codeFile    = "file"    // the file is gone, or has changed
	codeNetwork = "network" // no answer, or none that can be read
	codeWorker  = "worker"  // the worker died
	codePerson  = "person"  // a person decided
	codeKey     = "key"     // another message has the key
	codeJob     = "job"     // its River job was cancelled or deleted
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

// beforehand is the outcome of what was found before an attempt began: it rejects the message, unless a file cannot be opened just now. Where
// another worker could read it, the queue is paused: this one would reject what is good.
func beforehand(err error, job *rivertype.JobRow) outcome {
	var input *tgo.InputError
	switch {
	case errors.Is(err, errWorker):
		return outcome{state: Waiting, code: codeInput, reason: err.Error(), retry: snoozePaused, pause: true}
	case errors.Is(err, errChanged), errors.Is(err, fs.ErrNotExist):
		return outcome{state: Rejected, code: codeFile, reason: err.Error()}
	case errors.As(err, &input) || strings.HasPrefix(err.Error(), "the job's arguments: "):
		return outcome{state: Rejected, code: codeInput, reason: err.Error()}
	}
	return outcome{state: Waiting, code: codeFile, reason: err.Error(), retry: backoff(snoozes(job))}
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

// adopt makes the record of a message that another program added as a job alone. The error is what River is to be told.
func (w *Worker[TTx]) adopt(ctx context.Context, job *rivertype.JobRow, m Message) error {
	first, err := w.box.adopt(ctx, job.ID, m, job.CreatedAt)
	if err != nil {
		w.log.ErrorContext(ctx, "tgo outbox: a record cannot be made", slog.Int64("id", job.ID), slog.String("error", err.Error()))
		return river.JobSnooze(snoozeTrouble)
	}
	if first != job.ID {
		return river.JobCancel(errors.New(sameKey(first)))
	}
	return nil
}

func sameKey(first int64) string { return fmt.Sprintf("message %d has the same key", first) }

// adopt makes the record of a message that was added as a job alone; a message that has one keeps it. first is the message's own id, or
// that of an earlier one with the same key: the record is then cancelled.
func (b *Box[TTx]) adopt(ctx context.Context, id int64, m Message, added time.Time) (first int64, err error) {
	if keyProblem(m.Key) != "" { // it is rejected for that, and the database may be unable to hold it
		m.Key = ""
	}
	exec := b.driver.GetExecutor()
	insert := func(key string, state State, code, reason string) error {
		return b.exec(ctx, exec, `
			insert into {message} (id, queue, key, sender, state, added_at, ended_at, code, reason)
			values ($1, $2, nullif(cast($3 as text), ''), $4, $5, $6, case when $5 = 'waiting' then null else {now} end, $7, $8)
			on conflict do nothing`, id, b.cfg.Queue, key, m.sender(), string(state), added.UnixMicro(), code, reason)
	}
	if err := insert(m.Key, Waiting, "", ""); err != nil {
		return 0, err
	}
	err = b.row(ctx, exec, `
		select case when exists (select 1 from {message} where id = $1) then $1
			else (select id from {message} where queue = $2 and key = $3) end`, id, b.cfg.Queue, m.Key).Scan(&first)
	if err != nil || first == id {
		return first, err
	}
	return first, insert("", Cancelled, codeKey, sameKey(first))
}

// send makes the attempt. A panic leaves the message unknown.
func (w *Worker[TTx]) send(ctx context.Context, m Message, number int) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{state: Unknown, code: codeWorker, reason: "a panic while it was sent"}
			w.log.ErrorContext(ctx, "tgo outbox: a panic while a message was sent", slog.Any("panic", p))
		}
	}()
	file, err := file(ctx, m.Media, w.box.cfg.Open)
	if err != nil {
		return outcome{state: Waiting, code: codeFile, reason: err.Error(), retry: backoff(number)}
	}
	receipt, err := deliver(ctx, w.client, m, file)
	return outcomeOf(receipt, err, number)
}

// outcomeOf tells from the result of a send what is to become of the message:
//
//	accepted                                    sent
//	not sent, for the message itself is wrong   rejected
//	not sent                                    waiting, for longer each time
//	too many requests                           waiting; no machine begins another before the time that the API asks for
//	a refusal that would meet every message     waiting; the queue is paused
//	any other refusal                           rejected
//	unknown                                     unknown
func outcomeOf(receipt tgo.Receipt, err error, number int) outcome {
	if err == nil {
		return outcome{state: Sent, receipt: &receipt}
	}
	var input *tgo.InputError
	var api *tgo.APIError
	code := codeNetwork
	if errors.As(err, &api) {
		code = strconv.Itoa(api.Status)
	}
	o := outcome{code: code, reason: err.Error()}
	switch tgo.DeliveryOf(err) {
	case tgo.DeliveryAccepted:
		o.state, o.receipt = Sent, &receipt
	case tgo.DeliveryNotSent:
		o.state, o.retry = Waiting, backoff(number)
		switch {
		case errors.Is(err, errChanged), errors.Is(err, fs.ErrNotExist):
			o.state, o.code = Rejected, codeFile
		case errors.As(err, &input) && input.Fields[0].Field != "media":
			o.state, o.code = Rejected, codeInput
		}
	case tgo.DeliveryRejected:
		o.state = Rejected
		switch {
		case errors.Is(err, tgo.ErrRateLimited):
			o.state = Waiting
			o.hold = holdDefault
			if api.RetryAfter > 0 {
				o.hold = min(api.RetryAfter, holdLongest)
			}
			o.retry = o.hold
		case meetsEveryone(err):
			o.state, o.pause = Waiting, true
		}
	default:
		o.state = Unknown
	}
	return o
}

// How long to hold back after a 429 that does not say, and at most.
const (
	holdDefault = 5 * time.Second
	holdLongest = time.Hour
)

// meetsEveryone reports a refusal that is not about the message: every other would meet it too.
func meetsEveryone(err error) bool {
	for _, target := range []error{
		tgo.ErrUnauthenticated, tgo.ErrScope, tgo.ErrTenant, tgo.ErrNotFound, tgo.ErrSenderInactive, tgo.ErrSenderUnverified,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	var api *tgo.APIError
	if !errors.As(err, &api) {
		return false
	}
	fields := slices.Collect(maps.Keys(api.Fields))
	ofSender := func(field string) bool { return field == "sender_phone" || field == "sender_number_id" }
	return api.Status == http.StatusPaymentRequired ||
		len(fields) > 0 && !slices.ContainsFunc(fields, func(field string) bool { return !ofSender(field) })
}

// backoff is the wait after an attempt that did not send: 1 s, then twice as long each time, up to 5 minutes.
func backoff(number int) time.Duration {
	return min(time.Second<<min(max(number-1, 0), 9), 5*time.Minute)
}

// snoozes is how often River has put a job off.
func snoozes(job *rivertype.JobRow) int {
	var metadata struct {
		Snoozes int `json:"snoozes"`
	}
	_ = json.Unmarshal(job.Metadata, &metadata) // 0 where it is not there
	return metadata.Snoozes + 1
}

// settle records an outcome, for as long as it takes, and tells River. number is that of the attempt, 0 where none began. settled is
// false where it could not be recorded.
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
		w.tell(context.WithoutCancel(ctx), job.ID, number, o)
	}
	switch {
	case !recorded || o.state == Unknown:
		// The job may be another attempt's by the time that River hears this, and must not end then.
		return settled, river.JobSnooze(time.Second)
	case o.state == Rejected:
		return settled, river.JobCancel(errors.New(o.reason))
	case o.state == Waiting:
		return settled, river.JobSnooze(o.retry)
	}
	return settled, nil
}

const (
	persistTry   = 30 * time.Second // the longest that the database may take for a statement
	persistAfter = 10 * time.Second // how long it is tried after a hard stop
)

// persist tries until it succeeds: what an attempt came to is not to be lost while the database is away. It is false after a hard
// stop, where it did not succeed in time. What is not recorded then is found to be unknown.
func (w *Worker[TTx]) persist(ctx context.Context, what string, do func(context.Context) error) bool {
	detached, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() {
		// A job that somebody cancels in River leaves the worker running: nobody would find what is not recorded.
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

// record writes an outcome into a message's record, if the record still is where the attempt left it. Where the worker was taken for
// dead and the message for unknown, what is known now counts.
func (b *Box[TTx]) record(ctx context.Context, id int64, number int, o outcome) (recorded bool, err error) {
	receipt := any(nil)
	if o.receipt != nil {
		stored := *o.receipt
		stored.Content = ""
		text, err := json.Marshal(stored)
		if err != nil {
			return false, err
		}
		receipt = strings.ReplaceAll(string(text), `\u0000`, `\ufffd`) // PostgreSQL cannot hold NUL
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

// jobStates are the states of River's jobs for those of messages.
var jobStates = map[State]string{Waiting: "available", Sent: "completed", Rejected: "cancelled", Cancelled: "cancelled", Unknown: "pending"}

// moveJob moves a job from a state to another of River's. A job in another state stays where it is.
func (b *Box[TTx]) moveJob(ctx context.Context, exec riverdriver.Executor, id int64, from, to string) error {
	finalized := "null"
	if to == "completed" || to == "cancelled" {
		finalized = "{timestamp}"
	}
	return b.exec(ctx, exec, `update {job} set state = '`+to+`', finalized_at = `+finalized+` where id = $1 and state = '`+from+`'`, id)
}

// setAside puts the job of an unknown message where River waits for a person. A job that was elsewhere by then comes back.
func (w *Worker[TTx]) setAside(ctx context.Context, id int64) error {
	if err := w.box.moveJob(ctx, w.box.driver.GetExecutor(), id, "running", "pending"); err != nil {
		return river.JobSnooze(snoozeTrouble)
	}
	return river.JobSnooze(time.Second)
}

// clean makes a reason fit to be shown and kept: without phones, on one line, and not too long.
func clean(reason string) string {
	const longest = 500
	reason = strings.ReplaceAll(strings.ToValidUTF8(reason, "\ufffd"), "\x00", "\ufffd") // PostgreSQL cannot hold them
	reason = strings.Join(strings.Fields(redact.Phones(reason)), " ")
	if runes := []rune(reason); len(runes) > longest {
		reason = string(runes[:longest]) + "..."
	}
	return reason
}

// noRows reports that a statement returned no row.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }
