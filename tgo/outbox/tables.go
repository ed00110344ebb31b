package outbox

// migrations make the outbox's tables, step by step. What has been released is never changed.
var migrations = [][]string{{
	// A message's record. Its id is that of its River job. It holds neither text nor recipient. token is the worker's own number of the
	// attempt.
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
	// One for each state: SQLite uses a partial index only where the statement has its very condition.
	`create index tgo_outbox_message_sending on {message} (queue, id) where state = 'sending'`,
	`create index tgo_outbox_message_unknown on {message} (queue, id) where state = 'unknown'`,
	`create index tgo_outbox_message_ended on {message} (queue, ended_at) where ended_at is not null`,
	// A queue's pause and its rate: tat is when the next message may begin, and senders the same for each sender number.
	`create table {queue} (
		name text primary key,
		paused_at bigint,
		pause_reason text not null default '',
		held_until bigint not null default 0,
		tat bigint not null default 0,
		senders {json} not null default '{}'
	)`,
	// A process that sends, by an id of this run alone, and that of its river.Client. It counts as alive until its lease ends.
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
	// List goes through the messages of one queue among those of many.
	`create index tgo_outbox_message_queue on {message} (queue, id)`,
}}
