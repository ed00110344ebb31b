package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"sync"
	"syscall"

	"github.com/riverqueue/river/riverdriver"
)

// recoverAll cleans up after dead workers, and after changes that River or its users made without the outbox. No step changes what is already
// correct, so any number of workers can run it at the same time. It ends in time to renew the lease, even if a connection hangs or a row is
// locked.
func (w *Worker[TTx]) recoverAll(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, w.cfg.Lease/3)
	defer cancel()
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"take back attempts that did not begin", w.takeBack},
		{"end the leases of dead processes", w.expireLocal},
		{"set aside the messages that dead workers were sending", w.setAsideDead},
		{"return the jobs that dead workers had fetched", w.giveBack},
		{"return the jobs that this worker does not know of", w.giveBackOwn},
		{"revive the jobs that River discarded", w.revive},
		{"delete dead workers", w.forgetDead},
		{"cancel the messages of jobs that were cancelled in River", w.follow},
		{"keep River's queue paused", w.box.keepPaused},
	} {
		if err := step.do(ctx); err != nil && !errors.Is(ctx.Err(), context.Canceled) {
			w.log.WarnContext(ctx, "tgo outbox: cannot "+step.what, slog.String("error", err.Error()))
		}
	}
}

// takeBack returns messages to the state waiting whose attempt began in the database without this process knowing: the response to the commit
// was lost, so nothing was sent. A token that is not greater than the last one and not in progress belongs to no attempt, now or later.
func (w *Worker[TTx]) takeBack(ctx context.Context) error {
	tokens, last := w.inProgress.list()
	list, err := json.Marshal(append([]int64{}, tokens...))
	if err != nil {
		return err
	}
	return w.box.exec(ctx, w.box.driver.GetExecutor(), `
		update {message} set state = 'waiting' where queue = $2 and state = 'sending' and worker = $3 and token <= $4
			and token not in (select cast(cast(value as text) as bigint) from {each})`, string(list), w.box.cfg.Queue, w.id.Load(), last)
}

// setAsideDead sets messages to unknown whose attempt began on a worker whose lease has ended.
func (w *Worker[TTx]) setAsideDead(ctx context.Context) error {
	return w.box.tx(ctx, func(tx riverdriver.ExecutorTx) error {
		err := w.box.exec(ctx, tx, `
			update {message} set state = 'unknown', ended_at = {now}, code = '`+codeWorker+`', reason = 'the worker died while sending the message'
			where queue = $1 and state = 'sending'
				and not exists (select 1 from {worker} where id = {message}.worker and lease_until > {now})`, w.box.cfg.Queue)
		if err != nil {
			return err
		}
		return w.box.exec(ctx, tx, `
			update {job} set state = 'pending' where kind = '`+Kind+`' and queue = $1 and state = 'running'
				and id in (select id from {message} where queue = $1 and state = 'unknown')`, w.box.cfg.Queue)
	})
}

// forgetDead deletes the workers whose leases have ended.
func (w *Worker[TTx]) forgetDead(ctx context.Context) error {
	return w.box.exec(ctx, w.box.driver.GetExecutor(), `
		delete from {worker} where queue = $1 and lease_until <= {now}
			and not exists (select 1 from {message} where queue = $1 and state = 'sending' and worker = {worker}.id)`, w.box.cfg.Queue)
}

// giveBack makes jobs available that a dead worker fetched and did not begin, and completes jobs whose message ended without River being
// notified. A client that had no worker for this queue when it fetched the job, for example because its Worker.Run had not begun, gets a
// lease from that time.
func (w *Worker[TTx]) giveBack(ctx context.Context) error {
	const fetched = `client = {last_client} and since <= {micros:j.attempted_at}:micros`
	minute := int64(60_000_000)
	err := w.box.exec(ctx, w.box.driver.GetExecutor(), `
		update {job} as j set state = 'available' where j.kind = '`+Kind+`' and j.queue = $1 and j.state = 'running'
			and not exists (select 1 from {worker} where `+fetched+` and lease_until > {now})
			and ({micros:j.attempted_at}:micros < {now} - $2 or exists (select 1 from {worker} where `+fetched+`))
			and not exists (select 1 from {message} where {message}.id = j.id and state <> 'waiting')`, w.box.cfg.Queue, w.cfg.Lease.Microseconds())
	if err != nil {
		return err
	}
	return w.box.exec(ctx, w.box.driver.GetExecutor(), `
		update {job} as j set state = 'completed', finalized_at = {timestamp}
		where j.kind = '`+Kind+`' and j.queue = $1 and j.state = 'running'
			and exists (select 1 from {message} where {message}.id = j.id and state in ('sent', 'rejected', 'cancelled') and ended_at < {now} - $2)`,
		w.box.cfg.Queue, minute)
}

// giveBackOwn makes jobs available that this process fetched without knowing, because the response to the commit was lost. River would leave
// them in the state running as long as the process lives.
func (w *Worker[TTx]) giveBackOwn(ctx context.Context) error {
	list, err := json.Marshal(append([]int64{}, w.held.list()...))
	if err != nil {
		return err
	}
	return w.box.exec(ctx, w.box.driver.GetExecutor(), `
		update {job} as j set state = 'available' where j.kind = '`+Kind+`' and j.queue = $2 and j.state = 'running'
			and {last_client} = $3 and {micros:j.attempted_at}:micros < {now} - $4
			and j.id not in (select cast(cast(value as text) as bigint) from {each})
			and not exists (select 1 from {message} where {message}.id = j.id and state <> 'waiting')`,
		string(list), w.box.cfg.Queue, w.riverID, w.cfg.Lease.Microseconds())
}

// revive makes jobs available that have ended or are pending although their messages wait. River discards a job that ran for an hour if its
// leader is a client that has no worker for messages. And a job may become pending at the moment when a person decides to send its message
// again.
func (w *Worker[TTx]) revive(ctx context.Context) error {
	for _, which := range []string{ // one by one, because SQLite uses the index of the state for a single state only
		`j.state = 'discarded' and not exists (select 1 from {message} where {message}.id = j.id and state <> 'waiting')`,
		`j.state = 'pending' and exists (select 1 from {message} where {message}.id = j.id and state = 'waiting')`,
	} {
		err := w.box.exec(ctx, w.box.driver.GetExecutor(), `
			update {job} as j set state = 'available', finalized_at = null where j.kind = '`+Kind+`' and j.queue = $1 and `+which, w.box.cfg.Queue)
		if err != nil {
			return err
		}
	}
	return nil
}

// follow cancels messages whose jobs were cancelled or deleted without the outbox, for example in River UI. It checks all messages until it
// has succeeded once, and then those of the last hour. A job that another program added may have been cancelled before it had a record.
func (w *Worker[TTx]) follow(ctx context.Context) error {
	const (
		code   = `'` + codeJob + `'`
		reason = `'its River job was cancelled or deleted'`
		recent = `j.kind = '` + Kind + `' and j.state = 'cancelled' and j.finalized_at > {hour_ago}`
	)
	which := `id in (select j.id from {job} j where ` + recent + `)`
	if !w.followed {
		which = `not exists (select 1 from {job} j where j.id = {message}.id and j.state <> 'cancelled')`
	}
	exec := w.box.driver.GetExecutor()
	err := w.box.exec(ctx, exec, `
		update {message} set state = 'cancelled', ended_at = {now}, code = `+code+`, reason = `+reason+`
		where queue = $1 and state = 'waiting' and `+which, w.box.cfg.Queue)
	if err != nil {
		return err
	}
	w.followed = true
	return w.box.exec(ctx, exec, `
		insert into {message} (id, queue, sender, state, added_at, ended_at, code, reason)
		select j.id, j.queue, '', 'cancelled', {micros:j.created_at}:micros, {now}, `+code+`, `+reason+` from {job} j
		where j.queue = $1 and `+recent+` and not exists (select 1 from {message} where {message}.id = j.id)
		on conflict do nothing`, w.box.cfg.Queue)
}

// runs has the ids of the runs of this process. They are needed because in a restarted container, the dead process had the same PID.
var runs sync.Map

// expireLocal ends the leases of processes of this machine that no longer exist, so that nobody has to wait for them to expire. It does so on
// SQLite only, because a SQLite database is used on a single machine.
func (w *Worker[TTx]) expireLocal(ctx context.Context) error {
	if !w.box.sql.sqlite {
		return nil
	}
	host, err := os.Hostname()
	if err != nil {
		return nil //nolint:nilerr // the lease expires anyway
	}
	workers, err := w.box.workers(ctx)
	if err != nil {
		return err
	}
	for _, other := range workers {
		if _, ours := runs.Load(other.ID); other.Host == host && !ours && (other.PID == os.Getpid() || gone(other.PID)) {
			if err := w.box.exec(ctx, w.box.driver.GetExecutor(), `update {worker} set lease_until = 0 where id = $1`, other.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// gone reports whether there is no process with this id.
func gone(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return true // on Windows
	}
	defer process.Release() //nolint:errcheck // it was only inspected
	err = process.Signal(syscall.Signal(0))
	return errors.Is(err, os.ErrProcessDone) || errors.Is(err, syscall.ESRCH)
}
