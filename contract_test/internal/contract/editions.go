package contract

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	openapi "github.com/tgo-business/tgo-go"
)

// Edition is one of the forms in which the contract is published.
type Edition struct {
	name string
	doc  *openapi3.T
}

// LoadEdition reads an edition of the contract. It panics if it cannot: they are embedded.
func LoadEdition(name string, text []byte) Edition {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(fmt.Errorf("%s: %w", name, err))
	}
	return Edition{name, doc}
}

// route returns the same operation in this edition.
func (e Edition) route(of *routers.Route) *routers.Route {
	item := e.doc.Paths.Value(of.Path)
	return &routers.Route{Spec: e.doc, Path: of.Path, PathItem: item, Method: of.Method, Operation: item.GetOperation(of.Method)}
}

// request validates a request with this edition and returns the body as kin-openapi decoded it.
//
// The part media is a file in the schema and has no encoding, so kin-openapi takes it as bytes, whatever Content-Type the part
// has. If that changes, the cases with JSON, CSV and ZIP files fail.
func (e Edition) request(r *http.Request, body []byte, route *routers.Route, params map[string]string) (decoded any, err error) {
	r = r.Clone(context.Background())
	r.GetBody = nil
	r.Body = io.NopCloser(bytes.NewReader(body))
	r.ContentLength = int64(len(body))
	err = openapi3filter.ValidateRequest(r.Context(), &openapi3filter.RequestValidationInput{
		Request:    r,
		PathParams: params,
		Route:      e.route(route),
		Options: &openapi3filter.Options{
			MultiError:                        true,
			SkipSettingDefaults:               true, // the request is validated as it came
			RejectWhenRequestBodyNotSpecified: true,
			KeepValidatedValue:                true,
			AuthenticationFunc: func(_ context.Context, in *openapi3filter.AuthenticationInput) error {
				if scheme := in.SecurityScheme; scheme.In != "header" || r.Header.Get(scheme.Name) == "" {
					return errors.New("there is no API key")
				}
				return nil
			},
		},
	})
	if validated, ok := r.Body.(interface{ ValidatedValue() any }); ok {
		decoded = validated.ValidatedValue()
	}
	return decoded, err
}

// response validates a response with this edition. A status that the operation does not declare is an error.
func (e Edition) response(r *http.Request, status int, header http.Header, body []byte, route *routers.Route, params map[string]string) error {
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, Route: e.route(route), PathParams: params},
		Status:                 status,
		Header:                 header,
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	input.SetBodyBytes(body)
	if err := openapi3filter.ValidateResponse(context.Background(), input); err != nil {
		return err
	}
	if status == http.StatusNoContent && len(body) > 0 {
		return errors.New("a 204 has a body")
	}
	return nil
}

// ValidatedCase is a request or a response to one, and whether the contract accepts it. It is a line of the file that -cases.out
// names.
type ValidatedCase struct {
	Method, Target string
	Header         http.Header // of the request or, if there is a status, of the response
	Body           []byte
	Status         int // 0 for a request
	Accepted       bool
}

// Editions validates requests and responses with several editions. The first is the contract itself, and the others must accept
// and refuse the same.
type Editions struct {
	editions []Edition
	Keep     bool // keep the cases for Report

	mu        sync.Mutex
	seen      map[[sha256.Size]byte]bool
	cases     []ValidatedCase // if they are kept
	count     map[string]int
	disagreed []string
}

// NewEditions returns these editions. The first one's verdict is the one that Request and Response return.
func NewEditions(editions ...Edition) *Editions {
	return &Editions{editions: editions, seen: map[[sha256.Size]byte]bool{}, count: map[string]int{}}
}

// Published is what ValidateRequest and ValidateResponse validate with. The TestMain of contract_test reports on it.
var Published = NewEditions(
	Edition{"openapi.yaml", Document()},
	LoadEdition("gen/openapi.json", openapi.DocumentJSON),
	LoadEdition("gen/openapi-3.1.json", openapi.Document31JSON),
)

// Request validates a request and returns its body as kin-openapi decoded it.
func (e *Editions) Request(r *http.Request, body []byte, route *routers.Route, params map[string]string) (decoded any, err error) {
	decoded, err = e.editions[0].request(r, body, route, params)
	header := http.Header{"Content-Type": r.Header.Values("Content-Type"), "X-Api-Key": r.Header.Values("X-Api-Key")}
	e.compare(ValidatedCase{r.Method, r.URL.RequestURI(), header, body, 0, err == nil}, err, func(other Edition) error {
		_, err := other.request(r, body, route, params)
		return err
	})
	return decoded, err
}

// Response validates a response.
func (e *Editions) Response(r *http.Request, status int, header http.Header, body []byte, route *routers.Route, params map[string]string) error {
	err := e.editions[0].response(r, status, header, body, route, params)
	kept := http.Header{"Content-Type": header.Values("Content-Type"), "Retry-After": header.Values("Retry-After")}
	e.compare(ValidatedCase{r.Method, r.URL.RequestURI(), kept, body, status, err == nil}, err, func(other Edition) error {
		return other.response(r, status, header, body, route, params)
	})
	return err
}

// compare validates a case with the other editions, unless they had the same case already.
func (e *Editions) compare(c ValidatedCase, first error, ask func(Edition) error) {
	if testing.Short() {
		return // see skipMutants in contract_test
	}
	same := c
	if _, params, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err == nil && params["boundary"] != "" {
		same.Header = maps.Clone(c.Header)
		same.Header.Set("Content-Type", strings.ReplaceAll(c.Header.Get("Content-Type"), params["boundary"], ""))
		same.Body = bytes.ReplaceAll(c.Body, []byte(params["boundary"]), nil)
	}
	text, _ := json.Marshal(same) // strings and numbers
	key := sha256.Sum256(text)
	e.mu.Lock()
	known := e.seen[key]
	e.seen[key] = true
	e.mu.Unlock()
	if known {
		return
	}
	c.Body = bytes.Clone(c.Body)
	kind := "request"
	if c.Status != 0 {
		kind = "response"
	}
	var disagreed []string
	for _, other := range e.editions[1:] {
		if err := ask(other); (err == nil) != c.Accepted {
			disagreed = append(disagreed, fmt.Sprintf("%s %s, %s %d, %v, %.300q:\n\t%s says %v\n\t%s says %v",
				c.Method, c.Target, kind, c.Status, c.Header, c.Body, e.editions[0].name, shortened(first), other.name, shortened(err)))
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count[kind+map[bool]string{true: "s accepted", false: "s refused"}[c.Accepted]]++
	e.disagreed = append(e.disagreed, disagreed...)
	if e.Keep {
		e.cases = append(e.cases, c)
	}
}

// shortened returns the beginning of an error.
func shortened(err error) string {
	if err == nil {
		return "that it is valid"
	}
	return fmt.Sprintf("%.300q", err.Error())
}

// Disagreements lists the cases that not all editions accept, or not all refuse.
func (e *Editions) Disagreements() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.disagreed)
}

// Report returns an error if the editions disagreed about a case. With Keep it writes all cases to a file.
func (e *Editions) Report(file string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.disagreed) > 0 {
		return fmt.Errorf("the editions of the contract disagree about %d cases; run go generate ./... if openapi.yaml has changed. The first:\n%s", len(e.disagreed),
			strings.Join(e.disagreed[:min(len(e.disagreed), 10)], "\n"))
	}
	if !e.Keep {
		return nil
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for _, c := range e.cases {
		if err := out.Encode(c); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %v\n", file, e.count)
	return os.WriteFile(file, b.Bytes(), 0o600)
}
