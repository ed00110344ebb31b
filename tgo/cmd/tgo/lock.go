package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/gofrs/flock"
	"github.com/jackc/pgx/v5/pgxpool"
)

// lockFile locks a file against other runs of the command. The lock ends with the process, however it ends. On Windows a
// lock would keep everyone from reading the file, so another file beside it is locked there.
func lockFile(name string) (unlock func(), err error) {
	file := name
	if runtime.GOOS == "windows" {
		file += ".lock"
	}
	lock := flock.New(file) // opened for reading, since a list may be read-only
	locked, err := lock.TryLock()
	if err == nil && !locked {
		err = fmt.Errorf("another run is using %s", name)
	}
	if err != nil {
		return nil, withCode(exitUsage, fileError(err))
	}
	return func() { _ = lock.Close() }, nil
}

// lockQueue locks a queue in PostgreSQL against other runs of the command. The lock ends with its connection.
func lockQueue(ctx context.Context, pool *pgxpool.Pool, schema, queue string) (unlock func(), err error) {
	connection, err := pool.Acquire(ctx)
	if err != nil {
		return nil, err
	}
	var locked bool
	err = connection.QueryRow(ctx, `select pg_try_advisory_lock(hashtextextended($1, 0))`, "tgo send "+schema+"."+queue).Scan(&locked)
	if err == nil && !locked {
		err = withCode(exitUsage, fmt.Errorf("another run is sending this campaign. To help it from this machine: tgo outbox work --queue %s", queue))
	}
	if err != nil {
		connection.Release()
		return nil, err
	}
	return func() {
		// The server releases the locks of a closed connection with a delay, too late for a run that begins at once.
		end := context.WithoutCancel(ctx)
		_, _ = connection.Exec(end, `select pg_advisory_unlock_all()`) // closing the connection releases the lock, too
		_ = connection.Hijack().Close(end)
	}, nil
}
