package exchange

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// Each invariant of the package comment has a test with its number, and each number of a test is that of an invariant.
func TestInvariantsHaveTests(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var stated, tested []string
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if name == "doc.go" {
			for _, m := range regexp.MustCompile(`(?m)^ +(\d+)\. `).FindAllStringSubmatch(f.Doc.Text(), -1) {
				stated = append(stated, m[1])
			}
		}
		for _, d := range f.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				if m := regexp.MustCompile(`^TestInvariant(\d+)`).FindStringSubmatch(f.Name.Name); m != nil {
					tested = append(tested, m[1])
				}
			}
		}
	}
	slices.Sort(stated)
	slices.Sort(tested)
	if tested = slices.Compact(tested); len(stated) == 0 || !slices.Equal(stated, tested) {
		t.Errorf("the package comment states the invariants %v, and there are tests for %v", stated, tested)
	}
}
