package tgotest

import (
	"maps"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// An operation that the contract has and the fake does not would panic at its first request.
func TestEveryOperationHasItsFunction(t *testing.T) {
	t.Parallel()
	routes, err := contract.Routes()
	if err != nil {
		t.Fatal(err)
	}
	s := New(t)
	for id := range s.operations() {
		if routes[id] == nil {
			t.Errorf("the contract has no operation %q", id)
		}
	}
	more := maps.Clone(routes)
	more["archiveMessage"] = &routers.Route{Path: "/messages/{message}/archive", Method: "POST", Operation: routes["revokeApiKey"].Operation}
	_, err = s.handler(more)
	if err == nil {
		t.Fatal("an operation without a function is served")
	}
	for _, part := range []string{`"archiveMessage"`, "operations.go", "(*Server).operations"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("the error does not say %s: %v", part, err)
		}
	}
}
