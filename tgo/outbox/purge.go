package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river/riverdriver"
)

// Purge deletes the River jobs of messages that ended before a time, with their texts, phones and content, and returns how many jobs it deleted.
// The records are kept. Unknown messages are kept until they are resolved, whatever the state of their River jobs.
func (b *Box[TTx]) Purge(ctx context.Context, before time.Time) (int64, error) {
	const batch = 1000
	var total int64
	for {
		var count int64
		err := b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
			const old = `select j.id from {job} j where j.kind = '` + Kind + `' and j.queue = $1
				and j.state in ('completed', 'cancelled', 'discarded') and j.finalized_at < {time:cast($2 as bigint)}:time
				and not exists (select 1 from {message} where {message}.id = j.id and state in ('waiting', 'sending', 'unknown'))
				order by j.id limit $3`
			if err := b.row(ctx, tx, `select count(*) from (`+old+`) old`, b.cfg.Queue, before.UnixMicro(), batch).Scan(&count); err != nil {
				return err
			}
			return b.exec(ctx, tx, `delete from {job} where id in (`+old+`)`, b.cfg.Queue, before.UnixMicro(), batch)
		})
		if err != nil {
			return total, explain(err)
		}
		if total += count; count < batch {
			return total, nil
		}
	}
}
