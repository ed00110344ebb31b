// Package contract_test holds openapi.yaml, the client and the fake server against each other. It reads the contract with
// kin-openapi by itself: nothing here relies on the fake's own checks.
package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The people and phones of the document's examples.
const (
	senderPhone = "+201001187188"
	senderID    = 12
	recipient   = "+201010000000"
)

// The four texts and the two sender texts that the vendor documents, typed here and not taken from the code under test.
const (
	textUnauthenticated       = "Unauthenticated."
	textMissingScope          = "This API key does not have the required scope."
	textUnknownTenant         = "Tenant could not be identified for this domain."
	textInvalid               = "The given data was invalid."
	textSenderInactive        = "The sender number is not active."
	textSenderInactiveLater   = "Sender number is not active."
	textSenderUnverifiedLater = "The sender number owner must be verified in Sinjapp before using the messaging API."
	textSenderUnverified      = "يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال."
)

const (
	basePath      = "/api/v1"
	jsonType      = "application/json"
	multipartType = "multipart/form-data"
)

// demoFiles are the files of tgo demo.
const demoFiles = "../tgo/cmd/tgo/demo/"

// contract is the document as kin-openapi reads it.
var contract = sync.OnceValue(func() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		panic(err)
	}
	return doc
})

// operation is an operation of the document and where it is found.
type operation struct {
	*openapi3.Operation
	method, path string
	item         *openapi3.PathItem
}

// operations lists the operations of the document, ordered by path and method.
func operations() []operation {
	var list []operation
	paths := contract().Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		byMethod := paths[path].Operations()
		for _, method := range slices.Sorted(maps.Keys(byMethod)) {
			list = append(list, operation{byMethod[method], method, path, paths[path]})
		}
	}
	return list
}

func operationByID(t testing.TB, id string) operation {
	t.Helper()
	for _, op := range operations() {
		if op.OperationID == id {
			return op
		}
	}
	t.Fatalf("the document has no operation %q", id)
	return operation{}
}

// requiredScopes are those that the document names for the operation.
func (o operation) requiredScopes() []string {
	scopes := []string{}
	list, _ := o.Extensions["x-required-scopes"].([]any)
	for _, s := range list {
		scopes = append(scopes, fmt.Sprint(s))
	}
	return scopes
}

// takesInput reports whether the operation has a body or query parameters, and so something to be wrong with.
func (o operation) takesInput() bool {
	return o.RequestBody != nil || slices.ContainsFunc(o.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" })
}

// responses are the operation's responses by status, "2XX" included.
func (o operation) responses() map[string]*openapi3.Response {
	byStatus := map[string]*openapi3.Response{}
	for status, ref := range o.Responses.Map() {
		byStatus[status] = ref.Value
	}
	return byStatus
}

// success is the operation's documented success, its status and its examples.
func (o operation) success(t testing.TB) (int, []example) {
	t.Helper()
	status, response := o.documentedSuccess(t)
	return status, examplesOf(response.Content[jsonType])
}

// documentedSuccess is the success that has a code of its own. A 2XX beside it has the same content.
func (o operation) documentedSuccess(t testing.TB) (int, *openapi3.Response) {
	t.Helper()
	for status, response := range o.responses() {
		if code, err := strconv.Atoi(status); err == nil && code/100 == 2 {
			return code, response
		}
	}
	t.Fatalf("%s has no success", o.OperationID)
	return 0, nil
}

// example is a named example of the document.
type example struct {
	name  string
	value any
}

func (e example) json(t testing.TB) []byte {
	t.Helper()
	return toJSON(t, e.value)
}

// examplesOf lists the examples of a media type by their names.
func examplesOf(m *openapi3.MediaType) []example {
	if m == nil {
		return nil
	}
	var list []example
	if m.Example != nil {
		list = append(list, example{"example", m.Example})
	}
	for _, name := range slices.Sorted(maps.Keys(m.Examples)) {
		list = append(list, example{name, m.Examples[name].Value.Value})
	}
	return list
}

// parameterExample is the example of a parameter or else of its schema.
func parameterExample(p *openapi3.Parameter) any {
	switch {
	case p.Example != nil:
		return p.Example
	case len(p.Examples) > 0:
		return p.Examples[slices.Sorted(maps.Keys(p.Examples))[0]].Value.Value
	case p.Schema != nil:
		return p.Schema.Value.Example
	}
	return nil
}

// exactlyOneOf names the query parameters of which exactly one must be given. OpenAPI cannot say it, so the document does
// by an extension, and whoever validates must read it.
func (o operation) exactlyOneOf() []string {
	var names []string
	list, _ := o.Extensions["x-exactly-one-of"].([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	return names
}

// rawRequest is a request apart from the server that it goes to.
type rawRequest struct {
	name        string
	method      string
	target      string // below /api/v1, with the query
	contentType string // empty for none
	body        []byte
}

// exampleRequests builds an operation's requests from the document's own examples: one for each example of its body.
func exampleRequests(t testing.TB, op operation) []rawRequest {
	t.Helper()
	target := op.path
	query := url.Values{}
	for _, ref := range op.Parameters {
		p := ref.Value
		value := p.Example // not the schema's: of an exactly-one-of group only one parameter has its own example
		if value == nil && p.Required {
			value = parameterExample(p)
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
		return []rawRequest{{name: "example", method: op.method, target: target}}
	}
	var list []rawRequest
	for _, mediaType := range slices.Sorted(maps.Keys(op.RequestBody.Value.Content)) {
		for _, e := range examplesOf(op.RequestBody.Value.Content[mediaType]) {
			r := rawRequest{name: e.name, method: op.method, target: target, contentType: mediaType, body: e.json(t)}
			if mediaType == multipartType {
				r.contentType, r.body = formBody(exampleParts(t, e)...)
			}
			list = append(list, r)
		}
	}
	return list
}

// exampleParts turns an example of a form into its parts.
func exampleParts(t testing.TB, e example) []part {
	t.Helper()
	fields, ok := e.value.(map[string]any)
	if !ok {
		t.Fatalf("example %s is no object", e.name)
	}
	var parts []part
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		p := part{name: name, content: fmt.Sprint(fields[name])}
		if name == "media" {
			p.filename, p.contentType = "file.bin", "application/octet-stream"
		}
		parts = append(parts, p)
	}
	return parts
}

// part is one part of a form. It is a file where it has a file name.
type part struct {
	name, content         string
	filename, contentType string
	disposition           string // instead of the usual one
}

func field(name, content string) part { return part{name: name, content: content} }

func filePart(filename, contentType, content string) part {
	return part{name: "media", content: content, filename: filename, contentType: contentType}
}

// formBody writes a form and returns its content type and bytes.
func formBody(parts ...part) (contentType string, body []byte) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b) // writing to memory does not fail
	for _, p := range parts {
		header := textproto.MIMEHeader{"Content-Disposition": {`form-data; name="` + p.name + `"`}}
		if p.filename != "" {
			header.Set("Content-Disposition", multipart.FileContentDisposition(p.name, p.filename))
		}
		if p.disposition != "" {
			header.Set("Content-Disposition", p.disposition)
		}
		if p.contentType != "" {
			header.Set("Content-Type", p.contentType)
		}
		pw, _ := w.CreatePart(header)
		_, _ = io.WriteString(pw, p.content)
	}
	_ = w.Close()
	return w.FormDataContentType(), b.Bytes()
}

// without returns the parts that are not called name.
func without(parts []part, name string) []part {
	return slices.DeleteFunc(slices.Clone(parts), func(p part) bool { return p.name == name })
}

// with replaces the part of the same name, or adds it.
func with(parts []part, p part) []part { return append(without(parts, p.name), p) }

// request makes the http.Request to a server whose base URL is given, with the headers that the API asks for.
func (r rawRequest) request(t testing.TB, baseURL, key string) *http.Request {
	t.Helper()
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(context.Background(), r.method, baseURL+r.target, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", jsonType)
	if key != "" {
		req.Header.Set("X-Api-Key", key)
	}
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	return req
}

// answer is an answer read to its end.
type answer struct {
	request *http.Request
	status  int
	header  http.Header
	body    []byte
	tenant  bool // of a live tenant: what it says may be printed only in part, for the output may be public
}

// shown is the body as it may be printed.
func (a answer) shown() string {
	v := decodedJSON(a.body)
	switch {
	case !a.tenant:
		return string(a.body)
	case v == nil:
		return fmt.Sprintf("%d bytes that are no JSON", len(a.body))
	}
	b, _ := json.Marshal(redactorFor(exchange{body: a.body}).json("", v)) // it came out of JSON
	return string(b)
}

// refused is the body of every error.
type refused struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors"`
}

func (a answer) refusal(t testing.TB) refused {
	t.Helper()
	var r refused
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.DisallowUnknownFields()
	if d.Decode(&r) != nil {
		t.Fatalf("the answer is no error of the contract: %s", a.shown())
	}
	return r
}

// roundTrip sends a request and reads the answer to its end.
func roundTrip(t testing.TB, transport http.RoundTripper, req *http.Request) answer {
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
	return answer{request: req, status: resp.StatusCode, header: resp.Header, body: body}
}

// send sends a request over a real socket and checks that the answer conforms, whatever it is.
func send(t testing.TB, req *http.Request) answer {
	t.Helper()
	a := roundTrip(t, http.DefaultTransport, req)
	a.mustConform(t, req)
	return a
}

// mustConform holds an answer against the contract, as one to a request that may stand for the request that was sent.
func (a answer) mustConform(t testing.TB, req *http.Request) {
	t.Helper()
	if err := validateResponse(req, a.status, a.header, a.body); err != nil {
		if a.tenant {
			err = errors.New(withoutValues(err))
		}
		t.Errorf("%s %s answered %d against the contract: %v", req.Method, req.URL.Path, a.status, err)
	}
}

// withoutValues says where an answer is against the contract and what it breaks there, and not what stands there.
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

// findRoute finds the operation that a request is for, and the parameters in its path.
func findRoute(method, path string) (*routers.Route, map[string]string, error) {
	rest, ok := strings.CutPrefix(path, basePath+"/")
	if !ok {
		return nil, nil, fmt.Errorf("%s is not below %s", path, basePath)
	}
	have := strings.Split(rest, "/")
next:
	for _, op := range operations() {
		want := strings.Split(strings.TrimPrefix(op.path, "/"), "/")
		if op.method != method || len(want) != len(have) {
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
		return &routers.Route{Spec: contract(), Path: op.path, PathItem: op.item, Method: method, Operation: op.Operation}, params, nil
	}
	return nil, nil, fmt.Errorf("the contract has no %s %s", method, path)
}

// validateRequest holds a request against the document and returns the body as kin-openapi decoded it.
func validateRequest(r *http.Request, body []byte) (decoded any, err error) {
	route, params, err := findRoute(r.Method, r.URL.Path)
	if err != nil {
		return nil, err
	}
	return allEditions.request(r, body, route, params)
}

// validateResponse holds an answer against the document, an undeclared status included.
func validateResponse(r *http.Request, status int, header http.Header, body []byte) error {
	route, params, err := findRoute(r.Method, r.URL.Path)
	if err != nil {
		return err
	}
	return allEditions.response(r, status, header, body, route, params)
}

// newExampleFake starts a fake in which every request of the document's examples succeeds: it has the examples' sender
// number and a key with the id 7. Its first key has all scopes.
func newExampleFake(t testing.TB, configure ...func(*tgotest.Config)) *tgotest.Server {
	t.Helper()
	return tgotest.New(t, append([]func(*tgotest.Config){func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{ID: senderID, Phone: senderPhone, DisplayName: "Acme support"}}
		c.Contacts = []tgotest.Contact{{Phone: recipient}}
		c.Keys = []tgotest.Key{{Name: "all", Scopes: []tgo.Scope{tgo.ScopeAll}}}
		for id := 2; id <= 7; id++ {
			c.Keys = append(c.Keys, tgotest.Key{Name: "key " + strconv.Itoa(id), Scopes: []tgo.Scope{tgo.ScopeMessagesSend}})
		}
		c.Keys[6].PlainText = exampleKey
		c.KeepMedia = 16 << 20
		c.Coverage = suiteCoverage
	}}, configure...)...)
}

// eachTimeLater is a clock with which no two messages of a fake have the same sent_at.
func eachTimeLater(c *tgotest.Config) {
	var asked atomic.Int64
	c.Now = func() time.Time { return time.Now().Add(time.Duration(asked.Add(1)) * time.Second) }
}

// counts is everything that a send changes, as the API shows it and as the fake tells it to tests.
type counts struct {
	logged   int64
	used     int64
	received int
}

func countsOf(t testing.TB, fake *tgotest.Server) counts {
	t.Helper()
	page, err := fake.Client.MessagePage(context.Background(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(err)
	}
	usage, err := fake.Client.Usage(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	c := counts{logged: page.Total, received: len(fake.Messages())}
	for _, s := range usage.Senders {
		c.used += s.MessagesSent
	}
	return c
}

func (c counts) plus(n int) counts {
	return counts{c.logged + int64(n), c.used + int64(n), c.received + n}
}

func toJSON(t testing.TB, v any) []byte {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sameJSON compares two values by what they are in JSON, so that 12 is 12 whatever its Go type.
func sameJSON(t testing.TB, a, b any) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal(toJSON(t, a), &x) != nil || json.Unmarshal(toJSON(t, b), &y) != nil {
		t.Fatal("not JSON")
	}
	return reflect.DeepEqual(x, y)
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
