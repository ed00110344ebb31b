package main

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// screen writes lines without the characters that control a terminal, since most texts come from servers and files.
type screen struct{ out io.Writer }

// Write expects whole characters.
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

// steers reports whether a character could move the cursor or change the direction of text on a terminal.
func steers(r rune) bool {
	return r < ' ' || (r >= 0x7f && r < 0xa0) || (r >= 0x202a && r <= 0x202e) || (r >= 0x2066 && r <= 0x2069)
}

// printable returns a text on one line, without the characters that control a terminal.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if steers(r) {
			return ' '
		}
		return r
	}, text)
}

// isTerminal reports whether f is a terminal.
func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// terminalWidth returns the number of columns of a terminal; 0 if it is unknown.
func terminalWidth(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
}
