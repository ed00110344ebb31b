//go:build !((linux && (amd64 || arm64 || loong64 || ppc64le || riscv64 || s390x)) || ((darwin || freebsd || openbsd || windows) && (amd64 || arm64)) || (netbsd && amd64))

package main

import (
	"context"
	"runtime"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// openSQLite fails, since River's SQLite driver or SQLite itself does not compile on this platform.
func openSQLite(context.Context, string, outbox.Config) (openBox, error) {
	return openBox{}, usageError("there is no SQLite on " + runtime.GOOS + "/" + runtime.GOARCH + ": give a PostgreSQL database")
}

// damaged is only needed with SQLite.
func damaged(err error) error { return err }
