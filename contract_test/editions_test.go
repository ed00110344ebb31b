package contract_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"go.yaml.in/yaml/v3"

	openapi "github.com/tgo-business/tgo-go"
)

var casesOut = flag.String("cases.out", "", "`file` to write each request and answer to that the suite held against the contract, with its verdict")

// edition is one of the forms in which the contract is published.
type edition struct {
	name string
	doc  *openapi3.T
}

func loadEdition(name string, text []byte) edition {
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

// judgedCase is a request, or an answer to one, and what the contract says of it. It is a line of the file of -cases.out.
type judgedCase struct {
	Method, Target string
	Header         http.Header // of the request or, where there is a status, of the answer
	Body           []byte
	Status         int // 0 for a request
	Accepted       bool
}

// jury holds the same against several editions. The first is the contract itself, and the others have to say the same.
type jury struct {
	editions []edition
	keep     bool // keep the cases for report

	mu        sync.Mutex
	seen      map[[sha256.Size]byte]bool
	cases     []judgedCase // where they are kept
	count     map[string]int
	disagreed []string
}

func newJury(editions ...edition) *jury {
	return &jury{editions: editions, seen: map[[sha256.Size]byte]bool{}, count: map[string]int{}}
}

// allEditions judge everything that a test of this package holds against the contract; TestMain reports on it.
var allEditions = newJury(
	edition{"openapi.yaml", contract()},
	loadEdition("gen/openapi.json", openapi.DocumentJSON),
	loadEdition("gen/openapi-3.1.json", openapi.Document31JSON),
)

func (j *jury) request(r *http.Request, body []byte, route *routers.Route, params map[string]string) (decoded any, err error) {
	decoded, err = j.editions[0].request(r, body, route, params)
	header := http.Header{"Content-Type": r.Header.Values("Content-Type"), "X-Api-Key": r.Header.Values("X-Api-Key")}
	j.compare(judgedCase{r.Method, r.URL.RequestURI(), header, body, 0, err == nil}, err, func(e edition) error {
		_, err := e.request(r, body, route, params)
		return err
	})
	return decoded, err
}

func (j *jury) response(r *http.Request, status int, header http.Header, body []byte, route *routers.Route, params map[string]string) error {
	err := j.editions[0].response(r, status, header, body, route, params)
	kept := http.Header{"Content-Type": header.Values("Content-Type"), "Retry-After": header.Values("Retry-After")}
	j.compare(judgedCase{r.Method, r.URL.RequestURI(), kept, body, status, err == nil}, err, func(e edition) error {
		return e.response(r, status, header, body, route, params)
	})
	return err
}

// compare asks the other editions about a case, unless they have been asked about the same.
func (j *jury) compare(c judgedCase, first error, ask func(edition) error) {
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
	if j.keep {
		j.cases = append(j.cases, c)
	}
}

func shortened(err error) string {
	if err == nil {
		return "nothing against it"
	}
	return fmt.Sprintf("%.300q", err.Error())
}

// disagreements are the cases of which the editions do not say the same.
func (j *jury) disagreements() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.disagreed)
}

// report says whether the editions all said the same, and writes the cases that were kept, if any were to be kept, to a file.
func (j *jury) report(file string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.disagreed) > 0 {
		return fmt.Errorf("the editions of the contract disagree about %d cases. The first:\n%s", len(j.disagreed),
			strings.Join(j.disagreed[:min(len(j.disagreed), 10)], "\n"))
	}
	if !j.keep {
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

// change is an answer of the document's examples, changed, and whether it is bad or clients must be able to take it.
type change struct {
	what string
	body []byte
	bad  bool
	// documentCannot says why the document, or the validator, says otherwise.
	documentCannot string
}

// changes changes each value of an example, as its schema allows and as it forbids.
func (g *generator) changes(schema *openapi3.Schema, value any) []change {
	list := []change{{what: "as it is", body: toJSON(g.t, value)}}
	g.changeAt("", schema, value, func(what string, bad bool, v json.RawMessage) {
		list = append(list, change{what: what, body: v, bad: bad})
	})
	return list
}

func (g *generator) changeAt(path string, schema *openapi3.Schema, value any, add func(what string, bad bool, v json.RawMessage)) {
	bad := g.breaks(schema)
	if schema.Format == "int64" {
		// To JSON Schema 2020-12 a format is no rule, and kin-openapi overflows where it makes one of it.
		delete(bad, "format")
	}
	if schema.Format == "date-time" {
		bad["format"] = append(bad["format"], `"yesterday"`, `"2025-01-10"`, `"2025-01-10 08:00:00"`, `""`)
	}
	for _, keyword := range slices.Sorted(maps.Keys(bad)) {
		for _, v := range bad[keyword] {
			add(path+": "+keyword, true, json.RawMessage(v))
		}
	}
	if schema.Nullable {
		add(path+": null", false, null)
	}
	switch value := value.(type) {
	case map[string]any:
		with := func(name string, v json.RawMessage) json.RawMessage {
			m := map[string]any{}
			maps.Copy(m, value)
			m[name] = v
			if v == nil {
				delete(m, name)
			}
			return toJSON(g.t, m)
		}
		if schema.AdditionalProperties.Schema == nil {
			add(path+": one more", false, with("x"+g.text(), toJSON(g.t, g.text())))
		}
		for _, name := range slices.Sorted(maps.Keys(value)) {
			add(path+"/"+name+": absent", slices.Contains(schema.Required, name), with(name, nil))
			property := schema.AdditionalProperties.Schema
			if p := schema.Properties[name]; p != nil {
				property = p
			}
			if property != nil {
				g.changeAt(path+"/"+name, property.Value, value[name], func(what string, bad bool, v json.RawMessage) { add(what, bad, with(name, v)) })
			}
		}
	case []any:
		for i := range value {
			g.changeAt(path+"/"+strconv.Itoa(i), schema.Items.Value, value[i], func(what string, bad bool, v json.RawMessage) {
				l := slices.Clone(value)
				l[i] = v
				add(what, bad, toJSON(g.t, l))
			})
		}
	}
}

// eachChangedAnswer calls judge with each answer of an operation's examples, changed.
func eachChangedAnswer(t testing.TB, seed uint64, op operation, judge func(c change, r *http.Request, status int, contentType string)) {
	t.Helper()
	g := newGenerator(t, seed)
	r := exampleRequests(t, op)[0].request(t, "http://tenant"+basePath, "tgo_key")
	_, success := op.success(t)
	for _, status := range slices.Sorted(maps.Keys(op.responses())) {
		code, err := strconv.Atoi(strings.ReplaceAll(status, "XX", "02"))
		if err != nil {
			t.Fatal(err)
		}
		content := op.responses()[status].Content
		for _, mediaType := range slices.Sorted(maps.Keys(content)) {
			examples := examplesOf(content[mediaType])
			if status == "2XX" {
				examples = success
			}
			for _, e := range examples {
				if mediaType != jsonType {
					judge(change{
						what: op.OperationID + " " + status + " " + e.name, body: []byte(fmt.Sprint(e.value)),
						documentCannot: "kin-openapi reads no page",
					}, r, code, mediaType)
					continue
				}
				for _, c := range g.changes(content[mediaType].Schema.Value, e.value) {
					c.what = fmt.Sprintf("%s %d %s%s", op.OperationID, code, e.name, c.what)
					judge(c, r, code, jsonType)
				}
				judge(change{what: op.OperationID + " of another type", body: e.json(t), bad: true}, r, code, "text/plain")
				judge(change{what: op.OperationID + " of an undeclared status", body: e.json(t), bad: true}, r, http.StatusTeapot, jsonType)
				judge(change{what: op.OperationID + " cut short", body: e.json(t)[:1], bad: true}, r, code, jsonType)
				judge(change{what: op.OperationID + " empty", bad: true}, r, code, jsonType)
			}
		}
	}
}

// TestChangedAnswersAreJudged: answers are open to what is new, and to nothing else.
func TestChangedAnswersAreJudged(t *testing.T) {
	t.Parallel()
	verdicts := map[bool]int{}
	for _, op := range operations() {
		eachChangedAnswer(t, *negativesSeed, op, func(c change, r *http.Request, status int, contentType string) {
			verdicts[c.bad]++
			err := validateResponse(r, status, http.Header{"Content-Type": {contentType}}, c.body)
			if (err != nil) != (c.bad != (c.documentCannot != "")) {
				t.Errorf("%s: the document says %v of %s", c.what, err, c.body)
			}
		})
	}
	if verdicts[true] < 1000 || verdicts[false] < 100 {
		t.Errorf("only %v: is the walk complete?", verdicts)
	}
}

// judgeAll validates good and bad requests to an operation, and answers of it, with each edition, until they disagree.
func judgeAll(t *testing.T, j *jury, op operation) {
	t.Helper()
	requests := exampleRequests(t, op)
	for _, c := range acceptedCases() {
		requests = append(requests, c.rawRequest)
	}
	for _, c := range refusalCases() {
		requests = append(requests, c.rawRequest)
	}
	for _, n := range negatives(t, 1) {
		requests = append(requests, n.rawRequest)
	}
	for _, r := range requests {
		for _, key := range []string{"tgo_key", ""} {
			req := r.request(t, "http://tenant"+basePath, key)
			route, params, err := findRoute(req.Method, req.URL.Path)
			if err != nil || route.Operation.OperationID != op.OperationID {
				continue
			}
			if _, _ = j.request(req, r.body, route, params); len(j.disagreements()) > 0 {
				return
			}
		}
	}
	eachChangedAnswer(t, 1, op, func(c change, r *http.Request, status int, contentType string) {
		route, params, err := findRoute(r.Method, r.URL.Path)
		if err != nil {
			t.Fatal(err)
		}
		if len(j.disagreements()) == 0 {
			_ = j.response(r, status, http.Header{"Content-Type": {contentType}}, c.body, route, params)
		}
	})
}

// skipMutants leaves out what notices every mutant of the document, which changes openapi.yaml and not what is made of it.
func skipMutants(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("make mutants is about the other tests")
	}
}

// TestADifferenceBetweenEditionsIsFound takes something away from one edition.
func TestADifferenceBetweenEditionsIsFound(t *testing.T) {
	t.Parallel()
	skipMutants(t)
	for place, operationID := range map[string]string{
		"components schemas Phone pattern":                                          "registerSenderNumber",
		"components schemas TextMessage additionalProperties":                       "sendMessage",
		"components schemas TextMessage required":                                   "sendMessage",
		"components schemas TextMessage not":                                        "sendMessage",
		"components schemas MessageForm not not allOf 2 not":                        "sendMessage",
		"components schemas MessageForm properties type enum":                       "sendMessage",
		"components schemas MessageForm properties duration maximum":                "sendMessage",
		"components schemas MessageForm properties media":                           "sendMessage",
		"components schemas CreateApiKeyRequest properties expires_in_days minimum": "createApiKey",
		"components schemas CreateApiKeyRequest properties scopes minItems":         "createApiKey",
		"components schemas CreateApiKeyRequest properties scopes uniqueItems":      "createApiKey",
		"components schemas MessageLogEntry required":                               "listMessages",
		"components schemas SenderNumber properties verified_at format":             "listSenderNumbers",
		"components schemas Contact properties exists type":                         "lookupContact",
		"components schemas Me properties subscription type 1":                      "getMe", // "null" in 3.1
		"components schemas Me properties subscription nullable":                    "getMe",
		"components responses ServerError content application/json":                 "getUsage",
		"components securitySchemes ApiKeyAuth name":                                "getUsage",
		"paths /messages get parameters 0 schema minimum":                           "listMessages",
		"paths /contacts/lookup get parameters 0 required":                          "lookupContact",
		"paths /sender-numbers post responses 2XX":                                  "registerSenderNumber",
		"paths /messages post requestBody content multipart/form-data":              "sendMessage",
	} {
		found := 0
		for name, text := range map[string][]byte{"gen/openapi.json": openapi.DocumentJSON, "gen/openapi-3.1.json": openapi.Document31JSON} {
			var doc any
			if err := json.Unmarshal(text, &doc); err != nil {
				t.Fatal(err)
			}
			if !takeAway(doc, strings.Fields(place)) {
				continue // the other edition has it
			}
			found++
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				j := newJury(loadEdition("openapi.yaml", openapi.Document), loadEdition(name, toJSON(t, doc)))
				if judgeAll(t, j, operationByID(t, operationID)); len(j.disagreements()) == 0 {
					t.Error("nobody notices")
				}
			})
		}
		if found == 0 {
			t.Errorf("no edition has %s", place)
		}
	}
}

// takeAway removes what is at a place, and reports whether it was there.
func takeAway(v any, place []string) bool {
	switch last := len(place) == 1; v := v.(type) {
	case map[string]any:
		if _, there := v[place[0]]; !there || !last {
			return there && takeAway(v[place[0]], place[1:])
		}
		delete(v, place[0])
		return true
	case []any:
		i, err := strconv.Atoi(place[0])
		if err != nil || i >= len(v) || !last {
			return err == nil && i < len(v) && takeAway(v[i], place[1:])
		}
		v[i] = v[0] // twice, for a list cannot be made shorter from inside
		return true
	}
	return false
}

// TestEditionsAreTheDocument: the JSON edition says the same in the same order, and the other one differs in nothing but what 3.1
// writes in another way.
func TestEditionsAreTheDocument(t *testing.T) {
	t.Parallel()
	skipMutants(t)
	flat := func(text []byte) []string {
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil { // which reads JSON too
			t.Fatal(err)
		}
		return flattened("", doc.Content[0])
	}
	document, asJSON, as31 := flat(openapi.Document), flat(openapi.DocumentJSON), flat(openapi.Document31JSON)
	if !slices.Equal(document, asJSON) {
		t.Error("gen/openapi.json differs")
	}
	otherwise := regexp.MustCompile(`^(/openapi |.*/(nullable|type|type/[01]|contentMediaType) )`)
	left := func(lines []string) (left []string) {
		for _, line := range lines {
			if !otherwise.MatchString(line) {
				left = append(left, strings.Replace(line, "/examples/0", "/example", 1))
			}
		}
		slices.Sort(left) // the examples of a schema stand at its end
		return left
	}
	if !slices.Equal(left(document), left(as31)) {
		t.Error("gen/openapi-3.1.json differs in more than it has to")
	}
	changed := map[string]int{}
	for _, line := range as31 {
		if !slices.Contains(document, line) {
			key, value, _ := strings.Cut(line[strings.LastIndex(line, "/")+1:], " ")
			changed[key+" "+value]++
		}
	}
	nullable := 0
	for _, line := range document {
		if strings.HasSuffix(line, "/nullable true !!bool") {
			nullable++
		}
	}
	if changed["1 null !!str"] != nullable || nullable == 0 || !slices.Contains(as31, "/openapi 3.1.0 !!str") {
		t.Errorf("%d schemas are nullable; new are %v", nullable, changed)
	}
	for _, line := range as31 {
		if strings.Contains(line, "/nullable ") || strings.Contains(line, "/schemas/Phone/example ") {
			t.Errorf("no word of 3.1: %s", line)
		}
	}
}

// flattened lists the scalars of a document in their order, each with the way to it.
func flattened(path string, node *yaml.Node) []string {
	if node.Kind == yaml.ScalarNode {
		return []string{path + " " + node.Value + " " + node.ShortTag()}
	}
	lines := []string{}
	for i, child := range node.Content {
		switch {
		case node.Kind == yaml.SequenceNode:
			lines = append(lines, flattened(path+"/"+strconv.Itoa(i), child)...)
		case i%2 == 1:
			lines = append(lines, flattened(path+"/"+node.Content[i-1].Value, child)...)
		}
	}
	if len(lines) == 0 {
		return []string{path + " is empty"}
	}
	return lines
}
