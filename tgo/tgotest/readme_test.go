package tgotest_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// readme returns the page of this package.
func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func adminDocument(t *testing.T) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromFile("admin.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return document
}

// TestReadmeFaults compares the table of faults on the page with the kinds in Go and in the description of the admin API.
func TestReadmeFaults(t *testing.T) {
	t.Parallel()
	var kinds, inDocument, onPage []string
	for kind := tgotest.FaultNone; !strings.HasPrefix(kind.String(), "FaultKind("); kind++ {
		kinds = append(kinds, kind.String())
	}
	for _, value := range adminDocument(t).Components.Schemas["FaultKind"].Value.Enum {
		inDocument = append(inDocument, value.(string))
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z ]+)` \\| `tgotest\\.Fault(\\w+)` \\|").FindAllStringSubmatch(readme(t), -1) {
		onPage = append(onPage, row[1])
		if !strings.EqualFold(row[2], strings.ReplaceAll(row[1], " ", "")) {
			t.Errorf("the page says that the kind %q is tgotest.Fault%s", row[1], row[2])
		}
	}
	if !slices.Equal(inDocument, kinds) {
		t.Errorf("admin.yaml has the kinds %q, want %q", inDocument, kinds)
	}
	if !slices.Equal(onPage, kinds) {
		t.Errorf("README.md has the kinds %q, want %q", onPage, kinds)
	}
}

// TestReadmeAdminCalls compares the table of calls on the page with the description of the admin API.
func TestReadmeAdminCalls(t *testing.T) {
	t.Parallel()
	document, page := adminDocument(t), readme(t)
	calls := regexp.MustCompile("`([A-Z]+) /_fake(/[^`]*)`").FindAllStringSubmatch(page, -1)
	if len(calls) < 11 {
		t.Errorf("the page names only %d calls", len(calls))
	}
	for _, call := range calls {
		if item := document.Paths.Value(call[2]); item == nil || item.GetOperation(call[1]) == nil {
			t.Errorf("admin.yaml has no %s %s", call[1], call[2])
		}
	}
	var states []string
	for _, value := range document.Components.Schemas["ContactState"].Value.Enum {
		states = append(states, "`"+value.(string)+"`")
	}
	last := len(states) - 1
	if list := strings.Join(states[:last], ", ") + " or " + states[last]; !strings.Contains(page, "| set the state of a phone: "+list+" |") {
		t.Errorf("the page does not have the states %s", list)
	}
}
