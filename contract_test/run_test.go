package contract_test

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// ranContract is whether TestContract has run in this process. Flags like -count and -cpu must not multiply what is allowed on a
// live tenant.
var ranContract bool

// TestContract runs the cases against the target that the flags choose.
func TestContract(t *testing.T) {
	before := ranContract
	ranContract = true
	if *replayFile != "" {
		replay(t, fileOfFlag(*replayFile))
		return
	}
	list := contractCases()
	var on *suite.Target
	if targetFlag.Live || targetFlag.Mock {
		if before && targetFlag.Live {
			t.Fatal("a live run is made only once, whatever -count and -cpu say: leave them out")
		}
		var err error
		if on, err = suite.NewTarget(*targetFlag, os.Getenv); err != nil {
			t.Fatal(err)
		}
		suite.WritePlan(os.Stdout, on, list)
		if targetFlag.Plan && testing.Verbose() {
			t.Skip("-plan: nothing was sent")
		}
		if targetFlag.Plan {
			t.Fatal("-plan: nothing was sent. It counts as a failure, because without -v go test shows the plan only then.")
		}
	} else {
		on = suite.FakeTarget(t)
	}
	if targetFlag.Live {
		on.ReadScopes(t)
	}
	suite.Run(t, on, list)
	report := assumptionReport(on.Recorder.Exchanges())
	if targetFlag.Live || targetFlag.Mock || testing.Verbose() {
		suite.WriteAssumptions(os.Stdout, on.Name, report)
	}
	if targetFlag.Live || targetFlag.Mock {
		fmt.Print(on.Coverage.Report())
	}
	if on.Guard != nil {
		fmt.Println("Used:", on.Guard.Used())
	}
	if targetFlag.Record != "" {
		if err := suite.WriteRecording(fileOfFlag(targetFlag.Record), on); err != nil {
			t.Error(err)
		}
	}
}

// replay validates the recording of a tenant, and reports how it differs from the fake and what it says about the assumptions.
func replay(t *testing.T, name string) {
	t.Helper()
	list := suite.ReadRecording(t, name)
	against, differs := suite.CheckRecording(t, list, fakeAnswers(t))
	for _, problem := range against {
		t.Errorf("it breaks the contract: %s", problem)
	}
	for _, d := range differs {
		t.Logf("it differs from the fake: %s", d) // a tenant may, if the contract allows it
	}
	var all []exchange
	for _, r := range list {
		all = append(all, r.Exchange())
	}
	suite.WriteAssumptions(os.Stdout, "the recording", assumptionReport(all))
}

// mockCannot has calls that conform to the standards, and that some mock cannot handle.
var mockCannot = map[string]string{
	"document: WithName: a percent sign and a semicolon": "Prism 5.14 splits Content-Disposition at the semicolon of a quoted file name, and ends with a syntax error",
}

// TestTheClientAgainstAMock makes every call of the client to the mock that -mock chooses.
func TestTheClientAgainstAMock(t *testing.T) {
	if !targetFlag.Mock {
		t.Skip("it needs -mock")
	}
	on, err := suite.NewTarget(*targetFlag, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, c := range calls(t) {
		if len(c.options) > 0 {
			continue // some options change the transport
		}
		if why := mockCannot[c.name]; why != "" {
			t.Logf("skipped: %s: %s", c.name, why)
			continue
		}
		_, err := c.do(t.Context(), on.Client)
		if logs := c.op == "listMessages" || c.thenOp == "listMessages"; logs && errors.Is(err, tgo.ErrUnreadable) {
			err = nil // a mock that remembers nothing returns the first page for each page, which the client reports
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		made++
	}
	t.Logf("%d calls", made)
	for _, x := range on.Recorder.Exchanges() {
		r := request{Method: x.Method, Target: x.Target}.HTTP(t, "http://tenant"+basePath, "tgo_key")
		if err := contract.ValidateResponse(r, x.Status, x.Header, x.Body); err != nil {
			t.Errorf("%s %s returned %d, which breaks the contract: %v", x.Method, x.Target, x.Status, err)
		}
	}
}
