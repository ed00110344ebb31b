package tgotest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
)

// Coverage counts which parts of the contract were exercised: each operation with each media type of its request and each
// status of its answer, and in requests that succeeded each field and each value of an enum.
//
// Every fake has one, see [Server.Coverage]. One that is shared by several fakes, by Config.Coverage, tells what all tests
// of a package covered together:
//
//	var coverage = tgotest.NewCoverage()
//
//	func TestMain(m *testing.M) {
//		code := m.Run()
//		fmt.Print(coverage.Report())
//		os.Exit(code)
//	}
//
// [Coverage.Transport] counts requests to any other server.
type Coverage struct {
	mu     sync.Mutex
	counts map[CoverageItem]int64
	strays int // kinds of entries that the contract does not have
}

// NewCoverage returns an empty counter.
func NewCoverage() *Coverage { return &Coverage{counts: map[CoverageItem]int64{}} }

// Coverage is the fake's counter.
func (s *Server) Coverage() *Coverage { return s.cfg.Coverage }

// CoverageItem is a part of the contract that can be exercised, or something that was exercised and is no part of it.
type CoverageItem struct {
	// Operation is the operationId; of a request that is for no operation the method alone.
	Operation string `json:"operation"`
	// MediaType is that of the request's body; empty without one. Of a parameter it is its place: query or path.
	MediaType string `json:"media_type"`
	// Status is that of the answer, as the contract writes it: 200, or 2XX. Only combinations have one. A page with such a
	// status is no success, and is told apart: 200 text/html.
	Status string `json:"status,omitempty"`
	// Field is a property of the body or a parameter. Combinations have none.
	Field string `json:"field,omitempty"`
	// Value is one of an enum; empty for the field as such.
	Value string `json:"value,omitempty"`
}

// String is the item in one line.
func (i CoverageItem) String() string {
	parts := slices.DeleteFunc([]string{i.Operation, i.MediaType, i.Status, i.Field}, func(part string) bool { return part == "" })
	s := strings.Join(parts, " ")
	if i.Value != "" {
		s += "=" + i.Value
	}
	return s
}

// CoverageCount is an item and how often it was seen.
type CoverageCount struct {
	CoverageItem
	Seen int64 `json:"seen"`
}

// CoverageReport is what was covered of the contract, in three lists that hold each part of it once, and a fourth of what
// is no part of it.
type CoverageReport struct {
	// Combinations are the operations with media types and statuses.
	Combinations []CoverageCount `json:"combinations"`
	// Fields are the properties and parameters of requests.
	Fields []CoverageCount `json:"fields"`
	// Values are those of the enums.
	Values []CoverageCount `json:"values"`
	// Undocumented was seen, and the contract does not have it.
	Undocumented []CoverageCount `json:"undocumented"`
}

// Missing lists what the contract has and nobody exercised.
func (r CoverageReport) Missing() []CoverageItem {
	var missing []CoverageItem
	for _, c := range slices.Concat(r.Combinations, r.Fields, r.Values) {
		if c.Seen == 0 {
			missing = append(missing, c.CoverageItem)
		}
	}
	return missing
}

// Percent is how much was covered of the requests and statuses of the contract, all three lists together. It is 100 only
// where nothing is missing; what stands inside an answer is not counted.
func (r CoverageReport) Percent() float64 {
	all := len(r.Combinations) + len(r.Fields) + len(r.Values)
	return 100 * float64(all-len(r.Missing())) / float64(all)
}

// Summary is the report in one line.
func (r CoverageReport) Summary() string {
	return fmt.Sprintf("%.1f %% of the requests and statuses of the contract; %d parts of it not seen yet, %d seen that it does not have",
		r.Percent(), len(r.Missing()), len(r.Undocumented))
}

// String is the report as text: a matrix of the combinations, and lists of the rest.
func (r CoverageReport) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Coverage of the requests and statuses of the contract: %.1f %%\n", r.Percent())
	share := func(name string, list []CoverageCount) {
		covered := 0
		for _, c := range list {
			covered += map[bool]int{true: 1}[c.Seen > 0]
		}
		fmt.Fprintf(&b, "  %-24s %d of %d\n", name, covered, len(list))
	}
	share("operation x type x status", r.Combinations)
	share("request fields", r.Fields)
	share("enum values", r.Values)
	b.WriteByte('\n')
	r.writeMatrix(&b)
	fmt.Fprintf(&b, "\nDocumented and never seen: %d\n", len(r.Missing()))
	for _, i := range r.Missing() {
		fmt.Fprintf(&b, "  %s\n", i)
	}
	fmt.Fprintf(&b, "Seen and not documented: %d\n", len(r.Undocumented))
	for _, c := range r.Undocumented {
		fmt.Fprintf(&b, "  %s: %d\n", c.CoverageItem, c.Seen)
	}
	return b.String()
}

// writeMatrix has a row for each operation and media type, and a column for each status. A dot stands where the contract
// has no such combination.
func (r CoverageReport) writeMatrix(w io.Writer) {
	var columns []string
	for _, c := range r.Combinations {
		if !slices.Contains(columns, c.Status) {
			columns = append(columns, c.Status)
		}
	}
	slices.Sort(columns)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(operation, mediaType string, cells []string) {
		fmt.Fprintf(table, "%s\t%s\t\n", strings.TrimSpace(operation+" "+mediaType), strings.Join(cells, "\t"))
	}
	row("", "", columns)
	for i := 0; i < len(r.Combinations); {
		operation, mediaType := r.Combinations[i].Operation, r.Combinations[i].MediaType
		cells := make([]string, len(columns))
		for j := range cells {
			cells[j] = "."
		}
		for ; i < len(r.Combinations) && r.Combinations[i].Operation == operation && r.Combinations[i].MediaType == mediaType; i++ {
			cells[slices.Index(columns, r.Combinations[i].Status)] = strconv.FormatInt(r.Combinations[i].Seen, 10)
		}
		row(operation, mediaType, cells)
	}
	_ = table.Flush()
}

// Report tells what was seen so far.
func (c *Coverage) Report() CoverageReport {
	c.mu.Lock()
	defer c.mu.Unlock()
	var r CoverageReport
	documented := documentedItems()
	for _, i := range documented {
		count := CoverageCount{i, c.counts[i]}
		switch {
		case i.Status != "":
			r.Combinations = append(r.Combinations, count)
		case i.Value != "":
			r.Values = append(r.Values, count)
		default:
			r.Fields = append(r.Fields, count)
		}
	}
	known := map[CoverageItem]bool{}
	for _, i := range documented {
		known[i] = true
	}
	for i, n := range c.counts {
		if !known[i] {
			r.Undocumented = append(r.Undocumented, CoverageCount{i, n})
		}
	}
	slices.SortFunc(r.Undocumented, func(a, b CoverageCount) int { return cmp.Compare(a.String(), b.String()) })
	return r
}

// documentedItems lists all that there is to cover, in the order of operations, media types and statuses.
var documentedItems = sync.OnceValue(func() []CoverageItem {
	routes, err := loadContract()
	if err != nil {
		return nil // who started a fake knows
	}
	var list []CoverageItem
	for id, route := range routes {
		types := []string{""}
		if body := route.Operation.RequestBody; body != nil {
			types = mediaTypes(body.Value)
			for _, t := range types {
				list = append(list, fieldItems(CoverageItem{Operation: id, MediaType: t}, body.Value.Content[t].Schema.Value)...)
			}
		}
		for _, t := range types {
			for status := range route.Operation.Responses.Map() {
				list = append(list, CoverageItem{Operation: id, MediaType: t, Status: status})
			}
		}
		for _, p := range route.Operation.Parameters {
			i := CoverageItem{Operation: id, MediaType: p.Value.In, Field: p.Value.Name}
			list = append(append(list, i), enumItems(i, p.Value.Schema.Value)...)
		}
	}
	slices.SortFunc(list, func(a, b CoverageItem) int { return cmp.Compare(a.String(), b.String()) })
	return list
})

func fieldItems(of CoverageItem, schema *openapi3.Schema) []CoverageItem {
	var list []CoverageItem
	for name, property := range schema.Properties {
		i := of
		i.Field = name
		list = append(append(list, i), enumItems(i, property.Value)...)
	}
	return list
}

func enumItems(of CoverageItem, schema *openapi3.Schema) []CoverageItem {
	var list []CoverageItem
	if schema.Items != nil {
		schema = schema.Items.Value
	}
	for _, v := range schema.Enum {
		of.Value = fmt.Sprint(v)
		list = append(list, of)
	}
	return list
}

// maxStrays bounds what is remembered of requests that the contract does not know: anybody can make up more of them.
const maxStrays = 200

// see counts. The caller holds the lock.
func (c *Coverage) see(i CoverageItem, documented bool) {
	if !documented && c.counts[i] == 0 {
		if c.strays >= maxStrays {
			i = CoverageItem{Operation: "(others)"}
		}
		c.strays++
	}
	c.counts[i]++
}

// isSuccess reports whether an answer says that the request was carried out. A page does not: a login form has status 200.
func isSuccess(status int, header http.Header) bool {
	return status/100 == 2 && !strings.HasPrefix(header.Get("Content-Type"), "text/html")
}

// answered counts a combination.
func (c *Coverage) answered(route *routers.Route, r *http.Request, status int, header http.Header) {
	i := CoverageItem{Operation: r.Method, Status: strconv.Itoa(status)}
	documented := false
	if route != nil {
		i.Operation = route.Operation.OperationID
		documented = true
		if body := route.Operation.RequestBody; body != nil || r.ContentLength != 0 {
			i.MediaType = r.Header.Get("Content-Type")
			if i.MediaType != "application/json" { // the usual one
				i.MediaType, _, _ = mime.ParseMediaType(i.MediaType)
			}
			documented = body != nil && body.Value.Content[i.MediaType] != nil
		}
		responses := route.Operation.Responses
		if status/100 == 2 && !isSuccess(status, header) {
			i.Status, documented = i.Status+" text/html", false
		} else if responses.Value(i.Status) == nil {
			i.Status = i.Status[:1] + "XX"
			if responses.Value(i.Status) == nil {
				i.Status, documented = strconv.Itoa(status), false
			}
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.see(i, documented)
}

// accepted counts the parameters and fields of a request that succeeded.
func (c *Coverage) accepted(route *routers.Route, query url.Values, form map[string]string, media bool, values map[string]any) {
	op := route.Operation
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range op.Parameters {
		i := CoverageItem{Operation: op.OperationID, MediaType: p.Value.In, Field: p.Value.Name}
		if p.Value.In == openapi3.ParameterInPath || query.Has(p.Value.Name) {
			c.seeField(i, p.Value.Schema.Value, query.Get(p.Value.Name))
		}
	}
	for name := range query {
		if op.Parameters.GetByInAndName(openapi3.ParameterInQuery, name) == nil {
			c.see(CoverageItem{Operation: op.OperationID, MediaType: openapi3.ParameterInQuery, Field: name}, false)
		}
	}
	if op.RequestBody == nil {
		return
	}
	mediaType := "application/json"
	if form != nil || media {
		mediaType = "multipart/form-data"
		values = map[string]any{}
		for name, value := range form {
			values[name] = value
		}
		if media {
			values[mediaField] = nil
		}
	}
	content := op.RequestBody.Value.Content[mediaType]
	if content == nil {
		return
	}
	for name, value := range values {
		i := CoverageItem{Operation: op.OperationID, MediaType: mediaType, Field: name}
		property := content.Schema.Value.Properties[name]
		if property == nil {
			c.see(i, false)
			continue
		}
		c.seeField(i, property.Value, value)
	}
}

// seeField counts a field, and its value where that is one of an enum. The caller holds the lock.
func (c *Coverage) seeField(i CoverageItem, schema *openapi3.Schema, value any) {
	c.see(i, true)
	values := []any{value}
	if list, ok := value.([]any); ok && schema.Items != nil {
		values, schema = list, schema.Items.Value
	}
	for _, v := range values {
		if len(schema.Enum) > 0 {
			i.Value = fmt.Sprint(v)
			c.see(i, slices.Contains(schema.Enum, v))
		}
	}
}

// statusWriter notes the status of an answer.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// count wraps a handler. A connection that was cut had no answer to count.
func (c *Coverage) count(route *routers.Route, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		counted := &statusWriter{ResponseWriter: w}
		next(counted, r)
		c.answered(route, r, cmp.Or(counted.status, http.StatusOK), w.Header())
	}
}

// maxCovered is how much of a body Transport looks at.
const maxCovered = 8 << 20

// Transport counts the requests that go through it, to whichever server, and passes them on to next; nil is
// http.DefaultTransport. The paths are told apart by their end, so the server may have the API anywhere.
func (c *Coverage) Transport(next http.RoundTripper) http.RoundTripper {
	if next == nil {
		next = http.DefaultTransport
	}
	return coverageTransport{c, next}
}

type coverageTransport struct {
	coverage *Coverage
	next     http.RoundTripper
}

// RoundTrip is http.RoundTripper's.
func (t coverageTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	var body *copiedBody
	if r.Body != nil && r.Body != http.NoBody {
		r = r.Clone(r.Context())
		body = &copiedBody{ReadCloser: r.Body}
		r.Body = body
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	route := routeOf(r)
	t.coverage.answered(route, r, resp.StatusCode, resp.Header)
	if route != nil && isSuccess(resp.StatusCode, resp.Header) {
		t.coverage.acceptedRaw(route, r, body.bytes())
	}
	return resp, nil
}

// acceptedRaw is accepted for a body that nobody has read.
func (c *Coverage) acceptedRaw(route *routers.Route, r *http.Request, body []byte) {
	mediaType, params, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" {
		var values map[string]any
		_ = json.Unmarshal(body, &values) // without a body, or with one that is no object, only the parameters count
		c.accepted(route, r.URL.Query(), nil, false, values)
		return
	}
	fields, media := map[string]string{}, false
	reader := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for {
		part, err := reader.NextPart()
		if err != nil {
			break
		}
		if part.FileName() != "" {
			media = true
			continue
		}
		text, _ := io.ReadAll(io.LimitReader(part, maxText))
		fields[part.FormName()] = string(text)
	}
	c.accepted(route, r.URL.Query(), fields, media, nil)
}

// routeOf finds the operation that a request to any server is for; nil where there is none.
func routeOf(r *http.Request) *routers.Route {
	routes, err := loadContract()
	if err != nil {
		return nil
	}
	have := strings.Split(strings.Trim(r.URL.Path, "/"), "/")
	var found *routers.Route
	length := 0
	for _, route := range routes {
		want := strings.Split(strings.Trim(route.Path, "/"), "/")
		if route.Method != r.Method || len(want) > len(have) || len(want) <= length {
			continue
		}
		end := have[len(have)-len(want):]
		if slices.EqualFunc(want, end, func(w, h string) bool { return w == h || strings.HasPrefix(w, "{") }) {
			found, length = route, len(want)
		}
	}
	return found
}

// copiedBody keeps what is read of a body.
type copiedBody struct {
	io.ReadCloser
	mu   sync.Mutex // a transport may still read when the answer is there
	kept bytes.Buffer
}

// Read is io.Reader's.
func (b *copiedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.kept.Len() < maxCovered {
		b.kept.Write(p[:n])
	}
	return n, err
}

func (b *copiedBody) bytes() []byte {
	if b == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.kept.Bytes())
}
