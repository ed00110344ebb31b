//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// A message is not sent before its time, and a code is sent before a newsletter.
func TestOrder(t *testing.T) {
	each(t, testOrder[*sql.Tx], testOrder[pgx.Tx])
}

func testOrder[TTx any](t *testing.T, b *bed[TTx]) {
	var messages []Message
	for _, m := range []struct {
		text     string
		priority Priority
		at       time.Time
	}{{"bulk", Bulk, time.Time{}}, {"normal", 0, time.Time{}}, {"code", Code, time.Time{}}, {"later", Code, time.Now().Add(time.Hour)}} {
		message := b.message(m.text)
		message.Priority, message.At = m.priority, m.at
		messages = append(messages, message)
	}
	added, err := b.AddMany(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	b.work(Workers{Concurrency: 1})
	for _, want := range []string{"code", "normal", "bulk"} {
		if m := b.fake.ExpectMessage(t); m.Content != want {
			t.Errorf("sent %q instead of %q", m.Content, want)
		}
	}
	b.fake.ExpectNoMessage(t)
	if record := b.until(added[3].ID, Waiting); record.Message.At.Sub(messages[3].At).Abs() > time.Second || record.Message.Priority != Code {
		t.Errorf("%+v", record.Message)
	}
}
