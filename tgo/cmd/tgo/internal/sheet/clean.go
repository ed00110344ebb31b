package sheet

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf8"
)

// maxRecord is the greatest length of a row. It keeps a quote that is never closed from reading the rest of a big file
// into memory. Excel's longest cell is 32,767 characters.
const maxRecord = 1 << 20

var errLongRecord = errors.New("it is longer than 1 MiB: a closing quote (\") may be missing")

// cleaner rewrites CSV for the strict reader of encoding/csv, in the cases in which spreadsheets are lenient and the meaning is clear:
//
//   - Each of CR, LF and CRLF ends a row, outside of quotes.
//   - A cell may be ="text", by which programs keep Excel from reading a number. It becomes "=""text""".
//   - Spaces around a cell in quotes are dropped.
//
// Errors stay as they are, for the CSV reader to report.
type cleaner struct {
	from  *bufio.Reader
	comma rune
	state state
	size  int // of the row, so far
	out   []byte
	err   error
}

type state int

const (
	cellStart state = iota
	inCell
	inQuotes
	afterQuotes
	inFormula // after =" at the start of a cell
)

// Read returns cleaned text.
func (c *cleaner) Read(p []byte) (int, error) {
	for len(c.out) < len(p) && c.err == nil {
		c.step()
	}
	n := copy(p, c.out)
	c.out = append(c.out[:0], c.out[n:]...)
	if n == 0 && c.err != nil {
		return 0, c.err
	}
	return n, nil
}

func (c *cleaner) step() {
	r, size, err := c.from.ReadRune()
	if err != nil {
		c.err = err
		return
	}
	if c.size += size; c.size > maxRecord {
		c.err = errLongRecord
		return
	}
	switch c.state {
	case cellStart, inCell:
		c.cell(r)
	case inQuotes:
		c.out = utf8.AppendRune(c.out, r)
		switch {
		case r != '"':
		case c.next('"'):
			c.out = append(c.out, '"')
		default:
			c.state = afterQuotes
		}
	case afterQuotes:
		c.cell(r)
	case inFormula:
		c.formula(r)
	}
}

// cell handles a character outside quotes.
func (c *cleaner) cell(r rune) {
	switch {
	case r == c.comma:
		c.out = utf8.AppendRune(c.out, r)
		c.state = cellStart
	case r == '\r' || r == '\n':
		c.end(r)
	case r == ' ' && c.state != inCell:
	case r == '"' && c.state == cellStart:
		c.out = append(c.out, '"')
		c.state = inQuotes
	case r == '=' && c.state == cellStart && c.next('"'):
		c.out = append(c.out, `"=""`...)
		c.state = inFormula
	default:
		c.out = utf8.AppendRune(c.out, r)
		c.state = inCell
	}
}

func (c *cleaner) end(r rune) {
	if r == '\r' {
		c.next('\n')
	}
	c.out = append(c.out, '\n')
	c.state, c.size = cellStart, 0
}

// formula handles a character after =" and doubles the quotes.
func (c *cleaner) formula(r rune) {
	switch {
	case r == '\r' || r == '\n':
		c.unclosed()
		c.end(r)
	case r != '"':
		c.out = utf8.AppendRune(c.out, r)
	case c.next('"'):
		c.out = append(c.out, `""""`...)
	case c.cellEnds():
		c.out = append(c.out, `"""`...)
		c.state = afterQuotes
	default:
		c.out = append(c.out, `""`...)
	}
}

// unclosed makes the CSV reader report the error in this row, rather than somewhere after it.
func (c *cleaner) unclosed() { c.out = append(c.out, `"x`...) }

// next consumes the next byte if it is the wanted one.
func (c *cleaner) next(wanted byte) bool {
	b, err := c.from.Peek(1)
	if err != nil || b[0] != wanted {
		return false
	}
	_, _ = c.from.Discard(1) // it is there
	c.size++
	return true
}

func (c *cleaner) cellEnds() bool {
	b, err := c.from.Peek(utf8.UTFMax)
	if len(b) == 0 {
		return errors.Is(err, io.EOF)
	}
	r, _ := utf8.DecodeRune(b)
	return r == c.comma || r == '\r' || r == '\n' || r == ' '
}
