package main

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/recipient"
	"github.com/tgo-business/tgo-go/tgo/cmd/tgo/internal/sheet"
)

// listFlags name the list and say how to read it.
type listFlags struct {
	CSV       string `help:"The list: CSV, tab-separated text or .xlsx, or - for CSV from stdin. Its first row names the columns." name:"csv" placeholder:"FILE" group:"List"`
	To        string `help:"Column with the recipients' phones." default:"to" placeholder:"COLUMN" group:"List"`
	Country   string `help:"Country of phones without a country code, such as EG." placeholder:"CODE" group:"List"`
	Sheet     string `help:"Sheet of an .xlsx file; by default the first." placeholder:"NAME" group:"List"`
	Encoding  string `help:"Encoding of a text file: utf-8, utf-16le, utf-16be or windows-1256; by default it is recognized." enum:",utf-8,utf-16le,utf-16be,windows-1256" default:"" placeholder:"NAME" group:"List"`
	Delimiter string `help:"What separates the columns of a text file; by default it is recognized." placeholder:"CHARACTER" group:"List"`
	Exclude   rowSet `help:"Leave out these rows, such as 7,12-15." placeholder:"ROWS" group:"List"`
}

// open opens a list. path is the file, or the copy of stdin.
func (f *listFlags) open(s streams, path string) (*sheet.List, error) {
	options := sheet.Options{Encoding: f.Encoding, Sheet: f.Sheet}
	switch {
	case f.Delimiter == "\\t":
		options.Delimiter = '\t'
	case f.Delimiter != "":
		if utf8.RuneCountInString(f.Delimiter) != 1 {
			return nil, usageError("--delimiter must be one character, or \\t for a tab")
		}
		options.Delimiter, _ = utf8.DecodeRuneInString(f.Delimiter)
	}
	if f.Country != "" && !recipient.KnownCountry(f.Country) {
		return nil, usageError(fmt.Sprintf("--country %s: it must be a code of two letters, such as EG", f.Country))
	}
	source, err := sheet.Open(path, options)
	var missing *fs.PathError
	switch {
	case errors.As(err, &missing):
		return nil, withCode(exitUsage, fmt.Errorf("%s: %w", f.name(), missing.Err))
	case err != nil: // the error begins with the path, which is a copy's for stdin
		return nil, withCode(exitValidation, fmt.Errorf("%s%s", f.name(), strings.TrimPrefix(err.Error(), path)))
	}
	if source.Guessed != "" {
		if err := f.confirmEncoding(s, source); err != nil {
			_ = source.Close() // it was only read from
			return nil, err
		}
	}
	return source, nil
}

// confirmEncoding asks whether the encoding was guessed correctly. A wrong guess would make all messages unreadable.
func (f *listFlags) confirmEncoding(s streams, source *sheet.List) error {
	fmt.Fprintf(s.err, "tgo: %s is not UTF-8. Read as %s it begins like this:\n", f.name(), source.Guessed)
	shown := 0
	for row, err := range source.Rows() {
		if shown++; err != nil || shown > 3 {
			break
		}
		fmt.Fprintf(s.err, "  %s\n", printable(strings.Join(row.Cells, "  ")))
	}
	if !s.interactive {
		return usageError("if this is right, give --encoding " + source.Guessed)
	}
	return ask(s, "Is this right?")
}

// name is the name of the list in messages.
func (f *listFlags) name() string {
	if f.CSV == "-" {
		return "stdin"
	}
	return f.CSV
}

// isWorkbook reports whether the list is an Excel file.
func isWorkbook(source *sheet.List) bool { return strings.HasPrefix(source.Kind, "Excel") }

// readable yields the rows that can be read, and the error that ends them early. Rows that cannot be read are skipped:
// they are excluded, or must be corrected.
func readable(source *sheet.List) iter.Seq2[sheet.Row, error] {
	return func(yield func(sheet.Row, error) bool) {
		for row, err := range source.Rows() {
			var unreadable *sheet.RowError
			if !errors.As(err, &unreadable) && !yield(row, err) {
				return
			}
		}
	}
}

// errNoMoreRows marks the end of a list.
var errNoMoreRows = errors.New("no more rows")

// pullRows reads a list row by row.
func pullRows(source *sheet.List) (next func() (sheet.Row, error), stop func()) {
	rows, stop := iter.Pull2(readable(source))
	return func() (sheet.Row, error) {
		row, err, ok := rows()
		if !ok {
			return sheet.Row{}, errNoMoreRows
		}
		return row, err
	}, stop
}
