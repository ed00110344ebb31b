package outbox

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Record is the record of a message.
type Record struct {
	// ID is the message's id.
	ID int64
	// Key is the message's key.
	Key string
	// State is the message's state.
	State State
	// Attempts is the number of attempts that have begun.
	Attempts int
	// AddedAt, BegunAt and EndedAt are the times at which the message was added, its last attempt began, and it ended; zero if that has not
	// happened. They are from the clock of the database.
	AddedAt, BegunAt, EndedAt time.Time
	// Code is the reason in one word: the HTTP status of a refusal ("422"), "network" if there was no readable response, "worker" if the worker
	// died, "input" if the message or the arguments of its job are invalid, "file" if its file is missing or has changed, "key" if another
	// message has its key, "job" if its River job was cancelled or deleted, "person" if a person decided.
	Code string
	// Reason says why the message is rejected, unknown or cancelled, or why the last attempt did not send it.
	Reason string
	// Receipt is the API's receipt of a message that was sent, without the content. Its ID is 0 if a person decided that it was sent.
	Receipt tgo.Receipt
	// Message is the message itself, without the Data of its media; nil after its River job was purged.
	Message *Message
}

// columns selects the columns of m, the record of a message, and of j, its job, as one JSON object. Either may be missing: the job after it was
// purged, the record if another program added the job and no attempt has begun. A new column of the record also goes into stored, recordOf,
// briefColumns in list.go, and a migration in tables.go.
const columns = `{object}(
	'id', coalesce(m.id, j.id), 'key', m.key, 'state', coalesce(m.state, 'waiting'), 'attempt', coalesce(m.attempt, 0),
	'added_at', m.added_at, 'begun_at', m.begun_at, 'ended_at', m.ended_at, 'code', m.code, 'reason', m.reason,
	'receipt', {receipt}, 'args', {args}, 'priority', j.priority,
	'due', {micros:j.scheduled_at}:micros, 'created', {micros:j.created_at}:micros)`

// stored is a record as columns selects it.
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

// recordOf converts a stored record to a Record.
func (b *Box[TTx]) recordOf(s stored) Record {
	r := Record{
		ID: s.ID, Key: s.Key, State: s.State, Attempts: s.Attempt, Code: s.Code, Reason: s.Reason, Receipt: s.Receipt,
		AddedAt: micros(cmp.Or(s.AddedAt, s.Created)), BegunAt: micros(s.BegunAt), EndedAt: micros(s.EndedAt),
	}
	if s.Args == nil || string(s.Args) == "null" {
		return r
	}
	m, _, err := b.decode(s.Args)
	if err != nil { // the message will be rejected for that, or was rejected
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
