package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

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

// bar is a line on a terminal that is drawn anew. A nil bar draws nothing.
type bar struct {
	mu    sync.Mutex
	out   io.Writer
	drawn time.Time
	width int
}

// newBar returns nil where nobody watches.
func newBar(s streams) *bar {
	if !s.terminal {
		return nil
	}
	return &bar{out: s.bar}
}

// draw shows a share of a whole, at most ten times a second, and the whole always.
func (b *bar) draw(done, all int64, text string) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); done < all && now.Sub(b.drawn) < 100*time.Millisecond {
		return
	}
	b.drawn = time.Now()
	const cells = 10
	share := int64(100)
	if all > 0 {
		share = done * 100 / all
	}
	full := int(share) * cells / 100
	line := fmt.Sprintf("[%s%s] %3d%% %s", strings.Repeat("#", full), strings.Repeat(".", cells-full), share, text)
	line = line[:min(len(line), 79)] // a terminal would break a longer one, and \r goes back over one line only
	fmt.Fprintf(b.out, "\r%s%s", line, strings.Repeat(" ", max(0, b.width-len(line))))
	b.width = len(line)
}

// end leaves the line.
func (b *bar) end() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.width > 0 {
		fmt.Fprintln(b.out)
		b.width = 0
	}
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
