package suite

import (
	"fmt"
	"io"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// EnoughCoverage reports whether at least so many percent are covered. Otherwise it writes what is not.
func EnoughCoverage(w io.Writer, report tgotest.CoverageReport, least float64) bool {
	missing := report.Missing()
	all := len(report.Combinations) + len(report.Fields) + len(report.Values)
	percent := 100 * float64(all-len(missing)) / float64(all)
	if percent >= least {
		return true
	}
	_, _ = fmt.Fprintf(w, "%.1f %% of the requests and statuses of the contract are covered, and %.1f %% must be. Not exercised:\n", percent, least)
	for _, i := range missing {
		_, _ = fmt.Fprintf(w, "  %s\n", i)
	}
	return false
}
