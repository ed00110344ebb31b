package main

import (
	"bufio"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// read returns the text of a file in the folder of all languages.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// between returns the part of the page between two texts.
func between(t *testing.T, start, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(read(t, "README.md"), start)
	part, _, ends := strings.Cut(rest, end)
	if !found || !ends {
		t.Fatalf("the page has no part from %q to %q", start, end)
	}
	return part
}

// pins are the files that pin the version of a generator, with the text before and after the version.
var pins = map[string]struct{ file, before, after string }{
	"openapi-typescript":     {"typescript/package.json", `"openapi-typescript": "`, `"`},
	"openapi-fetch":          {"typescript/package.json", `"openapi-fetch": "`, `"`},
	"@hey-api/openapi-ts":    {"typescript/package.json", `"@hey-api/openapi-ts": "`, `"`},
	"openapi-python-client":  {"python/requirements.in", "openapi-python-client==", "\n"},
	"openapi-generator":      {"openapi-generator/pom.xml", "<openapi-generator.version>", "<"},
	"oapi-codegen":           {"../../go.mod", "oapi-codegen/oapi-codegen/v2 v", " "},
	"openapi-to-postmanv2":   {"postman/package.json", `"openapi-to-postmanv2": "`, `"`},
	"ogen":                   {"ogen/go.mod", "github.com/ogen-go/ogen v", "\n"},
	"openapi-zod-client":     {"typescript/package.json", `"openapi-zod-client": "`, `"`},
	"@zodios/core":           {"typescript/package.json", `"@zodios/core": "`, `"`},
	"orval":                  {"typescript-compile/package.json", `"orval": "`, `"`},
	"swagger-typescript-api": {"typescript-compile/package.json", `"swagger-typescript-api": "`, `"`},
	"@usebruno/cli":          {"bruno/package.json", `"@usebruno/cli": "`, `"`},
	"@yaakapp/cli":           {"yaak/package.json", `"@yaakapp/cli-linux-x64": "`, `"`},
	"insomnia-importers":     {"insomnia/package.json", `"insomnia-importers": "`, `"`},
	"kubb":                   {"typescript-compile/package.json", `"@kubb/cli": "`, `"`},
}

// TestVersions compares the versions in the page's table with the pinned ones.
func TestVersions(t *testing.T) {
	t.Parallel()
	var seen []string
	for _, row := range regexp.MustCompile(`(?m)^\| [^|]+ \| ([^|]+) \| (\d+\.\d+\.\d+) \|`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		generator, _, _ := strings.Cut(row[1], ",") // without its options
		pin, ok := pins[generator]
		if !ok {
			t.Errorf("pins has no entry for %s: say which file pins its version", generator)
			continue
		}
		if !strings.Contains(read(t, pin.file)+"\n", pin.before+row[2]+pin.after) {
			t.Errorf("%s: the page has version %s, and %s another", row[1], row[2], pin.file)
		}
		seen = append(seen, generator)
	}
	for generator := range pins {
		if !slices.Contains(seen, generator) {
			t.Errorf("the page's table has no version of %s", generator)
		}
	}
}

// rows are the rows of the run script.
func rows(t *testing.T) []string {
	t.Helper()
	list := regexp.MustCompile(`(?s)\nall_rows=\((.*?)\)`).FindStringSubmatch(read(t, "run"))
	if list == nil {
		t.Fatal("the run script has no list all_rows")
	}
	return strings.Fields(list[1])
}

// TestRows checks that each row of the run script is in the page's table and in the list at the top of the script, and has the
// functions that it needs.
func TestRows(t *testing.T) {
	t.Parallel()
	script := read(t, "run")
	top, _, _ := strings.Cut(script, "\nset -euo pipefail")
	page := between(t, "\n## What works", "\n### ")
	for _, row := range rows(t) {
		if !strings.Contains(page, "`"+row+"`") {
			t.Errorf("the table under \"What works\" has no row %s", row)
		}
		if !slices.Contains(strings.Fields(top), row) {
			t.Errorf("the comment at the top of the run script does not list the row %s", row)
		}
		if !strings.Contains(script, "\ngenerate_"+row+"() {") {
			t.Errorf("the run script has no function generate_%s", row)
		}
		if strings.Contains(page, "`"+row+"`: runs |") && !strings.Contains(script, "\nplay_"+row+"() {") {
			t.Errorf("the page says that the row %s runs, but the run script has no function play_%s", row, row)
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^(?:need|generate|build|play|own)_([\w-]+)\(\) \{`).FindAllStringSubmatch(script, -1) {
		shared := []string{"node", "openapi-generator", "openapi_generator", "jdk", "compiled", "java_library"}
		if !slices.Contains(rows(t), m[1]) && !slices.Contains(shared, m[1]) {
			t.Errorf("the run script has the function %s, but all_rows has no row %s", strings.Fields(m[0])[0], m[1])
		}
	}
}

// TestAddALanguage compares the steps on the page with the scenarios, the run script and the programs.
func TestAddALanguage(t *testing.T) {
	t.Parallel()
	steps := between(t, "\n## Add a language\n", "\n### The program\n")
	_, program, _ := strings.Cut(read(t, "README.md"), "\n### The program\n")

	for _, function := range []string{"need", "generate", "build", "play"} {
		if !strings.Contains(steps, "`"+function+"_ROW`") || !strings.Contains(read(t, "run"), function+"_ROW") {
			t.Errorf("the steps and the run script should both explain %s_ROW", function)
		}
	}
	for _, name := range []string{"all_rows", "pins"} {
		if !strings.Contains(steps, "`"+name+"`") {
			t.Errorf("the steps do not mention %s", name)
		}
	}

	calls := map[string]bool{}
	for _, file := range []string{"scenario.json", "sparse.json"} {
		var scenario struct {
			Steps []struct {
				Calls []struct {
					Call string `json:"call"`
				} `json:"calls"`
			} `json:"steps"`
		}
		if err := json.Unmarshal([]byte(read(t, file)), &scenario); err != nil {
			t.Fatal(err)
		}
		for _, step := range scenario.Steps {
			for _, c := range step.Calls {
				calls[c.Call] = true
			}
		}
	}
	onPage := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[a-z_]+`[^|]*) \\|").FindAllStringSubmatch(program, -1) {
		names, _, _ := strings.Cut(row[1], " (")
		for name := range strings.SplitSeq(names, ", ") {
			onPage[strings.Trim(name, "`")] = true
		}
	}
	if !maps.Equal(calls, onPage) {
		t.Errorf("the scenarios have the calls\n%v\nand the page explains\n%v", slices.Sorted(maps.Keys(calls)), slices.Sorted(maps.Keys(onPage)))
	}

	read := environment(t)
	documented := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(TGO_[A-Z_]+)` \\|").FindAllStringSubmatch(program, -1) {
		documented[m[1]] = true
	}
	if !maps.Equal(read, documented) {
		t.Errorf("the programs read the variables\n%v\nand the page has\n%v", slices.Sorted(maps.Keys(read)), slices.Sorted(maps.Keys(documented)))
	}
}

// environment returns the names of the variables that the programs read to run a scenario.
func environment(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			switch d.Name() {
			case "generated", "node_modules", ".venv", ".cache", "target", "tool", "typescript-compile":
				return fs.SkipDir
			}
			return nil
		}
		if !slices.Contains([]string{".go", ".ts", ".py", ".java", ".rb", ".kt", ".rs", ".php"}, filepath.Ext(path)) {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, name := range regexp.MustCompile(`TGO_[A-Z_]+`).FindAllString(string(text), -1) {
			names[name] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestFilesToCopy checks that the files that the page tells people to copy do not depend on the environment of the tests, and
// that they list the scopes in openapi.yaml.
func TestFilesToCopy(t *testing.T) {
	t.Parallel()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	required := requiredScopes(doc)
	maps.DeleteFunc(required, func(_ string, scopes []string) bool { return len(scopes) == 0 })
	lists := 0
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(between(t, "\n**3. Copy", "\n**4. Send"), -1) {
		names := []string{m[1]}
		if filepath.Ext(m[1]) == "" {
			files, err := filepath.Glob(filepath.Join("..", m[1], "*.java"))
			if err != nil {
				t.Fatal(err)
			}
			for i := range files {
				files[i] = filepath.ToSlash(strings.TrimPrefix(files[i], ".."+string(filepath.Separator)))
			}
			names = files
		}
		for _, name := range names {
			text := read(t, name)
			if !strings.Contains(text, "x-required-scopes in openapi.yaml") {
				continue
			}
			lists++
			if listed := listedScopes(text); !maps.EqualFunc(listed, required, slices.Equal) {
				t.Errorf("%s lists the scopes\n%v\nand openapi.yaml has\n%v", name, listed, required)
			}
			if strings.Contains(text, "TGO_") {
				t.Errorf("%s must be copied, but uses a variable of the tests", name)
			}
		}
	}
	if lists != 11 {
		t.Errorf("%d of the files to copy list the scopes that operations require, not 11", lists)
	}
}

// listedScopes reads lines such as `"sendMessage": ["messages.send"],` in any language.
func listedScopes(text string) map[string][]string {
	listed := map[string][]string{}
	line := regexp.MustCompile(`^\W*(\w+)\W.*["'][a-z]+\.[a-z]+["']`)
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if m := line.FindStringSubmatch(lines.Text()); m != nil {
			for _, scope := range regexp.MustCompile(`["']([a-z]+\.[a-z]+)["']`).FindAllStringSubmatch(lines.Text(), -1) {
				listed[m[1]] = append(listed[m[1]], scope[1])
			}
		}
	}
	return listed
}
