package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"

	"github.com/tgo-business/tgo-go/tgo"
)

// Added is the result of adding a message.
type Added struct {
	// ID is the message's id, which is also the id of its River job.
	ID int64
	// Duplicate reports that a message with the same key exists already. ID is then the id of that message, whatever its content.
	Duplicate bool
}

// Add adds a message in its own transaction. See AddTx.
func (b *Box[TTx]) Add(ctx context.Context, message Message) (Added, error) {
	added, err := b.AddMany(ctx, []Message{message})
	return one(added, err)
}

// AddTx adds a message in the caller's transaction: the message is sent if the transaction is committed, and does not exist if it is not.
//
// If the message is invalid, so that the API would refuse it, the error is a [*tgo.InputError] and nothing is added. Media are read once,
// for their content type, size and checksum. After any other error the transaction should be rolled back.
func (b *Box[TTx]) AddTx(ctx context.Context, tx TTx, message Message) (Added, error) {
	added, err := b.AddManyTx(ctx, tx, []Message{message})
	return one(added, err)
}

// one returns the result of adding a single message.
func one(added []Added, err error) (Added, error) {
	if invalid := (*InvalidError)(nil); errors.As(err, &invalid) {
		return Added{}, invalid.Err
	}
	if err != nil {
		return Added{}, err
	}
	return added[0], nil
}

// AddMany adds messages in one new transaction, all of them or none. See AddTx.
func (b *Box[TTx]) AddMany(ctx context.Context, messages []Message) ([]Added, error) {
	params, err := b.params(ctx, messages)
	if err != nil {
		return nil, err
	}
	var added []Added
	err = b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
		added, err = b.add(ctx, b.driver.UnwrapTx(tx), messages, params)
		return err
	})
	if err != nil {
		return nil, explain(err)
	}
	return added, nil
}

// AddManyTx adds messages in the caller's transaction. The number of statements does not depend on the number of messages. The results are
// in the order of the messages. An error about one of the messages is an [*InvalidError], which has its index.
func (b *Box[TTx]) AddManyTx(ctx context.Context, tx TTx, messages []Message) ([]Added, error) {
	params, err := b.params(ctx, messages)
	if err != nil {
		return nil, err
	}
	added, err := b.add(ctx, tx, messages, params)
	return added, explain(err)
}

// params validates messages and returns the jobs to insert.
func (b *Box[TTx]) params(ctx context.Context, messages []Message) ([]river.InsertManyParams, error) {
	params := make([]river.InsertManyParams, len(messages))
	for i, m := range messages {
		raw, err := b.prepare(ctx, m)
		if err != nil {
			return nil, &InvalidError{Index: i, Err: err}
		}
		params[i] = river.InsertManyParams{Args: jobArgs{raw}, InsertOpts: &river.InsertOpts{
			Queue: b.cfg.Queue, Priority: int(cmp.Or(m.Priority, Normal)), ScheduledAt: m.At,
		}}
	}
	return params, nil
}

// prepare validates a message and returns the arguments of its job.
func (b *Box[TTx]) prepare(ctx context.Context, m Message) (json.RawMessage, error) {
	const op = "add message"
	if problems := m.problems(b.cfg.Open != nil); problems != nil {
		return nil, &tgo.InputError{Op: op, Fields: problems}
	}
	n, err := b.validator.check(ctx, m, b.cfg.Open)
	if input := (*tgo.InputError)(nil); errors.As(err, &input) {
		named := *input
		named.Op = op
		return nil, &named
	}
	if err != nil {
		return nil, err
	}
	if m.Media != nil {
		media := *m.Media
		media.ContentType = n.contentType
		m.Media = &media
	}
	return b.encode(m, n.content)
}

// add inserts the jobs, and records with the ids of the jobs. If the key of a message exists already, no record is inserted for it, and its
// job is deleted.
func (b *Box[TTx]) add(ctx context.Context, tx TTx, messages []Message, params []river.InsertManyParams) ([]Added, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	jobs, err := b.river.InsertManyTx(ctx, tx, params)
	if err != nil {
		return nil, err
	}
	type row struct {
		ID     int64  `json:"id"`
		Key    string `json:"key,omitempty"`
		Sender string `json:"sender"`
	}
	added, rows, keys := make([]Added, len(messages)), make([]row, len(messages)), false
	for i, m := range messages {
		added[i].ID = jobs[i].Job.ID
		rows[i] = row{jobs[i].Job.ID, m.Key, m.sender()}
		keys = keys || m.Key != ""
	}
	// Sorted, so that two transactions that add the same keys lock them in the same order and cannot deadlock.
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.Key, b.Key) })
	list, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	exec := b.driver.UnwrapExecutor(tx)
	err = b.exec(ctx, exec, `
		insert into {message} (id, queue, key, sender, added_at)
		select cast(value ->> 'id' as bigint), $2, value ->> 'key', value ->> 'sender', {now} from {each} where true
		on conflict (queue, key) where key is not null do nothing`, string(list), b.cfg.Queue)
	if err != nil || !keys {
		return added, err
	}
	// Find the messages that existed before. It is a cross join because SQLite keeps the order of its tables. Otherwise SQLite would scan all
	// keys for each message.
	var found string
	err = b.row(ctx, exec, `
		select coalesce({array}({object}('id', cast(value ->> 'id' as bigint), 'first', first.id)), '[]')
		from {each} cross join {message} first
		where first.queue = $2 and first.key = value ->> 'key' and first.id <> cast(value ->> 'id' as bigint)`, string(list), b.cfg.Queue).Scan(&found)
	if err != nil {
		return nil, err
	}
	var duplicates []struct{ ID, First int64 }
	if err := json.Unmarshal([]byte(found), &duplicates); err != nil {
		return nil, err
	}
	first := map[int64]int64{}
	for _, d := range duplicates {
		first[d.ID] = d.First
		if _, err := b.river.JobDeleteTx(ctx, tx, d.ID); err != nil {
			return nil, err
		}
	}
	for i := range added {
		if id, ok := first[added[i].ID]; ok {
			added[i] = Added{ID: id, Duplicate: true}
		}
	}
	return added, nil
}
