package suite

import (
	"io"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestTooLittleCoverageFails(t *testing.T) {
	t.Parallel()
	report := tgotest.NewCoverage().Report()
	var said strings.Builder
	if EnoughCoverage(&said, report, 1) || !strings.Contains(said.String(), "sendMessage multipart/form-data 429\n") {
		t.Error("nothing is enough for one percent")
	}
	if !EnoughCoverage(io.Discard, report, 0) {
		t.Error("nothing is too little for zero percent")
	}
}
