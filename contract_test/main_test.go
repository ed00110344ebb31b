package contract_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain runs the tests and then reports on all of them together.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if code == 0 && !reportCoverage(wholeSuite()) {
		code = 1
	}
	os.Exit(code)
}

// wholeSuite reports whether no test was left out by a flag.
func wholeSuite() bool {
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}
