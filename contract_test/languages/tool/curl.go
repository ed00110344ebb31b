package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const preface = `# TGO with curl

Written by ` + "`go run ./contract_test/languages/tool curl`" + ` from the examples in openapi.yaml; ` + "`contract_test/languages/run curl`" + `
runs each of them. Set ` + "`TGO_BASE_URL`, such as `https://acme.tgo-eg.com/api/v1`, and `TGO_API_KEY`" + `; or take both from the line
that ` + "`go run ./tgo/cmd/tgo fake`" + ` prints. Never repeat a send whose outcome you don't know: it may be a second message.
`

// cheatSheet has a curl command for each example of a request.
func cheatSheet(doc *openapi3.T) string {
	var b strings.Builder
	b.WriteString(preface)
	for _, op := range operations(doc) {
		fmt.Fprintf(&b, "\n## %s\n", op.Summary)
		if op.RequestBody == nil {
			writeCommand(&b, "", command(op, nil))
			continue
		}
		content := op.RequestBody.Value.Content
		for _, mediaType := range slices.Sorted(maps.Keys(content)) {
			examples := content[mediaType].Examples
			for _, name := range slices.Sorted(maps.Keys(examples)) {
				example := examples[name].Value
				writeCommand(&b, example.Summary, command(op, body(mediaType, content[mediaType], example.Value)))
			}
		}
	}
	return b.String()
}

type operation struct {
	*openapi3.Operation
	path, method string
	tag          int
}

// operations stand in the order of the document's tags: sending comes first.
func operations(doc *openapi3.T) []operation {
	var all []operation
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			tag := slices.IndexFunc(doc.Tags, func(t *openapi3.Tag) bool { return t.Name == op.Tags[0] })
			all = append(all, operation{op, path, method, tag})
		}
	}
	slices.SortFunc(all, func(a, b operation) int {
		return cmp.Or(cmp.Compare(a.tag, b.tag), cmp.Compare(a.path, b.path), cmp.Compare(b.method, a.method))
	})
	return all
}

func writeCommand(b *strings.Builder, summary string, lines []string) {
	if summary != "" {
		fmt.Fprintf(b, "\n%s:\n", summary)
	}
	fmt.Fprintf(b, "\n```sh\n%s\n```\n", strings.Join(lines, " \\\n  "))
}

// command is a curl command, in lines.
func command(op operation, body []string) []string {
	path, method := op.path, op.method
	var query []string
	for _, p := range op.Parameters {
		if p.Value.Example == nil {
			continue
		}
		value := fmt.Sprint(p.Value.Example)
		switch p.Value.In {
		case openapi3.ParameterInPath:
			path = strings.ReplaceAll(path, "{"+p.Value.Name+"}", value)
		case openapi3.ParameterInQuery:
			query = append(query, "--data-urlencode "+quote(p.Value.Name+"="+value))
		}
	}
	first := `curl "$TGO_BASE_URL` + path + `"`
	switch {
	case len(query) > 0:
		first = `curl --get "$TGO_BASE_URL` + path + `"`
	case method != "GET" && method != "POST", method == "POST" && body == nil:
		first = `curl --request ` + method + ` "$TGO_BASE_URL` + path + `"`
	}
	lines := []string{first, `--header "X-Api-Key: $TGO_API_KEY"`, `--header "Accept: application/json"`}
	return append(append(lines, query...), body...)
}

// body are the arguments that carry an example of a body, in which a file is given by its name.
func body(mediaType string, m *openapi3.MediaType, example any) []string {
	fields, _ := example.(map[string]any)
	order := m.Schema.Value.Properties
	if mediaType == "application/json" {
		var text bytes.Buffer
		e := json.NewEncoder(&text)
		e.SetEscapeHTML(false)
		e.SetIndent("    ", "  ")
		_ = e.Encode(example) // it came from JSON
		return []string{`--header "Content-Type: application/json"`, "--data " + quote(strings.TrimSpace(text.String()))}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fmt.Sprint(fields[name])
		if order[name].Value.Format == "binary" {
			parts = append(parts, "--form "+quote(name+"=@"+value))
			continue
		}
		parts = append(parts, "--form-string "+quote(name+"="+value))
	}
	return parts
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
