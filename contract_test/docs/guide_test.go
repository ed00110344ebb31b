package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const guide = "CONTRIBUTING.md"

// aPath is a path in backquotes.
var aPath = regexp.MustCompile("`(\\.?[a-z0-9_]+[A-Za-z0-9_./*-]*/[A-Za-z0-9_./*-]*)`")

// TestFilesInTheGuide looks up every file and folder that the guide for contributors names.
func TestFilesInTheGuide(t *testing.T) {
	t.Parallel()
	found := aPath.FindAllStringSubmatch(readFile(t, guide), -1)
	if len(found) < 100 {
		t.Errorf("%s names %d files; the test no longer recognizes them", guide, len(found))
	}
	for _, m := range found {
		switch first, _, _ := strings.Cut(m[1], "/"); first {
		case "internal": // in the folder that its row names
			continue
		case "github.com", "testing": // a Go package
			continue
		}
		matches, err := filepath.Glob(filepath.Join(repository, m[1]))
		if err != nil || len(matches) == 0 {
			t.Errorf("%s names %s, which does not exist", guide, m[1])
		}
	}
}

// TestTheGuideNamesWhatAnOperationNeeds compares the recipe for an operation with the files that name one.
func TestTheGuideNamesWhatAnOperationNeeds(t *testing.T) {
	t.Parallel()
	text := readFile(t, guide)
	_, recipe, _ := strings.Cut(text, "### An operation\n")
	recipe, _, _ = strings.Cut(recipe, "\n### ")
	// These name operations as examples, or are generated.
	others := []string{
		"openapi.yaml", "gen/", "contract_test/languages/", "contract_test/server/api/", "contract_test/browser/docs_test.go",
		"contract_test/assumption_checks_test.go", "tgo/tgotest/fault_test.go", "tgo/tgotest/variant.go",
	}
	an := regexp.MustCompile(`(?i)\bgetSubscription\b`)
	err := filepath.WalkDir(repository, func(path string, entry os.DirEntry, err error) error {
		name, _ := filepath.Rel(repository, path)
		name = filepath.ToSlash(name)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == ".venv" || name == ".git"):
			return filepath.SkipDir
		case entry.IsDir() || !slices.Contains([]string{".go", ".js", ".json", ".yaml"}, filepath.Ext(name)),
			name == "contract_test/docs/guide_test.go",
			slices.ContainsFunc(others, func(o string) bool { return strings.HasPrefix(name, o) }):
			return nil
		}
		content, err := os.ReadFile(path)
		if err == nil && an.Match(content) && !strings.Contains(recipe, "`"+name+"`") {
			t.Errorf("%s names the operation getSubscription, but the recipe in %s does not name the file", name, guide)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
