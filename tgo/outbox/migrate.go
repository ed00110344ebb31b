package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

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

// Migrate makes the tables of River and of the outbox, or brings them up to date. It may be run at any time, by any number of
// programs. On PostgreSQL the role needs the right to create tables in the schema; a Schema that does not exist is created.
func (b *Box[TTx]) Migrate(ctx context.Context) error {
	migrator, err := rivermigrate.New(b.driver, &rivermigrate.Config{Schema: b.cfg.Schema, Logger: b.cfg.Logger})
	if err != nil {
		return err
	}
	done := -1
	for {
		err := b.migrate(ctx, migrator)
		if err == nil {
			return nil
		}
		// Where another program migrates too, one of them is refused, and goes on from where the other has come.
		rivers, riverErr := migrator.ExistingVersions(ctx)
		ours, ourErr := b.version(ctx)
		now := len(rivers) + ours
		if riverErr != nil || ourErr != nil || now <= done {
			return fmt.Errorf("outbox: migrate: %w", err)
		}
		done = now
	}
}

func (b *Box[TTx]) migrate(ctx context.Context, migrator *rivermigrate.Migrator[TTx]) error {
	exec := b.driver.GetExecutor()
	if b.cfg.Schema != "" && !b.sql.sqlite {
		var there bool
		if err := exec.QueryRow(ctx, `select exists (select 1 from pg_namespace where nspname = $1)`, b.cfg.Schema).Scan(&there); err != nil {
			return err
		}
		if !there {
			if err := exec.Exec(ctx, `create schema if not exists "`+b.cfg.Schema+`"`); err != nil {
				return err
			}
		}
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	if err := b.exec(ctx, exec, `create table if not exists {migration} (version integer primary key, at bigint not null)`); err != nil {
		return err
	}
	version, err := b.version(ctx)
	if err != nil {
		return err
	}
	for i := version; i < len(migrations); i++ {
		err := b.tx(ctx, func(tx riverdriver.ExecutorTx) error {
			if err := b.exec(ctx, tx, `insert into {migration} (version, at) values ($1, {now})`, i+1); err != nil {
				return err
			}
			for _, statement := range migrations[i] {
				if err := b.exec(ctx, tx, statement); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// version is how many of the outbox's migrations have been done.
func (b *Box[TTx]) version(ctx context.Context) (int, error) {
	var version int
	err := b.row(ctx, b.driver.GetExecutor(), `select count(*) from {migration}`).Scan(&version)
	if missingTable(err) {
		return 0, nil
	}
	return version, err
}

// checkMigrated is ErrNotMigrated where Migrate has something to do.
func (b *Box[TTx]) checkMigrated(ctx context.Context) error {
	version, err := b.version(ctx)
	if err == nil && version < len(migrations) {
		return ErrNotMigrated
	}
	return err
}

// missingTable reports that a statement failed because Migrate has not been run.
func missingTable(err error) bool {
	if err == nil {
		return false
	}
	var postgres interface{ SQLState() string }
	if errors.As(err, &postgres) {
		return postgres.SQLState() == "42P01" || postgres.SQLState() == "3F000" // undefined_table, invalid_schema_name
	}
	return strings.Contains(err.Error(), "no such table")
}

// explain makes an error say that the database is not migrated, where that is what it is about.
func explain(err error) error {
	if missingTable(err) {
		return fmt.Errorf("%w (%w)", ErrNotMigrated, err)
	}
	return err
}

// exec carries out a statement that is written as dialect wants it; row does so with one that returns one row.
func (b *Box[TTx]) exec(ctx context.Context, exec riverdriver.Executor, statement string, args ...any) error {
	return exec.Exec(ctx, b.sql.of(statement), args...)
}

func (b *Box[TTx]) row(ctx context.Context, exec riverdriver.Executor, statement string, args ...any) riverdriver.Row {
	return exec.QueryRow(ctx, b.sql.of(statement), args...)
}

// tx runs do in a transaction, and commits it unless do fails.
func (b *Box[TTx]) tx(ctx context.Context, do func(tx riverdriver.ExecutorTx) error) error {
	tx, err := b.driver.GetExecutor().Begin(ctx)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback(context.WithoutCancel(ctx)) // the error of do says more
		return err
	}
	return tx.Commit(ctx)
}
