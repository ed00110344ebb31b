package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// screen passes lines on, without what steers a terminal: servers and files have their say in most of them.
type screen struct{ out io.Writer }

// Write takes whole characters, as everything here writes them.
func (s screen) Write(p []byte) (int, error) {
	lines := strings.Split(string(p), "\n")
	for i := range lines {
		lines[i] = printable(lines[i])
	}
	if _, err := io.WriteString(s.out, strings.Join(lines, "\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// steers reports what could move the cursor or turn the direction of a terminal.
func steers(r rune) bool {
	return r < ' ' || (r >= 0x7f && r < 0xa0) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
}

// printable is a text on one line, without what steers a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return ' '
		}
		return r
	}, text)
}

// isTerminal reports whether somebody may sit at f.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminalWidth is how many columns a terminal has, and 0 where it does not say.
func terminalWidth(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
