// Command table reads the output of `go test -bench` and prints the medians with their limits and targets.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/tgo-business/tgo-go/tgo/internal/measure"
)

// row is a line of the table.
type row struct {
	what      string
	benchmark string // without "Benchmark" and the number of processors
	unit      string // the unit of the metric
	limit     string // the limit in words, or the unit of the metric with the limit
	format    string
	atMost    float64 // the target; 0 if atLeast is the target, or if there is none
	atLeast   float64
}

const (
	bare   = "by hand = 1.00"
	plain  = "plain handler = 1.00"
	ratio  = "%.2f"
	number = "%.0f"
)

// table has the rows with targets, and others that help to understand them.
var table = []row{
	{what: "JSON send, time", benchmark: "Send/HTTP1", unit: "time-ratio", limit: bare, format: ratio, atMost: 1.08},
	{what: "  compared with one that has a timeout too", benchmark: "Send/HTTP1", unit: "with-timeout-ratio", limit: bare, format: ratio},
	{what: "  allocations", benchmark: "Send/HTTP1", unit: "tgo-allocs/send", limit: "hand-allocs/send", format: number, atMost: 80},
	{what: "  bytes allocated", benchmark: "Send/HTTP1", unit: "tgo-B/send", limit: "hand-B/send", format: number, atMost: 7500},
	{what: "  time over TLS, HTTP/2", benchmark: "Send/TLS-HTTP2", unit: "time-ratio", limit: bare, format: ratio, atMost: 1.00},
	{what: "64 goroutines, sends/s", benchmark: "SendFrom64Goroutines", unit: "speed-ratio", limit: bare, format: ratio, atLeast: 0.95},
	{what: "  connections per 1000 sends", benchmark: "SendFrom64Goroutines", unit: "tgo-conns/1000-sends", limit: "hand-conns/1000-sends", format: "%.1f", atMost: 20},
	{what: "1 MiB upload, MB/s", benchmark: "Upload/1MiB/HTTP1", unit: "speed-ratio", limit: bare, format: ratio},
	{what: "64 MiB upload, MB/s", benchmark: "Upload/64MiB/HTTP1", unit: "speed-ratio", limit: bare, format: ratio, atLeast: 0.97},
	{what: "  over TLS, HTTP/2", benchmark: "Upload/64MiB/TLS-HTTP2", unit: "speed-ratio", limit: bare, format: ratio},
	{what: "  bytes allocated", benchmark: "Upload/64MiB/HTTP1", unit: "tgo-B/upload", limit: "hand-B/upload", format: number, atMost: 110_000},
	{what: "  growth of peak memory, MiB", benchmark: "Upload/64MiB/HTTP1", unit: "tgo-peak-MiB", limit: "hand-peak-MiB", format: ratio},
	{what: "1 GiB upload, bytes allocated", benchmark: "Upload/1GiB/HTTP1", unit: "tgo-B/upload", limit: "hand-B/upload", format: number, atMost: 110_000},
	{what: "  growth of peak memory, MiB", benchmark: "Upload/1GiB/HTTP1", unit: "tgo-peak-MiB", limit: "hand-peak-MiB", format: ratio, atMost: 1},
	{what: "lookup, time", benchmark: "Lookup/HTTP1", unit: "time-ratio", limit: bare, format: ratio},
	{what: "log of 10,000 entries, time", benchmark: "Log/10000", unit: "time-ratio", limit: bare, format: ratio, atMost: 1.10},
	{what: "  growth of memory in use, KB", benchmark: "Log/10000", unit: "tgo-growth-KB", limit: "a page", format: "%.1f", atMost: 30},
	{what: "  an entry of 100,000, to one of 1,000", benchmark: "Log/100000", unit: "vs-1000-ratio", limit: "linear = 1.00", format: ratio, atMost: 1.25},
	{what: "program, MiB over net/http", benchmark: "Build", unit: "tgo-added-MiB", limit: "hand-MiB", format: ratio, atMost: 1.00},
	{what: "  packages over net/http", benchmark: "Build", unit: "tgo-added-packages", limit: "hand-packages", format: number},
	{what: "  build CPU over net/http, s", benchmark: "Build", unit: "tgo-added-cpu-s", limit: "hand-cpu-s", format: ratio, atMost: 1.5},
	{what: "go generate ./..., warm, s", benchmark: "Generate", unit: "generate-s", format: ratio, atMost: 2},
	{what: "fake, validated send at c=16, req/s", benchmark: "FakeSend", unit: "speed-ratio", limit: plain, format: ratio, atLeast: 0.35},
	{what: "  over prism mock", benchmark: "FakeSend", unit: "vs-prism-ratio", limit: "prism = 1.0", format: "%.1f", atLeast: 6},
	{what: "  start to first response, ms", benchmark: "FakeStart", unit: "fake-ms", limit: "plain-ms", format: "%.1f", atMost: 40},
	{what: "  tgotest.New after the first, ms", benchmark: "New", unit: "new-ms", format: ratio, atMost: 0.3},
	{what: "  MB after 10^6 sends", benchmark: "FakeMillion", unit: "fake-MB", limit: "plain-MB", format: "%.1f", atMost: 40},
	{what: "  send, 2nd half of 10^6 to the 1st", benchmark: "FakeMillion", unit: "second-half-ratio", limit: "flat = 1.00", format: ratio, atMost: 1.15},
	{what: "outbox on SQLite, messages/s", benchmark: "OutboxSend/SQLite", unit: "messages/s", format: number, atLeast: 450},
	{what: "  a message among 10^6 ended ones", benchmark: "OutboxFull/SQLite", unit: "cost-ratio", limit: "empty = 1.00", format: ratio, atMost: 1.3},
	{what: "  adding 10^6 messages, s", benchmark: "OutboxAddMany/SQLite", unit: "s/million", format: number, atMost: 120},
	{what: "outbox on PostgreSQL x 3, messages/s", benchmark: "OutboxSend/PostgreSQL", unit: "messages/s", format: number, atLeast: 1000},
	{what: "  a message among 10^6 ended ones", benchmark: "OutboxFull/PostgreSQL", unit: "cost-ratio", limit: "empty = 1.00", format: ratio, atMost: 1.3},
	{what: "  adding 10^6 messages, s", benchmark: "OutboxAddMany/PostgreSQL", unit: "s/million", format: number, atMost: 120},
	{what: "a list of 10^6 rows: checked, CPU s", benchmark: "SendListCheck", unit: "cpu-s/million", format: ratio, atMost: 12},
	{what: "  MB", benchmark: "SendListCheck", unit: "MB", format: number, atMost: 150},
	{what: "  again, all sent, CPU s", benchmark: "SendListResume", unit: "cpu-s/million", format: ratio, atMost: 15},
	{what: "  sent, rows/s", benchmark: "SendListSend", unit: "rows/s", format: number, atLeast: 450},
}

// metrics has the values of each unit of each benchmark.
type metrics map[string]map[string][]float64

func read(r io.Reader, echo io.Writer) (metrics, error) {
	found := metrics{}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if _, err := fmt.Fprintln(echo, lines.Text()); err != nil {
			return nil, err
		}
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(fields[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i >= 0 {
			if _, err := strconv.Atoi(name[i+1:]); err == nil {
				name = name[:i]
			}
		}
		if found[name] == nil {
			found[name] = map[string][]float64{}
		}
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[name][fields[i+1]] = append(found[name][fields[i+1]], value)
		}
	}
	return found, lines.Err()
}

// write prints the rows and returns how many targets were missed.
func write(w io.Writer, found metrics) (missed int, err error) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "what\tlimit\ttarget\tmeasured\tmet?")
	for _, r := range table {
		values := found[r.benchmark][r.unit]
		limit := r.limit
		if byHand := found[r.benchmark][r.limit]; len(byHand) > 0 {
			limit = fmt.Sprintf(r.format, measure.Median(byHand))
		}
		if limit == "" {
			limit = "-"
		}
		target, measured, met := "-", "not measured", ""
		value := 0.0
		if len(values) > 0 {
			value = measure.Median(values)
			measured = fmt.Sprintf(r.format, value)
		}
		goal, good := r.atMost, value <= r.atMost
		sign := "<= "
		if r.atLeast > 0 {
			goal, good, sign = r.atLeast, value >= r.atLeast, ">= "
		}
		if goal > 0 {
			target = sign + strconv.FormatFloat(goal, 'f', -1, 64)
			switch {
			case len(values) == 0:
			case good:
				met = "yes"
			default:
				met = "NO"
				missed++
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", r.what, limit, target, measured, met)
	}
	return missed, t.Flush()
}

func main() {
	found, err := read(os.Stdin, os.Stderr)
	if err == nil {
		_, err = write(os.Stdout, found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "table:", err)
		os.Exit(1)
	}
}
