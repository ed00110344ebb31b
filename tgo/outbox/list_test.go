//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// A Query can select messages by id, and leave out the messages themselves.
func TestListByID(t *testing.T) {
	each(t, testListByID[*sql.Tx], testListByID[pgx.Tx])
}

func testListByID[TTx any](t *testing.T, b *bed[TTx]) {
	var ids []int64
	for i := range 4 {
		m := b.message(fmt.Sprint(i))
		m.Key = fmt.Sprint("key ", i)
		ids = append(ids, b.add(m))
	}
	for _, without := range []bool{false, true} {
		for _, state := range []State{"", Waiting} {
			found, err := b.List(t.Context(), Query{IDs: []int64{ids[3], ids[1]}, State: state, WithoutMessages: without})
			if err != nil || len(found) != 2 || found[0].ID != ids[1] || found[1].ID != ids[3] || found[1].Key != "key 3" ||
				found[0].State != Waiting || (found[0].Message == nil) != without {
				t.Errorf("%v %q: %+v, %v", without, state, found, err)
			}
			if all, err := b.List(t.Context(), Query{State: state, WithoutMessages: without}); err != nil || len(all) != len(ids) {
				t.Errorf("%v %q: %d messages, %v", without, state, len(all), err)
			}
		}
	}
}
