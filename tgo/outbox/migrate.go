package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivermigrate"
)

// Migrate creates the tables of River and of the outbox, or brings them up to date. It can be run at any time, also by several programs at
// once. On PostgreSQL the role needs the privilege to create tables in the schema. A Schema that does not exist is created.
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
		// If another program migrates at the same time, one of the two gets an error. It continues as long as there is progress.
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

// version returns the number of the outbox's migrations that have been applied.
func (b *Box[TTx]) version(ctx context.Context) (int, error) {
	var version int
	err := b.row(ctx, b.driver.GetExecutor(), `select count(*) from {migration}`).Scan(&version)
	if missingTable(err) {
		return 0, nil
	}
	return version, err
}

// checkMigrated returns ErrNotMigrated if there are migrations to apply.
func (b *Box[TTx]) checkMigrated(ctx context.Context) error {
	version, err := b.version(ctx)
	if err == nil && version < len(migrations) {
		return ErrNotMigrated
	}
	return err
}

// missingTable reports whether a statement failed because Migrate has not been run.
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

// explain wraps an error in ErrNotMigrated if a missing table caused it.
func explain(err error) error {
	if missingTable(err) {
		return fmt.Errorf("%w (%w)", ErrNotMigrated, err)
	}
	return err
}
