package contract_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestStatusesThatOnlyAFaultOrAVariantGives makes each operation, with each of its media types, respond with the statuses that a
// fake without faults and variants never has: a rate limit, server errors, and a missing scope if none is documented.
func TestStatusesThatOnlyAFaultOrAVariantGives(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	scoped := suite.NewFake(t, func(c *tgotest.Config) { c.Variants = []tgotest.Variant{tgotest.VariantAccountScope} })
	sender := scoped.NewKey(tgo.ScopeMessagesSend).Reveal()
	for _, op := range contract.Operations() {
		for _, r := range contract.ExampleRequests(t, op) {
			for _, status := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
				fault, err := fake.Inject(tgotest.Fault{Operation: op.OperationID, Kind: tgotest.FaultStatus, Status: status, Times: 1})
				if err != nil {
					t.Fatal(err)
				}
				if a := suite.Send(t, r.HTTP(t, fake.URL, fake.Key.Reveal())); a.Status != status || fault.Struck() != 1 {
					t.Errorf("%s returned %d, want %d", op.OperationID, a.Status, status)
				}
			}
			if len(op.RequiredScopes()) > 0 {
				continue
			}
			if a := suite.Send(t, r.HTTP(t, scoped.URL, sender)); a.Status != http.StatusForbidden || a.Error(t).Message != textMissingScope {
				t.Errorf("%s returned %d %s, want 403", op.OperationID, a.Status, a.Body)
			}
			if a := suite.Send(t, r.HTTP(t, scoped.URL, scoped.Key.Reveal())); a.Status/100 != 2 {
				t.Errorf("%s returned %d %s to a key with all scopes", op.OperationID, a.Status, a.Body)
			}
		}
	}
}

// TestCoverageCountsTheWholeDocument compares what the fake's coverage counts with the document: each combination, field and value
// once, and nothing else.
func TestCoverageCountsTheWholeDocument(t *testing.T) {
	t.Parallel()
	want := map[tgotest.CoverageItem]bool{}
	for _, op := range contract.Operations() {
		types := []string{""}
		if op.RequestBody != nil {
			types = slices.Collect(maps.Keys(op.RequestBody.Value.Content))
		}
		for _, mediaType := range types {
			for status := range op.ByStatus() {
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
			t.Errorf("%s is counted twice, or is not in the document", i)
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

// TestCoverageCountsWhatWasSent sends some requests and expects exactly these to be counted.
func TestCoverageCountsWhatWasSent(t *testing.T) {
	t.Parallel()
	coverage, carried := tgotest.NewCoverage(), tgotest.NewCoverage()
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.Coverage = coverage })
	contentType, form := formBody(voiceParts()...)
	refusedType, refusedForm := formBody(append(voiceParts(), field("sender_number_id", "12"))...) // both senders
	client := &http.Client{Transport: carried.Transport(nil)}
	do := func(requests ...request) {
		t.Helper()
		for _, r := range requests {
			resp, err := client.Do(r.HTTP(t, fake.URL, fake.Key.Reveal()))
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
		request{Method: http.MethodGet, Target: "/contacts/lookup?phone=%2B201010000000&sender_number_id=12"},
		request{Method: http.MethodGet, Target: "/nowhere"},
	)
	// A login form is not a success, whatever its status: nothing was sent or read.
	if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultHTML, Status: 200}); err != nil {
		t.Fatal(err)
	}
	do(
		post("", "/messages", jsonType, textOf(map[string]any{"sender_phone": nil, "sender_number_id": 12})),
		request{Method: http.MethodGet, Target: "/usage"},
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
