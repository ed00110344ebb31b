package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
)

// bar is a progress bar: a line on a terminal. A nil bar draws nothing.
type bar struct {
	mu        sync.Mutex
	out       io.Writer
	width     func() int // of the terminal
	drawnAt   time.Time
	drawn     int // columns of the current line
	done, all int64
	text      string
	ended     bool
}

// draw shows a part of a whole, at most ten times a second. The whole is always shown.
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

// say prints a line, above the bar if there is one. out may be another terminal than the bar's, or no terminal.
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

// end leaves the last state of the line on the terminal, and stops drawing. A reader of a file may still report progress
// after the request has ended.
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

// redraw writes the line over the previous one.
func (b *bar) redraw() {
	columns := b.columns()
	line := b.line(columns)
	width := displaywidth.String(line)
	fmt.Fprintf(b.out, "\r%s%s", line, strings.Repeat(" ", max(0, min(b.drawn, columns)-width)))
	b.drawn = width
}

// columns is how long a line may be. A terminal would wrap a longer one, and \r goes back over one line only. Some
// terminals also wrap a line that fills them.
func (b *bar) columns() int {
	if b.width != nil {
		if width := b.width(); width > 0 {
			return width - 1
		}
	}
	return 79
}

// line returns the line to draw. If there is not enough space, the text has precedence over the bar.
func (b *bar) line(columns int) string {
	share := 100
	if b.all > 0 {
		share = int(min(100, b.done*100/b.all))
	}
	line := fmt.Sprintf("%3d%% %s", share, printable(b.text))
	const fewest = 10 // a shorter bar says no more than the number beside it
	if cells := columns - displaywidth.String(line) - len("[] "); cells >= fewest {
		full := cells * share / 100
		line = "[" + strings.Repeat("#", full) + strings.Repeat(".", cells-full) + "] " + line
	}
	return displaywidth.TruncateString(line, columns, "")
}

// newBar returns nil if err is not a terminal, or one that cannot go back to the start of a line.
func newBar(s streams) *bar {
	if !s.terminal || s.getenv("TERM") == "dumb" {
		return nil
	}
	return &bar{out: s.bar, width: s.width}
}
