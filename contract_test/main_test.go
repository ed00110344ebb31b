// Package contract_test tests the client and the fake server against openapi.yaml, and on request a live tenant. It reads the
// contract with kin-openapi itself, in internal/contract: it does not rely on the fake's own validation. What runs the cases
// against a server is in internal/suite. README.md says which file to change for what.
package contract_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
)

// targetFlag are the flags of a live run and of a run against a mock.
var targetFlag = func() *suite.Flags {
	f := &suite.Flags{}
	f.Register(flag.CommandLine)
	return f
}()

var replayFile = flag.String("replay", "", "validate the responses recorded in this `file` with today's contract and compare them with today's fake")

var vendorFile = flag.String("vendor", "", "compare the vendor's OpenAPI document in this `file` with the contract, in TestVendorDocument")

var casesOut = flag.String("cases.out", "", "write each request and response that the tests validate to this `file`, with whether the contract accepts it")

var requestsOut = flag.String("requests.out", "", "write the requests of the tests to this `file`, in TestRequestsFile")

var (
	negativesSeed   = flag.Uint64("negatives.seed", 1, "`seed` of the generated requests that must be refused")
	negativesRounds = flag.Int("negatives.rounds", 3, "how many `times` they are generated, each time others")
)

var (
	coverageFile = flag.String("coverage.json", "", "write the coverage of the contract to this `file`, as JSON")
	coverageText = flag.Bool("coverage.print", false, "print the coverage of the contract as text")
	coverageMin  = flag.Float64("coverage.min", 100, "fail if less than this `percentage` of the contract is covered by the whole suite")
)

// TestMain runs the tests and then reports on all of them together.
func TestMain(m *testing.M) {
	flag.Parse()
	if problem := flagProblem(); problem != "" {
		fmt.Fprintln(os.Stderr, "contract_test: "+problem)
		os.Exit(2)
	}
	contract.Published.Keep = *casesOut != ""
	code := m.Run()
	if problem := notDone(); code == 0 && problem != "" {
		fmt.Fprintln(os.Stderr, "contract_test: "+problem)
		code = 1
	}
	if code == 0 && !reportCoverage(wholeSuite()) {
		code = 1
	}
	if err := contract.Published.Report(fileOfFlag(*casesOut)); err != nil {
		fmt.Fprintln(os.Stderr, "contract_test:", err)
		code = 1
	}
	os.Exit(code)
}

// flagProblem says which flag would have no effect. It is empty if there is none.
func flagProblem() string {
	var problem string
	flag.Visit(func(f *flag.Flag) {
		needsLive := f.Name == "plan" || f.Name == "record" || strings.HasPrefix(f.Name, "live.")
		switch {
		case needsLive && !targetFlag.Live:
			problem = "-" + f.Name + " needs -live"
		case f.Name == "mock.root" && !targetFlag.Mock:
			problem = "-mock.root needs -mock"
		case f.Name == "replay" && (targetFlag.Live || targetFlag.Mock):
			problem = "-replay uses no server: leave out -live and -mock"
		case f.Name == "replay" && f.Value.String() == "":
			problem = "-replay needs a file"
		}
	})
	return problem
}

// notDone says what a flag asked for and -run or -skip left out. It is empty if there is nothing.
func notDone() string {
	switch {
	case *replayFile != "" && !ranContract:
		return "-replay: the recording was not replayed, because TestContract did not run"
	case *vendorFile != "" && !ranVendor.Load():
		return "-vendor: the document was not compared, because TestVendorDocument did not run"
	case targetFlag.Live && !ranContract:
		return "-live: no tenant was tested, because TestContract did not run"
	}
	return ""
}

// fileOfFlag returns the file that a flag names. A relative name starts from the root of the repository, where people run go test. The
// tests themselves run in the folder of this package.
func fileOfFlag(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join("..", name)
}

// wholeSuite reports whether no flag left out a test.
func wholeSuite() bool {
	for _, name := range []string{"run", "skip", "list", "fuzz"} {
		if f := flag.Lookup("test." + name); f != nil && f.Value.String() != "" {
			return false
		}
	}
	return true
}

// reportCoverage prints and writes the coverage after all tests, and reports whether it is enough. A run of only some tests has no
// minimum.
func reportCoverage(whole bool) bool {
	report := suite.Coverage.Report()
	if *coverageText {
		fmt.Print(report)
	}
	if *coverageFile != "" {
		b, err := json.MarshalIndent(report, "", "\t")
		if err == nil {
			err = os.WriteFile(fileOfFlag(*coverageFile), append(b, '\n'), 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "coverage:", err)
			return false
		}
	}
	if !whole {
		return true
	}
	return suite.EnoughCoverage(os.Stdout, report, *coverageMin)
}
