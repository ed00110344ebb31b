// Package sheet reads the lists of recipients that people have: CSV files as spreadsheets and programs write them, in the
// encodings that they use, and .xlsx workbooks. Cells are text, exactly as the file has them.
//
// What could be read in two ways is refused, never guessed: a list is sent to people.
package sheet

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"unicode"

	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
)

// Options are the user's settings for a list. The zero value makes Open recognize everything.
type Options struct {
	Encoding  string // of a CSV file: utf-8, utf-16le, utf-16be or windows-1256; empty: recognized
	Delimiter rune   // of a CSV file; 0: recognized among comma, semicolon, tab and |
	Sheet     string // of an .xlsx file; empty: the first that is visible
}

// List is a file that has been opened and recognized. Its methods may be called by one goroutine at a time.
type List struct {
	// Columns are the names in the first row that is not blank, trimmed. A column without a name is "".
	Columns []string
	// Kind describes the file for people, such as: CSV, UTF-8, separated by semicolons.
	Kind string
	// Guessed is the encoding if it was only guessed, so a person must confirm it; otherwise it is empty.
	Guessed string

	header int // the number of the row with the names
	source source
}

// source is a file of one of the kinds.
type source interface {
	// records yields each row that is not skipped by the file format itself, the header too. The cells are valid until the
	// next row.
	records() iter.Seq2[record, error]
	io.Closer
}

// record is a row as the file has it.
type record struct {
	number int
	cells  []string
	err    error // why this row cannot be read
}

// Row is a row of a list.
type Row struct {
	// Number is the row's number as a spreadsheet shows it: blank rows count, and the names of the columns are a row, too.
	Number int
	// Cells are the values, trimmed, one for each of the list's columns. They are valid until the next row.
	Cells []string
}

// RowError reports a row that cannot be read. The rows after it can be.
type RowError struct {
	Number int
	Err    error
}

// Error names the row and what is wrong with it.
func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Number, e.Err) }

// Unwrap returns what is wrong with the row.
func (e *RowError) Unwrap() error { return e.Err }

// Open recognizes a file by its content and reads its header. The file stays open until Close, so a file that is
// later moved to its name is not read by mistake.
func Open(path string, o Options) (*List, error) {
	info, err := os.Stat(path) // before opening: that of a pipe would wait
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errors.New("it is not a regular file")}
	}
	f, err := os.Open(path) //nolint:gosec // the user names it
	if err != nil {
		return nil, err
	}
	l, err := open(f, o)
	if err != nil {
		_ = f.Close() // it was only read from, and may be closed already
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return l, nil
}

func open(f *os.File, o Options) (*List, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, errors.New("the file is empty")
	}
	kind, err := recognize(f, info.Size())
	if err != nil {
		return nil, err
	}
	l := &List{}
	if kind == workbook {
		err = l.openWorkbook(f, info, o)
	} else {
		err = l.openCSV(f, info, o)
	}
	if err != nil {
		return nil, err
	}
	if err := l.readHeader(); err != nil {
		return nil, errors.Join(err, l.source.Close())
	}
	return l, nil
}

func (l *List) readHeader() error {
	for r, err := range l.source.records() {
		if err != nil {
			return err
		}
		if r.err != nil {
			return &RowError{Number: r.number, Err: r.err}
		}
		if isBlank(r.cells) {
			continue
		}
		l.header = r.number
		l.Columns = make([]string, len(r.cells))
		for i, name := range r.cells {
			l.Columns[i] = strings.Clone(strings.TrimSpace(name))
		}
		return nil
	}
	return errors.New("it has no rows: the first row must name the columns")
}

// Close closes the file, and removes what was unpacked from it.
func (l *List) Close() error { return l.source.Close() }

// Column finds a column by its name, whatever its case and the space around it. It is an error when no column or more than one
// has the name.
func (l *List) Column(name string) (int, error) {
	found := -1
	for i, column := range l.Columns {
		if column == "" || foldName(column) != foldName(name) {
			continue
		}
		if found >= 0 {
			return 0, fmt.Errorf("two columns are named %s: %s and %s; rename one of them", recipient.Show(column), columnLetters(found), columnLetters(i))
		}
		found = i
	}
	if found >= 0 {
		return found, nil
	}
	var names []string
	for _, column := range l.Columns {
		if column != "" {
			names = append(names, recipient.Show(column))
		}
	}
	return 0, fmt.Errorf("there is no column %s; row %d names the columns: %s", recipient.Show(name), l.header, strings.Join(names, ", "))
}

// foldName returns a name of a column in the form for comparison. It drops marks of direction and similar characters,
// which spreadsheets leave in Arabic names.
func foldName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToLower(unicode.ToUpper(r))
	}, name)
	return strings.Join(strings.Fields(name), " ")
}

// columnLetters returns the spreadsheet's name of a column: A, B, ... AA.
func columnLetters(i int) string {
	var letters string
	for i++; i > 0; i = (i - 1) / 26 {
		letters = string(rune('A'+(i-1)%26)) + letters
	}
	return letters
}

// Rows yields the rows after the header that are not blank, from the first one at each call. A *RowError is one row that cannot
// be read; any other error is the end.
func (l *List) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		cells := make([]string, len(l.Columns))
		for r, err := range l.source.records() {
			if err != nil {
				yield(Row{}, err)
				return
			}
			if r.number <= l.header {
				continue
			}
			if r.err == nil && isBlank(r.cells) {
				continue
			}
			if r.err == nil {
				r.err = l.fill(cells, r)
			}
			if r.err != nil {
				if !yield(Row{}, &RowError{Number: r.number, Err: r.err}) {
					return
				}
				continue
			}
			if !yield(Row{Number: r.number, Cells: cells}, nil) {
				return
			}
		}
	}
}

// fill puts the cells of a row in. If a row ends early, the rest is blank, because spreadsheets leave out blank cells at the end of
// rows. What is beyond the last column, or in one without a name, is not used.
func (l *List) fill(cells []string, r record) error {
	clear(cells)
	for i, cell := range r.cells[:min(len(r.cells), len(cells))] {
		cells[i] = strings.TrimSpace(cell)
		if l.Columns[i] != "" && isErrorValue(cells[i]) {
			return fmt.Errorf("cell %s%d has the error %s: correct its formula, or clear the cell", columnLetters(i), r.number, cells[i])
		}
	}
	return nil
}

// isErrorValue reports what a spreadsheet shows for a failed formula. The same text counts as an error, since it may be
// pasted.
func isErrorValue(cell string) bool {
	if cell == "" || cell[0] != '#' {
		return false
	}
	switch strings.ToUpper(cell) {
	case "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!",
		"#CONNECT!", "#UNKNOWN!", "#GETTING_DATA", "#BUSY!", "#ERROR!":
		return true
	}
	return false
}

func isBlank(cells []string) bool {
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			return false
		}
	}
	return true
}
