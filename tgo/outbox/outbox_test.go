//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
)

// Invariants 1, 4 and 6: a committed message is sent, a rolled back one does not exist, and the record has the receipt.
func TestSend(t *testing.T) {
	each(t, testSend[*sql.Tx], testSend[pgx.Tx])
}

func testSend[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	var ids []int64
	for _, commit := range []bool{false, true} {
		tx, err := b.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		added, err := b.AddTx(t.Context(), tx, b.message(fmt.Sprintf("committed: %t", commit)))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.end(tx, commit); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, added.ID)
	}
	record := b.until(ids[1], Sent)
	sent := b.fake.ExpectMessage(t)
	if sent.Content != "committed: true" || record.Receipt.ID != sent.ID || record.Attempts != 1 {
		t.Errorf("sent %q with id %d; the record says %+v", sent.Content, sent.ID, record)
	}
	if record.Message == nil || record.Message.Text != "committed: true" || record.Receipt.Content != "" {
		t.Errorf("the record is %+v", record)
	}
	if record.AddedAt.IsZero() || record.BegunAt.Before(record.AddedAt) || record.EndedAt.Before(record.BegunAt) {
		t.Errorf("added %s, begun %s, ended %s", record.AddedAt, record.BegunAt, record.EndedAt)
	}
	if ids[0] != ids[1] { // if the database does not reuse the id of the message that was rolled back
		if _, err := b.Get(t.Context(), ids[0]); !errors.Is(err, ErrNotFound) {
			t.Errorf("the message that was rolled back: %v", err)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// New refuses an invalid configuration.
func TestNew(t *testing.T) {
	t.Parallel()
	driver := riversqlite.New(openSQLite(t, filepath.Join(t.TempDir(), "a.db")))
	for _, queue := range []string{"not a queue", "Shop", "-", strings.Repeat("q", 65)} {
		if _, err := New(driver, Config{Queue: queue}); err == nil || !strings.Contains(err.Error(), "Config.Queue") {
			t.Errorf("queue %q: %v", queue, err)
		}
	}
	if _, err := New(driver, Config{Schema: "a;b"}); err == nil {
		t.Error("a schema that is no name is accepted")
	}
	if box, err := New(driver, Config{Queue: "shop_1-eu"}); err != nil || box.Queue() != "shop_1-eu" {
		t.Error(err)
	}
	if _, err := New(riversqlite.New(nil), Config{}); err == nil {
		t.Error("a driver without a pool is accepted")
	}
	if _, err := New[*sql.Tx](nil, Config{}); err == nil {
		t.Error("no driver is accepted")
	}
}
