package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"go.yaml.in/yaml/v3"
)

// LoadVendor reads a document. A relative name is looked for from the module's folder, where `go test ./contract_test` is
// called, and from this package's, where go test runs it.
func LoadVendor(name string) (*openapi3.T, error) {
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

// Explanation is why differences are there.
type Explanation struct {
	Keys         string // of the differences, one a line; braces with words in them hold what a part of a key may be
	Ours, Theirs string
	Reason       string
}

// Differences are those that it explains, and no other.
func (e Explanation) Differences() []Difference {
	var list []Difference
	for line := range strings.Lines(e.Keys) {
		for _, key := range expand(strings.TrimSpace(line)) {
			list = append(list, Difference{key, e.Ours, e.Theirs})
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
