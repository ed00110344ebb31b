package contract

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Problems are what is wrong with a request, by field.
type Problems map[string][]string

// Add adds a message about a field, once.
func (p Problems) Add(field, message string) {
	if !slices.Contains(p[field], message) {
		p[field] = append(p[field], message)
	}
}

// AddAll adds all of the others.
func (p Problems) AddAll(others Problems) {
	for field, messages := range others {
		for _, m := range messages {
			p.Add(field, m)
		}
	}
}

// BodyField and QueryField are the names under which problems of the body and of the query as a whole are reported.
const (
	BodyField  = "body"
	QueryField = "query"
)

const (
	messageNoBody   = "The body is missing."
	messageNoObject = "The body must be a JSON object."
)

// exactlyOneOf checks query parameters of which exactly one must be there; OpenAPI has no words for that.
func (p Problems) exactlyOneOf(r *http.Request, names []any) {
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
	says := SaysProhibits
	if len(given) == 0 {
		says, given = SaysRequiredWithout, all
	}
	for _, name := range given {
		p.Add(name, says(name, slices.DeleteFunc(slices.Clone(given), func(other string) bool { return other == name })...))
	}
}

// explain turns the validator's errors into a message for each field, in words for the sender of the request. The
// validator's own texts contain the values.
func (p Problems) explain(field string, err error) {
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
			p.Add(e.Parameter.Name, SaysRequired(e.Parameter.Name))
		case e.Parameter != nil && errors.As(e.Err, &unread):
			p.Add(e.Parameter.Name, SaysType(e.Parameter.Name, e.Parameter.Schema.Value))
		case e.Parameter != nil && e.Err != nil:
			p.explain(e.Parameter.Name, e.Err)
		case e.Parameter != nil:
			p.Add(e.Parameter.Name, SaysInvalid(e.Parameter.Name))
		case errors.Is(e.Err, openapi3filter.ErrInvalidRequired):
			p.Add(BodyField, messageNoBody)
		case e.Err == nil:
			p.Add(BodyField, "The Content-Type must be one of "+strings.Join(MediaTypes(e.RequestBody), ", ")+".")
		default:
			p.explain(field, e.Err)
		}
	case *openapi3filter.ParseError: // of the body
		p.Add(BodyField, "The body is not well formed.")
	case *openapi3.SchemaError:
		p.explainSchema(field, e)
	default:
		if field == "" {
			field = BodyField
		}
		p.Add(field, SaysInvalid(field))
	}
}

func (p Problems) explainSchema(field string, e *openapi3.SchemaError) {
	if path := e.JSONPointer(); len(path) > 0 {
		field = strings.Join(path, ".")
	}
	s := e.Schema
	object, isObject := e.Value.(map[string]any)
	switch {
	case e.SchemaField == "properties" && isObject: // additionalProperties: false; the validator does not say which
		for name := range object {
			if s.Properties[name] == nil {
				p.Add(name, SaysUnknownField(name))
			}
		}
		return
	case e.SchemaField == "not":
		// The validator stops at a not; the rest of the schema is checked too.
		rest := *s
		rest.Not = nil
		p.explain(field, rest.VisitJSON(e.Value, openapi3.MultiErrors(), openapi3.VisitAsRequest()))
		if isObject {
			p.explainRules(e, object)
		}
		return
	}
	if field == "" {
		p.Add(BodyField, messageNoObject)
		return
	}
	message := SaysInvalid(field)
	switch e.SchemaField {
	case "required":
		message = SaysRequired(field)
	case "type", "nullable":
		message = SaysType(field, s)
	case "format":
		switch {
		case s.Format == "int32" && s.Max != nil:
			return // the maximum says that it is too large
		case s.Type.Is("integer"): // larger than PHP's integers too
			message = SaysType(field, s)
		}
	case "minimum", "maximum":
		message = SaysRange(field, s)
	case "pattern":
		message = SaysFormat(field)
		if text, ok := e.Value.(string); ok && IsBlank(text) {
			message = SaysRequired(field)
		}
	case "minItems":
		message = SaysTooFew(field, s)
	case "uniqueItems":
		p.duplicates(field, e.Value)
		return
	}
	p.Add(field, message)
}

// duplicates names each item of a list that is in it more than once.
func (p Problems) duplicates(field string, list any) {
	items, _ := list.([]any)
	for i, item := range items {
		for j, other := range items {
			if i != j && reflect.DeepEqual(item, other) {
				p.Add(field+"."+strconv.Itoa(i), SaysDuplicate(field+"."+strconv.Itoa(i)))
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

// explainRules says which rules between its fields a body breaks, in the contract's words. A null is not
// there, as the same rules of Laravel see it; for prohibits that is so in those versions that read the other field's value.
func (p Problems) explainRules(e *openapi3.SchemaError, object map[string]any) {
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
			p.Add(field, fmt.Sprint(sentence))
		}
	}
}
