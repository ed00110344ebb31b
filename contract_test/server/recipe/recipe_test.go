// Package recipe has the recipe for modules that generate code from openapi.yaml, and tests it in new modules.
package recipe

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	newest          = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"
	oldestWithHints = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.7.0"
	oldest          = "github.com/deepmap/oapi-codegen/v2/cmd/oapi-codegen@v2.0.0" // the same project, with its earlier name
)

// TestRecipe makes a module, generates its code with the recipe, and sends a text with it.
func TestRecipe(t *testing.T) {
	for name, c := range map[string]struct {
		files     string
		generator string
		isTool    bool // a tool of the module; otherwise go run runs its version, independent of the module's go.mod
	}{
		"hints, newest": {"hints", newest, true},
		"plain, newest": {"plain", newest, true},
		"hints, oldest": {"hints", oldestWithHints, false},
		"plain, oldest": {"plain", oldest, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.files == "plain" && runtime.GOOS == "windows" {
				t.Skip("its go:generate line needs sh")
			}
			root, err := filepath.Abs("../../..")
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", c.files))); err != nil {
				t.Fatal(err)
			}
			const module = "github.com/tgo-business/tgo-go"
			goCommand(t, dir, nil, "mod", "init", "example.com/orders")
			// A user runs go get -tool. This module has no release yet.
			goCommand(t, dir, nil, "mod", "edit", "-require", module+"@v0.0.0", "-replace", module+"="+root, "-tool", module+"/tgo/cmd/tgo-openapi")
			if c.isTool {
				goCommand(t, dir, nil, "get", "-tool", c.generator)
			} else {
				replace(t, filepath.Join(dir, "tgoapi", "generate.go"), "go tool oapi-codegen", "go run "+c.generator)
			}
			goCommand(t, dir, nil, "generate", "./...")
			generated := filepath.Join(dir, "tgoapi", "tgoapi.gen.go")
			first := readFile(t, generated)
			goCommand(t, dir, nil, "mod", "tidy")
			goCommand(t, dir, nil, "generate", "./...")
			if again := readFile(t, generated); !bytes.Equal(first, again) {
				t.Error("the second go generate wrote different code")
			}
			goCommand(t, dir, nil, "vet", "./...")

			for said, variants := range map[string][]tgotest.Variant{"sent: 201 Created\n": nil, "sent: 202 Accepted\n": {tgotest.VariantSuccess202}} {
				fake := tgotest.New(t, func(c *tgotest.Config) { c.Variants = variants })
				out := goCommand(t, dir, []string{"TGO_BASE_URL=" + fake.URL, "TGO_API_KEY=" + fake.Key.Reveal()}, "run", ".")
				if m := fake.Messages(); len(m) != 1 || m[0].Content != "طلبك جاهز" || out != said {
					t.Errorf("the program printed %q, want %q, and these messages arrived: %+v", out, said, m)
				}
			}
		})
	}
}

// TestVersions checks that the page's table has the versions with which the recipe is tested.
func TestVersions(t *testing.T) {
	page := string(readFile(t, "../README.md"))
	for generator, row := range map[string]string{newest: "| %s, the newest | works | works |", oldestWithHints: "| %s | works | works, and is the oldest", oldest: "| %s to "} {
		_, version, _ := strings.Cut(generator, "@")
		if want := fmt.Sprintf(row, version); !strings.Contains(page, want) {
			t.Errorf("the page should contain %q", want)
		}
	}
}

func goCommand(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), "GOWORK=off", "GOFLAGS="), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

func replace(t *testing.T, file, old, with string) {
	t.Helper()
	text := readFile(t, file)
	if !bytes.Contains(text, []byte(old)) {
		t.Fatalf("%s does not contain %s", file, old)
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte(old), []byte(with)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
