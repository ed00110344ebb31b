package suite

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// Recorder is a transport that remembers what went through it, for the reports.
type Recorder struct {
	Next http.RoundTripper
	Base string

	mu   sync.Mutex
	seen []contract.Exchange
}

// RoundTrip is http.RoundTripper's.
func (w *Recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	x := contract.Exchange{Method: r.Method, Query: r.URL.Query(), ContentType: r.Header.Get("Content-Type")}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		x.RequestBody = body
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.Next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.Body, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.Body))
	x.Status, x.Header = resp.StatusCode, resp.Header
	moved := inContract(r, w.Base)
	x.Target = strings.TrimPrefix(moved.URL.RequestURI(), contract.BasePath)
	if route, _, err := contract.FindRoute(r.Method, moved.URL.Path); err == nil {
		x.Operation = route.Operation.OperationID
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, x)
	return resp, nil
}

func (w *Recorder) Exchanges() []contract.Exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}
