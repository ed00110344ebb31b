package tgotest

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"sync"

	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
)

// maxCovered is how much of a body Transport inspects.
const maxCovered = 8 << 20

// Transport counts the requests to any server that go through it, and passes them to next, or to http.DefaultTransport if
// next is nil. Only the end of a path counts, so the server may have the API anywhere.
func (c *Coverage) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return coverageTransport{c, next}
}

type coverageTransport struct {
	coverage *Coverage
	next     http.RoundTripper
}

// RoundTrip is http.RoundTripper's.
func (t coverageTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body *copiedBody
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		body = &copiedBody{ReadCloser: r.Body}
		r.Body = body
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	route := contract.RouteOf(r.Method, r.URL.Path)
	t.coverage.answered(route, r, resp.StatusCode, resp.Header)
	if route != nil && isSuccess(resp.StatusCode, resp.Header) {
		t.coverage.acceptedRaw(route, r, body.bytes())
	}
	return resp, nil
}

// acceptedRaw is accepted for a body that has not been parsed.
func (c *Coverage) acceptedRaw(route *routers.Route, r *http.Request, body []byte) {
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" {
		var values map[string]any
		_ = json.Unmarshal(body, &values) // without a body, or with one that is not an object, only the parameters count
		c.accepted(route, r.URL.Query(), nil, false, values)
		return
	}
	fields, media := map[string]string{}, false
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		if part.FileName() != "" {
			media = true
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(part, contract.MaxText))
		fields[part.FormName()] = string(text)
	}
	c.accepted(route, r.URL.Query(), fields, media, nil)
}

// copiedBody keeps what is read of a body.
type copiedBody struct {
	io.ReadCloser
	mu   sync.Mutex // a transport may still read when the response is there
	kept bytes.Buffer
}

// Read is io.Reader's.
func (b *copiedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept.Len() < maxCovered {
		b.kept.Write(p[:n])
	}
	return n, err
}

func (b *copiedBody) bytes() []byte {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.kept.Bytes())
}
