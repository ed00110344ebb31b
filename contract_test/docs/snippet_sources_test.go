package docs_test

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// TestSources checks that quoted code is in the file that the page names as its source. Those files are compiled and run elsewhere.
func TestSources(t *testing.T) {
	t.Parallel()
	found := 0
	for _, page := range pages {
		blocks, _ := read(t, page)
		for _, b := range blocks {
			if b.source == "" {
				continue
			}
			found++
			if source := readFile(t, path.Join(path.Dir(page), b.source)); !strings.Contains(unindented(source), unindented(b.text)) {
				t.Errorf("%s:%d: %s does not contain this code: copy it from there again", page, b.line, b.source)
			}
		}
	}
	if found < 13 {
		t.Errorf("only %d code blocks name their source", found)
	}
}

// unindented removes the indentation of each line.
func unindented(text string) string {
	return regexp.MustCompile(`(?m)^[ \t]+`).ReplaceAllString(text, "")
}
