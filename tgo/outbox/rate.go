package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// horizon is how far ahead a message may book its turn. It limits how long a more urgent message waits behind messages that have a turn.
const horizon = time.Second

// reserve waits for the message's turn under the rates of the tenant and of the sender number, which all workers share in one row. It
// implements the generic cell rate algorithm: tat is the time at which the next message may begin, and senders has this time for each sender
// number. A message whose turn is further away than the horizon books nothing, and frees its slot for more urgent messages.
func (w *Worker[TTx]) reserve(ctx context.Context, sender string) error {
	interval := func(rate float64) int64 {
		if rate == 0 {
			return 0
		}
		return int64(float64(time.Second.Microseconds()) / rate)
	}
	tenant, number := interval(w.cfg.Rate), interval(w.cfg.SenderRate)
	if tenant == 0 && number == 0 {
		return nil
	}
	const (
		ofTenant = `cast($3 as bigint)`
		ofSender = `cast($4 as bigint)`
		booked   = `coalesce(cast(senders ->> cast($2 as text) as bigint), 0)`
		turn     = `{max}({now}, held_until, case when ` + ofTenant + ` > 0 then tat else 0 end,
			case when ` + ofSender + ` > 0 then ` + booked + ` else 0 end)`
	)
	exec := w.box.driver.GetExecutor()
	var wait int64
	err := w.box.row(ctx, exec, `
		update {queue} set
			tat = case when `+ofTenant+` > 0 then {max}(tat, {now}) + `+ofTenant+` else tat end,
			senders = case when `+ofSender+` > 0 then {set_sender}`+turn+` + `+ofSender+`{/set_sender} else senders end
		where name = $1 and paused_at is null and `+turn+` <= {now} + $5
		returning {max}(held_until - {now}, 0,
			case when `+ofTenant+` > 0 then tat - `+ofTenant+` - {now} else 0 end,
			case when `+ofSender+` > 0 then `+booked+` - `+ofSender+` - {now} else 0 end)`,
		w.box.cfg.Queue, sender, tenant, number, horizon.Microseconds()).Scan(&wait)
	if err == nil {
		return w.sleep(ctx, time.Duration(wait)*time.Microsecond)
	}
	if noRows(err) {
		var paused bool
		err = w.box.row(ctx, exec, `select paused_at is not null, `+turn+` - {now} from {queue} where name = $1 and $5 >= 0`,
			w.box.cfg.Queue, sender, tenant, number, horizon.Microseconds()).Scan(&paused, &wait)
		if err == nil && paused {
			return w.waitInSlot(ctx, snoozePaused)
		}
		if err == nil {
			return w.waitInSlot(ctx, time.Duration(wait)*time.Microsecond)
		}
	}
	w.log.ErrorContext(ctx, "tgo outbox: cannot book a turn under the rate", slog.String("error", err.Error()))
	return river.JobSnooze(snoozeTrouble)
}
