package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// ChangedAnswer is an example response of the document with one change.
type ChangedAnswer struct {
	What string
	Body []byte
	Bad  bool // it breaks the contract; otherwise clients must be able to read it
	// DocumentCannot says why the document, or its validator, decides otherwise.
	DocumentCannot string
}

// changes returns an example with each of its values changed, in ways that its schema allows and in ways that it forbids.
func (g *generator) changes(schema *openapi3.Schema, value any) []ChangedAnswer {
	list := []ChangedAnswer{{What: "as it is", Body: ToJSON(g.t, value)}}
	g.changeAt("", schema, value, func(what string, bad bool, v json.RawMessage) {
		list = append(list, ChangedAnswer{What: what, Body: v, Bad: bad})
	})
	return list
}

// changeAt changes the value at a path and everything in it.
func (g *generator) changeAt(path string, schema *openapi3.Schema, value any, add func(what string, bad bool, v json.RawMessage)) {
	bad := g.breaks(schema)
	if schema.Format == "int64" {
		// In JSON Schema 2020-12 a format is only an annotation, and where kin-openapi validates it, it overflows.
		delete(bad, "format")
	}
	if schema.Format == "date-time" {
		bad["format"] = append(bad["format"], `"yesterday"`, `"2025-01-10"`, `"2025-01-10 08:00:00"`, `""`)
	}
	for _, keyword := range slices.Sorted(maps.Keys(bad)) {
		for _, v := range bad[keyword] {
			add(path+": "+keyword, true, json.RawMessage(v))
		}
	}
	if schema.Nullable {
		add(path+": null", false, Null)
	}
	switch value := value.(type) {
	case map[string]any:
		with := func(name string, v json.RawMessage) json.RawMessage {
			m := map[string]any{}
			maps.Copy(m, value)
			m[name] = v
			if v == nil {
				delete(m, name)
			}
			return ToJSON(g.t, m)
		}
		if schema.AdditionalProperties.Schema == nil {
			add(path+": one more", false, with("x"+g.text(), ToJSON(g.t, g.text())))
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			add(path+"/"+name+": absent", slices.Contains(schema.Required, name), with(name, nil))
			property := schema.AdditionalProperties.Schema
			if p := schema.Properties[name]; p != nil {
				property = p
			}
			if property != nil {
				g.changeAt(path+"/"+name, property.Value, value[name], func(what string, bad bool, v json.RawMessage) { add(what, bad, with(name, v)) })
			}
		}
	case []any:
		for i := range value {
			g.changeAt(path+"/"+strconv.Itoa(i), schema.Items.Value, value[i], func(what string, bad bool, v json.RawMessage) {
				l := slices.Clone(value)
				l[i] = v
				add(what, bad, ToJSON(g.t, l))
			})
		}
	}
}

// EachChangedAnswer calls visit with each changed response to an operation, and with a request, status and content type for it.
func EachChangedAnswer(t testing.TB, seed uint64, op Operation, visit func(c ChangedAnswer, r *http.Request, status int, contentType string)) {
	t.Helper()
	g := newGenerator(t, seed)
	r := ExampleRequests(t, op)[0].HTTP(t, "http://tenant"+BasePath, "tgo_key")
	_, success := op.SuccessExamples(t)
	for _, status := range slices.Sorted(maps.Keys(op.ByStatus())) {
		code, err := strconv.Atoi(strings.ReplaceAll(status, "XX", "02"))
		if err != nil {
			t.Fatal(err)
		}
		content := op.ByStatus()[status].Content
		for _, mediaType := range slices.Sorted(maps.Keys(content)) {
			examples := ExamplesOf(content[mediaType])
			if status == "2XX" {
				examples = success
			}
			for _, e := range examples {
				if mediaType != JSONType {
					visit(ChangedAnswer{
						What: op.OperationID + " " + status + " " + e.Name, Body: []byte(fmt.Sprint(e.Value)),
						DocumentCannot: "kin-openapi does not decode HTML",
					}, r, code, mediaType)
					continue
				}
				for _, c := range g.changes(content[mediaType].Schema.Value, e.Value) {
					c.What = fmt.Sprintf("%s %d %s%s", op.OperationID, code, e.Name, c.What)
					visit(c, r, code, JSONType)
				}
				visit(ChangedAnswer{What: op.OperationID + " of another type", Body: e.JSON(t), Bad: true}, r, code, "text/plain")
				visit(ChangedAnswer{What: op.OperationID + " of an undeclared status", Body: e.JSON(t), Bad: true}, r, http.StatusTeapot, JSONType)
				visit(ChangedAnswer{What: op.OperationID + " cut short", Body: e.JSON(t)[:1], Bad: true}, r, code, JSONType)
				visit(ChangedAnswer{What: op.OperationID + " empty", Bad: true}, r, code, JSONType)
			}
		}
	}
}
