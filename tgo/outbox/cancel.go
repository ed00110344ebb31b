package outbox

import "context"

// Cancel cancels a message that waits. The reason goes into its Record. The error is ErrNotWaiting if the message is in another state, and
// ErrNotFound if there is no such message.
func (b *Box[TTx]) Cancel(ctx context.Context, id int64, reason string) error {
	return b.end(ctx, id, Waiting, Cancelled, codePerson, reason, ErrNotWaiting)
}
