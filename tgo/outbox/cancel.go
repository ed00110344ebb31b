package outbox

import "context"

// Cancel cancels a message that waits. The reason is for its Record. It is ErrNotWaiting when it is in another state, and ErrNotFound when
// there is none.
func (b *Box[TTx]) Cancel(ctx context.Context, id int64, reason string) error {
	return b.end(ctx, id, Waiting, Cancelled, codePerson, reason, ErrNotWaiting)
}
