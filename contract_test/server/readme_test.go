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

// TestSnippets checks that the code on the page is in the file that the page names as its source.
func TestSnippets(t *testing.T) {
	page := string(readFile(t, "README.md"))
	shown := regexp.MustCompile("(?s)\nFrom \\[[^]]+\\]\\(([^)]+)\\):\n\n```\\w+\n(.*?)```").FindAllStringSubmatch(page, -1)
	if blocks := strings.Count(page, "\n```") / 2; len(shown) < 9 || blocks != len(shown)+1 {
		t.Errorf("of %d code blocks %d name their source; only the block of commands should have none", blocks, len(shown))
	}
	for _, s := range shown {
		if !strings.Contains(unindented(string(readFile(t, s[1]))), unindented(s[2])) {
			t.Errorf("%s does not contain this code of the page:\n%s", s[1], s[2])
		}
	}
}

// TestHandlerIsShort checks the page's statement that the ten functions of the handler have 20 lines.
func TestHandlerIsShort(t *testing.T) {
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
		t.Errorf("%d functions with %d lines, want 10 with at most 20 lines", functions, lines)
	}
}
