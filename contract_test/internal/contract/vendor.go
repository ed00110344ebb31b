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

// LoadVendor reads the vendor's document. A relative name may start from the root of the module, where people run
// "go test ./contract_test", or from contract_test, where go test runs the tests.
func LoadVendor(name string) (*openapi3.T, error) {
	b, err := os.ReadFile(name)
	if !filepath.IsAbs(name) {
		if other, inModule := os.ReadFile(filepath.Join("..", name)); inModule == nil {
			b, err = other, nil
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w (a relative name starts from the root of the module or from contract_test; use an absolute name if in doubt)", err)
	}
	if kind := kindOf(b); kind != "" {
		return nil, fmt.Errorf("%s is not an OpenAPI document but %s: check the address that it was fetched from", name, kind)
	}
	doc, err := (&openapi3.Loader{IsExternalRefsAllowed: false}).LoadFromData(b)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s cannot be read as an OpenAPI document: %w", name, err)
	case !strings.HasPrefix(doc.OpenAPI, "3."):
		return nil, fmt.Errorf("%s is OpenAPI %s, and only OpenAPI 3 is supported", name, doc.OpenAPI)
	case doc.Paths.Len() == 0:
		return nil, fmt.Errorf("%s has no paths", name)
	}
	return doc, nil
}

// kindOf says what a file is if it is not an OpenAPI document. It returns an empty string if it may be one.
func kindOf(b []byte) string {
	b = bytes.Trim(b, "\ufeff \t\r\n")
	var root map[string]any
	if json.Unmarshal(b, &root) != nil {
		_ = yaml.Unmarshal(b, &root) // if it is neither JSON nor YAML, it has no fields
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

// Explanation gives the reason for some known differences.
type Explanation struct {
	Keys         string // of the differences, one a line; words in braces, {a,b}, are alternatives
	Ours, Theirs string
	Reason       string
}

// Differences lists the differences that it explains.
func (e Explanation) Differences() []Difference {
	var list []Difference
	for line := range strings.Lines(e.Keys) {
		for _, key := range expand(strings.TrimSpace(line)) {
			list = append(list, Difference{key, e.Ours, e.Theirs})
		}
	}
	return list
}

var alternatives = regexp.MustCompile(`\{((?:[^{}]|\{\})+)\}`) // not {}, which is a part of a path

// expand returns "x.a" and "x.b" for "x.{a,b}".
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
