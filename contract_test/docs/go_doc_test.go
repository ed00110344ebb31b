package docs_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// packageDoc reads the documentation of a package, with the examples in example_test.go and example_*_test.go.
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

// function is an exported function or method. The name of a method is Type.Method.
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
