package suite

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Validator is a transport that validates each response before the client sees it.
type Validator struct {
	mu       sync.Mutex
	seen     map[string]bool // "operationId 201"
	problems []string
}

// NewValidator returns a Validator that has seen nothing.
func NewValidator() *Validator { return &Validator{seen: map[string]bool{}} }

// RoundTrip implements http.RoundTripper.
func (v *Validator) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := contract.ValidateResponse(r, resp.StatusCode, resp.Header, body); err != nil {
		v.problems = append(v.problems, fmt.Sprintf("%s %s returned %d %s: %v", r.Method, r.URL.Path, resp.StatusCode, body, err))
	}
	if route, _, err := contract.FindRoute(r.Method, r.URL.Path); err == nil {
		v.seen[route.Operation.OperationID+" "+strconv.Itoa(resp.StatusCode)] = true
	}
	return resp, nil
}

// Answered reports whether an operation returned a status.
func (v *Validator) Answered(operationID, status string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.seen[operationID+" "+status]
}

// Report fails the test for each invalid response.
func (v *Validator) Report(t *testing.T) {
	t.Helper()
	for _, p := range v.problems {
		t.Error(p)
	}
}

// Client returns a client of the fake whose responses are validated.
func (v *Validator) Client(t *testing.T, fake *tgotest.Server, key tgo.Key) *tgo.Client {
	t.Helper()
	c, err := fake.ClientWith(key, tgo.WithHTTPClient(&http.Client{Transport: v}), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	return c
}
