package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestTheVersionsOnThePageAreThePinnedOnes holds the page's table against the files that pin.
func TestTheVersionsOnThePageAreThePinnedOnes(t *testing.T) {
	t.Parallel()
	pins := map[string]struct{ file, before, after string }{
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
	var seen []string
	for _, row := range regexp.MustCompile(`(?m)^\| [^|]+ \| ([^|]+) \| (\d+\.\d+\.\d+) \|`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		generator, _, _ := strings.Cut(row[1], ",") // and what it is asked for
		pin := pins[generator]
		if !strings.Contains(read(t, pin.file)+"\n", pin.before+row[2]+pin.after) {
			t.Errorf("%s: the page says %s, %s does not", row[1], row[2], pin.file)
		}
		seen = append(seen, generator)
	}
	for generator := range pins {
		if !slices.Contains(seen, generator) {
			t.Errorf("the page does not name the version of %s", generator)
		}
	}
}

// TestEachRowIsOnThePage looks for the rows of the run script on the page.
func TestEachRowIsOnThePage(t *testing.T) {
	t.Parallel()
	list := regexp.MustCompile(`(?s)\nall_rows=\((.*?)\)`).FindStringSubmatch(read(t, "run"))
	if list == nil {
		t.Fatal("the script has no list of its rows")
	}
	page := read(t, "README.md")
	for _, row := range strings.Fields(list[1]) {
		if !strings.Contains(page, "`"+row+"`") {
			t.Errorf("the page does not name the row %s", row)
		}
	}
}
