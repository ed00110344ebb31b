package outbox

import (
	"database/sql"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Invariants 1 and 4: what was committed is sent, and its record has the receipt.
func TestSend(t *testing.T) {
	each(t, testSend[*sql.Tx], testSend[pgx.Tx])
}

func testSend[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	for _, commit := range []bool{false, true} {
		tx, err := b.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		added, err := b.AddTx(t.Context(), tx, b.message(map[bool]string{true: "committed", false: "rolled back"}[commit]))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.end(tx, commit); err != nil {
			t.Fatal(err)
		}
		if !commit {
			continue
		}
		record := b.until(added.ID, Sent)
		sent := b.fake.ExpectMessage(t)
		if sent.Content != "committed" || record.Receipt.ID != sent.ID || record.Attempts != 1 {
			t.Errorf("sent %q with id %d; the record says %+v", sent.Content, sent.ID, record)
		}
		if record.Message == nil || record.Message.Text != "committed" || record.Receipt.Content != "" {
			t.Errorf("the record is %+v", record)
		}
	}
	b.fake.ExpectNoMessage(t)
}
