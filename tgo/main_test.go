package tgo_test

import (
	"flag"
	"runtime"
	"strconv"
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails if a test of this package leaves a goroutine behind.
//
// Eight parallel tests run at once even on a machine with fewer processors, because they wait more than they compute. The command
// line is parsed later, so -parallel overrides this.
func TestMain(m *testing.M) {
	if err := flag.Set("test.parallel", strconv.Itoa(max(8, runtime.GOMAXPROCS(0)))); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}
