package sheet

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/transform"
)

// csvFile is a CSV file.
type csvFile struct {
	file     *os.File
	info     os.FileInfo // when it was opened
	encoding string
	comma    rune
}

// delimiters are the ones that are recognized, with their names. If two fit equally well, the first one is used.
var delimiters = []struct {
	comma rune
	name  string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "vertical bars"}}

func (l *List) openCSV(f *os.File, info os.FileInfo, o Options) error {
	if o.Sheet != "" {
		return errors.New("it is a CSV file, which has no sheets: only an .xlsx file has them")
	}
	name, guessed, err := encodingOf(f, info.Size(), o.Encoding)
	if err != nil {
		return err
	}
	c := &csvFile{file: f, info: info, encoding: name, comma: o.Delimiter}
	l.source = c
	_, said := c.text()
	if c.comma == 0 {
		c.comma = said
	}
	if c.comma == 0 {
		c.comma = c.recognizeDelimiter()
	}
	switch c.comma {
	case '"', '\r', '\n', utf8.RuneError, 0:
		return fmt.Errorf("%q cannot separate columns", c.comma)
	}
	title := encodings[name].title
	if guessed {
		l.Guessed = name
		title += " (guessed)"
	}
	separated := fmt.Sprintf("separated by %q", c.comma)
	for _, d := range delimiters {
		if d.comma == c.comma {
			separated = "separated by " + d.name
		}
	}
	l.Kind = "CSV, " + title + ", " + separated
	return nil
}

// unchanged reads a file, and fails if the file has been changed in place since it was opened.
type unchanged struct {
	c  *csvFile
	at int64
}

// Read reads the next part.
func (u *unchanged) Read(p []byte) (int, error) {
	n, err := u.c.file.ReadAt(p, u.at)
	u.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	info, statErr := u.c.file.Stat()
	if statErr != nil {
		return 0, statErr
	}
	if !same(info, u.c.info) {
		return 0, errChanged
	}
	return n, err
}

var errChanged = errors.New("the file was changed while it was read: run the command again")

// same reports whether a file has not been written to.
func same(a, b os.FileInfo) bool { return a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) }

var sepLine = regexp.MustCompile(`^(?i:sep)=([^\r\n])(?:\r\n|\r|\n|$)`)

// text is the file's text as UTF-8 from the first row, and the delimiter that a line sep=; before it names. Excel reads such a
// line and does not show it, so it is not a row.
func (c *csvFile) text() (r *bufio.Reader, comma rune) {
	var raw io.Reader = &unchanged{c: c}
	if decoder := encodings[c.encoding].decoder; decoder != nil {
		raw = transform.NewReader(raw, decoder.NewDecoder())
	}
	r = bufio.NewReaderSize(raw, 64<<10)
	const bom = "\ufeff"
	if b, err := r.Peek(len(bom)); err == nil && string(b) == bom {
		_, _ = r.Discard(len(bom)) // it is there
	}
	begin, _ := r.Peek(16) // an error comes again
	if m := sepLine.FindSubmatch(begin); m != nil {
		_, _ = r.Discard(len(m[0])) // it is there
		comma, _ = utf8.DecodeRune(m[1])
	}
	return r, comma
}

func (c *csvFile) reader(comma rune) *csv.Reader {
	text, _ := c.text()
	r := csv.NewReader(&cleaner{from: text, comma: comma})
	r.Comma = comma
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r
}

// recognizeDelimiter returns the delimiter that splits the header into the most columns. If there are two, it returns
// the one with which more of the following rows have as many columns.
func (c *csvFile) recognizeDelimiter() rune {
	best, bestColumns, bestRows := delimiters[0].comma, 0, 0
	for _, d := range delimiters {
		r := c.reader(d.comma)
		columns, rows := 0, 0
		for rows < 20 {
			cells, err := r.Read()
			if err != nil {
				break
			}
			if isBlank(cells) {
				continue
			}
			if columns == 0 {
				columns = named(cells)
				continue
			}
			if len(cells) < columns {
				break
			}
			rows++
		}
		if columns > bestColumns || (columns == bestColumns && columns > 1 && rows > bestRows) {
			best, bestColumns, bestRows = d.comma, columns, rows
		}
	}
	return best
}

// named counts the cells that can be names of columns. Unrecognized separators are none.
func named(cells []string) int {
	n := 0
	for _, cell := range cells {
		if strings.ContainsFunc(cell, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) {
			n++
		}
	}
	return n
}

// records yields the rows.
func (c *csvFile) records() iter.Seq2[record, error] {
	return func(yield func(record, error) bool) {
		r := c.reader(c.comma)
		columns := 0 // of the header
		extra := 0   // lines that are within cells
		last := 0    // the row before
		for {
			cells, err := r.Read()
			var failed *csv.ParseError
			switch {
			case errors.Is(err, io.EOF):
				return
			case errors.As(err, &failed):
				last = failed.StartLine - extra
				if failed.Line != failed.StartLine {
					yield(record{}, fmt.Errorf("row %d: a quote (\") opens a cell and is not closed, so the rows after it "+
						"cannot be told apart", last))
					return
				}
				if !yield(record{number: last, err: quoteError(failed)}, nil) {
					return
				}
			case errors.Is(err, errLongRecord):
				yield(record{}, fmt.Errorf("a row after row %d: %w", last, err))
				return
			case err != nil:
				yield(record{}, err)
				return
			default:
				line, _ := r.FieldPos(0)
				last = line - extra
				if columns == 0 && !isBlank(cells) {
					columns = len(cells)
				}
				lines, err := c.check(cells, columns)
				extra += lines
				if !yield(record{number: last, cells: cells, err: err}, nil) {
					return
				}
			}
		}
	}
}

func quoteError(err *csv.ParseError) error {
	if errors.Is(err, csv.ErrBareQuote) {
		return errors.New("it has a quote (\") within a cell: put the whole cell in quotes, and double the quotes that are part of it")
	}
	return errors.New("a quote (\") opens a cell, and no quote closes it at its end: quotes that are part of a cell must be doubled")
}

// check counts the lines within cells, looks for signs that a row was split in the wrong places, and replaces cells
// ="text" by their text.
func (c *csvFile) check(cells []string, columns int) (lines int, err error) {
	for i, cell := range cells {
		if n := strings.Count(cell, "\n"); n > 0 {
			lines += n
			if c.swallowed(cell) && columns > 1 {
				err = fmt.Errorf("cell %s has %d lines, and one of these looks like a row of its own: a quote (\") may be missing. "+
					"If the cell is right, save the list as .xlsx", columnLetters(i), n+1)
			}
		}
		cells[i] = formulaText(cell)
	}
	if err == nil && len(cells) > columns && !isBlank(cells[columns:]) {
		err = fmt.Errorf("it has %d cells, but there are %d columns: a cell that holds the separator must be in quotes", len(cells), columns)
	}
	return lines, err
}

// Close closes the file.
func (c *csvFile) Close() error { return c.file.Close() }

// formulaText returns the text of a cell ="text", as a spreadsheet shows it.
func formulaText(cell string) string {
	text, ok := strings.CutPrefix(strings.TrimSpace(cell), `="`)
	if !ok {
		return cell
	}
	text, ok = strings.CutSuffix(text, `"`)
	if !ok || strings.Contains(strings.ReplaceAll(text, `""`, ""), `"`) {
		return cell
	}
	return strings.ReplaceAll(text, `""`, `"`)
}

// swallowed finds a row within a cell: if two quotes are missing, one in each of two rows, the rows between them become
// part of a cell, and the file is still valid. A line with several columns, one of which is only a phone, is taken for a
// row.
func (c *csvFile) swallowed(cell string) bool {
	_, rest, _ := strings.Cut(cell, "\n")
	for line := range strings.SplitSeq(rest, "\n") {
		parts := strings.Split(line, string(c.comma))
		if len(parts) > 1 && slices.ContainsFunc(parts, isPhone) {
			return true
		}
	}
	return false
}

func isPhone(s string) bool {
	digits := 0
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			digits++
		case unicode.IsLetter(r):
			return false
		}
	}
	return digits >= 7
}
