//go:build 386 || arm

package main

import (
	"context"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// openSQLite is here because River's SQLite driver does not compile where int has 32 bits.
func openSQLite(context.Context, string, outbox.Config) (openBox, error) {
	return openBox{}, usageError("an outbox in SQLite needs a 64-bit system; give a postgres:// database")
}
