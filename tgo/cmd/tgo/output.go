package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/clipperhouse/displaywidth"
	"golang.org/x/term"

	"github.com/tgo-business/tgo-go/tgo"
)

// writeJSON writes one value on a line of its own. What a terminal would obey is escaped, which means the same to a program.
func writeJSON(out io.Writer, v any) error {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err
	}
	var line strings.Builder
	for _, r := range b.String() {
		if r != '\n' && steers(r) {
			fmt.Fprintf(&line, `\u%04x`, r)
		} else {
			line.WriteRune(r)
		}
	}
	_, err := io.WriteString(out, line.String())
	return err
}

// failure is an error as --json shows it, on stderr for every command.
type failure struct {
	Delivery   string              `json:"delivery"`
	Error      string              `json:"error"`
	ExitCode   int                 `json:"exit_code"`
	Status     int                 `json:"status,omitempty"`
	Fields     map[string][]string `json:"fields,omitempty"`
	RetryAfter float64             `json:"retry_after_seconds,omitempty"`
	RequestID  string              `json:"request_id,omitempty"`
}

func failureOf(err error) failure {
	f := failure{Delivery: deliveryText(err), Error: inWordsOf(err), ExitCode: codeOf(err)}
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		f.Status, f.Fields, f.RequestID = refused.Status, refused.Fields, refused.RequestID
		f.RetryAfter = refused.RetryAfter.Seconds()
	}
	var input *tgo.InputError
	if errors.As(err, &input) {
		f.Fields = map[string][]string{}
		for _, field := range input.Fields {
			f.Fields[field.Field] = append(f.Fields[field.Field], field.Rule)
		}
	}
	return f
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

func localTime(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
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

// newBar returns nil where nobody watches, and for a terminal that cannot go back to the start of a line.
func newBar(s streams) *bar {
	if !s.terminal || s.getenv("TERM") == "dumb" {
		return nil
	}
	return &bar{out: s.bar, width: s.width}
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

func bytesText(n int64) string {
	switch {
	case n < 1<<10:
		return fmt.Sprintf("%d B", n)
	case n < 1<<20:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}
