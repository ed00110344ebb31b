package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Resolution is a person's decision about an unknown message.
type Resolution string

// The resolutions.
const (
	// WasSent: the message arrived. It becomes Sent.
	WasSent Resolution = "sent"
	// SendAgain: the message did not arrive. It is attempted again.
	SendAgain Resolution = "again"
	// GiveUp: the message must not be sent again, whether or not it arrived. It becomes Cancelled.
	GiveUp Resolution = "cancel"
)

// Resolve records a person's decision about an unknown message. The error is ErrNotUnknown if the message is in another state, ErrNotFound if
// there is no such message, and ErrPurged if it should be sent again but its River job no longer exists.
//
// A worker that was considered dead but is still running reports the real outcome of its message, unless the message has been resolved by
// then. Before SendAgain, make sure that the worker is really dead.
func (b *Box[TTx]) Resolve(ctx context.Context, id int64, resolution Resolution) error {
	state, reason := Sent, "a person found that it was sent"
	switch resolution {
	case WasSent:
	case SendAgain:
		state, reason = Waiting, "a person found that it was not sent"
	case GiveUp:
		state, reason = Cancelled, "a person decided not to resend it"
	default:
		return fmt.Errorf("outbox: there is no resolution %q; use WasSent, SendAgain or GiveUp", resolution)
	}
	return b.end(ctx, id, Unknown, state, codePerson, reason, ErrNotUnknown)
}

// end changes the state of a message and its job from one to another, on behalf of a person.
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
		// Another program added it as a River job only.
		var m Message
		if record.Message != nil {
			m = *record.Message
		}
		if _, err := b.adopt(ctx, id, m, record.AddedAt); err != nil {
			return err
		}
	}
}
