//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
)

// A job that another program added gets a record, and a job with invalid arguments ends as rejected.
func TestForeignJobs(t *testing.T) {
	each(t, testForeignJobs[*sql.Tx], testForeignJobs[pgx.Tx])
}

func testForeignJobs[TTx any](t *testing.T, b *bed[TTx]) {
	insert := func(args string) int64 {
		result, err := b.river.Insert(t.Context(), jobArgs{[]byte(args)}, &river.InsertOpts{Queue: b.Queue(), Priority: 2})
		if err != nil {
			t.Fatal(err)
		}
		return result.Job.ID
	}
	ends := `"from":"` + string(b.fake.SenderPhone) + `","to":"` + string(b.fake.RecipientPhone) + `"`
	good := `{"version":1,` + ends + `,"type":"text","text":"hello","key":"k"}`
	id, twin := insert(good), insert(good)
	waiting, err := b.List(t.Context(), Query{State: Waiting})
	if err != nil || len(waiting) != 2 || waiting[0].ID != id || waiting[0].Key != "k" || waiting[0].Message.Text != "hello" {
		t.Errorf("%+v, %v", waiting, err)
	}
	gone := insert(`{"version":1,` + ends + `,"type":"text","text":"never"}`)
	if err := b.Cancel(t.Context(), gone, "not wanted"); err != nil {
		t.Error(err)
	}
	if record, err := b.Get(t.Context(), gone); err != nil || record.State != Cancelled || record.Code != "person" {
		t.Errorf("%+v, %v", record, err)
	}
	bad := map[string]int64{}
	for _, args := range []string{
		`[]`, `{"version":1,"text":"hello"}`, `{"version":1,` + ends + `,"type":"image"}`, `{"version":1,"texts":1}`,
		`{"version":1,` + ends + `,"type":"voice","media":{"ref":"a","duration":1e300}}`,
		`{"version":1,` + ends + `,"type":"text","text":"` + strings.Repeat(" ", 3) + `"}`,
	} {
		bad[args] = insert(args)
	}
	b.work(Workers{Concurrency: 1, PauseRejected: -1})
	if record := b.until(id, Sent); record.Key != "k" || record.Attempts != 1 {
		t.Errorf("%+v", record)
	}
	if record := b.until(twin, Cancelled); record.Code != "key" || !strings.Contains(record.Reason, fmt.Sprint(id)) {
		t.Errorf("%+v", record)
	}
	for args, id := range bad {
		if record := b.until(id, Rejected); record.Code != "input" {
			t.Errorf("%s: %+v", args, record)
		}
	}
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
	if added, err := b.Add(t.Context(), func() Message { m := b.message("hello"); m.Key = "k"; return m }()); err != nil || added.ID != id {
		t.Errorf("%+v, %v", added, err)
	}
}
