// Package contract reads openapi.yaml with kin-openapi: its operations, examples and assumptions. From these it makes requests
// that are right, requests that break one rule each, and responses as a later version of the API may give them. It validates
// requests and responses with all published editions, and compares the contract with the vendor's document.
//
// Nothing here uses the client or the fake, which are tested with it.
package contract

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	openapi "github.com/tgo-business/tgo-go"
)

// The phones of the document's examples, and the id of the sender number.
const (
	SenderPhone = "+201001187188"
	SenderID    = 12
	Recipient   = "+201010000000"
)

// The texts of errors that the vendor documents: four, and of two more an older and a newer wording. They are written here
// again, and not taken from the code under test.
const (
	TextUnauthenticated       = "Unauthenticated."
	TextMissingScope          = "This API key does not have the required scope."
	TextUnknownTenant         = "Tenant could not be identified for this domain."
	TextInvalid               = "The given data was invalid."
	TextSenderInactive        = "The sender number is not active."
	TextSenderInactiveLater   = "Sender number is not active."
	TextSenderUnverifiedLater = "The sender number owner must be verified in Sinjapp before using the messaging API."
	TextSenderUnverified      = "يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال."
)

// What all requests of the API have in common.
const (
	BasePath = "/api/v1"
	JSONType = "application/json"
	FormType = "multipart/form-data"
)

// Document returns openapi.yaml as kin-openapi reads it. All callers share it and must not change it.
var Document = sync.OnceValue(NewDocument)

// NewDocument returns openapi.yaml, too, but a copy that the caller may change.
func NewDocument() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		panic(err) // it is embedded
	}
	return doc
}

// Raw returns openapi.yaml as plain YAML values, with anchors resolved, without OpenAPI's view of it.
func Raw() map[string]any {
	v, err := openapi3filter.YamlBodyDecoder(bytes.NewReader(openapi.Document), nil, nil, nil)
	if err != nil {
		panic(err) // it is embedded
	}
	doc, ok := v.(map[string]any)
	if !ok {
		panic(fmt.Sprintf("openapi.yaml is a %T and not an object", v))
	}
	return doc
}

// Walk calls visit with every key of a YAML tree.
func Walk(path string, v any, visit func(path, key string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			visit(path, key, value)
			Walk(path+"/"+key, value, visit)
		}
	case []any:
		for i, value := range v {
			Walk(path+"/"+strconv.Itoa(i), value, visit)
		}
	}
}

// Operation is an operation of the document, with its method and path.
type Operation struct {
	*openapi3.Operation
	Method, Path string
	Item         *openapi3.PathItem
}

// Operations lists the operations of the document by path and method.
func Operations() []Operation {
	var list []Operation
	paths := Document().Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		byMethod := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(byMethod)) {
			list = append(list, Operation{byMethod[method], method, path, paths[path]})
		}
	}
	return list
}

// OperationByID returns the operation with this operationId.
func OperationByID(t testing.TB, id string) Operation {
	t.Helper()
	for _, op := range Operations() {
		if op.OperationID == id {
			return op
		}
	}
	t.Fatalf("the document has no operation %q", id)
	return Operation{}
}

// RequiredScopes lists the scopes in the operation's x-required-scopes.
func (o Operation) RequiredScopes() []string {
	scopes := []string{}
	list, _ := o.Extensions["x-required-scopes"].([]any)
	for _, s := range list {
		scopes = append(scopes, fmt.Sprint(s))
	}
	return scopes
}

// TakesInput reports whether the operation has a body or query parameters, so a request can be invalid.
func (o Operation) TakesInput() bool {
	return o.RequestBody != nil || slices.ContainsFunc(o.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" })
}

// ExactlyOneOf names the query parameters of which exactly one must be given. OpenAPI cannot express that, so the document has
// an extension for it, which validators must read themselves.
func (o Operation) ExactlyOneOf() []string {
	var names []string
	list, _ := o.Extensions["x-exactly-one-of"].([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// ByStatus returns the operation's responses by status, "2XX" included.
func (o Operation) ByStatus() map[string]*openapi3.Response {
	byStatus := map[string]*openapi3.Response{}
	for status, ref := range o.Responses.Map() {
		byStatus[status] = ref.Value
	}
	return byStatus
}

// SuccessExamples returns the status and the examples of the operation's documented success.
func (o Operation) SuccessExamples(t testing.TB) (int, []Example) {
	t.Helper()
	status, response := o.Success(t)
	return status, ExamplesOf(response.Content[JSONType])
}

// Success returns the documented success with a specific status. A 2XX beside it has the same content.
func (o Operation) Success(t testing.TB) (int, *openapi3.Response) {
	t.Helper()
	for status, response := range o.ByStatus() {
		if code, err := strconv.Atoi(status); err == nil && code/100 == 2 {
			return code, response
		}
	}
	t.Fatalf("%s has no success", o.OperationID)
	return 0, nil
}

// Example is a named example of the document.
type Example struct {
	Name  string
	Value any
}

// JSON returns the example as JSON.
func (e Example) JSON(t testing.TB) []byte {
	t.Helper()
	return ToJSON(t, e.Value)
}

// ExamplesOf lists the examples of a media type, sorted by name.
func ExamplesOf(m *openapi3.MediaType) []Example {
	if m == nil {
		return nil
	}
	var list []Example
	if m.Example != nil {
		list = append(list, Example{"example", m.Example})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Examples)) {
		list = append(list, Example{name, m.Examples[name].Value.Value})
	}
	return list
}

// ParameterExample returns the example of a parameter, or of its schema if the parameter has none.
func ParameterExample(p *openapi3.Parameter) any {
	switch {
	case p.Example != nil:
		return p.Example
	case len(p.Examples) > 0:
		return p.Examples[slices.Sorted(maps.Keys(p.Examples))[0]].Value.Value
	case p.Schema != nil:
		return p.Schema.Value.Example
	}
	return nil
}

// Assumptions returns what the document assumes: the sentences in x-assumed by their names. The problems are names without a
// sentence, or with different sentences in different places.
func Assumptions() (sentences map[string]string, problems []string) {
	sentences = map[string]string{}
	Walk("", Raw(), func(path, key string, value any) {
		if key != "x-assumed" {
			return
		}
		named, ok := value.(map[string]any)
		if !ok {
			problems = append(problems, path+": x-assumed is not an object")
		}
		for id, sentence := range named {
			text, _ := sentence.(string)
			if text == "" || (sentences[id] != "" && sentences[id] != text) {
				problems = append(problems, path+": "+id+" has no sentence, or another one elsewhere")
			}
			sentences[id] = text
		}
	})
	return sentences, problems
}
