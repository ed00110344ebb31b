package tgo_test

import (
	"os/exec"
	"strings"
	"testing"
)

// A program that sends messages links the client, the generated code with its dependencies, and the detection of content types. It
// does not link the fake server or its validator.
func TestLinkedPackages(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	const own = "github.com/tgo-business/tgo-go/"
	foreign := 0
	for _, pkg := range strings.Fields(string(out)) {
		switch {
		case pkg == own+"tgo", pkg == own+"gen", strings.HasPrefix(pkg, own+"tgo/internal/"):
		case strings.HasPrefix(pkg, "github.com/gabriel-vasile/mimetype"):
		case strings.HasPrefix(pkg, own), strings.Contains(pkg, "kin-openapi"):
			t.Errorf("package tgo links %s", pkg)
		default:
			foreign++
		}
	}
	if foreign == 0 || foreign > 4 { // oapi-codegen/runtime, its types, and the two packages they import
		t.Errorf("package tgo links %d packages of other modules:\n%s", foreign, out)
	}
}
