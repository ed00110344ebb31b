package contract_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

var requestsOut = flag.String("requests.out", "", "`file` that TestRequestsFile writes the suite's requests to")

// TestRequestsFile writes the requests of the suite's cases to a file, one JSON object a line, for a test of another package
// that sends them to another server.
func TestRequestsFile(t *testing.T) {
	if *requestsOut == "" {
		t.Skip("writes a file that -requests.out names")
	}
	file, err := os.Create(fileOfFlag(*requestsOut))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	out := json.NewEncoder(file)
	seen := map[string]bool{} // many calls of the client make the same request
	write := func(of string, r rawRequest) {
		content := string(r.body)
		if _, boundary, ok := strings.Cut(r.contentType, "boundary="); ok && boundary != "" {
			content = strings.ReplaceAll(content, boundary, "")
		}
		key := r.method + " " + r.target + " " + strings.Split(r.contentType, "boundary=")[0] + " " + content
		if seen[key] {
			return
		}
		seen[key] = true
		if err := out.Encode(struct {
			Name, Method, Target, ContentType string
			Body                              []byte
		}{of + ": " + r.name, r.method, r.target, r.contentType, r.body}); err != nil {
			t.Fatal(err)
		}
	}
	for _, op := range operations() {
		for _, r := range exampleRequests(t, op) {
			r.name = op.OperationID + " " + r.name
			write("example", r)
		}
	}
	on := fakeTarget(t)
	runCases(t, on, contractCases())
	for i, x := range on.witness.exchanges() {
		write("case", rawRequest{fmt.Sprintf("%d, %s", i+1, x.op), x.method, x.target, x.contentType, x.requestBody})
	}
	for _, c := range calls(t) {
		server := newRecorder(t)
		client, err := tgo.New("", tgo.NewKey("tgo_the-key"), append(c.options, tgo.WithBaseURL(server.url))...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.do(t.Context(), client); err != nil {
			t.Fatal(err)
		}
		requests, _ := server.received()
		for _, r := range requests {
			target := strings.TrimPrefix(r.request.RequestURI, basePath)
			write("call", rawRequest{c.name, r.request.Method, target, r.request.Header.Get("Content-Type"), slices.Clip(r.body)})
		}
	}
	for _, c := range acceptedCases() {
		write("accepted", c.rawRequest)
	}
	for _, c := range refusalCases() {
		write("refusal", c.rawRequest)
	}
	for _, n := range negatives(t, 1) {
		write("negative "+n.keyword, n.rawRequest)
	}
	write("refusal", rawRequest{name: "lookup of nothing", method: http.MethodGet, target: "/contacts/lookup"})
}
