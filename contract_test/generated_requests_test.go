package contract_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
)

// TestGeneratedRequestsAreRefused: the fake and the document refuse all requests that contract.InvalidRequests generates.
func TestGeneratedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	before := suite.WorkspaceOf(t, fake)
	keywords := map[string]int{}
	for round := range *negativesRounds {
		seed := *negativesSeed + uint64(round)
		for _, n := range contract.InvalidRequests(t, seed) {
			keywords[n.Keyword]++
			failed := func(format string, args ...any) {
				t.Helper()
				t.Errorf("%s (seed %d, %s): %s\n%s", n.Name, seed, n.Keyword, fmt.Sprintf(format, args...), n.Curl(fake.URL))
			}
			a := suite.Send(t, n.HTTP(t, fake.URL, fake.Key.Reveal()))
			if a.Status != n.Status {
				failed("returned %d %s, want %d", a.Status, a.Body, n.Status)
				continue
			}
			if said := a.Error(t); n.Status == http.StatusUnprocessableEntity && (said.Message != textInvalid || len(said.Errors) == 0) {
				failed("says %s", a.Body)
			}
			if _, err := contract.ValidateRequest(n.HTTP(t, fake.URL, "tgo_key"), n.Body); (err == nil) != (n.DocumentCannot != "") {
				failed("the document says %v", err)
			}
		}
	}
	if after := suite.WorkspaceOf(t, fake); after != before {
		t.Errorf("the workspace was %+v and is %+v", before, after)
	}
	total := 0
	for _, keyword := range []string{
		"required", "type", "enum", "pattern", "minimum", "maximum", "format", "nullable", "additionalProperties", "not",
		"minItems", "uniqueItems", "media type", "malformed JSON", "malformed boundary", "exactly one of",
	} {
		if keywords[keyword] == 0 {
			t.Errorf("nothing was generated for %s", keyword)
		}
		total += keywords[keyword]
	}
	t.Logf("%d requests: %v", total, keywords)
}
