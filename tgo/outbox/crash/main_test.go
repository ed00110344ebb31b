//go:build unix && !386 && !arm

// Package crash tests package outbox under failures: worker processes are killed and stopped at random points, PostgreSQL is killed while they
// run, and the server loses responses. Then the records of the outbox are compared with the requests that the server received. The test binary
// starts itself again as the worker processes. make outbox-crash runs the tests at full size.
package crash_test

import (
	"flag"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var (
	messagesFlag = flag.Int("crash.messages", 150, "how many messages the crash tests send")
	killsFlag    = flag.Int("crash.kills", 3, "how many workers they kill")
	outagesFlag  = flag.Int("crash.outages", 1, "how often they kill PostgreSQL")
	stopsFlag    = flag.Int("crash.stops", 1, "how often a worker is stopped and continued")
	endingsFlag  = flag.Int("crash.endings", 5, "how many transactions are rolled back, committed and killed, each")
	rateFlag     = flag.Duration("crash.rate", 2*time.Second, "how long the rate is measured")
	seedFlag     = flag.Uint64("crash.seed", 0, "seed of the random points; 0 uses the current time")

	benchMessagesFlag = flag.Int("crash.bench-messages", 5000, "how many messages a benchmark sends")
	benchEndedFlag    = flag.Int("crash.bench-ended", 1_000_000, "how many ended messages a full table has, and how many BenchmarkAddMany adds")
	profileFlag       = flag.String("crash.profile", "", "folder for CPU profiles of the benchmarks' workers")
)

func TestMain(m *testing.M) {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(runRole(role))
	}
	goleak.VerifyTestMain(m)
}

// newDice returns the source of the random points, and prints its seed. With the same seed the server decides the same about each message
// again; the order of events still depends on the machine.
func newDice(t *testing.T) (dice *rand.Rand, seed uint64) {
	t.Helper()
	seed = *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-crash.seed=%d", seed)
	return rand.New(rand.NewPCG(seed, 1)), seed
}
