package tgo_test

import (
	"bytes"
	"fmt"
	"testing"
	"text/tabwriter"
)

// resultTable is a table of what parallel subtests found, one row each, in the order in which they were started.
type resultTable struct{ rows []*tableRow }

// tableRow is one row. Only its own subtest writes it.
type tableRow struct{ cells string }

// add adds a row, which the subtest fills in.
func (r *resultTable) add() *tableRow {
	row := &tableRow{}
	r.rows = append(r.rows, row)
	return row
}

// set fills in a row. The cells are separated by tabs.
func (r *tableRow) set(format string, cells ...any) { r.cells = fmt.Sprintf(format, cells...) }

// logWhenDone logs the table after all subtests of t have ended. -v shows it.
func (r *resultTable) logWhenDone(t *testing.T, heading string) {
	t.Helper()
	t.Cleanup(func() {
		var table bytes.Buffer
		w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, heading)
		count := 0
		for _, row := range r.rows {
			if row.cells != "" { // with -run, some are not filled in
				count++
				fmt.Fprintln(w, row.cells)
			}
		}
		if err := w.Flush(); err != nil {
			t.Error(err)
		}
		t.Logf("%d rows\n%s", count, table.String())
	})
}
