package tgotest

import (
	"cmp"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// documentedItems lists all that there is to cover, in the order of operations, media types and statuses.
var documentedItems = sync.OnceValue(func() []CoverageItem {
	routes, err := contract.Routes()
	if err != nil {
		return nil // Start has reported it
	}
	var list []CoverageItem
	for id, route := range routes {
		types := []string{""}
		if body := route.Operation.RequestBody; body != nil {
			types = contract.MediaTypes(body.Value)
			for _, t := range types {
				list = append(list, fieldItems(CoverageItem{Operation: id, MediaType: t}, body.Value.Content[t].Schema.Value)...)
			}
		}
		for _, t := range types {
			for status := range route.Operation.Responses.Map() {
				list = append(list, CoverageItem{Operation: id, MediaType: t, Status: status})
			}
		}
		for _, p := range route.Operation.Parameters {
			i := CoverageItem{Operation: id, MediaType: p.Value.In, Field: p.Value.Name}
			list = append(append(list, i), enumItems(i, p.Value.Schema.Value)...)
		}
	}
	slices.SortFunc(list, func(a, b CoverageItem) int { return cmp.Compare(a.String(), b.String()) })
	return list
})

func fieldItems(of CoverageItem, schema *openapi3.Schema) []CoverageItem {
	var list []CoverageItem
	for name, property := range schema.Properties {
		i := of
		i.Field = name
		list = append(append(list, i), enumItems(i, property.Value)...)
	}
	return list
}

func enumItems(of CoverageItem, schema *openapi3.Schema) []CoverageItem {
	var list []CoverageItem
	if schema.Items != nil {
		schema = schema.Items.Value
	}
	for _, v := range schema.Enum {
		of.Value = fmt.Sprint(v)
		list = append(list, of)
	}
	return list
}

// maxStrays bounds what is remembered of requests that the contract does not have: there is no end of them.
const maxStrays = 200

// see counts. The caller holds the lock.
func (c *Coverage) see(i CoverageItem, documented bool) {
	if !documented && c.counts[i] == 0 {
		if c.strays >= maxStrays {
			i = CoverageItem{Operation: "(others)"}
		}
		c.strays++
	}
	c.counts[i]++
}

// isSuccess reports whether a response says that the request was executed. A page does not: a login form has status 200.
func isSuccess(status int, header http.Header) bool {
	return status/100 == 2 && !strings.HasPrefix(header.Get("Content-Type"), "text/html")
}

// answered counts a combination.
func (c *Coverage) answered(route *routers.Route, r *http.Request, status int, header http.Header) {
	i := CoverageItem{Operation: r.Method, Status: strconv.Itoa(status)}
	documented := false
	if route != nil {
		i.Operation = route.Operation.OperationID
		documented = true
		if body := route.Operation.RequestBody; body != nil || r.ContentLength != 0 {
			i.MediaType = r.Header.Get("Content-Type")
			if i.MediaType != "application/json" { // the usual one
				i.MediaType, _, _ = mime.ParseMediaType(i.MediaType)
			}
			documented = body != nil && body.Value.Content[i.MediaType] != nil
		}
		responses := route.Operation.Responses
		if status/100 == 2 && !isSuccess(status, header) {
			i.Status, documented = i.Status+" text/html", false
		} else if responses.Value(i.Status) == nil {
			i.Status = i.Status[:1] + "XX"
			if responses.Value(i.Status) == nil {
				i.Status, documented = strconv.Itoa(status), false
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.see(i, documented)
}

// accepted counts the parameters and fields of a request that succeeded.
func (c *Coverage) accepted(route *routers.Route, query url.Values, form map[string]string, media bool, values map[string]any) {
	op := route.Operation
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range op.Parameters {
		i := CoverageItem{Operation: op.OperationID, MediaType: p.Value.In, Field: p.Value.Name}
		if p.Value.In == openapi3.ParameterInPath || query.Has(p.Value.Name) {
			c.seeField(i, p.Value.Schema.Value, query.Get(p.Value.Name))
		}
	}
	for name := range query {
		if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			c.see(CoverageItem{Operation: op.OperationID, MediaType: openapi3.ParameterInQuery, Field: name}, false)
		}
	}
	if op.RequestBody == nil {
		return
	}
	mediaType := "application/json"
	if form != nil || media {
		mediaType = "multipart/form-data"
		values = map[string]any{}
		for name, value := range form {
			values[name] = value
		}
		if media {
			values[contract.MediaField] = nil
		}
	}
	content := op.RequestBody.Value.Content[mediaType]
	if content == nil {
		return
	}
	for name, value := range values {
		i := CoverageItem{Operation: op.OperationID, MediaType: mediaType, Field: name}
		property := content.Schema.Value.Properties[name]
		if property == nil {
			c.see(i, false)
			continue
		}
		c.seeField(i, property.Value, value)
	}
}

// seeField counts a field, and its value if that is one of an enum. The caller holds the lock.
func (c *Coverage) seeField(i CoverageItem, schema *openapi3.Schema, value any) {
	c.see(i, true)
	values := []any{value}
	if list, ok := value.([]any); ok && schema.Items != nil {
		values, schema = list, schema.Items.Value
	}
	for _, v := range values {
		if len(schema.Enum) > 0 {
			i.Value = fmt.Sprint(v)
			c.see(i, slices.Contains(schema.Enum, v))
		}
	}
}

// statusWriter notes the status of a response.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap allows http.ResponseController to reach the writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// count wraps a handler. A connection that was cut had no response to count.
func (c *Coverage) count(route *routers.Route, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		counted := &statusWriter{ResponseWriter: w}
		next(counted, r)
		c.answered(route, r, cmp.Or(counted.status, http.StatusOK), w.Header())
	}
}
