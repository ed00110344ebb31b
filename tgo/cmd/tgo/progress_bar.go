package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
)

// bar is a line on a terminal that shows how far something is. A nil bar draws nothing.
type bar struct {
	mu        sync.Mutex
	out       io.Writer
	width     func() int // of the terminal
	drawnAt   time.Time
	drawn     int // columns that the line takes now
	done, all int64
	text      string
	ended     bool
}

// draw shows a share of a whole, at most ten times a second, and the whole always.
func (b *bar) draw(done, all int64, text string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.done, b.all, b.text = done, all, text
	if now := time.Now(); !b.ended && (done >= all || now.Sub(b.drawnAt) >= 100*time.Millisecond) {
		b.drawnAt = now
		b.redraw()
	}
}

// say prints a line, above the bar where there is one. Out may be another terminal than the bar's, or none.
func (b *bar) say(out io.Writer, format string, args ...any) {
	if b == nil {
		fmt.Fprintf(out, format+"\n", args...)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	drawn := b.drawn > 0
	if drawn {
		fmt.Fprintf(b.out, "\r%s\r", strings.Repeat(" ", min(b.drawn, b.columns())))
		b.drawn = 0
	}
	fmt.Fprintf(out, format+"\n", args...)
	if drawn {
		b.redraw()
	}
}

// end leaves the line as it is at last, and draws no more: who reads a file for a request may do so after the request has ended.
func (b *bar) end() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn > 0 {
		b.redraw()
		fmt.Fprintln(b.out)
		b.drawn = 0
	}
	b.ended = true
}

// redraw writes the line over the last one.
func (b *bar) redraw() {
	columns := b.columns()
	line := b.line(columns)
	width := displaywidth.String(line)
	fmt.Fprintf(b.out, "\r%s%s", line, strings.Repeat(" ", max(0, min(b.drawn, columns)-width)))
	b.drawn = width
}

// columns is how long a line may be now. A terminal would break a longer one, and \r goes back over one line only; some
// break one that fills the terminal too.
func (b *bar) columns() int {
	if b.width != nil {
		if width := b.width(); width > 0 {
			return width - 1
		}
	}
	return 79
}

// line is what to draw. The text comes first where there is no room for all.
func (b *bar) line(columns int) string {
	share := 100
	if b.all > 0 {
		share = int(min(100, b.done*100/b.all))
	}
	line := fmt.Sprintf("%3d%% %s", share, printable(b.text))
	const fewest = 10 // what says more than the number beside it
	if cells := columns - displaywidth.String(line) - len("[] "); cells >= fewest {
		full := cells * share / 100
		line = "[" + strings.Repeat("#", full) + strings.Repeat(".", cells-full) + "] " + line
	}
	return displaywidth.TruncateString(line, columns, "")
}

// newBar returns nil where nobody watches, and for a terminal that cannot go back to the start of a line.
func newBar(s streams) *bar {
	if !s.terminal || s.getenv("TERM") == "dumb" {
		return nil
	}
	return &bar{out: s.bar, width: s.width}
}
