// Package sparse makes the responses of a fake as sparse as openapi.yaml allows, to test that generated clients can read them.
package sparse

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// Proxy returns a server in front of the fake at base, such as http://127.0.0.1:8080/api/v1. It changes successful responses: 201
// becomes 202, nullable fields become null, and optional fields are removed.
func Proxy(base string) (http.Handler, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		return nil, err
	}
	fake, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	root := fake.Path
	fake.Path = ""
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(fake) },
		ModifyResponse: func(r *http.Response) error {
			path, isAPI := strings.CutPrefix(r.Request.URL.Path, root)
			if item := doc.Paths.Find(path); isAPI && item != nil {
				return thin(r, item.GetOperation(r.Request.Method))
			}
			return nil
		},
	}, nil
}

// thin removes what is optional from a response to op.
func thin(r *http.Response, op *openapi3.Operation) error {
	if op == nil || r.StatusCode != http.StatusOK && r.StatusCode != http.StatusCreated {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	_ = r.Body.Close()
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var answer any
	if err := d.Decode(&answer); err != nil {
		return err
	}
	schema := op.Responses.Status(r.StatusCode).Value.Content.Get("application/json").Schema.Value
	if body, err = json.Marshal(without(schema, answer)); err != nil {
		return err
	}
	if r.StatusCode == http.StatusCreated {
		r.StatusCode, r.Status = http.StatusAccepted, "202 Accepted"
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return nil
}

// without returns a value of this schema without its optional parts.
func without(schema *openapi3.Schema, v any) any {
	if schema.Nullable {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for name, property := range schema.Properties {
			inner, ok := v[name]
			switch {
			case !ok:
			case slices.Contains(schema.Required, name):
				v[name] = without(property.Value, inner)
			default:
				delete(v, name)
			}
		}
	case []any:
		for i := range v {
			v[i] = without(schema.Items.Value, v[i])
		}
	}
	return v
}
