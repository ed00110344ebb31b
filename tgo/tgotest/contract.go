package tgotest

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	openapi "github.com/tgo-business/tgo-go"
)

const basePath = "/api/v1"

// loadContract parses the contract once per process.
var loadContract = sync.OnceValues(func() (map[string]*routers.Route, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, fmt.Errorf("tgotest: the contract cannot be loaded: %w", err)
	}
	routes := map[string]*routers.Route{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			op.Security = openapi3.NewSecurityRequirements() // the server sees to the key before it validates
			routes[op.OperationID] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
		}
	}
	return routes, nil
})

// requiredScopes are those that the contract names for an operation.
func requiredScopes(op *openapi3.Operation) []string {
	var scopes []string
	list, _ := op.Extensions["x-required-scopes"].([]any)
	for _, s := range list {
		scopes = append(scopes, fmt.Sprint(s))
	}
	return scopes
}

// statusWords are those that the contract has for a state of a sender number, status or verification_status.
func statusWords(field string) []any {
	routes, err := loadContract()
	if err != nil {
		return nil // who started a fake knows
	}
	words, _ := schemaOf(routes, "SenderNumber").Properties[field].Value.Extensions["x-extensible-enum"].([]any)
	return words
}

// scopeWords are the scopes that the contract has.
func scopeWords() []any {
	routes, err := loadContract()
	if err != nil {
		return nil // who started a fake knows
	}
	return schemaOf(routes, "Scope").Enum
}

func schemaOf(routes map[string]*routers.Route, name string) *openapi3.Schema {
	return routes["listSenderNumbers"].Spec.Components.Schemas[name].Value
}

// problems are what is wrong with a request, by field.
type problems map[string][]string

func (p problems) add(field, message string) {
	if !slices.Contains(p[field], message) {
		p[field] = append(p[field], message)
	}
}

func (p problems) addAll(others problems) {
	for field, messages := range others {
		for _, m := range messages {
			p.add(field, m)
		}
	}
}

// body is the field under which problems of the body as a whole are told.
const bodyField = "body"

const (
	messageNoBody   = "The body is missing."
	messageNoObject = "The body must be a JSON object."
)

// failFast makes the validator stop at the first problem. That spares it the errors of the branches that do not apply, as
// those of a not; most requests and answers have no problem at all. Those that have one are validated again without it.
var failFast = []openapi3.SchemaValidationOption{openapi3.FailFast()}

// validateRequest returns all that the validator has against a request.
func validateRequest(r *http.Request, route *routers.Route, pathParams map[string]string, withBody bool) error {
	input := &openapi3filter.RequestValidationInput{
		Request:    r,
		Route:      route,
		PathParams: pathParams,
		Options: &openapi3filter.Options{
			SkipSettingDefaults:     true,
			ExcludeRequestBody:      !withBody,
			SchemaValidationOptions: failFast,
		},
	}
	if openapi3filter.ValidateRequest(r.Context(), input) == nil {
		return nil
	}
	input.Options.SchemaValidationOptions = nil
	input.Options.MultiError = true
	return openapi3filter.ValidateRequest(r.Context(), input)
}

// checkRequest holds a request against the contract. A multipart body has been read already and comes as form, a JSON object
// as values.
func checkRequest(r *http.Request, route *routers.Route, pathParams map[string]string, form *form, values map[string]any) problems {
	found := problems{}
	found.explain("", validateRequest(r, route, pathParams, form == nil && values == nil))
	switch {
	case form != nil:
		schema := route.Operation.RequestBody.Value.Content["multipart/form-data"].Schema.Value
		found.explain("", schema.VisitJSON(form.values(schema), openapi3.MultiErrors(), openapi3.VisitAsRequest()))
		found.addAll(form.problems)
	case values != nil:
		found.addAll(checkObject(route.Operation.RequestBody.Value.Content, values))
	}
	if names, ok := route.Operation.Extensions["x-exactly-one-of"].([]any); ok {
		found.exactlyOneOf(r, names)
	}
	return found
}

// checkObject holds a JSON object against the contract. What is wrong with it is said in the words for the form, where the
// operation takes one too: to Laravel both are the same fields with the same rules, so that a type of message that JSON
// cannot carry lacks its media, and is no wrong type.
func checkObject(content openapi3.Content, values map[string]any) problems {
	found := problems{}
	schema := content["application/json"].Schema.Value
	err := schema.VisitJSON(values, openapi3.MultiErrors(), openapi3.VisitAsRequest())
	if err == nil {
		return found
	}
	if form := content["multipart/form-data"]; form != nil {
		same := *form.Schema.Value
		same.Properties = openapi3.Schemas{}
		values = maps.Clone(values)
		for name, property := range form.Schema.Value.Properties {
			_, given := values[name]
			isFile := property.Value.Format == "binary"
			if isFile && given {
				found.add(name, saysNoFile(name))
				values[name] = "" // as in a form
			}
			if isFile || schema.Properties[name] != nil {
				same.Properties[name] = property
			}
		}
		found.explain("", same.VisitJSON(values, openapi3.MultiErrors(), openapi3.VisitAsRequest()))
	}
	if len(found) == 0 {
		found.explain("", err)
	}
	return found
}

// exactlyOneOf checks query parameters of which exactly one must be there; OpenAPI has no words for that.
func (p problems) exactlyOneOf(r *http.Request, names []any) {
	var all, given []string
	query := r.URL.Query()
	for _, name := range names {
		all = append(all, fmt.Sprint(name))
		if query.Has(fmt.Sprint(name)) {
			given = append(given, fmt.Sprint(name))
		}
	}
	if len(given) == 1 {
		return
	}
	says := saysProhibits
	if len(given) == 0 {
		says, given = saysRequiredWithout, all
	}
	for _, name := range given {
		p.add(name, says(name, slices.DeleteFunc(slices.Clone(given), func(other string) bool { return other == name })...))
	}
}

// explain turns the validator's errors into a message for each field, in words for the sender of the request. The
// validator's own texts hold the values.
func (p problems) explain(field string, err error) {
	var unread *openapi3filter.ParseError
	switch e := err.(type) { //nolint:errorlint // a tree is walked, each node by its own type
	case nil:
	case openapi3.MultiError:
		for _, one := range e {
			p.explain(field, one)
		}
	case *openapi3filter.RequestError:
		switch {
		case e.Parameter != nil && errors.Is(e.Err, openapi3filter.ErrInvalidRequired):
			p.add(e.Parameter.Name, saysRequired(e.Parameter.Name))
		case e.Parameter != nil && errors.As(e.Err, &unread):
			p.add(e.Parameter.Name, saysType(e.Parameter.Name, e.Parameter.Schema.Value))
		case e.Parameter != nil && e.Err != nil:
			p.explain(e.Parameter.Name, e.Err)
		case e.Parameter != nil:
			p.add(e.Parameter.Name, saysInvalid(e.Parameter.Name))
		case errors.Is(e.Err, openapi3filter.ErrInvalidRequired):
			p.add(bodyField, messageNoBody)
		case e.Err == nil:
			p.add(bodyField, "The Content-Type must be one of "+strings.Join(mediaTypes(e.RequestBody), ", ")+".")
		default:
			p.explain(field, e.Err)
		}
	case *openapi3filter.ParseError: // of the body
		p.add(bodyField, "The body is not well formed.")
	case *openapi3.SchemaError:
		p.explainSchema(field, e)
	default:
		if field == "" {
			field = bodyField
		}
		p.add(field, saysInvalid(field))
	}
}

func mediaTypes(body *openapi3.RequestBody) []string {
	var types []string
	for t := range body.Content {
		types = append(types, t)
	}
	slices.Sort(types)
	return types
}

func (p problems) explainSchema(field string, e *openapi3.SchemaError) {
	if path := e.JSONPointer(); len(path) > 0 {
		field = strings.Join(path, ".")
	}
	s := e.Schema
	object, isObject := e.Value.(map[string]any)
	switch {
	case e.SchemaField == "properties" && isObject: // additionalProperties: false; the validator does not say which
		for name := range object {
			if s.Properties[name] == nil {
				p.add(name, saysUnknownField(name))
			}
		}
		return
	case e.SchemaField == "not":
		// The validator stops at a not; the rest of the schema has its say too.
		rest := *s
		rest.Not = nil
		p.explain(field, rest.VisitJSON(e.Value, openapi3.MultiErrors(), openapi3.VisitAsRequest()))
		if isObject {
			p.explainRules(e, object)
		}
		return
	}
	if field == "" {
		p.add(bodyField, messageNoObject)
		return
	}
	message := saysInvalid(field)
	switch e.SchemaField {
	case "required":
		message = saysRequired(field)
	case "type", "nullable":
		message = saysType(field, s)
	case "format":
		switch {
		case s.Format == "int32" && s.Max != nil:
			return // that it is too large is said of the maximum
		case s.Type.Is("integer"): // larger than PHP's integers too
			message = saysType(field, s)
		}
	case "minimum", "maximum":
		message = saysRange(field, s)
	case "pattern":
		message = saysFormat(field)
		if text, ok := e.Value.(string); ok && isBlank(text) {
			message = saysRequired(field)
		}
	case "minItems":
		message = saysTooFew(field, s)
	case "uniqueItems":
		p.duplicates(field, e.Value)
		return
	}
	p.add(field, message)
}

// duplicates names each item of a list that is in it more than once.
func (p problems) duplicates(field string, list any) {
	items, _ := list.([]any)
	for i, item := range items {
		for j, other := range items {
			if i != j && reflect.DeepEqual(item, other) {
				p.add(field+"."+strconv.Itoa(i), saysDuplicate(field+"."+strconv.Itoa(i)))
			}
		}
	}
}

// rulesBetweenFields are the rules of a body that are about more than one field, from under its not.
func rulesBetweenFields(schema *openapi3.Schema) openapi3.SchemaRefs {
	if schema.Not == nil || schema.Not.Value.Not == nil {
		return nil
	}
	return schema.Not.Value.Not.Value.AllOf
}

// explainRules says which rules between its fields a body breaks, in the words that the contract has for them. A null is not
// there, as the same rules of Laravel see it; for prohibits that holds in those versions that look at the other field's value.
func (p problems) explainRules(e *openapi3.SchemaError, object map[string]any) {
	object = maps.Clone(object)
	maps.DeleteFunc(object, func(_ string, v any) bool { return v == nil })
	for _, rule := range rulesBetweenFields(e.Schema) {
		says, ok := rule.Value.Extensions["x-rule"].(map[string]any)
		if !ok || rule.Value.VisitJSON(object) == nil {
			continue
		}
		missing := rule.Value.Not.Value.Not // what a body must have that the rule is about
		for field, sentence := range says {
			asks := missing != nil && slices.Contains(missing.Value.Required, field)
			if asks && p[field] != nil {
				continue // it is there, and wrong
			}
			p.add(field, fmt.Sprint(sentence))
		}
	}
}

// goodBody reports whether the JSON of a request to an operation without parameters is plainly good: then the validator,
// which takes twice the time, need not look at the rest of the request.
func goodBody(route *routers.Route, contentType string, values map[string]any) bool {
	if values == nil || len(route.Operation.Parameters) > 0 || contentType != "application/json" {
		return false
	}
	schema := route.Operation.RequestBody.Value.Content[contentType].Schema.Value
	return schema.VisitJSON(values, openapi3.VisitAsRequest(), openapi3.FailFast()) == nil
}

// goodAnswer reports whether an answer, JSON with nothing declared of its headers, is plainly good.
func goodAnswer(route *routers.Route, status int, header http.Header, body []byte) bool {
	response := route.Operation.Responses.Status(status)
	if response == nil || len(response.Value.Headers) > 0 || header.Get("Content-Type") != "application/json" {
		return false
	}
	content := response.Value.Content["application/json"]
	var value any
	return content != nil && json.Unmarshal(body, &value) == nil &&
		content.Schema.Value.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.FailFast()) == nil
}

// checkResponse holds an answer of the fake itself against the contract.
func checkResponse(r *http.Request, route *routers.Route, status int, header http.Header, body []byte) error {
	if goodAnswer(route, status, header, body) {
		return nil
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: route},
		Status:                 status,
		Header:                 header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, SchemaValidationOptions: failFast},
	}
	input.SetBodyBytes(body)
	if openapi3filter.ValidateResponse(r.Context(), input) == nil {
		return nil
	}
	input.Options.SchemaValidationOptions = nil
	input.Options.MultiError = true
	return openapi3filter.ValidateResponse(r.Context(), input)
}
