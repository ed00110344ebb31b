//go:build (linux && (amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x)) || ((darwin || freebsd || openbsd || windows) && (amd64 || arm64)) || (netbsd && amd64)

package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// openSQLite opens an outbox in a file, and creates its tables.
func openSQLite(ctx context.Context, file string, cfg outbox.Config) (openBox, error) {
	path, err := filepath.Abs(file)
	if err != nil || file == "" {
		return openBox{}, usageError("the database is sqlite: without a file")
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return openBox{}, usageError("database: " + file + " is not a file")
	}
	// SQLite would create it readable by others. An existing file is not opened here: closing it would release SQLite's locks in this process.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // writing the file that the user names is the purpose
	if err == nil {
		err = f.Close()
	}
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return openBox{}, withCode(exitUsage, fmt.Errorf("database: %w", err))
	}
	pool, err := sql.Open("sqlite", sqliteSource(path))
	if err != nil {
		return openBox{}, err
	}
	pool.SetMaxOpenConns(1)
	opened, err := newBox(riversqlite.New(pool), cfg, file, func() { _ = pool.Close() })
	if err != nil {
		return openBox{}, err
	}
	if err := opened.Migrate(ctx); err != nil {
		opened.close()
		return openBox{}, boxError(fmt.Errorf("%s: %w", file, err))
	}
	opened.lock = func(context.Context, string) (func(), error) { return lockFile(path + "-lock") }
	return opened, nil
}

// damaged adds to the error of a damaged database what to do about it.
func damaged(err error) error {
	var failed *sqlite.Error
	if !errors.As(err, &failed) {
		return err
	}
	switch failed.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return withCode(exitUsage, fmt.Errorf("the database is damaged, so it does not show what was sent: restore it from a backup. "+
			"A new one would send to everyone again (%w)", err))
	}
	return err
}

// sqliteSource returns the driver's name of a file with the settings of an outbox: committed data survives a power
// failure, and deleted data is overwritten.
func sqliteSource(path string) string {
	source := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: url.Values{
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "secure_delete(ON)"},
		"_txlock": {"immediate"},
	}.Encode()}
	if !strings.HasPrefix(source.Path, "/") { // C:/...
		source.Path = "/" + source.Path
	}
	return source.String()
}
