package contract

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// VendorReport is the result of comparing the contract, and the traffic of client and fake, with the vendor's document.
type VendorReport struct {
	Comparison *Comparison
	table      []Explanation
	explained  [][]Difference // by their place in the table
	Unknown    []Difference
	Validated  map[string]int // how many responses of the fake, by operation and status; "no schema" counts those for which the vendor has none
	Lenient    []Leniency
}

// Leniency is a set of rules of the contract, and the requests that break them and that the vendor's document accepts.
type Leniency struct {
	Rules     []string
	Cannot    string   // why no schema can have the rule, if it is the fake's own
	Names     []string // of the cases that were written by hand
	generated int
}

// CompareWithVendor compares the contract with the vendor's document. It validates exchanges with the fake with the vendor's
// document, and lists the requests that the contract refuses and the vendor's document accepts.
func CompareWithVendor(t testing.TB, vendor *openapi3.T, table []Explanation, exchanges []Exchange, refused []RefusedRequest) VendorReport {
	t.Helper()
	r := VendorReport{Comparison: Compare(Document(), vendor), table: table, Validated: map[string]int{}}
	validator := vendorValidator{vendor, operationsOf(Document()), operationsOf(vendor)}
	r.explain(slices.Concat(r.Comparison.Differences, r.traffic(t, validator, exchanges)))
	r.Lenient = validator.leniencies(t, refused)
	return r
}

// RefusedRequest is a request that the contract refuses, or only the fake if a schema cannot.
type RefusedRequest struct {
	Request
	DocumentCannot string // why no schema can refuse it, if only the fake does
	Generated      bool   // otherwise it was written by hand
}

// explain finds the reason of each difference.
func (r *VendorReport) explain(differences []Difference) {
	place := map[Difference]int{}
	for i, e := range r.table {
		for _, d := range e.Differences() {
			place[d] = i
		}
	}
	r.explained = make([][]Difference, len(r.table))
	for _, d := range differences {
		if i, ok := place[d]; ok {
			r.explained[i] = append(r.explained[i], d)
		} else {
			r.Unknown = append(r.Unknown, d)
		}
	}
}

// Failures lists the differences without a reason, and the reasons whose difference is gone.
func (r VendorReport) Failures() []string {
	var list []string
	for _, d := range r.Unknown {
		list = append(list, "new: "+d.String())
	}
	for i, e := range r.table {
		for _, d := range e.Differences() {
			if !slices.Contains(r.explained[i], d) && !r.toldBy(d.Key) {
				list = append(list, fmt.Sprintf("no longer so: %s (%s)", d, e.Reason))
			}
		}
	}
	return list
}

// toldBy reports whether a key is about a part of something that is itself new, gone or of another type.
func (r VendorReport) toldBy(key string) bool {
	return slices.ContainsFunc(r.Unknown, func(d Difference) bool {
		where, _, _ := strings.Cut(d.Key, ": ")
		within, ok := strings.CutPrefix(key, where)
		return ok && within != "" && strings.ContainsAny(within[:1], " .[{:") &&
			(d.Key == where+": present" || d.Key == where+": type" && within[0] != ':')
	})
}

// traffic returns what the vendor's document does not allow in the exchanges: in responses of the fake, and in requests that the
// contract accepts.
func (r *VendorReport) traffic(t testing.TB, validator vendorValidator, exchanges []Exchange) []Difference {
	t.Helper()
	found := map[string]Difference{}
	for _, x := range exchanges {
		name, op, ok := validator.operation(x.Method, x.Target)
		if !ok {
			continue // the comparison reports that
		}
		if x.Status/100 == 2 {
			request := Request{Method: x.Method, Target: x.Target, ContentType: x.ContentType, Body: x.RequestBody}
			if _, err := ValidateRequest(request.HTTP(t, "http://tenant"+BasePath, "tgo_key"), request.Body); err == nil {
				for _, rule := range validator.refuses(t, name, op, request) {
					if !strings.HasSuffix(rule, ": present") { // the comparison reports that
						found[rule+", sent"] = Difference{rule + ", sent", "sent", "refused"}
					}
				}
			} // otherwise kin-openapi cannot decode it, or the fake is more lenient than the contract
		}
		schema := answerSchema(op, x)
		if schema == nil {
			r.Validated["no schema"]++
			continue
		}
		r.Validated[name+" "+strconv.Itoa(x.Status)]++
		where, said := fmt.Sprintf("%s answer %d", name, x.Status), DecodeJSON(x.Body)
		if err := schema.VisitJSON(said, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
			for _, rule := range brokenRules(where, " ", err) {
				found[rule] = Difference{rule, "returned", "refused"}
			}
		}
		for _, field := range unknownFields(where, " ", schema.NewRef(), said) {
			found[field] = Difference{field, "returned", "no"}
		}
	}
	return slices.SortedFunc(maps.Values(found), func(a, b Difference) int { return strings.Compare(a.Key, b.Key) })
}

// answerSchema returns the schema that an operation has for a response, or nil.
func answerSchema(op Operation, x Exchange) *openapi3.Schema {
	responses := op.ByStatus()
	for _, status := range []string{strconv.Itoa(x.Status), strconv.Itoa(x.Status/100) + "XX", "default"} {
		if response := responses[status]; response != nil {
			content := response.Content.Get(x.Header.Get("Content-Type"))
			if content == nil || content.Schema == nil {
				return nil
			}
			return flat(content.Schema)
		}
	}
	return nil
}

// unknownFields lists the fields of a response that its schema does not have. A schema without required fields accepts any
// object, even one in an envelope.
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

// vendorValidator validates requests with the vendor's document.
type vendorValidator struct {
	vendor       *openapi3.T
	ours, theirs map[string]Operation
}

// operation returns the vendor's operation for a request to one of ours, and its name.
func (v vendorValidator) operation(method, target string) (string, Operation, bool) {
	path, _, _ := strings.Cut(target, "?")
	route, _, err := FindRoute(method, BasePath+path)
	if err != nil {
		return "", Operation{}, false
	}
	name := method + " " + pathParameter.ReplaceAllString(route.Path, "{}")
	op, ok := v.theirs[name]
	return name, op, ok
}

// refuses returns the rules of the vendor's operation that a request breaks. There are none if it accepts the request.
func (v vendorValidator) refuses(t testing.TB, name string, op Operation, r Request) []string {
	t.Helper()
	req := r.HTTP(t, "http://tenant"+BasePath, "tgo_key")
	_, params, _ := FindRoute(r.Method, req.URL.Path)
	ours, theirs := pathParameter.FindAllString(v.ours[name].Path, -1), pathParameter.FindAllString(op.Path, -1)
	for i := range theirs {
		params[strings.Trim(theirs[i], "{}")] = params[strings.Trim(ours[i], "{}")]
	}
	err := openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{
		Request:    req,
		PathParams: params,
		Route:      &routers.Route{Spec: v.vendor, Path: op.Path, PathItem: op.Item, Method: r.Method, Operation: withOpenForms(op.Operation)},
		Options:    &openapi3filter.Options{MultiError: true, SkipSettingDefaults: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc},
	})
	return brokenRules(name, " ", err)
}

// withOpenForms makes kin-openapi accept unknown parts of a form, as OpenAPI does without additionalProperties, and decode forms
// whose schema is an allOf.
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

// leniencies returns the requests that the vendor's document accepts, by the rules of the contract that they break.
func (v vendorValidator) leniencies(t testing.TB, refused []RefusedRequest) []Leniency {
	t.Helper()
	byRules := map[string]Leniency{}
	for _, r := range refused {
		name, op, ok := v.operation(r.Method, r.Target)
		if !ok || len(v.refuses(t, name, op, r.Request)) > 0 {
			continue
		}
		_, err := ValidateRequest(r.HTTP(t, "http://tenant"+BasePath, "tgo_key"), r.Body)
		rules := brokenRules(name, " ", err)
		if len(rules) == 0 {
			rules = []string{name + ": a rule of the fake"}
		}
		key := strings.Join(rules, "\n") + "\n" + r.DocumentCannot
		l := byRules[key]
		l.Rules, l.Cannot = rules, r.DocumentCannot
		if r.Generated {
			l.generated++
		} else {
			l.Names = append(l.Names, r.Name)
		}
		byRules[key] = l
	}
	var list []Leniency
	for _, key := range slices.Sorted(maps.Keys(byRules)) {
		list = append(list, byRules[key])
	}
	return list
}

// brokenRules returns the rules that a request or a response breaks, as keys like those of a comparison.
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
		if e.Err == nil { // which only an unknown media type has
			return []string{where + ": present"}
		}
		return brokenRules(where, dot, e.Err)
	case *openapi3filter.ParseError:
		keyword := "type" // a parameter or a part is of another type
		if strings.HasSuffix(e.Error(), ": undefined") {
			keyword = "closed" // what kin-openapi says of a part that the schema does not have
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

// String returns the report as a table.
func (r VendorReport) String() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	count := map[string][2]int{}
	note := func(place int, differences []Difference) {
		for _, d := range differences {
			n := count[operationOf(d.Key)]
			n[place]++
			count[operationOf(d.Key)] = n
		}
	}
	explained := 0
	for _, differences := range r.explained {
		explained += len(differences)
		note(0, differences)
	}
	note(1, r.Unknown)
	names := slices.Concat(slices.Collect(maps.Keys(r.Comparison.agreed)), slices.Collect(maps.Keys(count)))
	slices.Sort(names)
	fmt.Fprintln(w, "operation\tagrees\tdiffers with a reason\tnew")
	agreed := 0
	for _, name := range slices.Compact(names) {
		agreed += r.Comparison.agreed[name]
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\n", name, r.Comparison.agreed[name], count[name][0], count[name][1])
	}
	fmt.Fprintf(w, "all\t%d\t%d\t%d\n", agreed, explained, len(r.Unknown))

	fmt.Fprintf(w, "\nDiffers with a reason (%d):\n", explained)
	heading := ""
	for i, e := range r.table {
		if len(r.explained[i]) > 0 && e.Reason != heading {
			heading = e.Reason
			fmt.Fprintf(w, "  %s\n", heading)
		}
		for _, d := range r.explained[i] {
			fmt.Fprintf(w, "    %s\tours %s\tthe vendor's %s\n", d.Key, d.Ours, d.Theirs)
		}
	}

	responses := 0
	for name, n := range r.Validated {
		if name != "no schema" {
			responses += n
		}
	}
	fmt.Fprintf(w, "\nResponses of the fake validated with the vendor's schemas: %d, of %d operations and statuses. Without a schema: %d.\n",
		responses, len(r.Validated)-min(r.Validated["no schema"], 1), r.Validated["no schema"])

	fmt.Fprintf(w, "\nRequests that the vendor's document accepts and the contract refuses, by the rule that refuses them (%d rules):\n", len(r.Lenient))
	for _, l := range r.Lenient {
		for _, rule := range l.Rules {
			reason := l.Cannot
			if reason == "" {
				reason = r.reasonOf(rule)
			}
			fmt.Fprintf(w, "  %s (%s)\n", rule, reason)
		}
		if l.generated > 0 {
			l.Names = append(l.Names, fmt.Sprintf("%d generated", l.generated))
		}
		fmt.Fprintf(w, "    %s\n", strings.Join(l.Names, "; "))
	}

	_ = w.Flush() // writing to memory does not fail
	return b.String()
}

// reasonOf returns the reason for the difference between a rule of the contract and the vendor's document.
func (r VendorReport) reasonOf(rule string) string {
	where, _, _ := strings.Cut(rule, ": ")
	for i, e := range r.table {
		if slices.ContainsFunc(r.explained[i], func(d Difference) bool {
			return d.Key == rule || d.Key == where+": present" || strings.HasPrefix(d.Key, rule+" ")
		}) {
			return e.Reason
		}
	}
	return "without a reason in the table"
}
