package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/clipperhouse/displaywidth"
)

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// roundDuration formats how long a run takes, at least a second.
func roundDuration(d time.Duration) string {
	if d > time.Hour {
		return rounded(d.Round(time.Minute))
	}
	return rounded(max(time.Second, d.Round(time.Second)))
}

// rounded formats a duration for people.
func rounded(d time.Duration) string {
	switch {
	case d >= 10*time.Second:
		d = d.Round(time.Second)
	case d >= time.Second:
		d = d.Round(100 * time.Millisecond)
	default:
		d = d.Round(time.Millisecond)
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

func roundedText(duration string) string {
	d, err := time.ParseDuration(duration)
	if err != nil {
		return duration
	}
	return rounded(d)
}

// firstWords shortens a text to fit a line, without cutting a character that consists of several code points.
func firstWords(text string) string {
	return displaywidth.TruncateString(strings.Join(strings.Fields(printable(text)), " "), 43, "...")
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

func localTime(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.UTC().Format(time.RFC3339)
}
