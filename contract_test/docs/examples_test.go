package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// withoutExample are the methods that nobody calls by name.
var withoutExample = map[string]string{
	"Error":       "fmt and log call it; the examples of what returns the error show its text",
	"Unwrap":      "errors.Is and errors.As call it",
	"Is":          "errors.Is calls it",
	"String":      "fmt calls it",
	"Format":      "fmt calls it; ExampleKey shows what it does",
	"LogValue":    "log/slog calls it",
	"MarshalText": "encoding/json calls it; ExampleKey shows what it does",
}

// TestEveryFunctionHasAnExample looks for an example, with its output, of each exported function and method.
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
			t.Errorf("tgo.%s has no example that shows its output", f.name)
		}
	}
	for method := range withoutExample {
		if !excused[method] {
			t.Errorf("there is no method %s any more that needs no example", method)
		}
	}
}

// packageDoc reads the documentation of a package, with the examples in its example_test.go and example_*_test.go.
func packageDoc(t *testing.T, dir string) *doc.Package {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(repository, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	files, set := []*ast.File{}, token.NewFileSet()
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(filepath.Base(name), "example_") {
			continue
		}
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(set, files, path.Join(modulePath, dir))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// function is an exported function, or a method by the name Type.Method.
type function struct {
	name     string
	examples []*doc.Example
}

func functions(p *doc.Package) []function {
	var all []function
	for _, f := range p.Funcs {
		all = append(all, function{f.Name, f.Examples})
	}
	for _, typ := range p.Types {
		for _, f := range typ.Funcs {
			all = append(all, function{f.Name, f.Examples})
		}
		for _, m := range typ.Methods {
			all = append(all, function{typ.Name + "." + m.Name, m.Examples})
		}
	}
	return all
}
