package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/tgo-business/tgo-go/contract_test/server/api"
)

var (
	errNoKey   = errors.New("no such key")
	errNoScope = errors.New("the key lacks the scope")
)

// maxBody is the largest allowed request. The validator reads the whole request into memory, and runtime.BindMultipart would leave
// larger files in a temporary folder.
const maxBody = 32 << 20

// validated passes on the requests that the document allows, and refuses the others with the document's errors. It is plain
// net/http, so it works in front of any framework. scopes returns the scopes of a key, and whether the key exists.
func validated(doc *openapi3.T, scopes func(key string) ([]string, bool), next http.Handler) (http.Handler, error) {
	doc.Servers = openapi3.Servers{{URL: basePath}}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		return nil, err
	}
	options := &openapi3filter.Options{
		MultiError: true, // report all errors, not only the first
		AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
			has, ok := scopes(in.RequestValidationInput.Request.Header.Get(in.SecurityScheme.Name))
			if !ok {
				return errNoKey
			}
			needs, _ := in.RequestValidationInput.Route.Operation.Extensions["x-required-scopes"].([]any)
			for _, scope := range needs {
				if !slices.Contains(has, "*") && !slices.Contains(has, fmt.Sprint(scope)) {
					return errNoScope
				}
			}
			return nil
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route, params, err := router.FindRoute(r)
		if err != nil {
			refuse(w, http.StatusNotFound, api.Error{Message: "Not found."})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
			Request: r, PathParams: params, Route: route, Options: options,
		})
		wrong := problems{}
		wrong.collect("body", err)
		wrong.exactlyOneOf(r, route)
		switch {
		case errors.Is(err, errNoKey):
			refuse(w, http.StatusUnauthorized, api.Error{Message: "Unauthenticated."})
		case errors.Is(err, errNoScope):
			refuse(w, http.StatusForbidden, api.Error{Message: "This API key does not have the required scope."})
		case len(wrong) > 0 && route.Operation.Responses.Value("422") == nil: // only its path can be wrong
			refuse(w, http.StatusNotFound, api.Error{Message: "Not found."})
		case len(wrong) > 0:
			errors := map[string][]string(wrong)
			refuse(w, http.StatusUnprocessableEntity, api.Error{Message: "The given data was invalid.", Errors: &errors})
		default:
			// The generated code compares the content type case-sensitively.
			if mediaType, params, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err == nil {
				r.Header.Set("Content-Type", mime.FormatMediaType(mediaType, params))
			}
			next.ServeHTTP(w, r)
		}
	}), nil
}

// unreadable refuses a request that the validator accepts but the generated code cannot read, such as a parameter given twice.
func unreadable(w http.ResponseWriter, _ *http.Request, err error) {
	refuse(w, http.StatusUnprocessableEntity, api.Error{Message: err.Error()})
}

// failed sends the response if the handler returns an error.
func failed(w http.ResponseWriter, _ *http.Request, err error) {
	log.Print(err)
	refuse(w, http.StatusInternalServerError, api.Error{Message: "Server Error"})
}

func refuse(w http.ResponseWriter, status int, e api.Error) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(e) // fails only if the client has disconnected
}

// problems are the errors of a request: sentences for each field.
type problems map[string][]string

func (p problems) add(field, sentence string) {
	if !slices.Contains(p[field], sentence) {
		p[field] = append(p[field], sentence)
	}
}

// collect assigns the errors of the validator to fields.
func (p problems) collect(field string, err error) {
	switch e := err.(type) { //nolint:errorlint // it walks a tree, and each node has its own type
	case nil:
	case openapi3.MultiError:
		for _, one := range e {
			p.collect(field, one)
		}
	case *openapi3filter.RequestError:
		if e.Parameter != nil {
			field = e.Parameter.Name
		}
		if e.Err == nil {
			p.add(field, e.Reason)
		}
		p.collect(field, e.Err)
	case *openapi3.SchemaError:
		if path := e.JSONPointer(); len(path) > 0 {
			field = strings.Join(path, ".")
		}
		object, _ := e.Value.(map[string]any)
		switch e.SchemaField {
		case "not":
			p.rules(field, e)
		case "properties":
			for name := range object {
				if e.Schema.Properties[name] == nil {
					p.add(name, "The field is unknown.")
				}
			}
		default:
			p.add(field, e.Reason)
		}
	case *openapi3filter.ParseError:
		if path := e.Path(); len(path) > 0 {
			field = fmt.Sprint(path[0])
		}
		p.add(field, e.Error())
	default:
		p.add(field, err.Error())
	}
}

// rules adds the rules between fields that a body breaks, with the sentences in the document. The validator stops at these rules, so
// the body is validated again without them to find the other errors.
func (p problems) rules(field string, e *openapi3.SchemaError) {
	for _, rule := range e.Schema.Not.Value.Not.Value.AllOf {
		if says, _ := rule.Value.Extensions["x-rule"].(map[string]any); rule.Value.VisitJSON(e.Value) != nil {
			for name, sentence := range says {
				p.add(name, fmt.Sprint(sentence))
			}
		}
	}
	rest := *e.Schema
	rest.Not = nil
	p.collect(field, rest.VisitJSON(e.Value, openapi3.MultiErrors()))
}

// exactlyOneOf adds the rule between query parameters, for which OpenAPI has no keyword.
func (p problems) exactlyOneOf(r *http.Request, route *routers.Route) {
	names, _ := route.Operation.Extensions["x-exactly-one-of"].([]any)
	given := slices.DeleteFunc(slices.Clone(names), func(name any) bool { return !r.URL.Query().Has(fmt.Sprint(name)) })
	if len(names) > 0 && len(given) != 1 {
		for _, name := range names {
			p.add(fmt.Sprint(name), fmt.Sprintf("Exactly one of %v must be given.", names))
		}
	}
}
