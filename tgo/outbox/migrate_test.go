//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Several programs can migrate at the same time, and repeatedly.
func TestMigrate(t *testing.T) {
	each(t, testMigrate[*sql.Tx], testMigrate[pgx.Tx])
}

func testMigrate[TTx any](t *testing.T, b *bed[TTx]) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := b.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := b.checkMigrated(t.Context()); err != nil {
		t.Error(err)
	}
}

// In a database without the tables, every call returns ErrNotMigrated.
func TestNotMigrated(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "empty.db"))
	box, err := New(riversqlite.New(db), Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	fake := tgotest.New(t)
	for name, err := range map[string]error{
		"Add":     second(box.Add(ctx, Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "a"})),
		"Get":     second(box.Get(ctx, 1)),
		"List":    second(box.List(ctx, Query{})),
		"Status":  second(box.Status(ctx)),
		"Unknown": second(box.UnknownByQueue(ctx)),
		"Purge":   second(box.Purge(ctx, time.Now())),
		"Resolve": box.Resolve(ctx, 1, WasSent),
		"Cancel":  box.Cancel(ctx, 1, "not wanted"),
		"Pause":   box.Pause(ctx, ""),
		"Resume":  box.Resume(ctx),
		"Work":    box.Work(ctx, fake.Client, Workers{}),
	} {
		if !errors.Is(err, ErrNotMigrated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
