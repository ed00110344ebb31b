package traffic

import (
	"maps"
	"slices"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// Each operation can be shown as a call of package tgo, and each scope by its name there.
func TestGoSnippetsKnowTheContract(t *testing.T) {
	t.Parallel()
	routes, err := contract.Routes()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := slices.Sorted(maps.Keys(goCalls)), slices.Sorted(maps.Keys(routes)); !slices.Equal(got, want) {
		t.Errorf("goCalls has %q, and the contract %q", got, want)
	}
	for _, scope := range contract.ScopeWords() {
		if name, _ := scope.(string); scopeNames[name] == "" {
			t.Errorf("scopeNames does not have %q", name)
		}
	}
	if len(scopeNames) != len(contract.ScopeWords()) {
		t.Errorf("scopeNames has more than the contract: %v", scopeNames)
	}
}
