package contract_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// ranVendor is whether the document that -vendor names was compared with the contract.
var ranVendor atomic.Bool

// TestVendorDocument compares the vendor's OpenAPI document with the contract. It fails for each difference that has no reason in
// vendor_differences_test.go, and for each reason whose difference is gone: in both cases the vendor's document has changed.
func TestVendorDocument(t *testing.T) {
	t.Parallel()
	if *vendorFile == "" {
		t.Skip("it needs the vendor's OpenAPI document: go test ./contract_test -run '^TestVendorDocument$' -vendor=FILE -v")
	}
	ranVendor.Store(true)
	vendor, err := contract.LoadVendor(*vendorFile)
	if err != nil {
		t.Fatal(err)
	}
	report := vendorReportOf(t, vendor, vendorDifferences)
	t.Logf("%s against openapi.yaml:\n%s", *vendorFile, report)
	if failures := report.Failures(); len(failures) > 0 {
		t.Errorf("the vendor's document has changed in %d places; update vendor_differences_test.go:\n%s", len(failures), strings.Join(failures, "\n"))
	}
}

// vendorReportOf compares the contract with the vendor's document. It validates the responses of the fake, the requests of the client,
// and the requests that the contract refuses with it.
func vendorReportOf(t testing.TB, vendor *openapi3.T, table []contract.Explanation) contract.VendorReport {
	t.Helper()
	var refused []contract.RefusedRequest
	for _, c := range refusedRequests() {
		refused = append(refused, contract.RefusedRequest{Request: c.request, DocumentCannot: c.documentCannot})
	}
	for _, n := range contract.InvalidRequests(t, *negativesSeed) {
		refused = append(refused, contract.RefusedRequest{Request: n.Request, DocumentCannot: n.DocumentCannot, Generated: true})
	}
	return contract.CompareWithVendor(t, vendor, table, vendorExchanges(t), refused)
}

// vendorExchanges makes every call of the client and every request of the tables of this package on a fake.
func vendorExchanges(t testing.TB) []exchange {
	t.Helper()
	fake := suite.NewFake(t)
	w := &suite.Recorder{Next: http.DefaultTransport, Base: fake.URL}
	client, err := fake.ClientWith(fake.Key, tgo.WithHTTPClient(&http.Client{Transport: w}), tgo.WithReadRetries())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range calls(t) {
		if _, err := c.do(t.Context(), client); err != nil && !errors.Is(err, tgo.ErrNotFound) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var requests []request
	for _, op := range contract.Operations() {
		requests = append(requests, contract.ExampleRequests(t, op)...)
	}
	for _, c := range acceptedRequests() {
		requests = append(requests, c.request)
	}
	for _, c := range refusedRequests() {
		requests = append(requests, c.request)
	}
	for _, r := range requests {
		suite.RoundTrip(t, w, r.HTTP(t, fake.URL, fake.Key.Reveal()))
	}
	noScopes := fake.NewKey().Reveal()
	for _, op := range contract.Operations() {
		r := contract.ExampleRequests(t, op)[0]
		suite.RoundTrip(t, w, r.HTTP(t, fake.URL, ""))
		suite.RoundTrip(t, w, r.HTTP(t, fake.URL, noScopes))
		stranger := r.HTTP(t, fake.URL, fake.Key.Reveal())
		stranger.Host = "unknown.tgo-eg.com"
		suite.RoundTrip(t, w, stranger)
	}
	return w.Exchanges()
}

// TestVendorTraffic: responses of the fake and requests of the client are validated with the vendor's document, and requests that only
// the contract refuses are listed.
func TestVendorTraffic(t *testing.T) {
	t.Parallel()
	theirs := contract.NewDocument()
	schema := func(name string) *openapi3.Schema { return theirs.Components.Schemas[name].Value }
	schema("Contact").Properties["is_verified"].Value.Type = &openapi3.Types{"string"}
	schema("SenderNumberList").Properties["data"].Value.Items = (&openapi3.Schema{Type: &openapi3.Types{"object"}, Required: []string{"colour"}}).NewRef()
	schema("MessageForm").Properties["duration"].Value.Max = new(120.0)
	schema("MessageForm").AdditionalProperties.Has = nil
	subscription := theirs.Paths.Value("/subscription").Get.Responses.Value("200").Value.Content[jsonType]
	subscription.Schema = openapi3.NewObjectSchema().WithProperty("data", subscription.Schema.Value).NewRef()
	text := schema("TextMessage")
	text.Required = []string{"to_phone", "type"}
	text.Properties["content"].Value.Nullable = true
	doc := vendorReportOf(t, theirs, nil)

	want := []string{
		"GET /contacts/lookup answer 200 is_verified: type: ours returned, the vendor's refused",
		"GET /sender-numbers answer 200 data[].colour: required: ours returned, the vendor's refused",
		"GET /subscription answer 200 limits: present: ours returned, the vendor's no",
		"GET /subscription answer 200 plan: present: ours returned, the vendor's no",
		"GET /subscription answer 200 status: present: ours returned, the vendor's no",
		"GET /subscription answer 200 usage_snapshot: present: ours returned, the vendor's no",
		"POST /messages request multipart/form-data duration: maximum, sent: ours sent, the vendor's refused",
	}
	var got []string
	for _, d := range doc.Unknown[len(doc.Comparison.Differences):] {
		got = append(got, d.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("the differences in the traffic are %q, want %q", got, want)
	}
	for _, kind := range []string{"GET /me 200", "POST /messages 201", "POST /messages 401", "GET /usage 403", "GET /usage 404", "POST /api-keys 422"} {
		if doc.Validated[kind] == 0 {
			t.Errorf("no response was validated of %s", kind)
		}
	}

	listed := map[string][]string{}
	for _, l := range doc.Lenient {
		if l.Cannot == "" {
			listed[strings.Join(l.Rules, ", ")] = l.Names
		}
	}
	for rule, name := range map[string]string{
		"POST /messages request application/json content: nullable": "JSON: content is null",
		"POST /messages request application/json content: required": "JSON: no content",
		"POST /messages request multipart/form-data: closed":        "form: unknown field",
	} {
		if !slices.Contains(listed[rule], name) {
			t.Errorf("%q is not listed by %q: %q", name, rule, listed)
		}
		delete(listed, rule)
	}
	for rule, names := range listed {
		if !strings.Contains(rule, "POST /messages request application/json content: ") && !strings.HasSuffix(rule, ": a rule of the fake") {
			t.Errorf("listed although both refuse it: %s %q", rule, names)
		}
	}
}

// TestVendorTrafficOfARenamedMediaType: many requests are refused then, but that is reported only once, as a media type that is gone.
func TestVendorTrafficOfARenamedMediaType(t *testing.T) {
	t.Parallel()
	theirs := contract.NewDocument()
	content := theirs.Paths.Value("/messages").Post.RequestBody.Value.Content
	content["application/x-www-form-urlencoded"] = content[multipartType]
	delete(content, multipartType)
	r := vendorReportOf(t, theirs, nil)
	if !slices.Equal(r.Unknown, r.Comparison.Differences) {
		t.Errorf("the differences in the traffic are %q, want none", r.Unknown[len(r.Comparison.Differences):])
	}
	for _, l := range r.Lenient {
		if slices.ContainsFunc(l.Rules, func(rule string) bool { return strings.Contains(rule, "Content-Type") }) {
			t.Errorf("there is a rule for a single request: %q", l.Rules)
		}
	}
}

// TestVendorDocumentOnAFile runs the suite as a pipeline does, on a small document.
func TestVendorDocumentOnAFile(t *testing.T) {
	t.Parallel()
	const lookup = "GET /contacts/lookup response 200 application/json"
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"testdata/vendor/planted.yaml", "contract_test/testdata/vendor/planted.yaml"} {
		out, err := exec.CommandContext(t.Context(), program, "-test.run=^TestVendorDocument$", "-test.v", "-vendor="+name).CombinedOutput()
		if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != 1 {
			t.Fatalf("%v\n%s", err, out)
		}
		said := map[string]int{}
		for line := range strings.Lines(string(out)) {
			said[strings.TrimSpace(line)]++
		}
		for _, want := range []string{
			"new: GET /templates: present: ours no, the vendor's yes",
			"new: GET /me: present: ours yes, the vendor's no",
			"new: GET /contacts/lookup query locale: present: ours no, the vendor's yes, required",
			"new: GET /contacts/lookup query sender_phone: present: ours yes, the vendor's no",
			"new: GET /contacts/lookup response 422: present: ours yes, the vendor's no",
			"new: " + lookup + " exists: type: ours boolean, the vendor's string",
			"new: " + lookup + " locale: present: ours no, the vendor's yes",
			"new: " + lookup + " can_receive: present: ours yes, required, the vendor's no",
			"new: GET /contacts/lookup answer 200 exists: type: ours returned, the vendor's refused",
			"new: GET /contacts/lookup answer 200 can_receive: present: ours returned, the vendor's no",
			"new: GET /contacts/lookup query locale: required, sent: ours sent, the vendor's refused",
			"new: document: version: ours 1.0.0, the vendor's 2.0.0",
		} {
			if said[want] != 1 {
				t.Errorf("said %d times: %s", said[want], want)
			}
		}
		for line := range said {
			for _, same := range []string{"document: se", "GET /contacts/lookup: ", lookup + " recipient_id: nullable", lookup + " phone_verified_at: "} {
				if strings.HasPrefix(line, "new: "+same) {
					t.Error("not new:", line)
				}
			}
		}
		if t.Failed() {
			t.Logf("%s", out)
		}
	}
}
