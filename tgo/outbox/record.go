package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// State is what has become of a message.
type State string

// The states.
const (
	Waiting   State = "waiting"   // for its time, its turn or another attempt
	Sending   State = "sending"   // an attempt is under way
	Sent      State = "sent"      // the API accepted it
	Rejected  State = "rejected"  // the API refused it, or it was found wrong before
	Unknown   State = "unknown"   // an attempt began and nobody knows how it ended; a person decides
	Cancelled State = "cancelled" // by Cancel or GiveUp; its River job was cancelled or deleted; or another message had its key
)

// Record is what is known of a message.
type Record struct {
	// ID is the message's.
	ID int64
	// Key is the message's.
	Key string
	// State is what has become of it.
	State State
	// Attempts is how many attempts have begun.
	Attempts int
	// AddedAt, BegunAt and EndedAt are when it was added, its last attempt began, and it came to its end; zero where that has not happened.
	// By the clock of the database.
	AddedAt, BegunAt, EndedAt time.Time
	// Code is the reason as a word: the HTTP status of a refusal ("422"), "network" where no answer came that can be read, "worker" where
	// the worker died, "input" where the message or its job's arguments were found wrong, "file" where its file is gone or has changed,
	// "key" where another message has its key, "job" where its River job was cancelled or deleted, "person" where a person decided.
	Code string
	// Reason says why it is rejected, unknown or cancelled, or why the last attempt was not sent.
	Reason string
	// Receipt is the API's, of a message that was sent, without its content. Its ID is 0 where a person said that it was sent.
	Receipt tgo.Receipt
	// Message is the message itself; nil once its River job was purged. The Data of its media is left out.
	Message *Message
}

// Query says which records List returns. Its zero value is all of them.
type Query struct {
	// State is the state to list; empty for all.
	State State
	// After is an id: the records with greater ids are listed.
	After int64
	// Limit is how many at most; 100 by default.
	Limit int
	// IDs, where there are any, are the only messages to list.
	IDs []int64
	// WithoutMessages leaves out the messages themselves, which is much faster: Record.Message is nil. It lists no message that was added
	// as a job alone.
	WithoutMessages bool
}

// Pause tells why a queue sends nothing.
type Pause struct {
	// PausedAt is when the queue was paused; zero when it is not.
	PausedAt time.Time
	// Reason says why it was paused.
	Reason string
	// HeldUntil is until when the API asked to wait (Retry-After); zero when it did not.
	HeldUntil time.Time
}

// Status is the state of a queue.
type Status struct {
	// Messages counts the messages by state.
	Messages map[State]int64
	// PausedAt is when the queue was paused; zero when it is not.
	PausedAt time.Time
	// PauseReason says why.
	PauseReason string
	// HeldUntil is until when the API asked to wait (Retry-After); zero when it did not.
	HeldUntil time.Time
	// Workers are the processes that work on the queue.
	Workers []WorkerStatus
}

// WorkerStatus is a process that works on a queue.
type WorkerStatus struct {
	// ID is that of its river.Client, and of this run.
	ID string
	// Host is the machine's name and PID the process's id.
	Host string
	PID  int
	// Since is when it began, and LeaseUntil until when it counts as alive.
	Since, LeaseUntil time.Time
	// Sending counts the messages that it has under way.
	Sending int64
}

// columns are those of m, a message, and of j, its job, as one JSON object. Either may be missing: the job once it was purged, the
// message where another program added the job and no attempt has begun.
const columns = `{object}(
	'id', coalesce(m.id, j.id), 'key', m.key, 'state', coalesce(m.state, 'waiting'), 'attempt', coalesce(m.attempt, 0),
	'added_at', m.added_at, 'begun_at', m.begun_at, 'ended_at', m.ended_at, 'code', m.code, 'reason', m.reason,
	'receipt', {receipt}, 'args', {args}, 'priority', j.priority,
	'due', {micros:j.scheduled_at}:micros, 'created', {micros:j.created_at}:micros)`

// stored is a record as columns makes it.
type stored struct {
	ID       int64  `json:"id"`
	Key      string `json:"key"`
	State    State  `json:"state"`
	Attempt  int    `json:"attempt"`
	AddedAt  int64  `json:"added_at"`
	BegunAt  int64  `json:"begun_at"`
	EndedAt  int64  `json:"ended_at"`
	Code     string `json:"code"`
	Reason   string `json:"reason"`
	Priority int    `json:"priority"`
	Due      int64  `json:"due"`
	Created  int64  `json:"created"`

	Receipt tgo.Receipt     `json:"receipt"`
	Args    json.RawMessage `json:"args"`
}

// record is what is stored, as callers see it.
func (b *Box[TTx]) recordOf(s stored) Record {
	r := Record{
		ID: s.ID, Key: s.Key, State: s.State, Attempts: s.Attempt, Code: s.Code, Reason: s.Reason, Receipt: s.Receipt,
		AddedAt: micros(cmp.Or(s.AddedAt, s.Created)), BegunAt: micros(s.BegunAt), EndedAt: micros(s.EndedAt),
	}
	if s.Args == nil || string(s.Args) == "null" {
		return r
	}
	m, _, err := b.decode(s.Args)
	if err != nil { // it will be rejected for that, or was
		return r
	}
	r.Key = cmp.Or(r.Key, m.Key)
	m.Priority, m.At = Priority(s.Priority), micros(s.Due)
	if m.Media != nil {
		m.Media.Data = nil
	}
	r.Message = &m
	return r
}

// Get returns the record of a message, or ErrNotFound.
func (b *Box[TTx]) Get(ctx context.Context, id int64) (Record, error) {
	exec := b.driver.GetExecutor()
	var text string
	err := b.row(ctx, exec, `select `+columns+` from {message} m left join {job} j on j.id = m.id where m.id = $1 and m.queue = $2`,
		id, b.cfg.Queue).Scan(&text)
	if noRows(err) {
		err = b.row(ctx, exec, `select `+columns+` from {job} j left join {message} m on m.id = j.id
			where j.id = $1 and j.queue = $2 and j.kind = '`+Kind+`'`, id, b.cfg.Queue).Scan(&text)
	}
	if noRows(err) {
		return Record{}, ErrNotFound
	}
	var s stored
	if err == nil {
		err = json.Unmarshal([]byte(text), &s)
	}
	if err != nil {
		return Record{}, explain(err)
	}
	return b.recordOf(s), nil
}

// briefColumns are those of m alone, as columns makes them.
const briefColumns = `{object}(
	'id', m.id, 'key', m.key, 'state', m.state, 'attempt', m.attempt,
	'added_at', m.added_at, 'begun_at', m.begun_at, 'ended_at', m.ended_at, 'code', m.code, 'reason', m.reason, 'receipt', {receipt})`

// List returns records by ascending id. A message that another program added as a job alone has a record once an attempt begins; until
// then it is listed among those that wait, and only there.
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
	case slices.Contains([]State{Waiting, Sending, Sent, Rejected, Unknown, Cancelled}, query.State):
		where += ` and m.state = '` + string(query.State) + `'` // no argument: an index for the state alone would not be used
	default:
		return nil, fmt.Errorf("outbox: no such state: %q", query.State)
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

// Status tells how the queue is. It counts all records, which takes a few seconds for ten million.
func (b *Box[TTx]) Status(ctx context.Context) (Status, error) {
	exec := b.driver.GetExecutor()
	var counts string
	err := b.row(ctx, exec, `
		select coalesce({array}({object}('state', state, 'count', count)), '[]') from (
			select state, count(*) as count from {message} where queue = $1 and state <> 'waiting' group by state
			union all
			select 'waiting', count(*) from {job} j left join {message} m on m.id = j.id
			where j.queue = $1 and j.kind = '`+Kind+`' and j.state in ('available', 'scheduled', 'retryable', 'running')
				and coalesce(m.state, 'waiting') = 'waiting'
		) states`, b.cfg.Queue).Scan(&counts)
	var states []struct {
		State State
		Count int64
	}
	if err == nil {
		err = json.Unmarshal([]byte(counts), &states)
	}
	if err != nil {
		return Status{}, explain(err)
	}
	status := Status{Messages: map[State]int64{Waiting: 0, Sending: 0, Sent: 0, Rejected: 0, Unknown: 0, Cancelled: 0}}
	for _, s := range states {
		status.Messages[s.State] = s.Count
	}
	pause, err := b.Paused(ctx)
	if err != nil {
		return Status{}, err
	}
	status.PausedAt, status.PauseReason, status.HeldUntil = pause.PausedAt, pause.Reason, pause.HeldUntil
	status.Workers, err = b.workers(ctx)
	return status, err
}

// Paused tells whether and why the queue sends nothing. It is as cheap as reading one row.
func (b *Box[TTx]) Paused(ctx context.Context) (Pause, error) {
	var pause Pause
	var paused, held int64
	err := b.row(ctx, b.driver.GetExecutor(), `
		select coalesce(paused_at, 0), pause_reason, case when held_until > {now} then held_until else 0 end
		from {queue} where name = $1`, b.cfg.Queue).Scan(&paused, &pause.Reason, &held)
	if err != nil && !noRows(err) {
		return Pause{}, explain(err)
	}
	pause.PausedAt, pause.HeldUntil = micros(paused), micros(held)
	return pause, nil
}

// workers are the processes that work on the queue, or died lately.
func (b *Box[TTx]) workers(ctx context.Context) ([]WorkerStatus, error) {
	var text string
	err := b.row(ctx, b.driver.GetExecutor(), `
		select coalesce({array}({object}('id', id, 'host', host, 'pid', pid, 'since', since, 'lease_until', lease_until,
			'sending', (select count(*) from {message} m where m.queue = $1 and m.state = 'sending' and m.worker = w.id))), '[]')
		from (select * from {worker} where queue = $1 order by since, id) w`, b.cfg.Queue).Scan(&text)
	var rows []struct {
		ID         string `json:"id"`
		Host       string `json:"host"`
		PID        int    `json:"pid"`
		Since      int64  `json:"since"`
		LeaseUntil int64  `json:"lease_until"`
		Sending    int64  `json:"sending"`
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &rows)
	}
	if err != nil {
		return nil, err
	}
	workers := make([]WorkerStatus, len(rows))
	for i, r := range rows {
		workers[i] = WorkerStatus{ID: r.ID, Host: r.Host, PID: r.PID, Since: micros(r.Since), LeaseUntil: micros(r.LeaseUntil), Sending: r.Sending}
	}
	return workers, nil
}
