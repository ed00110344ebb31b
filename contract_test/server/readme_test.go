package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"strings"
	"testing"
)

func unindented(text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.Join(lines, "\n")
}

// TestTheCodeOnThePageIsRun looks for what the page shows in the file that it says it is from.
func TestTheCodeOnThePageIsRun(t *testing.T) {
	page := string(readFile(t, "README.md"))
	shown := regexp.MustCompile("(?s)\nFrom \\[[^]]+\\]\\(([^)]+)\\):\n\n```\\w+\n(.*?)```").FindAllStringSubmatch(page, -1)
	if blocks := strings.Count(page, "\n```") / 2; len(shown) < 9 || blocks != len(shown)+1 {
		t.Errorf("of %d pieces of code %d are from a file; the commands are in one more", blocks, len(shown))
	}
	for _, s := range shown {
		if !strings.Contains(unindented(string(readFile(t, s[1]))), unindented(s[2])) {
			t.Errorf("%s does not have this:\n%s", s[1], s[2])
		}
	}
}

// TestTheHandlerIsShort: the functions that the generated interface wants have twenty lines in them.
func TestTheHandlerIsShort(t *testing.T) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "handler.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	functions, lines := 0, 0
	for _, decl := range file.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv != nil {
			functions++
			lines += files.Position(f.Body.Rbrace).Line - files.Position(f.Body.Lbrace).Line - 1
		}
	}
	if functions != 10 || lines > 20 {
		t.Errorf("%d functions with %d lines, want 10 with 20 at the most", functions, lines)
	}
}
