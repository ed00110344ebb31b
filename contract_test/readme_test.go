package contract_test

import (
	"flag"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3filter"
)

// TestTheJobOnThePageWorks: the job in README.md is YAML, the targets and flags that it uses exist, and the section has all flags of a
// live run.
func TestTheJobOnThePageWorks(t *testing.T) {
	t.Parallel()
	readme := string(readFile(t, "README.md"))
	_, rest, _ := strings.Cut(readme, "\n## In your pipeline\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	m := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(section)
	if m == nil {
		t.Fatal("README.md has no job")
	}
	v, err := openapi3filter.YamlBodyDecoder(strings.NewReader(m[1]), nil, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	makefile := string(readFile(t, "../Makefile"))
	var commands []string
	for _, run := range at(v, "contract", "steps", "run") {
		command, _ := run.(string)
		commands = append(commands, command)
		if target, ok := strings.CutPrefix(command, "make "); ok && !strings.Contains(makefile, "\n"+target+":") {
			t.Errorf("the Makefile has no target for %s", command)
		}
	}
	for _, want := range []string{"make check-generated", "make lint-contract", "make breaking", "go test ./contract_test", "-live -live.in-ci"} {
		if !strings.Contains(strings.Join(commands, "\n"), want) {
			t.Errorf("the job lacks %s", want)
		}
	}
	said := map[string]bool{}
	for _, m := range regexp.MustCompile("[` ]-((?:live|plan|record|replay)[a-z.-]*)").FindAllStringSubmatch(section, -1) {
		said[m[1]] = true
		if flag.Lookup(m[1]) == nil {
			t.Errorf("there is no flag -%s", m[1])
		}
	}
	flag.VisitAll(func(f *flag.Flag) {
		if strings.HasPrefix(f.Name, "live") && f.Name != "live.requests" && f.Name != "live.pause" && !said[f.Name] {
			t.Errorf("README.md does not mention -%s", f.Name)
		}
	})
}
