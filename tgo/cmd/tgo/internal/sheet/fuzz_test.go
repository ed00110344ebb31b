package sheet

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// FuzzOpen reads anything: it never panics, rows come in their order with as many cells as there are columns, each cell is
// trimmed, and a second reading is like the first one.
func FuzzOpen(f *testing.F) {
	const list = "to;name\r\n=\"+201001234567\";\"a \"\"b\"\"\r\nc\"\r\n\r\n01001234567;منى\r\n"
	good := book(f, nil)
	for _, seed := range []string{
		list, bom + list, "sep=;\r\n" + list, strings.ReplaceAll(list, "\r\n", "\r"), encoded(f, charmap.Windows1256, list),
		encoded(f, littleEndian, bom+list), encoded(f, bigEndian, list), "a,b\n1,\"2\n3,4", "a\tb|c\n1\t2|3\n", "\x1f\x8b", "%PDF", "<html>",
		good, good[:len(good)/2],
		book(f, map[string]string{"xl/worksheets/sheet1.xml": `<row r="1"><c r="A1" t="s"><v>9</v></c></row>`}),
		book(f, map[string]string{"xl/styles.xml": `<styleSheet>`}),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		l, err := Open(write(t, string(content)), Options{})
		if err != nil {
			return
		}
		defer func() {
			if err := l.Close(); err != nil {
				t.Error(err)
			}
		}()
		last := 0
		for r, err := range l.Rows() {
			number := r.Number
			var failed *RowError
			switch {
			case errors.As(err, &failed):
				number = failed.Number
			case err != nil:
				continue
			case len(r.Cells) != len(l.Columns):
				t.Errorf("row %d has %d cells, and there are %d columns", r.Number, len(r.Cells), len(l.Columns))
			}
			if number <= last {
				t.Errorf("row %d comes after row %d", number, last)
			}
			last = number
			for _, cell := range r.Cells {
				if cell != strings.TrimSpace(cell) || !utf8.ValidString(cell) {
					t.Errorf("row %d has the cell %q", r.Number, cell)
				}
			}
		}
		once, firstErr := read(l)
		twice, secondErr := read(l)
		if strings.Join(once, "\n") != strings.Join(twice, "\n") || (firstErr == nil) != (secondErr == nil) {
			t.Errorf("it was read as %q, %v and as %q, %v", once, firstErr, twice, secondErr)
		}
	})
}
