package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// Query selects the records that List returns. The zero value selects all of them.
type Query struct {
	// State selects the records in one state. An empty State selects all.
	State State
	// After selects the records with ids greater than this one.
	After int64
	// Limit is the maximum number of records; 100 by default.
	Limit int
	// IDs selects the records with these ids. An empty slice selects all.
	IDs []int64
	// WithoutMessages leaves out the messages themselves, which is much faster: Record.Message is nil. Messages that another program added as
	// a River job only, and that have no record yet, are then not listed.
	WithoutMessages bool
}

// briefColumns selects the columns of m only, in the form of columns.
const briefColumns = `{object}(
	'id', m.id, 'key', m.key, 'state', m.state, 'attempt', m.attempt,
	'added_at', m.added_at, 'begun_at', m.begun_at, 'ended_at', m.ended_at, 'code', m.code, 'reason', m.reason, 'receipt', {receipt})`

// List returns records by ascending id. A message that another program added as a River job only gets its record when an attempt begins. Until
// then it is listed only by a Query for the state Waiting.
func (b *Box[TTx]) List(ctx context.Context, query Query) ([]Record, error) {
	from, where, id, item := `{message} m left join {job} j on j.id = m.id`, `m.queue = $2 and m.id > $3`, `m.id`, columns
	if query.WithoutMessages {
		from, item = `{message} m`, briefColumns
	}
	switch {
	case query.State == "":
	case query.State == Waiting && !query.WithoutMessages:
		from = `{job} j left join {message} m on m.id = j.id`
		where = `j.queue = $2 and j.id > $3 and j.kind = '` + Kind + `' and j.state in ('available', 'scheduled', 'retryable', 'running')
			and coalesce(m.state, 'waiting') = 'waiting'`
		id = `j.id`
	case slices.Contains(States(), query.State):
		where += ` and m.state = '` + string(query.State) + `'` // not an argument, because a partial index for the state would not be used
	default:
		return nil, fmt.Errorf("outbox: there is no state %q; States returns all of them", query.State)
	}
	ids, err := json.Marshal(query.IDs)
	if err != nil {
		return nil, err
	}
	if len(query.IDs) > 0 {
		where += ` and ` + id + ` in (select cast(cast(value as text) as bigint) from {each})`
	} else {
		where += ` and cast($1 as text) is not null`
	}
	var text string
	err = b.row(ctx, b.driver.GetExecutor(), `
		select coalesce({array}({item}), '[]') from (
			select `+item+` as item from `+from+` where `+where+` order by `+id+` limit $4) items`,
		string(ids), b.cfg.Queue, query.After, cmp.Or(max(query.Limit, 0), 100)).Scan(&text)
	var items []json.RawMessage
	if err == nil {
		err = json.Unmarshal([]byte(text), &items)
	}
	if err != nil {
		return nil, explain(err)
	}
	records := make([]Record, len(items))
	for i, item := range items {
		var s stored
		if err := json.Unmarshal(item, &s); err != nil {
			return nil, err
		}
		records[i] = b.recordOf(s)
	}
	return records, nil
}
