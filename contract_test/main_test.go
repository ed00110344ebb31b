package contract_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var targetFlag = func() targetFlags {
	var f targetFlags
	f.register(flag.CommandLine)
	return f
}()

// TestMain runs the tests and then reports on all of them together.
func TestMain(m *testing.M) {
	flag.Parse()
	if problem := flagProblem(); problem != "" {
		fmt.Fprintln(os.Stderr, "contract_test: "+problem)
		os.Exit(2)
	}
	allEditions.keep = *casesOut != ""
	code := m.Run()
	if problem := notDone(); code == 0 && problem != "" {
		fmt.Fprintln(os.Stderr, "contract_test: "+problem)
		code = 1
	}
	if code == 0 && !reportCoverage(wholeSuite()) {
		code = 1
	}
	if err := allEditions.report(fileOfFlag(*casesOut)); err != nil {
		fmt.Fprintln(os.Stderr, "contract_test:", err)
		code = 1
	}
	os.Exit(code)
}

// flagProblem says which flag would do nothing; empty where none would.
func flagProblem() string {
	var problem string
	flag.Visit(func(f *flag.Flag) {
		needsLive := f.Name == "plan" || f.Name == "record" || strings.HasPrefix(f.Name, "live.")
		switch {
		case needsLive && !targetFlag.live:
			problem = "-" + f.Name + " needs -live"
		case f.Name == "mock.root" && !targetFlag.mock:
			problem = "-mock.root needs -mock"
		case f.Name == "replay" && (targetFlag.live || targetFlag.mock):
			problem = "-replay asks no server: leave out -live and -mock"
		case f.Name == "replay" && f.Value.String() == "":
			problem = "-replay needs a file"
		}
	})
	return problem
}

// notDone says what a flag asked for that -run or -skip left out.
func notDone() string {
	switch {
	case *replayFile != "" && !ranContract:
		return "-replay: the recording was not replayed, for TestContract did not run"
	case *vendorFile != "" && !ranVendor.Load():
		return "-vendor: the document was not looked at, for TestVendorDocument did not run"
	case targetFlag.live && !ranContract:
		return "-live: no tenant was asked, for TestContract did not run"
	}
	return ""
}

// fileOfFlag is the file that a flag names: a relative name is relative to the root of the repository, where people call
// go test. The tests themselves run in the folder of this package.
func fileOfFlag(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join("..", name)
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
