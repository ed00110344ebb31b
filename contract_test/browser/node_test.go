package browser_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// installed returns the path of a file that setup.sh installs with npm. If it is missing, the test is skipped, or fails if
// TGO_REQUIRE_RUNTIMES is set.
func installed(t *testing.T, path ...string) string {
	t.Helper()
	found := filepath.Join(append([]string{"node_modules"}, path...)...)
	if _, err := os.Stat(found); err != nil {
		if os.Getenv("TGO_REQUIRE_RUNTIMES") != "" {
			t.Fatalf("%v: run contract_test/browser/setup.sh first", err)
		}
		t.Skipf("%v: contract_test/browser/setup.sh installs it", err)
	}
	return found
}

// node returns a command that runs a program with Node. If Node is missing, the test is skipped, or fails if TGO_REQUIRE_RUNTIMES is set.
func node(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		if os.Getenv("TGO_REQUIRE_RUNTIMES") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	return exec.CommandContext(t.Context(), path, args...)
}

// TestTypes checks the types of the pages' scripts, which are in their comments.
func TestTypes(t *testing.T) {
	tsc := installed(t, "typescript", "lib", "tsc.js")
	if out, err := node(t, tsc, "--project", ".", "--pretty", "false").CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
}
