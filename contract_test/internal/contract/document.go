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

// The people and phones of the document's examples.
const (
	SenderPhone = "+201001187188"
	SenderID    = 12
	Recipient   = "+201010000000"
)

// The four texts and the two sender texts that the vendor documents, typed here and not taken from the code under test.
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

const (
	BasePath = "/api/v1"
	JSONType = "application/json"
	FormType = "multipart/form-data"
)

// Document is the document as kin-openapi reads it.
var Document = sync.OnceValue(func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		panic(err)
	}
	return doc
})

// NewDocument is the contract, not shared with other tests: it may be changed.
func NewDocument() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		panic(err) // it is embedded
	}
	return doc
}

// Raw is the document as plain YAML values, anchors resolved, without OpenAPI's view of it.
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

// Walk visits every key of a YAML tree.
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

// Operation is an operation of the document and where it is found.
type Operation struct {
	*openapi3.Operation
	Method, Path string
	Item         *openapi3.PathItem
}

// Operations lists the operations of the document, ordered by path and method.
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

// RequiredScopes are those that the document names for the operation.
func (o Operation) RequiredScopes() []string {
	scopes := []string{}
	list, _ := o.Extensions["x-required-scopes"].([]any)
	for _, s := range list {
		scopes = append(scopes, fmt.Sprint(s))
	}
	return scopes
}

// TakesInput reports whether the operation has a body or query parameters, and so something to be wrong with.
func (o Operation) TakesInput() bool {
	return o.RequestBody != nil || slices.ContainsFunc(o.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" })
}

// ExactlyOneOf names the query parameters of which exactly one must be given. OpenAPI cannot say it, so the document does
// by an extension, and whoever validates must read it.
func (o Operation) ExactlyOneOf() []string {
	var names []string
	list, _ := o.Extensions["x-exactly-one-of"].([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// ByStatus are the operation's responses by status, "2XX" included.
func (o Operation) ByStatus() map[string]*openapi3.Response {
	byStatus := map[string]*openapi3.Response{}
	for status, ref := range o.Responses.Map() {
		byStatus[status] = ref.Value
	}
	return byStatus
}

// SuccessExamples is the operation's documented success, its status and its examples.
func (o Operation) SuccessExamples(t testing.TB) (int, []Example) {
	t.Helper()
	status, response := o.Success(t)
	return status, ExamplesOf(response.Content[JSONType])
}

// Success is the success that has a code of its own. A 2XX beside it has the same content.
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

func (e Example) JSON(t testing.TB) []byte {
	t.Helper()
	return ToJSON(t, e.Value)
}

// ExamplesOf lists the examples of a media type by their names.
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

// ParameterExample is the example of a parameter or else of its schema.
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

// Assumptions are those of the document, by their names in x-assumed, with the sentences there. The problems say which
// names have no sentence, or not the same one everywhere.
func Assumptions() (sentences map[string]string, problems []string) {
	sentences = map[string]string{}
	Walk("", Raw(), func(path, key string, value any) {
		if key != "x-assumed" {
			return
		}
		named, ok := value.(map[string]any)
		if !ok {
			problems = append(problems, path+": x-assumed is not a map")
		}
		for id, sentence := range named {
			text, _ := sentence.(string)
			if text == "" || (sentences[id] != "" && sentences[id] != text) {
				problems = append(problems, path+": "+id+" has no sentence, or not the same one as elsewhere")
			}
			sentences[id] = text
		}
	})
	return sentences, problems
}
