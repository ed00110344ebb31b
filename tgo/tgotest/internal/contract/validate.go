package contract

import (
	"encoding/json"
	"maps"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// failFast makes the validator stop at the first problem. That spares it the errors of the branches that do not apply, as
// those of a not; most requests and responses have no problem at all. Those that have one are validated again without it.
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

// CheckRequest validates a request with the contract. A multipart body has been read already and comes as form, a JSON object
// as values.
func CheckRequest(r *http.Request, route *routers.Route, pathParams map[string]string, form *Form, values map[string]any) Problems {
	found := Problems{}
	found.explain("", validateRequest(r, route, pathParams, form == nil && values == nil))
	switch {
	case form != nil:
		schema := route.Operation.RequestBody.Value.Content["multipart/form-data"].Schema.Value
		found.explain("", schema.VisitJSON(form.values(schema), openapi3.MultiErrors(), openapi3.VisitAsRequest()))
		found.AddAll(form.Problems)
	case values != nil:
		found.AddAll(checkObject(route.Operation.RequestBody.Value.Content, values))
	}
	if names, ok := route.Operation.Extensions["x-exactly-one-of"].([]any); ok {
		found.exactlyOneOf(r, names)
	}
	return found
}

// checkObject validates a JSON object with the contract. If the operation takes a form too, the messages are those for the
// form: to Laravel both are the same fields with the same rules, so a type of message that JSON cannot carry lacks its media, and is
// not a wrong type.
func checkObject(content openapi3.Content, values map[string]any) Problems {
	found := Problems{}
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
				found.Add(name, SaysNoFile(name))
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

// IsGoodBody reports whether the JSON of a request to an operation without parameters is valid: then the validator,
// which takes twice the time, need not check the rest of the request.
func IsGoodBody(route *routers.Route, contentType string, values map[string]any) bool {
	if values == nil || len(route.Operation.Parameters) > 0 || contentType != "application/json" {
		return false
	}
	schema := route.Operation.RequestBody.Value.Content[contentType].Schema.Value
	return schema.VisitJSON(values, openapi3.VisitAsRequest(), openapi3.FailFast()) == nil
}

// goodAnswer reports whether a response, JSON with nothing declared of its headers, is valid.
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

// CheckResponse validates a response of the fake itself with the contract.
func CheckResponse(r *http.Request, route *routers.Route, status int, header http.Header, body []byte) error {
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
