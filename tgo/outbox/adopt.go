package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// adopt creates the record of a message that another program added as a River job only. The error is for River.
func (w *Worker[TTx]) adopt(ctx context.Context, job *rivertype.JobRow, m Message) error {
	first, err := w.box.adopt(ctx, job.ID, m, job.CreatedAt)
	if err != nil {
		w.log.ErrorContext(ctx, "tgo outbox: cannot create a record", slog.Int64("id", job.ID), slog.String("error", err.Error()))
		return river.JobSnooze(snoozeTrouble)
	}
	if first != job.ID {
		return river.JobCancel(errors.New(sameKey(first)))
	}
	return nil
}

func sameKey(first int64) string { return fmt.Sprintf("message %d has the same key", first) }

// adopt creates the record of a message that was added as a River job only. A record that exists is left as it is. first is the message's
// own id, or the id of an earlier message with the same key; the record is then cancelled.
func (b *Box[TTx]) adopt(ctx context.Context, id int64, m Message, added time.Time) (first int64, err error) {
	if keyProblem(m.Key) != "" { // the message will be rejected for it, and the database may be unable to store it
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
