package contract_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// TestRequestsFile writes all requests of the tests to a file, one JSON object a line, for tests of other packages that send them
// to another server.
func TestRequestsFile(t *testing.T) {
	if *requestsOut == "" {
		t.Skip("it needs -requests.out")
	}
	file, err := os.Create(fileOfFlag(*requestsOut))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	out := json.NewEncoder(file)
	seen := map[string]bool{} // many calls of the client make the same request
	write := func(of string, r request) {
		content := string(r.Body)
		if _, boundary, ok := strings.Cut(r.ContentType, "boundary="); ok && boundary != "" {
			content = strings.ReplaceAll(content, boundary, "")
		}
		key := r.Method + " " + r.Target + " " + strings.Split(r.ContentType, "boundary=")[0] + " " + content
		if seen[key] {
			return
		}
		seen[key] = true
		if err := out.Encode(struct {
			Name, Method, Target, ContentType string
			Body                              []byte
		}{of + ": " + r.Name, r.Method, r.Target, r.ContentType, r.Body}); err != nil {
			t.Fatal(err)
		}
	}
	for _, op := range contract.Operations() {
		for _, r := range contract.ExampleRequests(t, op) {
			r.Name = op.OperationID + " " + r.Name
			write("example", r)
		}
	}
	on := suite.FakeTarget(t)
	suite.Run(t, on, contractCases())
	for i, x := range on.Recorder.Exchanges() {
		write("case", request{Name: fmt.Sprintf("%d, %s", i+1, x.Operation), Method: x.Method, Target: x.Target, ContentType: x.ContentType, Body: x.RequestBody})
	}
	for _, c := range calls(t) {
		server := suite.NewCaptureServer(t)
		client, err := tgo.New("", tgo.NewKey("tgo_the-key"), append(c.options, tgo.WithBaseURL(server.URL))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.do(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		requests, _ := server.Received()
		for _, r := range requests {
			target := strings.TrimPrefix(r.Request.RequestURI, basePath)
			write("call", request{Name: c.name, Method: r.Request.Method, Target: target, ContentType: r.Request.Header.Get("Content-Type"), Body: slices.Clip(r.Body)})
		}
	}
	for _, c := range acceptedRequests() {
		write("accepted", c.request)
	}
	for _, c := range refusedRequests() {
		write("refusal", c.request)
	}
	for _, n := range contract.InvalidRequests(t, 1) {
		write("negative "+n.Keyword, n.Request)
	}
	write("refusal", request{Name: "lookup of nothing", Method: http.MethodGet, Target: "/contacts/lookup"})
}
