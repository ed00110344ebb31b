package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/clipperhouse/displaywidth"
)

// aBar returns a bar on a terminal with this number of columns, and its output.
func aBar(columns *int) (*bar, *buffer) {
	var out buffer
	return newBar(streams{terminal: true, bar: &out, width: func() int { return *columns }, getenv: func(string) string { return "" }}), &out
}

// onScreen returns what a terminal with this number of columns shows of an output, which moves by \r and \n only.
func onScreen(t *testing.T, columns int, output string) string {
	t.Helper()
	lines := [][]string{nil}
	at := 0
	for g := displaywidth.StringGraphemes(output); g.Next(); {
		line := &lines[len(lines)-1]
		switch g.Value() {
		case "\r":
			at = 0
			continue
		case "\n":
			lines = append(lines, nil)
			at = 0
			continue
		}
		*line = append(*line, make([]string, max(0, at+g.Width()-len(*line)))...)
		(*line)[at] = g.Value()
		for i := 1; i < g.Width(); i++ {
			(*line)[at+i] = ""
		}
		if at += g.Width(); at >= columns {
			t.Errorf("%q fills a line of %d columns", *line, columns)
		}
	}
	var shown strings.Builder
	for i, line := range lines {
		lines[i] = []string{strings.TrimRight(strings.Join(line, ""), " ")}
		shown.WriteString(lines[i][0] + "\n")
	}
	return strings.TrimSuffix(shown.String(), "\n")
}

// The bar is never wider than the terminal: a wrapped line would leave a part of itself at each drawing.
func TestBarFitsTheTerminal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		columns int
		text    string
		want    string
	}{
		{80, "333333/1000000 sent, 333333 rejected, 333334 unknown, 10/s, 9h left, and more than there is room for",
			" 33% 333333/1000000 sent, 333333 rejected, 333334 unknown, 10/s, 9h left, and m"},
		{80, "3/9 sent", "[####################...........................................]  33% 3/9 sent"},
		{0, "3/9 sent", "[####################...........................................]  33% 3/9 sent"}, // it does not say how wide it is
		{40, "3/9 sent", "[#######................]  33% 3/9 sent"},
		{27, "3/9 sent", "[###.......]  33% 3/9 sent"},
		{26, "3/9 sent", " 33% 3/9 sent"},
		{10, "3/9 sent", " 33% 3/9 "},
		{4, "3/9 sent", " 33"},
		{1, "3/9 sent", ""},
		{8, marked, " 33% مُحَ"},
		{9, wide, " 33% 日"},
		{8, wide, " 33% 日"},
		{7, wide, " 33% "},
		{8, family + "!", " 33% " + family},
		{7, family + "!", " 33% "},
		{30, steering, "[###........]  33% a [2Jb c d"},
	} {
		b, out := aBar(&c.columns)
		b.draw(1, 3, c.text)
		if got := strings.TrimPrefix(out.String(), "\r"); got != c.want {
			t.Errorf("%d columns: %q, want %q", c.columns, got, c.want)
		}
	}
}

// The size of the terminal is read at each drawing.
func TestBarFollowsTheTerminal(t *testing.T) {
	t.Parallel()
	columns := 30
	b, out := aBar(&columns)
	b.draw(1, 1, "done")
	columns = 60
	b.draw(1, 1, "done")
	columns = 20
	b.draw(1, 1, "done")
	b.draw(1, 1, wide)
	drawn := strings.Split(out.String(), "\r")[1:]
	want := []string{
		"[#################] 100% done", "[" + strings.Repeat("#", 47) + "] 100% done",
		"100% done" + strings.Repeat(" ", 10), "100% 日本",
	}
	if !slices.Equal(drawn, want) {
		t.Errorf("%q, want %q", drawn, want)
	}
}

// A line printed while the bar is shown stands above it. At its end, the bar leaves its last state on a line.
func TestSayAboveTheBar(t *testing.T) {
	t.Parallel()
	columns := 40
	b, out := aBar(&columns)
	b.say(out, "before")
	b.draw(1, 4, "a text that is longer than the next one")
	b.say(out, "row %d", 7)
	b.draw(2, 4, "too soon to be drawn")
	b.say(out, "row %d", 8)
	b.draw(3, 4, "late")
	b.end()
	b.end()
	b.draw(4, 4, "after the end")
	b.say(out, "after")
	if got, want := onScreen(t, columns, out.String()), `before
row 7
row 8
[####################.......]  75% late
after
`; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	b, out = aBar(&columns)
	b.end()
	if out.String() != "" {
		t.Errorf("a bar that was not drawn left %q", out.String())
	}
}

// There is no bar without a terminal, and on a terminal that cannot go back. Lines are printed anyway.
func TestNoBar(t *testing.T) {
	t.Parallel()
	var out buffer
	for _, s := range []streams{
		{bar: &out, getenv: func(string) string { return "" }},
		{bar: &out, terminal: true, getenv: func(name string) string { return map[string]string{"TERM": "dumb"}[name] }},
	} {
		b := newBar(s)
		if b != nil {
			t.Errorf("a bar for %+v", s)
		}
		b.draw(1, 1, "done")
		b.end()
		b.say(&out, "row %d", 7)
	}
	if out.String() != "row 7\nrow 7\n" {
		t.Errorf("%q", out.String())
	}
}

// /dev/null is a character device, as a terminal is, but not a terminal.
func TestNullIsNoTerminal(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	if width := terminalWidth(null); isTerminal(null) || width != 0 {
		t.Errorf("%s is a terminal of %d columns", os.DevNull, width)
	}
}
