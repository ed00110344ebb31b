package tgotest

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/tabwriter"
)

// Coverage counts which parts of the contract were exercised: each operation with each media type of its request and each
// status of its response, and in requests that succeeded each field and each value of an enum.
//
// Every fake has one, see [Server.Coverage]. If several fakes share one, by Config.Coverage, it reports what all tests
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

// CoverageItem is a part of the contract that can be exercised, or something that was exercised and is not part of it.
type CoverageItem struct {
	// Operation is the operationId, or the method alone for a request that matches no operation.
	Operation string `json:"operation"`
	// MediaType is that of the request's body, or empty without one. For a parameter it is its place: query or path.
	MediaType string `json:"media_type"`
	// Status is that of the response, as the contract writes it: 200, or 2XX. Only combinations have one. A page with such a
	// status is not a success, and is counted separately: 200 text/html.
	Status string `json:"status,omitempty"`
	// Field is a property of the body or a parameter. Combinations have none.
	Field string `json:"field,omitempty"`
	// Value is a value of an enum; empty for the field as such.
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
// is not part of it.
type CoverageReport struct {
	// Combinations are the operations with media types and statuses.
	Combinations []CoverageCount `json:"combinations"`
	// Fields are the properties and parameters of requests.
	Fields []CoverageCount `json:"fields"`
	// Values are those of the enums.
	Values []CoverageCount `json:"values"`
	// Undocumented is what was seen and the contract does not have.
	Undocumented []CoverageCount `json:"undocumented"`
}

// Missing lists what the contract has and nothing has exercised.
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
// if nothing is missing; the content of a response is not counted.
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

// writeMatrix has a row for each operation and media type, and a column for each status. A dot means that the contract
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

// Report returns what was seen so far.
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
