package contract_test

import (
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// TestEverythingHasAnExampleThatConforms validates all examples: kin-openapi's own validation leaves some out if there are others
// beside them.
func TestEverythingHasAnExampleThatConforms(t *testing.T) {
	t.Parallel()
	conforms := func(where string, schema *openapi3.SchemaRef, value any, opts ...openapi3.SchemaValidationOption) {
		if err := schema.Value.VisitJSON(value, append(opts, openapi3.MultiErrors())...); err != nil {
			t.Errorf("%s: the example does not conform: %v", where, err)
		}
	}
	content := func(where string, c openapi3.Content, opt openapi3.SchemaValidationOption) {
		for mediaType, m := range c {
			examples := contract.ExamplesOf(m)
			if len(examples) == 0 {
				t.Errorf("%s has no example of %s", where, mediaType)
			}
			for _, e := range examples {
				conforms(where+" "+e.Name, m.Schema, e.Value, opt)
			}
		}
	}
	for _, op := range contract.Operations() {
		if op.RequestBody != nil {
			content(op.OperationID+" request", op.RequestBody.Value.Content, openapi3.VisitAsRequest())
		}
		for status, response := range op.ByStatus() {
			if status == "2XX" { // the content is that of the documented success
				if _, documented := op.Success(t); !reflect.DeepEqual(response.Content[jsonType].Schema, documented.Content[jsonType].Schema) {
					t.Errorf("%s: the 2XX is not the documented success", op.OperationID)
				}
				continue
			}
			content(op.OperationID+" "+status, response.Content, openapi3.VisitAsResponse())
			if len(response.Content) == 0 && status != strconv.Itoa(http.StatusNoContent) {
				t.Errorf("%s %s has no content", op.OperationID, status)
			}
			for name, h := range response.Headers {
				conforms(op.OperationID+" "+status+" "+name, h.Value.Schema, h.Value.Example)
			}
		}
		exampleOfGroup := 0
		for _, p := range op.Parameters {
			where := op.OperationID + " " + p.Value.Name
			e := contract.ParameterExample(p.Value)
			if slices.Contains(op.ExactlyOneOf(), p.Value.Name) {
				// Tools put the examples of all parameters into one request, so of these exactly one may have its own.
				if p.Value.Example != nil {
					exampleOfGroup++
				}
				if e == nil {
					continue
				}
			}
			if e == nil {
				t.Errorf("%s has no example", where)
				continue
			}
			conforms(where, p.Value.Schema, e, openapi3.VisitAsRequest())
		}
		if len(op.ExactlyOneOf()) > 0 && exampleOfGroup != 1 {
			t.Errorf("%s: %d parameters of %v have an example, want 1", op.OperationID, exampleOfGroup, op.ExactlyOneOf())
		}
	}
	for name, schema := range contract.Document().Components.Schemas {
		for property, s := range schema.Value.Properties {
			if s.Value.Example != nil {
				conforms(name+"."+property, s, s.Value.Example)
			}
		}
		if schema.Value.Example != nil {
			conforms(name, schema, schema.Value.Example)
		}
	}
}

// TestExampleRequestsConform makes requests of the examples and validates them. It sends nothing.
func TestExampleRequestsConform(t *testing.T) {
	t.Parallel()
	for _, op := range contract.Operations() {
		for _, r := range contract.ExampleRequests(t, op) {
			if _, err := contract.ValidateRequest(r.HTTP(t, "http://tenant"+basePath, "tgo_key"), r.Body); err != nil {
				t.Errorf("%s %s: %v", op.OperationID, r.Name, err)
			}
		}
	}
}
