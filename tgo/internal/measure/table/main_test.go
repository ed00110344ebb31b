package main

import (
	"io"
	"strings"
	"testing"
)

const output = `goos: linux
BenchmarkSend/HTTP1-2   	      10	 81.00 tgo-allocs/send	 74.00 hand-allocs/send	 1.01 time-ratio
BenchmarkSend/HTTP1-2   	      10	 79.00 tgo-allocs/send	 74.00 hand-allocs/send	 1.20 time-ratio
BenchmarkSend/HTTP1-2   	      10	 90.00 tgo-allocs/send	 74.00 hand-allocs/send	 1.04 time-ratio
BenchmarkSend/TLS-HTTP2-2   10	 9.00 time-ratio
BenchmarkFakeSend   	      10	 0.40 speed-ratio
PASS
`

func TestTable(t *testing.T) {
	found, err := read(strings.NewReader(output), io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	missed, err := write(&out, found)
	if err != nil || missed != 2 {
		t.Errorf("%d missed: %v", missed, err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	all := strings.Join(lines, "\n")
	for _, want := range []string{
		"JSON send, time by hand = 1.00 <= 1.08 1.04 yes", // the median, not the mean
		"allocations 74 <= 80 81 NO",
		"time over TLS, HTTP/2 by hand = 1.00 <= 1 9.00 NO",
		"fake, validated send at c=16, req/s plain handler = 1.00 >= 0.35 0.40 yes",
		"lookup, time by hand = 1.00 - not measured",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, out.String())
		}
	}
}

// Each row names the start of an existing benchmark. Whether it reports the metric shows only when it runs.
func TestRowsAreComplete(t *testing.T) {
	for _, r := range table {
		if r.what == "" || r.benchmark == "" || r.unit == "" || r.format == "" || (r.atMost > 0 && r.atLeast > 0) {
			t.Errorf("%+v", r)
		}
	}
}
