package docs_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLinks checks that the files and headings exist to which the pages link.
func TestLinks(t *testing.T) {
	t.Parallel()
	link := regexp.MustCompile(`\]\(([^)\s]+)\)|(?m)^\[[^\]]+\]:\s*(\S+)`)
	for _, name := range slices.Concat(pages, []string{
		"CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "contract_test/server/README.md", "contract_test/languages/postman/README.md",
	}) {
		links := 0
		for _, m := range link.FindAllStringSubmatch(readFile(t, name), -1) {
			target := m[1] + m[2]
			links++
			if strings.Contains(target, "://") {
				continue
			}
			file, anchor, _ := strings.Cut(target, "#")
			if file == "" {
				file = name
			} else {
				file = path.Join(path.Dir(name), file)
			}
			if path.IsAbs(target) || strings.HasPrefix(file, "..") {
				t.Errorf("%s: the link to %s leaves the repository", name, target)
				continue
			}
			if _, err := os.Stat(filepath.Join(repository, file)); err != nil {
				t.Errorf("%s: the link to %s: %v", name, target, err)
				continue
			}
			if anchor != "" && !headings(readFile(t, file))[anchor] {
				t.Errorf("%s: the link to %s: the file has no such heading", name, target)
			}
		}
		if links == 0 {
			t.Errorf("%s: no links were found", name)
		}
	}
}

// headings returns the anchors of the headings of a Markdown file.
func headings(text string) map[string]bool {
	anchors := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(text, -1) {
		anchor := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(m[1]), "")
		anchors[strings.ReplaceAll(anchor, " ", "-")] = true
	}
	return anchors
}
