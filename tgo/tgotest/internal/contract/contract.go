// Package contract loads openapi.yaml, validates requests and responses with it, words problems as the API does, and finds the
// place of the rule that was broken.
package contract

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	openapi "github.com/tgo-business/tgo-go"
)

// BasePath is where the API is on a server.
const BasePath = "/api/v1"

// Routes are the operations of the contract by their operationId. The contract is parsed once per process.
var Routes = sync.OnceValues(func() (map[string]*routers.Route, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, fmt.Errorf("tgotest: the contract cannot be loaded: %w", err)
	}
	routes := map[string]*routers.Route{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			op.Security = openapi3.NewSecurityRequirements() // the server checks the key before it validates
			routes[op.OperationID] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
		}
	}
	return routes, nil
})

// RequiredScopes are the scopes that the contract names for an operation.
func RequiredScopes(op *openapi3.Operation) []string {
	var scopes []string
	list, _ := op.Extensions["x-required-scopes"].([]any)
	for _, s := range list {
		scopes = append(scopes, fmt.Sprint(s))
	}
	return scopes
}

// StatusWords are the words that the contract has for a state of a sender number, status or verification_status.
func StatusWords(field string) []any {
	routes, err := Routes()
	if err != nil {
		return nil // Start has reported it
	}
	words, _ := schemaOf(routes, "SenderNumber").Properties[field].Value.Extensions["x-extensible-enum"].([]any)
	return words
}

// ScopeWords are the scopes that the contract has.
func ScopeWords() []any {
	routes, err := Routes()
	if err != nil {
		return nil // Start has reported it
	}
	return schemaOf(routes, "Scope").Enum
}

func schemaOf(routes map[string]*routers.Route, name string) *openapi3.Schema {
	return routes["listSenderNumbers"].Spec.Components.Schemas[name].Value
}

// MediaTypes are those of a body, in order.
func MediaTypes(body *openapi3.RequestBody) []string {
	var types []string
	for t := range body.Content {
		types = append(types, t)
	}
	slices.Sort(types)
	return types
}

// RouteOf finds the operation that a request to any server is for; nil if there is none. Only the end of the path counts, so
// the server may have the API anywhere.
func RouteOf(method, path string) *routers.Route {
	routes, err := Routes()
	if err != nil {
		return nil
	}
	have := strings.Split(strings.Trim(path, "/"), "/")
	var found *routers.Route
	length := 0
	for _, route := range routes {
		want := strings.Split(strings.Trim(route.Path, "/"), "/")
		if route.Method != method || len(want) > len(have) || len(want) <= length {
			continue
		}
		end := have[len(have)-len(want):]
		if slices.EqualFunc(want, end, func(w, h string) bool { return w == h || strings.HasPrefix(w, "{") }) {
			found, length = route, len(want)
		}
	}
	return found
}

// BaseURL is the address of the API through which a request reached the fake.
func BaseURL(r *http.Request) string { return "http://" + r.Host + BasePath }
