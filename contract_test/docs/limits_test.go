package docs_test

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// place is a text that names a limit: a page, a documentation comment, an error or a schema. files is a file or a pattern of
// files. Each match of pattern must name the limit.
type place struct{ files, pattern string }

// limits are the places that name the limits of openapi.yaml.
var limits = map[string][]place{
	"Phone least digits": {
		{contractPage, `at least (\w+) digits`},
		{"openapi.yaml", `has at least (\w+)\s+digits`},
		{"openapi.yaml", `fewer than (\w+) digits`},
	},
	"CreateApiKeyRequest.expires_in_days minimum": {
		{"tgo/api_key*.go", `(\d+) to \d+`},
		{"tgo/cmd/tgo/*.go", `(\d+) to \d+; \d+ by default`},
	},
	"CreateApiKeyRequest.expires_in_days maximum": {
		{"tgo/api_key*.go", `\d+ to (\d+)`},
		{"tgo/api_key*.go", `const maxKeyDays = (\d+)`},
		{"tgo/cmd/tgo/*.go", `\d+ to (\d+); \d+ by default`},
	},
	"CreateApiKeyRequest.expires_in_days default": {
		{"tgo/api_key*.go", `With 0 the API .* (\d+) days`},
		{"tgo/cmd/tgo/*.go", `\d+ to \d+; (\d+) by default`},
	},
	"MessageForm.duration maximum": {
		{"tgo/send*.go", `(?:to|most) (\d+) s\b`},
		{"tgo/send*.go", `const maxVoice = (\d+)`},
		{"tgo/outbox/*.go", `length of a voice note, .* (\d+) s\b`},
		{"tgo/outbox/job.schema.json", `"duration": .*"maximum": (\d+)`},
	},
}

// unmentioned are limits that no page names.
var unmentioned = map[string]string{
	"Phone most digits":                   "E.164 has no longer phones",
	"CreateApiKeyRequest.scopes minItems": "an empty list is refused; no number is needed to explain it",
	"MessageForm.duration minimum":        "one second; the client rounds up",
}

var words = map[string]string{"three": "3", "seven": "7"}

// TestLimitsOnThePage compares the limits that pages, comments and errors name with the keywords of openapi.yaml. A limit that
// is new in openapi.yaml needs an entry in limits.
func TestLimitsOnThePage(t *testing.T) {
	t.Parallel()
	contract := contractLimits(t)
	for name, value := range contract {
		if len(limits[name]) == 0 && unmentioned[name] == "" {
			t.Errorf("openapi.yaml has the limit %q (%s), and limits has no place that names it: add the page that tells users", name, value)
		}
	}
	for name, places := range limits {
		value, ok := contract[name]
		if !ok {
			t.Errorf("openapi.yaml has no limit %q: remove it from limits, and from %v", name, places)
			continue
		}
		for _, p := range places {
			found := p.find(t)
			if len(found) == 0 {
				t.Errorf("%s: nothing matches %q, which should name %s of openapi.yaml: %s", p.files, p.pattern, name, value)
			}
			for _, m := range found {
				if said := cmp.Or(words[m[1]], m[1]); said != value {
					t.Errorf("%s: %q, but %s of openapi.yaml is %s", p.files, m[0], name, value)
				}
			}
		}
	}
	for name := range unmentioned {
		if _, ok := contract[name]; !ok {
			t.Errorf("openapi.yaml has no limit %q: remove it from unmentioned", name)
		}
	}
}

// contractLimits returns the limits in the schemas of openapi.yaml, by schema, property and keyword. It leaves out that an id or
// a size is not negative.
func contractLimits(t *testing.T) map[string]string {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for schema, ref := range doc.Components.Schemas {
		addLimits(found, schema, ref.Value)
		for property, inner := range ref.Value.Properties {
			if inner.Ref == "" {
				addLimits(found, schema+"."+property, inner.Value)
			}
		}
	}
	if len(found) < 7 {
		t.Fatalf("only %d limits were found in openapi.yaml: %v", len(found), found)
	}
	return found
}

func addLimits(found map[string]string, name string, s *openapi3.Schema) {
	if s.Max != nil {
		found[name+" maximum"] = fmt.Sprint(*s.Max)
		if s.Min != nil {
			found[name+" minimum"] = fmt.Sprint(*s.Min)
		}
	}
	if s.MinLength > 0 {
		found[name+" minLength"] = fmt.Sprint(s.MinLength)
	}
	if s.MaxLength != nil {
		found[name+" maxLength"] = fmt.Sprint(*s.MaxLength)
	}
	if s.MinItems > 0 {
		found[name+" minItems"] = fmt.Sprint(s.MinItems)
	}
	if s.MaxItems != nil {
		found[name+" maxItems"] = fmt.Sprint(*s.MaxItems)
	}
	if number, ok := s.Default.(float64); ok {
		found[name+" default"] = fmt.Sprint(number)
	}
	// A pattern such as ^\+[1-9][0-9]{6,14}$: one digit, and 6 to 14 more.
	if m := regexp.MustCompile(`^\^\\\+\[1-9\]\[0-9\]\{(\d+),(\d+)\}\$$`).FindStringSubmatch(s.Pattern); m != nil {
		found[name+" least digits"], found[name+" most digits"] = plusOne(m[1]), plusOne(m[2])
	}
}

func plusOne(digits string) string {
	var n int
	_, _ = fmt.Sscan(digits, &n) // the pattern takes digits only
	return fmt.Sprint(n + 1)
}

// find returns the matches of the pattern in the files, without Go tests.
func (p place) find(t *testing.T) [][]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(repository, p.files))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: no such files: %v", p.files, err)
	}
	var found [][]string
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, regexp.MustCompile(p.pattern).FindAllStringSubmatch(string(text), -1)...)
	}
	return found
}

// TestDefaultsOnThePages compares defaults and limits of our own code that the pages name with the code.
func TestDefaultsOnThePages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ page, code place }{
		{place{clientPage, `makes at most (\w+) requests`}, place{"tgo/*.go", `defaultAttempts += (\d+)`}},
		{place{clientPage, "`Retry-After` up to (\\d+) seconds"}, place{"tgo/*.go", `defaultMaxWait += (\d+) \* time\.Second`}},
		{place{outboxPage, `up to (\d+) minutes`}, place{"tgo/outbox/*.go", `min\(time\.Second<<.*, (\d+)\*time\.Minute\)`}},
		{place{outboxPage, `\b(\d+) s without one`}, place{"tgo/outbox/*.go", `holdDefault += (\d+) \* time\.Second`}},
		{place{outboxPage, "`Workers\\.Retention` \\((\\d+) hours\\)"}, place{"tgo/outbox/*.go", `cmp\.Or\(c\.Retention, (\d+)\*time\.Hour\)`}},
		{place{"contract_test/server/README.md", `(\d+) MiB`}, place{"contract_test/server/*.go", `const maxBody = (\d+) << 20`}},
	} {
		page, code := c.page.find(t), c.code.find(t)
		if len(page) == 0 || len(code) != 1 {
			t.Errorf("%s: %d matches of %q; %s: %d of %q, want 1", c.page.files, len(page), c.page.pattern, c.code.files, len(code), c.code.pattern)
			continue
		}
		for _, m := range page {
			if said := cmp.Or(words[m[1]], m[1]); said != code[0][1] {
				t.Errorf("%s: %q, but the code has %q", c.page.files, m[0], code[0][0])
			}
		}
	}
}
