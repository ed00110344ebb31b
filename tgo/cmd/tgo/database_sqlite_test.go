//go:build (linux && (amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x)) || ((darwin || freebsd || openbsd || windows) && (amd64 || arm64)) || (netbsd && amd64)

package main

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// The driver ignores a misspelled setting without an error, so the database is asked.
func TestSQLiteSettings(t *testing.T) {
	t.Parallel()
	pool, err := sql.Open("sqlite", sqliteSource(filepath.Join(t.TempDir(), "x.db")))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close() //nolint:errcheck // nothing is in it
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "busy_timeout": "10000", "foreign_keys": "0", "secure_delete": "1"} {
		var got string
		if err := pool.QueryRowContext(t.Context(), "pragma "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q, want %q; %v", pragma, got, want, err)
		}
	}
}

// A device accepts writes and keeps nothing.
func TestDatabaseThatIsNotAFile(t *testing.T) {
	t.Parallel()
	for _, name := range []string{os.DevNull, "/dev/full", t.TempDir()} {
		if info, err := os.Stat(name); err != nil || info.Mode().IsRegular() {
			continue // this system has none
		}
		r := command(t, nil, "outbox", "list", "--database", "sqlite:"+name).want(t, exitUsage, name+" is not a file")
		if r.out != "" {
			t.Errorf("%s: %s", name, r.out)
		}
	}
}
