package main

import (
	"strings"
	"testing"
	"time"
)

func TestFirstWords(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	for text, want := range map[string]string{
		"":                             "",
		" two\n\twords ":               "two words",
		"a\x1b[2Jb":                    "a [2Jb",
		x(43):                          x(43),
		x(44):                          x(40) + "...",
		strings.Repeat(wide, 11):       strings.Repeat(wide, 10) + "...",
		x(39) + family + "more words":  x(39) + "...",
		x(38) + family + "more words":  x(38) + family + "...",
		strings.Repeat("مُ", 50):       strings.Repeat("مُ", 40) + "...",
		strings.Repeat(family, 21):     strings.Repeat(family, 21),
		strings.Repeat(family, 22):     strings.Repeat(family, 20) + "...",
		x(40) + "e\u0301" + "x" + "xx": x(40) + "...",
	} {
		if got := firstWords(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestRoundDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		200 * time.Millisecond: "1s", 1499 * time.Millisecond: "1s", 90*time.Second + 400*time.Millisecond: "1m30s", 2 * time.Minute: "2m",
		100000 * time.Second: "27h47m", 2 * time.Hour: "2h",
	} {
		if got := roundDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}
