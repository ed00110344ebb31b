package sheet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// write writes a file of a list, and returns its name.
func write(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// read is all rows of a list as "2: a|b", rows that cannot be read as "3: error", and the error that ended it.
func read(l *List) (rows []string, err error) {
	for r, err := range l.Rows() {
		var failed *RowError
		switch {
		case errors.As(err, &failed):
			rows = append(rows, fmt.Sprintf("%d: %v", failed.Number, failed.Err))
		case err != nil:
			return rows, err
		default:
			rows = append(rows, fmt.Sprintf("%d: %s", r.Number, strings.Join(r.Cells, "|")))
		}
	}
	return rows, nil
}

func TestSmoke(t *testing.T) {
	for _, text := range []string{
		"to,name\n+2010,Ali\n\n+2011,\"O\nmar\"\n+2012,Z\n",
		"to;name\r\n=\"+2010\";Ali\r\n\r\n+2011;\"O\r\nmar\"\r\n+2012;Z\r\n",
		"sep=;\r\nto;name\r+2010;Ali\r\r+2011;\"Omar\"\r+2012;Z\r",
		"to,name\n+2010,\"Ali\n+2011,x\n",
		"to,name\n+2010,A\"li\n+2011,x\n",
		"to,name\n+2010,=\"Ali\n+2011, \"x\" \n+2010,a,b,c\n+2012\n",
	} {
		l, err := Open(write(t, text), Options{})
		if err != nil {
			t.Error(err)
			continue
		}
		rows, err := read(l)
		t.Logf("%s %q %q %v", l.Kind, l.Columns, rows, err)
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}
