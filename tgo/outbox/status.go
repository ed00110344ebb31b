package outbox

import (
	"context"
	"encoding/json"
	"time"
)

// Status is the state of a queue.
type Status struct {
	// Messages counts the messages by state.
	Messages map[State]int64
	// PausedAt is the time at which the queue was paused; zero if it is not paused.
	PausedAt time.Time
	// PauseReason says why the queue was paused.
	PauseReason string
	// HeldUntil is the time until which the API asked to wait (Retry-After); zero if it did not.
	HeldUntil time.Time
	// Workers are the processes that work on the queue.
	Workers []WorkerStatus
	// HasKey reports whether this Box has a key for encrypted messages: whether its Config has Ciphers.
	HasKey bool
	// Encrypted counts the messages that wait or are sending or unknown, and are encrypted in the database. A Box without the key can
	// neither show nor send them.
	Encrypted int64
}

// WorkerStatus is a process that works on a queue.
type WorkerStatus struct {
	// ID consists of the id of its river.Client and an id of this run.
	ID string
	// Host is the machine's name and PID the process's id.
	Host string
	PID  int
	// Since is the time at which it started, and LeaseUntil the time until which it counts as alive.
	Since, LeaseUntil time.Time
	// Sending counts the messages that it is sending.
	Sending int64
}

// Status returns the state of the queue. It counts all records, which takes a few seconds for ten million.
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
	status := Status{Messages: map[State]int64{}, HasKey: len(b.cfg.Ciphers) > 0}
	for _, state := range States() {
		status.Messages[state] = 0
	}
	for _, s := range states {
		status.Messages[s.State] = s.Count
	}
	pause, err := b.Paused(ctx)
	if err != nil {
		return Status{}, err
	}
	status.PausedAt, status.PauseReason, status.HeldUntil = pause.PausedAt, pause.Reason, pause.HeldUntil
	err = b.row(ctx, exec, `
		select count(*) from {job} j where j.queue = $1 and j.kind = '`+Kind+`' and j.args ->> 'sealed' is not null
			and j.state in ('available', 'scheduled', 'retryable', 'running', 'pending')`, b.cfg.Queue).Scan(&status.Encrypted)
	if err != nil {
		return Status{}, explain(err)
	}
	status.Workers, err = b.workers(ctx)
	return status, err
}

// UnknownByQueue counts the unknown messages of every queue in the database, including queues that are not monitored. A queue without one
// is not in the map. It is fast, however many messages there are.
func (b *Box[TTx]) UnknownByQueue(ctx context.Context) (map[string]int64, error) {
	var text string
	err := b.row(ctx, b.driver.GetExecutor(), `
		select coalesce({array}({object}('queue', queue, 'count', count)), '[]')
		from (select queue, count(*) as count from {message} where state = 'unknown' group by queue) queues`).Scan(&text)
	var rows []struct {
		Queue string
		Count int64
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &rows)
	}
	if err != nil {
		return nil, explain(err)
	}
	counts := make(map[string]int64, len(rows))
	for _, r := range rows {
		counts[r.Queue] = r.Count
	}
	return counts, nil
}

// workers returns the processes that work on the queue, including those that died recently.
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
