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

// Recorder is a transport that remembers all exchanges.
type Recorder struct {
	Next http.RoundTripper
	Base string // the base URL of the server

	mu   sync.Mutex
	seen []contract.Exchange
}

// RoundTrip implements http.RoundTripper.
func (rec *Recorder) RoundTrip(r *http.Request) (*http.Response, error) {
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
	resp, err := rec.Next.RoundTrip(r)
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
	moved := inContract(r, rec.Base)
	x.Target = strings.TrimPrefix(moved.URL.RequestURI(), contract.BasePath)
	if route, _, err := contract.FindRoute(r.Method, moved.URL.Path); err == nil {
		x.Operation = route.Operation.OperationID
	}
	rec.mu.Lock()
	defer rec.mu.Unlock()
	rec.seen = append(rec.seen, x)
	return resp, nil
}

// Exchanges returns the exchanges until now.
func (rec *Recorder) Exchanges() []contract.Exchange {
	rec.mu.Lock()
	defer rec.mu.Unlock()
	return slices.Clone(rec.seen)
}
