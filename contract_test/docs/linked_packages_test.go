package docs_test

import (
	"slices"
	"strings"
	"testing"
)

// TestLinkedPackages compares the packages that package tgo links with the list on its page.
func TestLinkedPackages(t *testing.T) {
	t.Parallel()
	said := []string{modulePath + "/gen", modulePath + "/tgo"}
	for code := range inlineCode(strings.Split(section(t, clientPage, "## What a program links"), "\n")) {
		if strings.HasPrefix(code, "github.com/") {
			said = append(said, code)
		}
	}
	slices.Sort(said)
	linked := strings.Fields(goCommand(t, repository, "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "./tgo"))
	linked = slices.DeleteFunc(linked, func(pkg string) bool { return strings.Contains(pkg, "/internal/") }) // internal packages are not on the page
	slices.Sort(linked)
	if !slices.Equal(said, linked) {
		t.Errorf("package tgo links\n%v\nand its page lists\n%v", linked, said)
	}
}
