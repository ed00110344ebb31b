package sheet

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// write writes a file of a list, and returns its name. The name says nothing of what is in it.
func write(t testing.TB, content string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// read is all rows of a list as "2: a|b", rows that cannot be read as "3: error: ...", and the error that ended it.
func read(l *List) (rows []string, err error) {
	for r, err := range l.Rows() {
		var failed *RowError
		switch {
		case errors.As(err, &failed):
			rows = append(rows, fmt.Sprintf("%d: error: %v", failed.Number, failed.Err))
		case err != nil:
			return rows, err
		case len(r.Cells) != len(l.Columns):
			return rows, fmt.Errorf("row %d has %d cells, and there are %d columns", r.Number, len(r.Cells), len(l.Columns))
		default:
			rows = append(rows, fmt.Sprintf("%d: %s", r.Number, strings.Join(r.Cells, "|")))
		}
	}
	return rows, nil
}

func encoded(t testing.TB, e encoding.Encoding, text string) string {
	t.Helper()
	out, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	littleEndian = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	bigEndian    = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
)

const bom = "\ufeff"

// TestCSV reads lists as programs write them.
func TestCSV(t *testing.T) {
	t.Parallel()
	const arabic = "رقم,الاسم\n01001234567,أحمد\n01112345678,منى\n"
	semicolons := strings.ReplaceAll(arabic, ",", ";")
	tabs := strings.ReplaceAll(arabic, ",", "\t")
	crlf := func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }
	people := []string{"2: 01001234567|أحمد", "3: 01112345678|منى"}
	for _, c := range []struct {
		name, content string
		options       Options
		kind          string
		rows          []string
		guessed       string
	}{
		{"a program's", arabic, Options{}, "CSV, UTF-8, separated by commas", people, ""},
		{"no line end at the end", strings.TrimSuffix(arabic, "\n"), Options{}, "CSV, UTF-8, separated by commas", people, ""},
		{"Excel's CSV UTF-8", bom + crlf(arabic), Options{}, "CSV, UTF-8, separated by commas", people, ""},
		{"the same of a computer with a decimal comma", bom + crlf(semicolons), Options{}, "CSV, UTF-8, separated by semicolons", people, ""},
		{"Excel's CSV on an Arabic computer", encoded(t, charmap.Windows1256, crlf(semicolons)), Options{}, "CSV, Windows-1256 (guessed), separated by semicolons",
			people, "windows-1256"},
		{"the same, confirmed", encoded(t, charmap.Windows1256, crlf(semicolons)), Options{Encoding: "Windows-1256"},
			"CSV, Windows-1256, separated by semicolons", people, ""},
		{"Excel's Unicode text", encoded(t, littleEndian, bom+crlf(tabs)), Options{}, "CSV, UTF-16 LE, separated by tabs", people, ""},
		{"UTF-16 BE", encoded(t, bigEndian, bom+tabs), Options{}, "CSV, UTF-16 BE, separated by tabs", people, ""},
		{"UTF-16 LE without a mark", encoded(t, littleEndian, tabs), Options{}, "CSV, UTF-16 LE, separated by tabs", people, ""},
		{"UTF-16 BE without a mark", encoded(t, bigEndian, tabs), Options{}, "CSV, UTF-16 BE, separated by tabs", people, ""},
		{"old Mac line ends", strings.ReplaceAll(arabic, "\n", "\r"), Options{}, "CSV, UTF-8, separated by commas", people, ""},
		{"vertical bars", strings.ReplaceAll(arabic, ",", "|"), Options{}, "CSV, UTF-8, separated by vertical bars", people, ""},
		{"a delimiter that is not recognized", strings.ReplaceAll(arabic, ",", "،"), Options{Delimiter: '،'}, `CSV, UTF-8, separated by '،'`, people, ""},
		{"sep=, which Excel does not show", "sep=;\r\n" + crlf(semicolons), Options{}, "CSV, UTF-8, separated by semicolons", people, ""},
		{"sep= after a mark", bom + "SEP=|\r" + strings.ReplaceAll(arabic, ",", "|"), Options{}, "CSV, UTF-8, separated by vertical bars", people, ""},
		{"sep= in UTF-16", encoded(t, littleEndian, bom+"sep=\t\r\n"+tabs), Options{}, "CSV, UTF-16 LE, separated by tabs", people, ""},
		{"one column", "phone\n01001234567\n", Options{}, "CSV, UTF-8, separated by commas", []string{"2: 01001234567"}, ""},
		{"commas within names that are separated by semicolons", "to;\"name, first, and last\";x\n1;b;c\n", Options{},
			"CSV, UTF-8, separated by semicolons", []string{"2: 1|b|c"}, ""},
		{"a tie between separators, which the rows decide", "to,name;nick\n1;b\n2;c\n", Options{}, "CSV, UTF-8, separated by semicolons",
			[]string{"2: 1|b", "3: 2|c"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, err := Open(write(t, c.content), c.options)
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close() //nolint:errcheck // it was only read from
			for range 2 {   // from the first row, each time
				rows, err := read(l)
				if err != nil || !slices.Equal(rows, c.rows) {
					t.Errorf("got %q, %v, want %q", rows, err, c.rows)
				}
			}
			if l.Kind != c.kind || l.Guessed != c.guessed {
				t.Errorf("it is %q, guessed %q; want %q, guessed %q", l.Kind, l.Guessed, c.kind, c.guessed)
			}
		})
	}
}

// TestRows reads rows that are unlike others. The header is row 1, to and name.
func TestRows(t *testing.T) {
	t.Parallel()
	const (
		within = `error: it has a quote (") within a cell: put the whole cell in quotes, and double the quotes that are part of it`
		opened = `error: a quote (") opens a cell, and no quote closes it at its end: quotes that are part of a cell must be doubled`
		cut    = "error: it has 3 cells, but there are 2 columns: a cell that holds the separator must be in quotes"
	)
	for _, c := range []struct {
		name, content string
		rows          []string
		err           string // the end
	}{
		{"blank rows count", "to,name\n\n1,a\n , \n,\n2,b\n\n", []string{"3: 1|a", "6: 2|b"}, ""},
		{"blank rows before the header, too", "\r\n,\r\nto,name\r\n1,a\r\n", []string{"4: 1|a"}, ""},
		{"a cell of several lines is one row", "to,name\n1,\"a\nb\r\nc\"\n2,d\n", []string{"2: 1|a\nb\nc", "3: 2|d"}, ""},
		{"values are trimmed, by Unicode's spaces", "to,name\n 1\u00a0,\t\u2003a b \n", []string{"2: 1|a b"}, ""},
		{"spaces around quotes", "to,name\n1, \"a, b\" \n\"2\" ,c\n", []string{"2: 1|a, b", "3: 2|c"}, ""},
		{"doubled quotes", "to,name\n1,\"a \"\"b\"\"\"\n2,\"\"\"\"\n3,\"\"\n", []string{`2: 1|a "b"`, `3: 2|"`, "4: 3|"}, ""},
		{`="..." as programs write it`, "to,name\n=\"+201001234567\",a\n=\"007\" , =\"a \"\"b\"\" c\"\n", []string{"2: +201001234567|a", `3: 007|a "b" c`}, ""},
		{`="..." as Excel quotes it`, "to,name\n\"=\"\"+201001234567\"\"\",a\n", []string{"2: +201001234567|a"}, ""},
		{`="..." at the end of the file`, "to,name\n1,=\"007\"", []string{"2: 1|007"}, ""},
		{`="..." with separators`, "to,name\n1,=\"a,b\"\n", []string{"2: 1|a,b"}, ""},
		{"another formula stays as it is", "to,name\n1,=A1+B1\n2,=\"a\"&\"b\"\n", []string{"2: 1|=A1+B1", `3: 2|="a"&"b"`}, ""},
		{`="... without an end`, "to,name\n1,=\"a\n2,b\n", []string{"2: " + opened, "3: 2|b"}, ""},
		{`="... without an end at the end of the file`, "to,name\n1,=\"a", []string{"2: " + opened}, ""},
		{"a row that ends early", "to,name\n1\n2,b\n", []string{"2: 1|", "3: 2|b"}, ""},
		{"a row with blank cells at its end", "to,name\n1,a,,  ,\n", []string{"2: 1|a"}, ""},
		{"a row with too many cells", "to,name\n1,Cairo, Egypt\n2,b\n", []string{"2: " + cut, "3: 2|b"}, ""},
		{"a column without a name", "to,,name\n1,x,a\n2,,b\n", []string{"2: 1|x|a", "3: 2||b"}, ""},
		{"nameless columns at the end", "to,name,,\n1,a,,\n2,b,note,\n", []string{"2: 1|a||", "3: 2|b|note|"}, ""},
		{"an error of a formula", "to,name\n1,#N/A\n#REF!,b\n2,#1\n", []string{
			"2: error: cell B2 has the error #N/A: correct its formula, or clear the cell",
			"3: error: cell A3 has the error #REF!: correct its formula, or clear the cell", "4: 2|#1"}, ""},
		{"an error where no one reads it", "to,\n1,#N/A\n", []string{"2: 1|#N/A"}, ""},
		{"a quote within a cell", "to,name\n1,5\" pipe\n2,b\n", []string{"2: " + within, "3: 2|b"}, ""},
		{"text after quotes", "to,name\n1,\"a\" b\n2,b\n", []string{"2: " + opened, "3: 2|b"}, ""},
		{"a quote that is not closed", "to,name\n1,\"a\n2,b\n3,c\n", nil,
			`row 2: a quote (") opens a cell and is not closed, so the rows after it cannot be told apart`},
		{"a quote that is not closed in the last row", "to,name\n1,b\n2,\"a", []string{"2: 1|b", "3: " + opened}, ""},
		{"a quote that the next one closes wrongly", "to,name\n1,a\n2,\"b\n3,\"c\"\n4,d\n", []string{"2: 1|a"},
			`row 3: a quote (") opens a cell and is not closed, so the rows after it cannot be told apart`},
		{"two quotes are missing, and the file is valid", "to,name\n+201001234567,\"a\n+201001234568,b\n+201001234569,c\"\n2,d\n", []string{
			`2: error: cell B has 3 lines, and one of these looks like a row of its own: a quote (") may be missing. If the cell is right, save the list as .xlsx`,
			"3: 2|d"}, ""},
		{"an address of several lines", "to,name\n1,\"Ali\n12, Nile St.\nCairo, 11511\"\n", []string{"2: 1|Ali\n12, Nile St.\nCairo, 11511"}, ""},
		{"a cell without an end in a big file", "to,name\n1,a\n2,\"" + strings.Repeat("b,\n", 1<<19), []string{"2: 1|a"},
			"a row after row 2: it is longer than 1 MiB: a closing quote (\") may be missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l, err := Open(write(t, c.content), Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close() //nolint:errcheck // it was only read from
			rows, err := read(l)
			if !slices.Equal(rows, c.rows) {
				t.Errorf("got  %q\nwant %q", rows, c.rows)
			}
			if got := fmt.Sprint(err); got != c.err && (err != nil || c.err != "") {
				t.Errorf("it ended with %v, want %s", err, c.err)
			}
		})
	}
}

// TestRefused opens files that are no list.
func TestRefused(t *testing.T) {
	t.Parallel()
	wide := encoded(t, littleEndian, bom+"to\tname\n1\tb\n")
	for _, c := range []struct {
		name, content string
		options       Options
		want          string
	}{
		{"an empty file", "", Options{}, "the file is empty"},
		{"nothing but blank rows", bom + "\n\n , \n", Options{}, "it has no rows: the first row must name the columns"},
		{"a header with a quote", "to,na\"me\n", Options{}, "row 1: it has a quote"},
		{"a PDF", "%PDF-1.7\n", Options{}, "this is a PDF file"},
		{"a page that is named .xls", bom + "\r\n<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\">", Options{}, "this is a web page or XML"},
		{"a page in UTF-16", encoded(t, littleEndian, bom+"<table>"), Options{}, "this is a web page or XML"},
		{"contacts", "BEGIN:VCARD\r\nVERSION:3.0\r\n", Options{}, "this is a file of contacts (vCard)"},
		{"gzip", "\x1f\x8b\x08\x00", Options{}, "this is a compressed file"},
		{"an old workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600), Options{}, "this is a workbook of an old kind (.xls): open it in"},
		{"a protected workbook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 65500) + encoded(t, littleEndian, "EncryptedPackage"), Options{},
			"this workbook is protected by a password"},
		{"zero bytes", "to,name\n1,\x00\x00\x00\n", Options{}, "this is not a text file"},
		{"UTF-16 that is cut off", wide[:len(wide)-1], Options{}, "it is not valid UTF-16"},
		{"half of a character in UTF-16", wide + "\x3d\xd8", Options{}, "it is not valid UTF-16"},
		{"the other half", wide + "\x00\xdc", Options{}, "it is not valid UTF-16"},
		{"UTF-8 that is damaged", "to,name\n1,أحمد\n2,\xd8\n", Options{}, "it is not valid UTF-8 (first in line 3)"},
		{"a mark of UTF-8, and Windows-1256", bom + encoded(t, charmap.Windows1256, "to,name\n1,منى\n"), Options{}, "it is not valid UTF-8 (first in line 2)"},
		{"what the user says is UTF-8", encoded(t, charmap.Windows1256, "to,name\n1,منى\n"), Options{Encoding: "utf-8"}, "it is not valid UTF-8 (first in line 2)"},
		{"what the user says is Windows-1256", "to,name\n1,أحمد\n", Options{Encoding: "windows-1256"}, "it is not Windows-1256 but UTF-8"},
		{"what the user says is UTF-8, with the mark of UTF-16", wide, Options{Encoding: "utf-8"}, "it is not UTF-8: it begins with the mark of UTF-16 LE"},
		{"an encoding that is not known", "to\n", Options{Encoding: "koi8-r"}, `the encoding "koi8-r" is not known: give utf-8,`},
		{"a sheet of a CSV file", "to\n", Options{Sheet: "A"}, "which has no sheets"},
		{"a delimiter that cannot be one", "to\n", Options{Delimiter: '"'}, `'"' cannot separate columns`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			name := write(t, c.content)
			l, err := Open(name, c.options)
			if err == nil {
				_ = l.Close()
				t.Fatalf("it was opened: %s %q", l.Kind, l.Columns)
			}
			if !strings.HasPrefix(err.Error(), name+": ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if strings.HasSuffix(err.Error(), "\n") || strings.Contains(err.Error(), "already closed") {
				t.Errorf("it says more: %q", err)
			}
		})
	}
	for _, name := range []string{t.TempDir(), os.DevNull} {
		if _, err := Open(name, Options{}); err == nil || !strings.Contains(err.Error(), "it is not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

func TestColumn(t *testing.T) {
	t.Parallel()
	l, err := Open(write(t, "\n\u200fالهاتف ,Name,name ,\"Order\n no\",,Straße\n"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only read from
	for name, want := range map[string]int{"الهاتف": 0, " ORDER  No": 3, "straße": 5} {
		if got, err := l.Column(name); err != nil || got != want {
			t.Errorf("%q is column %d, %v; want %d", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"NAME": `two columns are named "name": B and C; rename one of them`,
		"to":   `there is no column "to"; row 2 names the columns: "<U+200F>الهاتف", "Name", "name", "Order<U+000A> no", "Straße"`,
		"":     `there is no column ""`,
	} {
		if got, err := l.Column(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q is column %d, %v; want the error %s", name, got, err, want)
		}
	}
}

func TestColumnLetters(t *testing.T) {
	t.Parallel()
	for i, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"} {
		if got := columnLetters(i); got != want {
			t.Errorf("column %d is %s, want %s", i, got, want)
		}
	}
}

// TestReplaced replaces a file after it was opened, as spreadsheet programs do: the rows are those of the file before. A file that
// is written to in place is refused.
func TestReplaced(t *testing.T) {
	t.Parallel()
	name := write(t, "to\n1\n")
	l, err := Open(name, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()                //nolint:errcheck // it was only read from
	if runtime.GOOS != "windows" { // which does not let a file go that is open
		if err := os.Rename(write(t, "to\n2\n"), name); err != nil {
			t.Fatal(err)
		}
		if rows, err := read(l); err != nil || !slices.Equal(rows, []string{"2: 1"}) {
			t.Errorf("got %q, %v", rows, err)
		}
	}
	name = write(t, "to\n1\n")
	if l, err = Open(name, Options{}); err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // it was only read from
	if err := os.WriteFile(name, []byte("to\n2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(name, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if rows, err := read(l); !errors.Is(err, errChanged) {
		t.Errorf("got %q, %v", rows, err)
	}
}

// TestLong reads a list that is longer than any buffer, in each encoding.
func TestLong(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	var b strings.Builder
	b.WriteString("to,name\r\n")
	for i := range rows {
		fmt.Fprintf(&b, "+2010%08d,%s\r\n", i, strings.Repeat("منى ", i%7))
	}
	for _, content := range []string{b.String(), encoded(t, littleEndian, b.String()), encoded(t, charmap.Windows1256, b.String())} {
		l, err := Open(write(t, content), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close() //nolint:errcheck // it was only read from
		i := 0
		for r, err := range l.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.TrimSpace(strings.Repeat("منى ", i%7)); r.Number != i+2 || r.Cells[0] != fmt.Sprintf("+2010%08d", i) || r.Cells[1] != want {
				t.Fatalf("%s: row %d is %v", l.Kind, i, r)
			}
			i++
		}
		if i != rows {
			t.Errorf("%s: it has %d rows", l.Kind, i)
		}
	}
}
