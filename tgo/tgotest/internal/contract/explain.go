package contract

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/yamldoc"
)

// Violation is something that is wrong with a request, or that a server may refuse, and where the contract says so.
type Violation struct {
	Field   string `json:"field"` // empty if no field is to blame
	Message string `json:"message"`
	Place   *Place `json:"contract"`
	Warning bool   `json:"warning"` // the request worked anyway

	// AgainstContract is false if only the state of the workspace is in the way.
	AgainstContract bool `json:"-"`
}

// Place is a place in openapi.yaml.
type Place struct {
	Pointer string `json:"pointer"`
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
}

func placeOf(s *yamldoc.Spot) *Place {
	if s == nil {
		return nil
	}
	return &Place{s.Pointer, s.Line, s.Excerpt()}
}

// Document is openapi.yaml with its line numbers.
var Document = sync.OnceValue(func() *yamldoc.Document { return yamldoc.Parse(openapi.Document) })

// ErrorAnswer is a response in the API's error form.
type ErrorAnswer struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors"`
}

// Refusal is a request that was refused, as far as its explanation needs it.
type Refusal struct {
	// Route is the operation; nil for a path or a method that the contract does not have.
	Route *routers.Route
	// Path is that of the request, with its query.
	Path string
	// ContentType is that of the request.
	ContentType string
	// Value is what the request has for a field of its body or its query, as it is written there; empty if that is not known.
	Value func(field string) string
	// Status and Answer are the status and the body of the response.
	Status int
	Answer []byte
}

// Explain lists everything that the response complains of, each with the place in the contract of the rule that was broken. It
// reads the response, as a client does, and the request if a message belongs to two rules.
func (r Refusal) Explain() []Violation {
	var refused ErrorAnswer
	_ = json.Unmarshal(r.Answer, &refused) // a response without the error form has no messages
	if r.Route == nil {
		return []Violation{{Message: refused.Message, Place: pathPlace(r.Path)}}
	}
	operation := operationSpot(r.Route)
	explained := refusedRequest{r, operation}
	var found []Violation
	for field, messages := range refused.Errors {
		for _, m := range messages {
			rule := explained.rule(field, m)
			at := cmp.Or(rule, explained.response(m))
			found = append(found, Violation{Field: field, Message: m, Place: placeOf(at), AgainstContract: rule != nil})
		}
	}
	slices.SortFunc(found, func(a, b Violation) int { return strings.Compare(a.Field+a.Message, b.Field+b.Message) })
	if len(found) > 0 {
		return found
	}
	at := explained.response(refused.Message)
	if refused.Message == MessageMissingScope {
		at = operation.At("x-required-scopes")
	}
	return []Violation{{Message: refused.Message, Place: placeOf(at)}}
}

// ExplainWarning finds the place in the contract that a warning is about: null in a body, or a bare plus in the query.
func ExplainWarning(route *routers.Route, field, message string) Violation {
	operation := operationSpot(route)
	if null := operation.At("requestBody", "content", "application/json", "schema", "x-assumed", "null-is-absent"); null != nil {
		return Violation{Field: field, Message: message, Place: placeOf(null), Warning: true}
	}
	at := *operation.At("description")
	for i, line := range at.Doc.Lines[at.Line:] {
		if strings.Contains(line, "%2B") {
			at.Line += i + 1
			break
		}
	}
	return Violation{Field: field, Message: message, Place: placeOf(&at), Warning: true}
}

func operationSpot(route *routers.Route) *yamldoc.Spot {
	return Document().Root.At("paths", route.Path, strings.ToLower(route.Method))
}

// pathPlace is where the contract has the path of a request; or all paths, if none is like it.
func pathPlace(escaped string) *Place {
	paths := Document().Root.At("paths")
	escaped, _, _ = strings.Cut(escaped, "?")
	given := strings.Split(escaped, "/")
	for _, path := range paths.Children() {
		parts := strings.Split(BasePath+path.Key(), "/")
		if slices.EqualFunc(given, parts, func(g, p string) bool { return g == p || g != "" && strings.HasPrefix(p, "{") }) {
			return placeOf(path)
		}
	}
	return placeOf(paths)
}

// refusedRequest is a request to an operation of the contract.
type refusedRequest struct {
	Refusal
	operation *yamldoc.Spot
}

// rule is where the contract has the rule that a message about a field is of; nil if it has none: the request was good,
// and the workspace refuses it.
func (r refusedRequest) rule(field, message string) *yamldoc.Spot {
	if SaysProhibits(field, r.others(field)...) == message || SaysRequiredWithout(field, r.others(field)...) == message {
		if rule := r.operation.At("x-exactly-one-of"); rule != nil {
			return rule
		}
	}
	if r.Route.Operation.RequestBody == nil {
		return r.parameterRule(field, message)
	}
	return r.bodyRule(field, message)
}

// others are the query parameters of which one excludes the field.
func (r refusedRequest) others(field string) (names []string) {
	for _, name := range r.operation.At("x-exactly-one-of").Children() {
		if name.Text() != field {
			names = append(names, name.Text())
		}
	}
	return names
}

func (r refusedRequest) parameterRule(field, message string) *yamldoc.Spot {
	for i, parameter := range r.operation.At("parameters").Children() {
		if parameter.At("name").Text() != field {
			continue
		}
		if message == SaysRequired(field) {
			return parameter.At("required")
		}
		schema := schemaSpot{parameter.At("schema"), r.Route.Operation.Parameters[i].Value.Schema.Value}
		return schema.rule(parameter, field, message, r.Value(field))
	}
	return r.operation.At("parameters") // the query as a whole
}

func (r refusedRequest) bodyRule(field, message string) *yamldoc.Spot {
	body := r.operation.At("requestBody")
	content := body.At("content")
	kinds := MediaTypes(r.Route.Operation.RequestBody.Value)
	sent, _, err := mime.ParseMediaType(r.ContentType)
	known := err == nil && slices.Contains(kinds, sent)
	if known { // the body that was sent comes first; a rule that only the other one states applies to it too
		kinds = slices.Insert(slices.DeleteFunc(kinds, func(k string) bool { return k == sent }), 0, sent)
	}
	if field == BodyField {
		switch {
		case message == messageNoBody:
			return body.At("required")
		case !known:
			return content
		case message == messageNoObject:
			return content.At(sent, "schema", "type")
		}
		return content.At(sent)
	}
	for _, kind := range kinds {
		if rule := ruleThatSays(content.At(kind, "schema"), field, message); rule != nil {
			return rule
		}
	}
	for _, kind := range kinds {
		schema := schemaSpot{content.At(kind, "schema"), r.Route.Operation.RequestBody.Value.Content[kind].Schema.Value}
		if message == SaysUnknownField(field) {
			return schema.At("additionalProperties")
		}
		if property, of := schema.field(field); property.Spot != nil {
			switch message {
			case SaysRequired(field):
				return of.At("required")
			case SaysDuplicate(field):
				return of.At("uniqueItems")
			}
			return property.rule(property.Spot, field, message, r.Value(field))
		}
	}
	return content.At(kinds[0], "schema", "additionalProperties") // such as an unknown field that is given twice
}

// ruleThatSays finds the rule below a schema whose x-rule says a message of a field.
func ruleThatSays(s *yamldoc.Spot, field, message string) *yamldoc.Spot {
	s = s.Resolved()
	if s.At("x-rule", field).Text() == message {
		return s
	}
	for _, child := range s.Children() {
		if child.Key() == "properties" || child.Key() == "x-rule" {
			continue
		}
		if found := ruleThatSays(child, field, message); found != nil {
			return found
		}
	}
	return nil
}

// response is where the contract has the response that was given: an example with the same message, where its summary says
// when it comes, or else all of that status.
func (r refusedRequest) response(message string) *yamldoc.Spot {
	all := r.operation.At("responses")
	status := cmp.Or(all.At(strconv.Itoa(r.Status)), all.At(fmt.Sprintf("%dXX", r.Status/100)))
	for _, response := range slices.Insert(all.Children(), 0, status) { // a variant of the fake may say the same with another status
		for _, content := range response.At("content").Children() {
			for _, example := range content.At("examples").Children() {
				if example.At("summary") != nil && example.At("value", "message").Text() == message {
					return example
				}
			}
		}
	}
	return cmp.Or(status.Resolved(), all)
}

// schemaSpot is a schema, and where it stands.
type schemaSpot struct {
	*yamldoc.Spot
	schema *openapi3.Schema
}

// field finds a field such as scopes.0, and what it is in; a zero schemaSpot if there is none.
func (s schemaSpot) field(name string) (field, of schemaSpot) {
	field = s
	for part := range strings.SplitSeq(name, ".") {
		of = field
		if property := of.schema.Properties[part]; property != nil {
			field = schemaSpot{of.At("properties", part), property.Value}
		} else if items := of.schema.Items; items != nil {
			field = schemaSpot{of.At("items"), items.Value}
		} else {
			return schemaSpot{}, s
		}
	}
	return field, of
}

// rule is where a schema has the rule that a message is of: the keyword itself, or given for a field that was there in a way that
// the contract does not mention; nil for what no schema says. value is what the request has for the field.
func (s schemaSpot) rule(given *yamldoc.Spot, field, message, value string) *yamldoc.Spot {
	keyword := func(name string) *yamldoc.Spot {
		if at := s.At(name); at != nil {
			return at
		}
		return given
	}
	switch message {
	case SaysFormat(field):
		return keyword("pattern")
	case SaysNoFile(field):
		return keyword("format")
	case SaysTooFew(field, s.schema):
		return keyword("minItems")
	case SaysType(field, s.schema), SaysNoText(field):
		if _, err := strconv.ParseInt(value, 10, 64); errors.Is(err, strconv.ErrRange) {
			return keyword("format")
		}
		return keyword("type")
	case SaysGivenTwice(field), SaysNotUTF8(field):
		return given
	case SaysInvalid(field):
		return s.At("enum") // or nil: it is the workspace that does not have the value
	}
	if (s.schema.Min != nil || s.schema.Max != nil) && message == SaysRange(field, s.schema) {
		number, err := strconv.ParseFloat(value, 64)
		if s.schema.Min == nil || err == nil && s.schema.Max != nil && number > *s.schema.Max {
			return keyword("maximum")
		}
		return keyword("minimum")
	}
	return nil
}
