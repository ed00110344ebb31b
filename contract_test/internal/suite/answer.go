package suite

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// Answer is a response, with its whole body.
type Answer struct {
	Request *http.Request
	Status  int
	Header  http.Header
	Body    []byte
	tenant  bool // from a live tenant: it may be printed only redacted, because the output may be public
}

// Shown returns the body as it may be printed.
func (a Answer) Shown() string {
	v := contract.DecodeJSON(a.Body)
	switch {
	case !a.tenant:
		return string(a.Body)
	case v == nil:
		return fmt.Sprintf("%d bytes that are no JSON", len(a.Body))
	}
	b, _ := json.Marshal(redactorFor(contract.Exchange{Body: a.Body}).json("", v)) // it came out of JSON
	return string(b)
}

// ErrorBody is the body of every error.
type ErrorBody struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors"`
}

// Error decodes the body as an error. Anything else fails the test.
func (a Answer) Error(t testing.TB) ErrorBody {
	t.Helper()
	var r ErrorBody
	d := json.NewDecoder(bytes.NewReader(a.Body))
	d.DisallowUnknownFields()
	if d.Decode(&r) != nil {
		t.Fatalf("the response is not an error as the contract has it: %s", a.Shown())
	}
	return r
}

// RoundTrip sends a request and reads the whole response.
func RoundTrip(t testing.TB, transport http.RoundTripper, req *http.Request) Answer {
	t.Helper()
	resp, err := transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Answer{Request: req, Status: resp.StatusCode, Header: resp.Header, Body: body}
}

// Send sends a request over a real connection and validates the response, whatever its status.
func Send(t testing.TB, req *http.Request) Answer {
	t.Helper()
	a := RoundTrip(t, http.DefaultTransport, req)
	a.MustConform(t, req)
	return a
}

// MustConform validates the response as one to this request. Its path must be the one that the contract has, which may not be the
// one that the request was sent to.
func (a Answer) MustConform(t testing.TB, req *http.Request) {
	t.Helper()
	if err := contract.ValidateResponse(req, a.Status, a.Header, a.Body); err != nil {
		if a.tenant {
			err = errors.New(withoutValues(err))
		}
		t.Errorf("%s %s returned %d, which breaks the contract: %v", req.Method, req.URL.Path, a.Status, err)
	}
}

// withoutValues says where a response breaks the contract and which rule it breaks, but not which value is there.
func withoutValues(err error) string {
	switch e := err.(type) { //nolint:errorlint // a tree is walked, each node by its own type
	case openapi3.MultiError:
		var list []string
		for _, one := range e {
			list = append(list, withoutValues(one))
		}
		return strings.Join(list, "; ")
	case *openapi3filter.ResponseError:
		if e.Err == nil {
			return e.Reason
		}
		return e.Reason + ": " + withoutValues(e.Err)
	case *openapi3.SchemaError:
		where := ""
		for _, name := range e.JSONPointer() {
			if _, err := strconv.Atoi(name); err != nil {
				name = redactedName(name)
			}
			where += "/" + name
		}
		return where + ": " + e.SchemaField
	}
	return fmt.Sprintf("%T", err)
}

// ReadFile returns the content of a file.
func ReadFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
