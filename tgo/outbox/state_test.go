//go:build !386 && !arm

package outbox

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The lists of states and of codes are written in several places. A state that is added to one of them must be in all.
func TestStatesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	states := make([]string, 0, 6)
	for _, state := range States() {
		states = append(states, string(state))
	}
	slices.Sort(states)

	constants := constantsOf(t, "state.go", func(spec *ast.ValueSpec) bool {
		typ, ok := spec.Type.(*ast.Ident)
		return ok && typ.Name == "State"
	})
	same(t, "the constants in state.go", constants, states)

	checks := regexp.MustCompile(`check \(state in \(([^)]*)\)\)`).FindAllStringSubmatch(strings.Join(slices.Concat(migrations...), "\n"), -1)
	if len(checks) == 0 {
		t.Fatal("no check of the states is in the migrations")
	}
	newest := checks[len(checks)-1][1]
	same(t, "the check in tables.go", regexp.MustCompile(`\w+`).FindAllString(newest, -1), states)

	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, diagram, _ := strings.Cut(string(page), "stateDiagram-v2\n")
	diagram, _, _ = strings.Cut(diagram, "```")
	nodes := map[string]bool{}
	for _, arrow := range regexp.MustCompile(`(?m)^ *(\S+) --> ([^\s:]+)`).FindAllStringSubmatch(diagram, -1) {
		nodes[arrow[1]], nodes[arrow[2]] = true, true
	}
	delete(nodes, "[*]") // the beginning and the end
	same(t, "the diagram in README.md", slices.Collect(maps.Keys(nodes)), states)
}

// The comment of Record.Code explains each code that the outbox writes, and no other.
func TestCodesHaveOneSpelling(t *testing.T) {
	t.Parallel()
	codes := constantsOf(t, "outcome.go", func(spec *ast.ValueSpec) bool { return strings.HasPrefix(spec.Names[0].Name, "code") })
	var explained []string
	ast.Inspect(parse(t, "record.go"), func(n ast.Node) bool {
		if field, ok := n.(*ast.Field); ok && len(field.Names) == 1 && field.Names[0].Name == "Code" && field.Doc != nil {
			for _, word := range regexp.MustCompile(`"([a-z]+)"`).FindAllStringSubmatch(field.Doc.Text(), -1) {
				explained = append(explained, word[1])
			}
		}
		return true
	})
	slices.Sort(codes)
	same(t, "the comment of Record.Code", explained, codes)
}

// same compares a list, in whatever order it is, with a sorted one that has something in it.
func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	if len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s: %v; want %v", what, got, want)
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// constantsOf returns the values of the string constants in a file that are wanted.
func constantsOf(t *testing.T, file string, wanted func(*ast.ValueSpec) bool) []string {
	t.Helper()
	var values []string
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 && wanted(spec) {
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok && literal.Kind == token.STRING {
				value, err := strconv.Unquote(literal.Value)
				if err != nil {
					t.Fatal(err)
				}
				values = append(values, value)
			}
		}
		return true
	})
	return values
}
