package contract_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/gen"
)

// fact is what the vendor's pages say about an operation.
type fact struct {
	method, path string
	scopes       []string
	success      []string // with 2XX if something is created: clients must accept any
	source       string
}

// facts has all operations of the API.
var facts = map[string]fact{
	"sendMessage":          {"POST", "/messages", []string{"messages.send"}, []string{"201", "2XX"}, "page"},
	"listMessages":         {"GET", "/messages", []string{"messages.read"}, []string{"200"}, "page"},
	"lookupContact":        {"GET", "/contacts/lookup", []string{"contacts.lookup"}, []string{"200"}, "page"},
	"getUsage":             {"GET", "/usage", []string{"usage.read"}, []string{"200"}, "page"},
	"listSenderNumbers":    {"GET", "/sender-numbers", []string{}, []string{"200"}, "spec"},
	"registerSenderNumber": {"POST", "/sender-numbers", []string{"messages.send"}, []string{"201", "2XX"}, "spec"},
	"createApiKey":         {"POST", "/api-keys", []string{}, []string{"201", "2XX"}, "spec"},
	"revokeApiKey":         {"DELETE", "/api-keys/{apiKey}", []string{}, []string{"204"}, "spec"},
	"getMe":                {"GET", "/me", []string{}, []string{"200"}, "spec"},
	"getSubscription":      {"GET", "/subscription", []string{}, []string{"200"}, "spec"},
}

// TestOperationsAreTheDocumentedOnes compares the operations of the document with facts. Add a new operation there.
func TestOperationsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	found := map[string]fact{}
	for _, op := range contract.Operations() {
		f := fact{method: op.Method, path: op.Path, scopes: op.RequiredScopes()}
		f.source, _ = op.Extensions["x-source"].(string)
		for status := range op.ByStatus() {
			if strings.HasPrefix(status, "2") {
				f.success = append(f.success, status)
			}
		}
		slices.Sort(f.success)
		found[op.OperationID] = f
	}
	for _, id := range slices.Sorted(maps.Keys(facts)) {
		if !reflect.DeepEqual(found[id], facts[id]) {
			t.Errorf("%s is %+v, want %+v", id, found[id], facts[id])
		}
	}
	for id := range found {
		if _, ok := facts[id]; !ok {
			t.Errorf("the operation %s is not in the list of facts: add it", id)
		}
	}
}

func TestScopesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	want := []any{"messages.send", "messages.read", "contacts.lookup", "usage.read", "*"}
	scope := contract.Document().Components.Schemas["Scope"].Value
	if !reflect.DeepEqual(scope.Enum, want) {
		t.Errorf("scopes are %v, want %v", scope.Enum, want)
	}
	// For * openapi-generator makes an empty name in Ruby.
	names := []any{"MessagesSend", "MessagesRead", "ContactsLookup", "UsageRead", "All"}
	if got := scope.Extensions["x-enum-varnames"]; !reflect.DeepEqual(got, names) {
		t.Errorf("the scopes are called %v in code, want %v", got, names)
	}
}

func TestGeneratedScopesAgreeWithTheDocument(t *testing.T) {
	t.Parallel()
	for _, op := range contract.Operations() {
		generated := []string{}
		for _, s := range gen.RequiredScopes(op.OperationID) {
			generated = append(generated, string(s))
			if !s.Valid() {
				t.Errorf("%s: %q is not a valid scope", op.OperationID, s)
			}
		}
		if !slices.Equal(generated, op.RequiredScopes()) {
			t.Errorf("%s: generated %v, the document says %v", op.OperationID, generated, op.RequiredScopes())
		}
	}
	if s := gen.RequiredScopes("noSuchOperation"); s != nil {
		t.Errorf("an unknown operation needs %v", s)
	}
}
