package main

import (
	"fmt"
	"testing"
)

// Columns are aligned by their width on a terminal, and Arabic text does not swap places with the number beside it.
func TestTable(t *testing.T) {
	t.Parallel()
	var out buffer
	table := newTable(&out)
	fmt.Fprintln(table, "NAME\tPHONE\tNOTE")
	for _, name := range []string{"Acme", marked, wide, family, "❤️🇪🇬", "e\u0301", ""} {
		fmt.Fprintf(table, "%s\t+20\t%s\n", name, "note")
	}
	fmt.Fprintln(table, "short")
	want := `NAME  PHONE  NOTE
Acme  +20    note
مُحَمَّد` + leftToRightMark + `  +20    note
日本  +20    note
👨‍👩‍👧‍👦    +20    note
❤️🇪🇬  +20    note
` + "e\u0301" + `     +20    note
      +20    note
short
`
	if err := table.Flush(); err != nil || out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
	// The widths of the next table are independent.
	fmt.Fprintln(table, "a\tb")
	if err := table.Flush(); err != nil || out.String() != want+"a  b\n" {
		t.Errorf("%s", out.String())
	}
}
