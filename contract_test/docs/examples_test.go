package docs_test

import (
	"go/doc"
	"slices"
	"strings"
	"testing"
)

// withoutExample are methods that need no example, because users do not call them directly.
var withoutExample = map[string]string{
	"Error":       "fmt and log call it; the examples of what returns the error show its text",
	"Unwrap":      "errors.Is and errors.As call it",
	"Is":          "errors.Is calls it",
	"String":      "fmt calls it",
	"Format":      "fmt calls it; ExampleKey shows what it does",
	"LogValue":    "log/slog calls it",
	"MarshalText": "encoding/json calls it; ExampleKey shows what it does",
}

// TestEveryFunctionHasAnExample checks that each exported function and method of package tgo has an example with its output.
func TestEveryFunctionHasAnExample(t *testing.T) {
	t.Parallel()
	all := functions(packageDoc(t, "tgo"))
	if len(all) < 30 {
		t.Fatalf("only %d functions were found", len(all))
	}
	excused := map[string]bool{}
	for _, f := range all {
		method := f.name[strings.LastIndexByte(f.name, '.')+1:]
		if withoutExample[method] != "" && strings.Contains(f.name, ".") {
			excused[method] = true
			continue
		}
		if !slices.ContainsFunc(f.examples, func(e *doc.Example) bool { return e.Output != "" }) {
			t.Errorf("tgo.%s has no example with an output: add one", f.name)
		}
	}
	for method := range withoutExample {
		if !excused[method] {
			t.Errorf("package tgo has no method %s: remove it from withoutExample", method)
		}
	}
}
