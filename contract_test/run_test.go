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

// ranContract is whether TestContract has run in this process. Flags like -count and -cpu would multiply all that is
// allowed on a live tenant.
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
			t.Fatal("a live run is made only once, whatever -count and -cpu say")
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
			t.Fatal("-plan: nothing was sent. It counts as a failure, for go test shows nothing else without -v.")
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

// replay holds the recording of a tenant against the document, and tells what it has otherwise than the fake and what it
// says of the assumptions.
func replay(t *testing.T, name string) {
	t.Helper()
	list := suite.ReadRecording(t, name)
	against, differs := suite.CheckRecording(t, list, fakeAnswers(t))
	for _, problem := range against {
		t.Errorf("against the document: %s", problem)
	}
	for _, d := range differs {
		t.Logf("other than the fake: %s", d) // a tenant may differ where the contract allows it
	}
	var all []exchange
	for _, r := range list {
		all = append(all, r.Exchange())
	}
	suite.WriteAssumptions(os.Stdout, "the recording", assumptionReport(all))
}

// mockCannot are calls that some mock cannot take, though they are as the standards have it.
var mockCannot = map[string]string{
	"document: WithName: a percent sign and a semicolon": "Prism 5.14 splits Content-Disposition at the semicolon of a quoted file name, and ends with a syntax error",
}

// TestTheClientAgainstAMock makes every call of the client to the server that -mock chooses.
func TestTheClientAgainstAMock(t *testing.T) {
	if !targetFlag.Mock {
		t.Skip("there is no -mock")
	}
	on, err := suite.NewTarget(*targetFlag, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, c := range calls(t) {
		if len(c.options) > 0 {
			continue // some of them are other transports
		}
		if why := mockCannot[c.name]; why != "" {
			t.Logf("skipped: %s: %s", c.name, why)
			continue
		}
		_, err := c.do(t.Context(), on.Client)
		if logs := c.op == "listMessages" || c.thenOp == "listMessages"; logs && errors.Is(err, tgo.ErrUnreadable) {
			err = nil // a mock that remembers nothing answers each page by the first, and the client says so
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
			t.Errorf("%s %s answered %d against the contract: %v", x.Method, x.Target, x.Status, err)
		}
	}
}
