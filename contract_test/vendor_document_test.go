package contract_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"text/tabwriter"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"go.yaml.in/yaml/v3"

	"github.com/tgo-business/tgo-go/tgo"
)

// ranVendor is whether the document that -vendor names was held against the contract.
var ranVendor atomic.Bool

var vendorFile = flag.String("vendor", "", "hold the vendor's OpenAPI document in this `file` against the contract, in TestVendorDocument")

// TestVendorDocument tells what is new in the vendor's OpenAPI document, compared with the contract and with the differences
// that vendor_differences_test.go gives a reason for. It fails on each difference without a reason, and on each reason
// without its difference: in both cases the vendor's document is not the one that we know.
func TestVendorDocument(t *testing.T) {
	t.Parallel()
	if *vendorFile == "" {
		t.Skip("it needs the vendor's OpenAPI document: go test ./contract_test -run '^TestVendorDocument$' -vendor=FILE -v")
	}
	ranVendor.Store(true)
	vendor, err := loadVendor(*vendorFile)
	if err != nil {
		t.Fatal(err)
	}
	report := vendorReportOf(t, vendor, vendorDifferences)
	t.Logf("%s against openapi.yaml:\n%s", *vendorFile, report)
	if failures := report.failures(); len(failures) > 0 {
		t.Errorf("%d times the vendor's document is not the one that we know:\n%s", len(failures), strings.Join(failures, "\n"))
	}
}

// loadVendor reads a document. A relative name is looked for from the module's folder, where `go test ./contract_test` is
// called, and from this package's, where go test runs it.
func loadVendor(name string) (*openapi3.T, error) {
	b, err := os.ReadFile(name)
	if !filepath.IsAbs(name) {
		if other, inModule := os.ReadFile(filepath.Join("..", name)); inModule == nil {
			b, err = other, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w (a relative name counts from the module's folder or from contract_test; an absolute one always works)", err)
	}
	if kind := kindOf(b); kind != "" {
		return nil, fmt.Errorf("%s is not an OpenAPI document but %s: is it what the right address answered?", name, kind)
	}
	doc, err := (&openapi3.Loader{IsExternalRefsAllowed: false}).LoadFromData(b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read as an OpenAPI document: %w", name, err)
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, fmt.Errorf("%s is of OpenAPI %s, and only 3 can be read", name, doc.OpenAPI)
	case doc.Paths.Len() == 0:
		return nil, fmt.Errorf("%s has no paths", name)
	}
	return doc, nil
}

// kindOf says what a file is that is not an OpenAPI document, or nothing.
func kindOf(b []byte) string {
	b = bytes.Trim(b, "\ufeff \t\r\n")
	var root map[string]any
	if json.Unmarshal(b, &root) != nil {
		_ = yaml.Unmarshal(b, &root) // what is neither has no field either
	}
	info, _ := root["info"].(map[string]any)
	schema, _ := info["schema"].(string)
	switch {
	case len(b) == 0:
		return "an empty file"
	case b[0] == '<':
		return "HTML or XML"
	case root["swagger"] != nil:
		return fmt.Sprintf("a Swagger %v document", root["swagger"])
	case info["_postman_id"] != nil || strings.Contains(schema, "getpostman.com"):
		return "a Postman collection"
	case root["openapi"] == nil && !bytes.Contains(b, []byte("openapi: ")) && !bytes.Contains(b, []byte(`"openapi"`)):
		return fmt.Sprintf("something that begins with %.40q", b)
	}
	return ""
}

// explanation is why differences are there.
type explanation struct {
	keys         string // of the differences, one a line; braces with words in them hold what a part of a key may be
	ours, theirs string
	reason       string
}

// differences are those that it explains, and no other.
func (e explanation) differences() []difference {
	var list []difference
	for line := range strings.Lines(e.keys) {
		for _, key := range expand(strings.TrimSpace(line)) {
			list = append(list, difference{key, e.ours, e.theirs})
		}
	}
	return list
}

var alternatives = regexp.MustCompile(`\{((?:[^{}]|\{\})+)\}`) // {} is a part of a path

// expand makes "x.a" and "x.b" of "x.{a,b}".
func expand(keys string) []string {
	at := alternatives.FindStringSubmatchIndex(keys)
	if at == nil {
		return []string{keys}
	}
	var list []string
	for word := range strings.SplitSeq(keys[at[2]:at[3]], ",") {
		list = append(list, expand(keys[:at[0]]+word+keys[at[1]:])...)
	}
	return list
}

// vendorReport is what came out of holding a document against the contract.
type vendorReport struct {
	comparison *comparison
	table      []explanation
	explained  [][]difference // by their place in the table
	unknown    []difference
	judged     map[string]int // answers of the fake, by operation and status; "no schema" where the vendor has none
	lenient    []leniency
}

// leniency is a set of rules of ours, and the requests that break them and pass by the vendor's document.
type leniency struct {
	rules     []string
	cannot    string   // why no schema can have the rule, where it is the fake's own
	names     []string // of the cases that were written by hand
	generated int
}

// vendorReportOf compares the contract with the vendor's document, and validates with the latter what the fake answers, what
// the client sends, and what the contract refuses.
func vendorReportOf(t testing.TB, vendor *openapi3.T, table []explanation) vendorReport {
	t.Helper()
	var refused []refusedRequest
	for _, c := range refusalCases() {
		refused = append(refused, refusedRequest{rawRequest: c.rawRequest, documentCannot: c.documentCannot})
	}
	for _, n := range negatives(t, *negativesSeed) {
		refused = append(refused, refusedRequest{rawRequest: n.rawRequest, documentCannot: n.documentCannot, generated: true})
	}
	return compareWithVendor(t, vendor, table, vendorExchanges(t), refused)
}

// compareWithVendor compares the contract with the vendor's document, validates exchanges with the fake with the vendor's, and
// finds out which of the requests that the contract refuses the vendor's accepts.
func compareWithVendor(t testing.TB, vendor *openapi3.T, table []explanation, exchanges []exchange, refused []refusedRequest) vendorReport {
	t.Helper()
	r := vendorReport{comparison: compare(contract(), vendor), table: table, judged: map[string]int{}}
	judge := vendorJudge{vendor, operationsOf(contract()), operationsOf(vendor)}
	r.explain(slices.Concat(r.comparison.differences, r.traffic(t, judge, exchanges)))
	r.lenient = judge.leniencies(t, refused)
	return r
}

// refusedRequest is a request that the contract refuses, or the fake where a schema cannot.
type refusedRequest struct {
	rawRequest
	documentCannot string // why no schema can refuse it, where the fake alone does
	generated      bool   // and not written by hand
}

// explain finds the reason of each difference.
func (r *vendorReport) explain(differences []difference) {
	place := map[difference]int{}
	for i, e := range r.table {
		for _, d := range e.differences() {
			place[d] = i
		}
	}
	r.explained = make([][]difference, len(r.table))
	for _, d := range differences {
		if i, ok := place[d]; ok {
			r.explained[i] = append(r.explained[i], d)
		} else {
			r.unknown = append(r.unknown, d)
		}
	}
}

// failures are the differences without a reason, and the reasons without their differences.
func (r vendorReport) failures() []string {
	var list []string
	for _, d := range r.unknown {
		list = append(list, "new: "+d.String())
	}
	for i, e := range r.table {
		for _, d := range e.differences() {
			if !slices.Contains(r.explained[i], d) && !r.toldBy(d.key) {
				list = append(list, fmt.Sprintf("no longer so: %s (%s)", d, e.reason))
			}
		}
	}
	return list
}

// toldBy reports whether what a key is about is within something that is itself new, gone or of another type.
func (r vendorReport) toldBy(key string) bool {
	return slices.ContainsFunc(r.unknown, func(d difference) bool {
		where, _, _ := strings.Cut(d.key, ": ")
		within, ok := strings.CutPrefix(key, where)
		return ok && within != "" && strings.ContainsAny(within[:1], " .[{:") &&
			(d.key == where+": present" || d.key == where+": type" && within[0] != ':')
	})
}

// traffic drives the fake and the client, and tells what of it the vendor's document does not allow.
func (r *vendorReport) traffic(t testing.TB, judge vendorJudge, exchanges []exchange) []difference {
	t.Helper()
	found := map[string]difference{}
	for _, x := range exchanges {
		name, op, ok := judge.operation(x.method, x.target)
		if !ok {
			continue // the comparison tells that
		}
		if x.status/100 == 2 {
			request := rawRequest{method: x.method, target: x.target, contentType: x.contentType, body: x.requestBody}
			if _, err := validateRequest(request.request(t, "http://tenant"+basePath, "tgo_key"), request.body); err == nil {
				for _, rule := range judge.refuses(t, name, op, request) {
					if !strings.HasSuffix(rule, ": present") { // the comparison tells that
						found[rule+", sent"] = difference{rule + ", sent", "sent", "refused"}
					}
				}
			} // else kin-openapi cannot read it, or the fake is more tolerant than the contract
		}
		schema := answerSchema(op, x)
		if schema == nil {
			r.judged["no schema"]++
			continue
		}
		r.judged[name+" "+strconv.Itoa(x.status)]++
		where, said := fmt.Sprintf("%s answer %d", name, x.status), decodedJSON(x.body)
		if err := schema.VisitJSON(said, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
			for _, rule := range brokenRules(where, " ", err) {
				found[rule] = difference{rule, "answered", "refused"}
			}
		}
		for _, field := range unknownFields(where, " ", schema.NewRef(), said) {
			found[field] = difference{field, "answered", "no"}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b difference) int { return strings.Compare(a.key, b.key) })
}

// vendorExchanges makes every call of the client and every request of the suite's tables on a fake.
func vendorExchanges(t testing.TB) []exchange {
	t.Helper()
	fake := newExampleFake(t)
	w := &witness{next: http.DefaultTransport, base: fake.URL}
	client, err := fake.ClientWith(fake.Key, tgo.WithHTTPClient(&http.Client{Transport: w}), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls(t) {
		if _, err := c.do(t.Context(), client); err != nil && !errors.Is(err, tgo.ErrNotFound) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var requests []rawRequest
	for _, op := range operations() {
		requests = append(requests, exampleRequests(t, op)...)
	}
	for _, c := range acceptedCases() {
		requests = append(requests, c.rawRequest)
	}
	for _, c := range refusalCases() {
		requests = append(requests, c.rawRequest)
	}
	for _, r := range requests {
		roundTrip(t, w, r.request(t, fake.URL, fake.Key.Reveal()))
	}
	noScopes := fake.NewKey().Reveal()
	for _, op := range operations() {
		r := exampleRequests(t, op)[0]
		roundTrip(t, w, r.request(t, fake.URL, ""))
		roundTrip(t, w, r.request(t, fake.URL, noScopes))
		stranger := r.request(t, fake.URL, fake.Key.Reveal())
		stranger.Host = "unknown.tgo-eg.com"
		roundTrip(t, w, stranger)
	}
	return w.exchanges()
}

// answerSchema is what an operation says of the body of an answer, or nil.
func answerSchema(op operation, x exchange) *openapi3.Schema {
	responses := op.responses()
	for _, status := range []string{strconv.Itoa(x.status), strconv.Itoa(x.status/100) + "XX", "default"} {
		if response := responses[status]; response != nil {
			content := response.Content.Get(x.header.Get("Content-Type"))
			if content == nil || content.Schema == nil {
				return nil
			}
			return flat(content.Schema)
		}
	}
	return nil
}

// unknownFields are those of an answer that its schema does not have. A schema that requires nothing accepts any object, one
// in an envelope too.
func unknownFields(where, dot string, ref *openapi3.SchemaRef, value any) []string {
	var list []string
	schema := flat(ref)
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			list = append(list, unknownFields(where+"[]", ".", schema.Items, item)...)
		}
	case map[string]any:
		for name, field := range v {
			if property := schema.Properties[name]; property != nil {
				list = append(list, unknownFields(where+dot+name, ".", property, field)...)
			} else if len(schema.Properties) > 0 {
				list = append(list, where+dot+name+": present")
			}
		}
	}
	return list
}

// vendorJudge holds requests against the vendor's document.
type vendorJudge struct {
	vendor       *openapi3.T
	ours, theirs map[string]operation
}

// operation is the vendor's operation that a request to one of ours is for.
func (j vendorJudge) operation(method, target string) (string, operation, bool) {
	path, _, _ := strings.Cut(target, "?")
	route, _, err := findRoute(method, basePath+path)
	if err != nil {
		return "", operation{}, false
	}
	name := method + " " + pathParameter.ReplaceAllString(route.Path, "{}")
	op, ok := j.theirs[name]
	return name, op, ok
}

// refuses tells by which rules an operation of the vendor's refuses a request: none if it accepts it.
func (j vendorJudge) refuses(t testing.TB, name string, op operation, r rawRequest) []string {
	t.Helper()
	req := r.request(t, "http://tenant"+basePath, "tgo_key")
	_, params, _ := findRoute(r.method, req.URL.Path)
	ours, theirs := pathParameter.FindAllString(j.ours[name].path, -1), pathParameter.FindAllString(op.path, -1)
	for i := range theirs {
		params[strings.Trim(theirs[i], "{}")] = params[strings.Trim(ours[i], "{}")]
	}
	err := openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request:    req,
		PathParams: params,
		Route:      &routers.Route{Spec: j.vendor, Path: op.path, PathItem: op.item, Method: r.method, Operation: withOpenForms(op.Operation)},
		Options:    &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	return brokenRules(name, " ", err)
}

// withOpenForms makes kin-openapi take unknown parts of a form, as OpenAPI means it where additionalProperties is not said,
// and read forms whose schema is an allOf.
func withOpenForms(op *openapi3.Operation) *openapi3.Operation {
	if op.RequestBody == nil {
		return op
	}
	body := *op.RequestBody.Value
	body.Content = maps.Clone(body.Content)
	for mediaType, m := range body.Content {
		content, schema := openapi3.MediaType{}, &openapi3.Schema{}
		if m != nil {
			content, schema = *m, flat(m.Schema)
		}
		if open := true; schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil {
			schema.AdditionalProperties.Has = &open
		}
		content.Schema = schema.NewRef()
		body.Content[mediaType] = &content
	}
	changed := *op
	changed.RequestBody = &openapi3.RequestBodyRef{Value: &body}
	return &changed
}

// leniencies finds the requests that the contract refuses and the vendor's document accepts.
func (j vendorJudge) leniencies(t testing.TB, refused []refusedRequest) []leniency {
	t.Helper()
	byRules := map[string]leniency{}
	for _, r := range refused {
		name, op, ok := j.operation(r.method, r.target)
		if !ok || len(j.refuses(t, name, op, r.rawRequest)) > 0 {
			continue
		}
		_, err := validateRequest(r.request(t, "http://tenant"+basePath, "tgo_key"), r.body)
		rules := brokenRules(name, " ", err)
		if len(rules) == 0 {
			rules = []string{name + ": a rule of the fake"}
		}
		key := strings.Join(rules, "\n") + "\n" + r.documentCannot
		l := byRules[key]
		l.rules, l.cannot = rules, r.documentCannot
		if r.generated {
			l.generated++
		} else {
			l.names = append(l.names, r.name)
		}
		byRules[key] = l
	}
	var list []leniency
	for _, key := range slices.Sorted(maps.Keys(byRules)) {
		list = append(list, byRules[key])
	}
	return list
}

// brokenRules are the keys, as a comparison has them, of what a request or an answer breaks.
func brokenRules(where, dot string, err error) []string {
	var list []string
	switch e := err.(type) { //nolint:errorlint // a tree is walked, each node by its own type
	case nil:
		return nil
	case openapi3.MultiError:
		for _, one := range e {
			list = append(list, brokenRules(where, dot, one)...)
		}
	case *openapi3filter.RequestError:
		switch {
		case e.Parameter != nil && e.Parameter.In == "path":
			where += " path 1"
		case e.Parameter != nil:
			where += " " + e.Parameter.In + " " + e.Parameter.Name
		default:
			mediaType, _, _ := strings.Cut(e.Input.Request.Header.Get("Content-Type"), ";")
			where += " request " + strings.ToLower(strings.TrimSpace(mediaType))
		}
		if errors.Is(e.Err, openapi3filter.ErrInvalidRequired) {
			return []string{where + ": required"}
		}
		if e.Err == nil { // of all refusals only that of a media type is without
			return []string{where + ": present"}
		}
		return brokenRules(where, dot, e.Err)
	case *openapi3filter.ParseError:
		keyword := "type" // what a parameter or a part has in it is not of its type
		if strings.HasSuffix(e.Error(), ": undefined") {
			keyword = "closed" // kin-openapi's words for a part of a form that the schema does not have
		}
		for _, name := range e.Path() {
			where, dot = where+dot+fmt.Sprint(name), "."
		}
		list = append(list, where+": "+keyword)
	case *openapi3.SchemaError:
		keyword := e.SchemaField
		if keyword == "properties" {
			keyword = "closed"
		}
		for _, name := range e.JSONPointer() {
			if _, err := strconv.Atoi(name); err == nil {
				where += "[]"
			} else {
				where, dot = where+dot+name, "."
			}
		}
		list = append(list, where+": "+keyword)
	default:
		list = append(list, where+": "+err.Error())
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// String is the report as a table.
func (r vendorReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	count := map[string][2]int{}
	note := func(place int, differences []difference) {
		for _, d := range differences {
			n := count[operationOf(d.key)]
			n[place]++
			count[operationOf(d.key)] = n
		}
	}
	explained := 0
	for _, differences := range r.explained {
		explained += len(differences)
		note(0, differences)
	}
	note(1, r.unknown)
	names := slices.Concat(slices.Collect(maps.Keys(r.comparison.agreed)), slices.Collect(maps.Keys(count)))
	slices.Sort(names)
	fmt.Fprintln(w, "operation\tagrees\tdiffers with a reason\tnew")
	agreed := 0
	for _, name := range slices.Compact(names) {
		agreed += r.comparison.agreed[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", name, r.comparison.agreed[name], count[name][0], count[name][1])
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\n", agreed, explained, len(r.unknown))

	fmt.Fprintf(w, "\nDiffers with a reason (%d):\n", explained)
	heading := ""
	for i, e := range r.table {
		if len(r.explained[i]) > 0 && e.reason != heading {
			heading = e.reason
			fmt.Fprintf(w, "  %s\n", heading)
		}
		for _, d := range r.explained[i] {
			fmt.Fprintf(w, "    %s\tours %s\tthe vendor's %s\n", d.key, d.ours, d.theirs)
		}
	}

	answers := 0
	for name, n := range r.judged {
		if name != "no schema" {
			answers += n
		}
	}
	fmt.Fprintf(w, "\nAnswers of the fake judged by the vendor's schemas: %d, of %d operations and statuses. Without a schema: %d.\n",
		answers, len(r.judged)-min(r.judged["no schema"], 1), r.judged["no schema"])

	fmt.Fprintf(w, "\nRequests that the vendor's document accepts and the contract refuses, by the rule that refuses them (%d rules):\n", len(r.lenient))
	for _, l := range r.lenient {
		for _, rule := range l.rules {
			reason := l.cannot
			if reason == "" {
				reason = r.reasonOf(rule)
			}
			fmt.Fprintf(w, "  %s (%s)\n", rule, reason)
		}
		if l.generated > 0 {
			l.names = append(l.names, fmt.Sprintf("%d generated", l.generated))
		}
		fmt.Fprintf(w, "    %s\n", strings.Join(l.names, "; "))
	}

	_ = w.Flush() // into memory
	return b.String()
}

// reasonOf is the reason of the difference that a rule of ours is, or that what it is about is.
func (r vendorReport) reasonOf(rule string) string {
	where, _, _ := strings.Cut(rule, ": ")
	for i, e := range r.table {
		if slices.ContainsFunc(r.explained[i], func(d difference) bool {
			return d.key == rule || d.key == where+": present" || strings.HasPrefix(d.key, rule+" ")
		}) {
			return e.reason
		}
	}
	return "no reason is written down"
}
