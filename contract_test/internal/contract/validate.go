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

// FindRoute finds the operation that a request is for, and the parameters in its path.
func FindRoute(method, path string) (*routers.Route, map[string]string, error) {
	rest, ok := strings.CutPrefix(path, BasePath+"/")
	if !ok {
		return nil, nil, fmt.Errorf("%s is not below %s", path, BasePath)
	}
	have := strings.Split(rest, "/")
next:
	for _, op := range Operations() {
		want := strings.Split(strings.TrimPrefix(op.Path, "/"), "/")
		if op.Method != method || len(want) != len(have) {
			continue
		}
		params := map[string]string{}
		for i := range want {
			if name, ok := strings.CutPrefix(want[i], "{"); ok {
				params[strings.TrimSuffix(name, "}")] = have[i]
			} else if want[i] != have[i] {
				continue next
			}
		}
		return &routers.Route{Spec: Document(), Path: op.Path, PathItem: op.Item, Method: method, Operation: op.Operation}, params, nil
	}
	return nil, nil, fmt.Errorf("the contract has no %s %s", method, path)
}

// ValidateRequest holds a request against the document and returns the body as kin-openapi decoded it.
func ValidateRequest(r *http.Request, body []byte) (decoded any, err error) {
	route, params, err := FindRoute(r.Method, r.URL.Path)
	if err != nil {
		return nil, err
	}
	return Published.Request(r, body, route, params)
}

// ValidateResponse holds an answer against the document, an undeclared status included.
func ValidateResponse(r *http.Request, status int, header http.Header, body []byte) error {
	route, params, err := FindRoute(r.Method, r.URL.Path)
	if err != nil {
		return err
	}
	return Published.Response(r, status, header, body, route, params)
}

// edition is one of the forms in which the contract is published.
type edition struct {
	name string
	doc  *openapi3.T
}

func LoadEdition(name string, text []byte) edition {
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		panic(err) // it is embedded
	}
	return edition{name, doc}
}

// route is the same operation in this edition.
func (e edition) route(of *routers.Route) *routers.Route {
	item := e.doc.Paths.Value(of.Path)
	return &routers.Route{Spec: e.doc, Path: of.Path, PathItem: item, Method: of.Method, Operation: item.GetOperation(of.Method)}
}

// request holds a request against the edition and returns the body as kin-openapi decoded it.
//
// The part media is a file in the schema and has no encoding, so kin-openapi takes it as bytes whatever Content-Type the part
// has; were that to change, the cases with JSON, CSV and ZIP files would tell.
func (e edition) request(r *http.Request, body []byte, route *routers.Route, params map[string]string) (decoded any, err error) {
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
			SkipSettingDefaults:               true, // the request is judged as it came
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

// response holds an answer against the edition, an undeclared status included.
func (e edition) response(r *http.Request, status int, header http.Header, body []byte, route *routers.Route, params map[string]string) error {
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

// ValidatedCase is a request, or an answer to one, and what the contract says of it. It is a line of the file of -cases.out.
type ValidatedCase struct {
	Method, Target string
	Header         http.Header // of the request or, where there is a status, of the answer
	Body           []byte
	Status         int // 0 for a request
	Accepted       bool
}

// Editions holds the same against several editions. The first is the contract itself, and the others have to say the same.
type Editions struct {
	editions []edition
	Keep     bool // keep the cases for report

	mu        sync.Mutex
	seen      map[[sha256.Size]byte]bool
	cases     []ValidatedCase // where they are kept
	count     map[string]int
	disagreed []string
}

func NewEditions(editions ...edition) *Editions {
	return &Editions{editions: editions, seen: map[[sha256.Size]byte]bool{}, count: map[string]int{}}
}

// Published judge everything that a test of this package holds against the contract; TestMain reports on it.
var Published = NewEditions(
	edition{"openapi.yaml", Document()},
	LoadEdition("gen/openapi.json", openapi.DocumentJSON),
	LoadEdition("gen/openapi-3.1.json", openapi.Document31JSON),
)

func (j *Editions) Request(r *http.Request, body []byte, route *routers.Route, params map[string]string) (decoded any, err error) {
	decoded, err = j.editions[0].request(r, body, route, params)
	header := http.Header{"Content-Type": r.Header.Values("Content-Type"), "X-Api-Key": r.Header.Values("X-Api-Key")}
	j.compare(ValidatedCase{r.Method, r.URL.RequestURI(), header, body, 0, err == nil}, err, func(e edition) error {
		_, err := e.request(r, body, route, params)
		return err
	})
	return decoded, err
}

func (j *Editions) Response(r *http.Request, status int, header http.Header, body []byte, route *routers.Route, params map[string]string) error {
	err := j.editions[0].response(r, status, header, body, route, params)
	kept := http.Header{"Content-Type": header.Values("Content-Type"), "Retry-After": header.Values("Retry-After")}
	j.compare(ValidatedCase{r.Method, r.URL.RequestURI(), kept, body, status, err == nil}, err, func(e edition) error {
		return e.response(r, status, header, body, route, params)
	})
	return err
}

// compare asks the other editions about a case, unless they have been asked about the same.
func (j *Editions) compare(c ValidatedCase, first error, ask func(edition) error) {
	if testing.Short() {
		return // as in skipMutants
	}
	same := c
	if _, params, err := mime.ParseMediaType(c.Header.Get("Content-Type")); err == nil && params["boundary"] != "" {
		same.Header = maps.Clone(c.Header)
		same.Header.Set("Content-Type", strings.ReplaceAll(c.Header.Get("Content-Type"), params["boundary"], ""))
		same.Body = bytes.ReplaceAll(c.Body, []byte(params["boundary"]), nil)
	}
	text, _ := json.Marshal(same) // strings and numbers
	key := sha256.Sum256(text)
	j.mu.Lock()
	known := j.seen[key]
	j.seen[key] = true
	j.mu.Unlock()
	if known {
		return
	}
	c.Body = bytes.Clone(c.Body)
	kind := "request"
	if c.Status != 0 {
		kind = "answer"
	}
	var disagreed []string
	for _, e := range j.editions[1:] {
		if err := ask(e); (err == nil) != c.Accepted {
			disagreed = append(disagreed, fmt.Sprintf("%s %s, %s %d, %v, %.300q:\n\t%s says %v\n\t%s says %v",
				c.Method, c.Target, kind, c.Status, c.Header, c.Body, j.editions[0].name, shortened(first), e.name, shortened(err)))
		}
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.count[kind+map[bool]string{true: "s accepted", false: "s refused"}[c.Accepted]]++
	j.disagreed = append(j.disagreed, disagreed...)
	if j.Keep {
		j.cases = append(j.cases, c)
	}
}

func shortened(err error) string {
	if err == nil {
		return "nothing against it"
	}
	return fmt.Sprintf("%.300q", err.Error())
}

// Disagreements are the cases of which the editions do not say the same.
func (j *Editions) Disagreements() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.disagreed)
}

// Report says whether the editions all said the same, and writes the cases that were kept, if any were to be kept, to a file.
func (j *Editions) Report(file string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.disagreed) > 0 {
		return fmt.Errorf("the editions of the contract disagree about %d cases. The first:\n%s", len(j.disagreed),
			strings.Join(j.disagreed[:min(len(j.disagreed), 10)], "\n"))
	}
	if !j.Keep {
		return nil
	}
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for _, c := range j.cases {
		if err := out.Encode(c); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %v\n", file, j.count)
	return os.WriteFile(file, b.Bytes(), 0o600)
}
