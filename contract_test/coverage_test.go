package contract_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var (
	coverageFile = flag.String("coverage.json", "", "write the coverage of the contract to this `file`, as JSON")
	coverageText = flag.Bool("coverage.print", false, "print the coverage of the contract as text")
	coverageMin  = flag.Float64("coverage.min", 100, "fail where less than this `percentage` of the contract is covered by the whole suite")
)

// suiteCoverage counts what all tests of this package together exercise on fakes.
var suiteCoverage = tgotest.NewCoverage()

// reportCoverage prints and writes the coverage after all tests, and says whether it is enough. A run of only some of the
// tests has no minimum.
func reportCoverage(whole bool) bool {
	report := suiteCoverage.Report()
	if *coverageText {
		fmt.Print(report)
	}
	if *coverageFile != "" {
		b, err := json.MarshalIndent(report, "", "\t")
		if err == nil {
			err = os.WriteFile(fileOfFlag(*coverageFile), append(b, '\n'), 0o600)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "coverage:", err)
			return false
		}
	}
	if !whole {
		return true
	}
	return enoughCoverage(os.Stdout, report, *coverageMin)
}

// enoughCoverage says what is missing, unless it is enough.
func enoughCoverage(w io.Writer, report tgotest.CoverageReport, least float64) bool {
	missing := report.Missing()
	all := len(report.Combinations) + len(report.Fields) + len(report.Values)
	percent := 100 * float64(all-len(missing)) / float64(all)
	if percent >= least {
		return true
	}
	_, _ = fmt.Fprintf(w, "%.1f %% of the requests and statuses of the contract are covered, and %.1f %% must be. Nothing exercised:\n", percent, least)
	for _, i := range missing {
		_, _ = fmt.Fprintf(w, "  %s\n", i)
	}
	return false
}

// TestAnswersThatOnlyAFaultOrAVariantGives drives each operation, with each of its media types, to the statuses that a
// healthy fake never answers: the rate limit, server trouble, and the missing scope where none is documented.
func TestAnswersThatOnlyAFaultOrAVariantGives(t *testing.T) {
	t.Parallel()
	fake := newExampleFake(t)
	scoped := newExampleFake(t, func(c *tgotest.Config) { c.Variants = []tgotest.Variant{tgotest.VariantAccountScope} })
	sender := scoped.NewKey(tgo.ScopeMessagesSend).Reveal()
	for _, op := range operations() {
		for _, r := range exampleRequests(t, op) {
			for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
				fault, err := fake.Inject(tgotest.Fault{Operation: op.OperationID, Kind: tgotest.FaultStatus, Status: status, Times: 1})
				if err != nil {
					t.Fatal(err)
				}
				if a := send(t, r.request(t, fake.URL, fake.Key.Reveal())); a.status != status || fault.Struck() != 1 {
					t.Errorf("%s answered %d, want %d", op.OperationID, a.status, status)
				}
			}
			if len(op.requiredScopes()) > 0 {
				continue
			}
			if a := send(t, r.request(t, scoped.URL, sender)); a.status != http.StatusForbidden || a.refusal(t).Message != textMissingScope {
				t.Errorf("%s answered %d %s, want 403", op.OperationID, a.status, a.body)
			}
			if a := send(t, r.request(t, scoped.URL, scoped.Key.Reveal())); a.status/100 != 2 {
				t.Errorf("%s answered %d %s to a key with all scopes", op.OperationID, a.status, a.body)
			}
		}
	}
}

// TestCoverageCountsTheWholeDocument compares the counter's idea of the contract with one made here: each combination,
// field and value once, and nothing else.
func TestCoverageCountsTheWholeDocument(t *testing.T) {
	t.Parallel()
	want := map[tgotest.CoverageItem]bool{}
	for _, op := range operations() {
		types := []string{""}
		if op.RequestBody != nil {
			types = slices.Collect(maps.Keys(op.RequestBody.Value.Content))
		}
		for _, mediaType := range types {
			for status := range op.responses() {
				want[tgotest.CoverageItem{Operation: op.OperationID, MediaType: mediaType, Status: status}] = true
			}
			if mediaType == "" {
				continue
			}
			for name, property := range op.RequestBody.Value.Content[mediaType].Schema.Value.Properties {
				field := tgotest.CoverageItem{Operation: op.OperationID, MediaType: mediaType, Field: name}
				want[field] = true
				values := property.Value.Enum
				if property.Value.Items != nil {
					values = property.Value.Items.Value.Enum
				}
				for _, v := range values {
					field.Value = fmt.Sprint(v)
					want[field] = true
				}
			}
		}
		for _, p := range op.Parameters {
			want[tgotest.CoverageItem{Operation: op.OperationID, MediaType: p.Value.In, Field: p.Value.Name}] = true
		}
	}
	report := tgotest.NewCoverage().Report()
	for _, i := range report.Missing() {
		if !want[i] {
			t.Errorf("%s is counted, and is not in the document or there twice", i)
		}
		delete(want, i)
	}
	for i := range want {
		t.Errorf("%s is in the document and not counted", i)
	}
	if report.Percent() != 0 || len(report.Combinations) < 70 || len(report.Fields) < 20 || len(report.Values) < 9 {
		t.Errorf("an empty counter says %d combinations, %d fields, %d values, %v %%", len(report.Combinations), len(report.Fields), len(report.Values), report.Percent())
	}
}

// TestCoverageSeesWhatWasSent sends some requests and looks for exactly these.
func TestCoverageSeesWhatWasSent(t *testing.T) {
	t.Parallel()
	coverage, carried := tgotest.NewCoverage(), tgotest.NewCoverage()
	fake := newExampleFake(t, func(c *tgotest.Config) { c.Coverage = coverage })
	contentType, form := formBody(voiceParts()...)
	refusedType, refusedForm := formBody(append(voiceParts(), field("sender_number_id", "12"))...) // both senders
	client := &http.Client{Transport: carried.Transport(nil)}
	do := func(requests ...rawRequest) {
		t.Helper()
		for _, r := range requests {
			resp, err := client.Do(r.request(t, fake.URL, fake.Key.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	}
	do(
		post("", "/messages", jsonType, textOf(nil)),
		post("", "/messages", contentType, form),
		post("", "/messages", jsonType, textOf(map[string]any{"sender_phone": nil, "sender_number_id": 0})), // refused: its fields do not count
		post("", "/messages", refusedType, refusedForm),                                                     // nor do these
		post("", "/messages", "text/plain", []byte("a")),
		rawRequest{method: http.MethodGet, target: "/contacts/lookup?phone=%2B201010000000&sender_number_id=12"},
		rawRequest{method: http.MethodGet, target: "/nowhere"},
	)
	// A login form is no success, whatever its status: nothing was sent and nothing read.
	if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultHTML, Status: 200}); err != nil {
		t.Fatal(err)
	}
	do(
		post("", "/messages", jsonType, textOf(map[string]any{"sender_phone": nil, "sender_number_id": 12})),
		rawRequest{method: http.MethodGet, target: "/usage"},
	)
	for name, report := range map[string]tgotest.CoverageReport{"of the fake": coverage.Report(), "of the transport": carried.Report()} {
		var seen []string
		for _, c := range slices.Concat(report.Combinations, report.Fields, report.Values) {
			if c.Seen > 0 {
				seen = append(seen, c.String())
			}
		}
		want := strings.Split(`lookupContact 200
sendMessage application/json 201
sendMessage application/json 422
sendMessage multipart/form-data 201
sendMessage multipart/form-data 422
lookupContact query phone
lookupContact query sender_number_id
sendMessage application/json content
sendMessage application/json sender_phone
sendMessage application/json to_phone
sendMessage application/json type
sendMessage multipart/form-data duration
sendMessage multipart/form-data media
sendMessage multipart/form-data sender_phone
sendMessage multipart/form-data to_phone
sendMessage multipart/form-data type
sendMessage application/json type=text
sendMessage multipart/form-data type=voice`, "\n")
		if !slices.Equal(seen, want) {
			t.Errorf("%s: seen:\n%s\nwant:\n%s", name, strings.Join(seen, "\n"), strings.Join(want, "\n"))
		}
		var strays []string
		for _, c := range report.Undocumented {
			strays = append(strays, c.String())
		}
		if want := []string{"GET 404", "getUsage 200 text/html", "sendMessage application/json 200 text/html", "sendMessage text/plain 422"}; !slices.Equal(strays, want) {
			t.Errorf("%s: not documented: %q, want %q", name, strays, want)
		}
	}
}

func TestTooLittleCoverageFails(t *testing.T) {
	t.Parallel()
	report := tgotest.NewCoverage().Report()
	var said strings.Builder
	if enoughCoverage(&said, report, 1) || !strings.Contains(said.String(), "sendMessage multipart/form-data 429\n") {
		t.Error("nothing is enough for one percent")
	}
	if !enoughCoverage(io.Discard, report, 0) {
		t.Error("nothing is too little for zero percent")
	}
}
