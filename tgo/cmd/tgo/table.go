package main

import (
	"io"
	"strings"
	"unicode"

	"github.com/clipperhouse/displaywidth"
)

// table aligns columns, two spaces apart, by the width that a terminal shows: combining marks have no width, and Chinese
// characters and emoji take two columns. A cell ends with a tab; the last one of a line is not padded and needs none.
type table struct {
	out  io.Writer
	text strings.Builder
}

func newTable(out io.Writer) *table { return &table{out: out} }

// Write adds rows. Flush shows them.
func (t *table) Write(p []byte) (int, error) { return t.text.Write(p) }

// Flush shows the rows, and begins a new table.
func (t *table) Flush() error {
	text := t.text.String()
	t.text.Reset()
	cells := func(line string) (padded []string, last string) {
		all := strings.Split(line, "\t")
		return all[:len(all)-1], all[len(all)-1]
	}
	var widths []int
	for line := range strings.Lines(text) {
		padded, _ := cells(line)
		for i, cell := range padded {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], displaywidth.String(cell))
		}
	}
	var shown strings.Builder
	for line := range strings.Lines(text) {
		padded, last := cells(line)
		for i, cell := range padded {
			shown.WriteString(cell)
			if strings.ContainsFunc(cell, rightToLeft) {
				shown.WriteString(leftToRightMark)
			}
			shown.WriteString(strings.Repeat(" ", widths[i]-displaywidth.String(cell)+2))
		}
		shown.WriteString(last)
	}
	_, err := io.WriteString(t.out, shown.String())
	return err
}

// leftToRightMark has no width. Without it, a terminal that reorders Arabic text would treat a number in the next cell
// as part of the text, and show the two cells in the wrong order.
const leftToRightMark = "\u200e"

func rightToLeft(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko)
}
