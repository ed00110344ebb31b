package outbox

// migrations create the outbox's tables, step by step. A released step is never changed: a new column is a new step at the end.
var migrations = [][]string{{
	// The record of a message. Its id is the id of its River job. It contains neither the text nor the recipient. token is the worker's own
	// number for the attempt.
	`create table {message} (
		id bigint primary key,
		queue text not null,
		key text,
		sender text not null,
		state text not null default 'waiting'
			check (state in ('waiting', 'sending', 'sent', 'rejected', 'unknown', 'cancelled')),
		attempt integer not null default 0,
		worker text,
		token bigint,
		added_at bigint not null,
		begun_at bigint,
		ended_at bigint,
		code text not null default '',
		reason text not null default '',
		receipt {json}
	)`,
	`create unique index tgo_outbox_message_key on {message} (queue, key) where key is not null`,
	// One index for each state: SQLite uses a partial index only if the statement contains exactly its condition.
	`create index tgo_outbox_message_sending on {message} (queue, id) where state = 'sending'`,
	`create index tgo_outbox_message_unknown on {message} (queue, id) where state = 'unknown'`,
	`create index tgo_outbox_message_ended on {message} (queue, ended_at) where ended_at is not null`,
	// The pause and the rate of a queue: tat is the time at which the next message may begin, and senders has this time for each sender number.
	`create table {queue} (
		name text primary key,
		paused_at bigint,
		pause_reason text not null default '',
		held_until bigint not null default 0,
		tat bigint not null default 0,
		senders {json} not null default '{}'
	)`,
	// A process that sends. id is unique for each run, client is the id of its river.Client. It counts as alive until its lease ends.
	`create table {worker} (
		id text primary key,
		client text not null,
		queue text not null,
		host text not null,
		pid bigint not null,
		since bigint not null,
		lease_until bigint not null
	)`,
}, {
	// For List, which reads the messages of one queue when the table has those of many.
	`create index tgo_outbox_message_queue on {message} (queue, id)`,
}}
