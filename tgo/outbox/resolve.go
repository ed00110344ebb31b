package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Resolution is what a person found out about an unknown message.
type Resolution string

// The resolutions.
const (
	// WasSent: the message arrived. Its record becomes Sent.
	WasSent Resolution = "sent"
	// SendAgain: it did not arrive. It is attempted again.
	SendAgain Resolution = "again"
	// GiveUp: it is not to be sent, whether or not it arrived. Its record becomes Cancelled.
	GiveUp Resolution = "cancel"
)

// Resolve ends the doubt about an unknown message. It is ErrNotUnknown when the message is in another state, ErrNotFound when there is none,
// and ErrPurged when it is to be sent again and its River job is gone.
//
// A worker that was taken for dead and comes to life reports what really became of its message, unless it has been resolved by then. So
// before SendAgain, see that the worker is dead indeed.
func (b *Box[TTx]) Resolve(ctx context.Context, id int64, resolution Resolution) error {
	state, reason := Sent, "a person found that it was sent"
	switch resolution {
	case WasSent:
	case SendAgain:
		state, reason = Waiting, "a person found that it was not sent"
	case GiveUp:
		state, reason = Cancelled, "a person gave it up"
	default:
		return fmt.Errorf("outbox: no such resolution: %q", resolution)
	}
	return b.end(ctx, id, Unknown, state, codePerson, reason, ErrNotUnknown)
}

// end moves a message and its job from one state to another by hand.
func (b *Box[TTx]) end(ctx context.Context, id int64, from, to State, code, reason string, other error) error {
	for {
		err := b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
			err := b.row(ctx, tx, `
				update {message} set state = $4, code = $5, reason = $6, ended_at = case when $4 = 'waiting' then null else {now} end
				where id = $1 and queue = $2 and state = $3 returning id`, id, b.cfg.Queue, string(from), string(to), code, reason).Scan(&id)
			if err != nil {
				return err
			}
			switch to {
			case Waiting:
				_, err = b.river.JobRetryTx(ctx, b.driver.UnwrapTx(tx), id)
				if errors.Is(err, rivertype.ErrNotFound) {
					err = ErrPurged
				}
				return err
			case Cancelled:
				_, err = b.river.JobCancelTx(ctx, b.driver.UnwrapTx(tx), id)
				return ignoreNotFound(err)
			default:
				return b.moveJob(ctx, tx, id, "pending", jobStates[to])
			}
		})
		if !noRows(err) {
			return explain(err)
		}
		record, err := b.Get(ctx, id)
		if err != nil {
			return err
		}
		if record.State != from {
			return fmt.Errorf("%w: it is %s", other, record.State)
		}
		// Another program added it as a job alone.
		var m Message
		if record.Message != nil {
			m = *record.Message
		}
		if _, err := b.adopt(ctx, id, m, record.AddedAt); err != nil {
			return err
		}
	}
}
