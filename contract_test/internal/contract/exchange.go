package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"testing"
)

// Exchange is a request and the response to it.
type Exchange struct {
	Operation   string // operationId; empty if the document has no such operation
	Method      string
	Target      string // below the base URL, with the query
	Query       url.Values
	ContentType string
	RequestBody []byte
	Status      int
	Header      http.Header
	Body        []byte
}

// JSON decodes the body of the response as DecodeJSON does.
func (x Exchange) JSON() any { return DecodeJSON(x.Body) }

// Succeeded reports whether the request was for this operation and the response has a 2xx status.
func (x Exchange) Succeeded(op string) bool { return x.Operation == op && x.Status/100 == 2 }

// RequestFields returns the fields of the request that are text: from its query, and from its body, JSON or a form.
func (x Exchange) RequestFields() map[string]string {
	fields := map[string]string{}
	for name := range x.Query {
		fields[name] = x.Query.Get(name)
	}
	mediaType, params, _ := mime.ParseMediaType(x.ContentType)
	switch mediaType {
	case JSONType:
		object, _ := DecodeJSON(x.RequestBody).(map[string]any)
		for name, value := range object {
			fields[name] = fmt.Sprint(value)
		}
	case FormType:
		reader := multipart.NewReader(bytes.NewReader(x.RequestBody), params["boundary"])
		for {
			part, err := reader.NextPart()
			if err != nil {
				break
			}
			if part.FileName() == "" {
				text, _ := io.ReadAll(part)
				fields[part.FormName()] = string(text)
			}
		}
	}
	return fields
}

// DecodeJSON decodes JSON: objects as maps, numbers as json.Number. It returns nil if b is not JSON.
func DecodeJSON(b []byte) any {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil
	}
	return v
}

// At returns everything that is found in a JSON value at a path of names. Of a list it looks into each entry.
func At(v any, path ...string) []any {
	if list, ok := v.([]any); ok {
		var found []any
		for _, entry := range list {
			found = append(found, At(entry, path...)...)
		}
		return found
	}
	if len(path) == 0 {
		return []any{v}
	}
	object, _ := v.(map[string]any)
	inner, ok := object[path[0]]
	if !ok {
		return nil
	}
	return At(inner, path[1:]...)
}

// ToJSON encodes a value as JSON.
func ToJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// SameJSON reports whether two values are the same in JSON: 12 equals 12 whatever its Go type.
func SameJSON(t testing.TB, a, b any) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(ToJSON(t, a), &x) != nil || json.Unmarshal(ToJSON(t, b), &y) != nil {
		t.Fatal("not JSON")
	}
	return reflect.DeepEqual(x, y)
}
