package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Request is a request, without the server that it goes to and without a key.
type Request struct {
	Name        string
	Method      string
	Target      string // below /api/v1, with the query
	ContentType string // empty for none
	Body        []byte
}

// HTTP returns the request to the server with this base URL, with the headers that the API requires. An empty key is none.
func (r Request) HTTP(t testing.TB, baseURL, key string) *http.Request {
	t.Helper()
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	req, err := http.NewRequestWithContext(context.Background(), r.Method, baseURL+r.Target, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", JSONType)
	if key != "" {
		req.Header.Set("X-Api-Key", key)
	}
	if r.ContentType != "" {
		req.Header.Set("Content-Type", r.ContentType)
	}
	return req
}

// Curl returns the request as a command, with the key masked. Text with quotes or control characters is written as $'...'.
func (r Request) Curl(baseURL string) string {
	var b strings.Builder
	quote := func(s string) string {
		if !strings.ContainsAny(s, "'\x00\r\n\t\\") {
			return "'" + s + "'"
		}
		var q strings.Builder
		for _, c := range []byte(s) {
			switch {
			case c == '\'' || c == '\\':
				q.WriteString(`\` + string(c))
			case c < ' ' || c > '~':
				fmt.Fprintf(&q, `\x%02x`, c)
			default:
				q.WriteByte(c)
			}
		}
		return "$'" + q.String() + "'"
	}
	fmt.Fprintf(&b, "curl -X %s %s -H 'X-Api-Key: ***' -H 'Accept: application/json'", r.Method, quote(baseURL+r.Target))
	if r.ContentType != "" {
		fmt.Fprintf(&b, " -H %s", quote("Content-Type: "+r.ContentType))
	}
	if r.Body != nil {
		fmt.Fprintf(&b, " --data-binary %s", quote(string(r.Body)))
	}
	return b.String()
}

// ExampleRequests makes an operation's requests from the document's examples: one for each example of its body.
func ExampleRequests(t testing.TB, op Operation) []Request {
	t.Helper()
	target := op.Path
	query := url.Values{}
	for _, ref := range op.Parameters {
		p := ref.Value
		value := p.Example // not the schema's: of an exactly-one-of group only one parameter has its own example
		if value == nil && p.Required {
			value = ParameterExample(p)
		}
		switch {
		case value == nil:
		case p.In == "path":
			target = strings.ReplaceAll(target, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(value)))
		case p.In == "query":
			query.Set(p.Name, fmt.Sprint(value))
		}
	}
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	if op.RequestBody == nil {
		return []Request{{Name: "example", Method: op.Method, Target: target}}
	}
	var list []Request
	for _, mediaType := range slices.Sorted(maps.Keys(op.RequestBody.Value.Content)) {
		for _, e := range ExamplesOf(op.RequestBody.Value.Content[mediaType]) {
			r := Request{Name: e.Name, Method: op.Method, Target: target, ContentType: mediaType, Body: e.JSON(t)}
			if mediaType == FormType {
				r.ContentType, r.Body = FormBody(exampleParts(t, e)...)
			}
			list = append(list, r)
		}
	}
	return list
}

// exampleParts returns the parts of a form's example.
func exampleParts(t testing.TB, e Example) []Part {
	t.Helper()
	fields, ok := e.Value.(map[string]any)
	if !ok {
		t.Fatalf("example %s is not an object", e.Name)
	}
	var parts []Part
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p := Part{Name: name, Content: fmt.Sprint(fields[name])}
		if name == "media" {
			p.Filename, p.ContentType = "file.bin", "application/octet-stream"
		}
		parts = append(parts, p)
	}
	return parts
}

// Part is one part of a form. It is a file if it has a file name.
type Part struct {
	Name, Content         string
	Filename, ContentType string
	Disposition           string // instead of the usual one
}

// Field returns a part that is a field.
func Field(name, content string) Part { return Part{Name: name, Content: content} }

// FilePart returns the part media, a file.
func FilePart(filename, contentType, content string) Part {
	return Part{Name: "media", Content: content, Filename: filename, ContentType: contentType}
}

// FormBody returns the content type and the bytes of a form.
func FormBody(parts ...Part) (contentType string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b) // writing to memory does not fail
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.Name + `"`}}
		if p.Filename != "" {
			header.Set("Content-Disposition", multipart.FileContentDisposition(p.Name, p.Filename))
		}
		if p.Disposition != "" {
			header.Set("Content-Disposition", p.Disposition)
		}
		if p.ContentType != "" {
			header.Set("Content-Type", p.ContentType)
		}
		pw, _ := w.CreatePart(header)
		_, _ = io.WriteString(pw, p.Content)
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// Without returns the parts except those with this name.
func Without(parts []Part, name string) []Part {
	return slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return p.Name == name })
}

// With returns the parts with one more. It replaces a part of the same name.
func With(parts []Part, p Part) []Part { return append(Without(parts, p.Name), p) }

// Post returns a POST request.
func Post(name, target, contentType string, body []byte) Request {
	return Request{Name: name, Method: http.MethodPost, Target: target, ContentType: contentType, Body: body}
}

// TextOf returns a valid text message as JSON, with changes as in JSONOf.
func TextOf(change map[string]any) []byte {
	m := map[string]any{"sender_phone": SenderPhone, "to_phone": Recipient, "type": "text", "content": "Hello"}
	return JSONOf(m, change)
}

// JSONOf returns an object as JSON, with changed fields: a nil value removes a field, and Null makes it null.
func JSONOf(m, change map[string]any) []byte {
	for k, v := range change {
		if v == nil {
			delete(m, k)
		} else {
			m[k] = v
		}
	}
	b, _ := json.Marshal(m) // strings, numbers and the like
	return b
}

// Null is JSON's null, for JSONOf; nil removes the field there.
var Null = json.RawMessage("null")

// ImageParts returns the form of a valid image message.
func ImageParts() []Part {
	return []Part{Field("sender_phone", SenderPhone), Field("to_phone", Recipient), Field("type", "image"), FilePart("a.png", "image/png", "\x89PNG\r\n\x1a\n")}
}

// TextParts returns the form of a valid text message.
func TextParts() []Part {
	return []Part{Field("sender_phone", SenderPhone), Field("to_phone", Recipient), Field("type", "text"), Field("content", "Hello")}
}

// VoiceParts returns the form of a valid voice message.
func VoiceParts() []Part {
	return []Part{Field("sender_phone", SenderPhone), Field("to_phone", Recipient), Field("type", "voice"), Field("duration", "45"), FilePart("a.ogg", "audio/ogg", "OggS")}
}
