package contract_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// validateAll validates valid and invalid requests to an operation, and its responses, with each edition, until they disagree.
func validateAll(t *testing.T, j *contract.Editions, op operation) {
	t.Helper()
	requests := contract.ExampleRequests(t, op)
	for _, c := range acceptedRequests() {
		requests = append(requests, c.request)
	}
	for _, c := range refusedRequests() {
		requests = append(requests, c.request)
	}
	for _, n := range contract.InvalidRequests(t, 1) {
		requests = append(requests, n.Request)
	}
	for _, r := range requests {
		for _, key := range []string{"tgo_key", ""} {
			req := r.HTTP(t, "http://tenant"+basePath, key)
			route, params, err := contract.FindRoute(req.Method, req.URL.Path)
			if err != nil || route.Operation.OperationID != op.OperationID {
				continue
			}
			if _, _ = j.Request(req, r.Body, route, params); len(j.Disagreements()) > 0 {
				return
			}
		}
	}
	contract.EachChangedAnswer(t, 1, op, func(c contract.ChangedAnswer, r *http.Request, status int, contentType string) {
		route, params, err := contract.FindRoute(r.Method, r.URL.Path)
		if err != nil {
			t.Fatal(err)
		}
		if len(j.Disagreements()) == 0 {
			_ = j.Response(r, status, http.Header{"Content-Type": {contentType}}, c.Body, route, params)
		}
	})
}

// skipMutants skips a test in make mutants. It would notice every mutant of openapi.yaml, because the generated editions are not
// changed with it.
func skipMutants(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short, as make mutants runs it: other tests must notice a mutant")
	}
}

// TestADifferenceBetweenEditionsIsFound removes something from one edition.
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
				j := contract.NewEditions(contract.LoadEdition("openapi.yaml", openapi.Document), contract.LoadEdition(name, toJSON(t, doc)))
				if validateAll(t, j, contract.OperationByID(t, operationID)); len(j.Disagreements()) == 0 {
					t.Error("the editions do not disagree")
				}
			})
		}
		if found == 0 {
			t.Errorf("no edition has %s", place)
		}
	}
}

// takeAway removes what is at a place and reports whether it was there.
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
		v[i] = v[0] // the first entry twice, because the list cannot be made shorter here
		return true
	}
	return false
}

// TestEditionsAgreeWithTheDocument: the JSON edition says the same in the same order, and the 3.1 edition differs only in what 3.1
// writes in another way.
func TestEditionsAgreeWithTheDocument(t *testing.T) {
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
		slices.Sort(left) // the examples of a schema are at its end
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
			t.Errorf("this is not 3.1: %s", line)
		}
	}
}

// flattened lists the scalars of a document in their order, each with its path.
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
