package tgo_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// schema returns a schema of the contract, or the schema of a property of it.
func schema(t *testing.T, name string, properties ...string) *openapi3.Schema {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	ref := doc.Components.Schemas[name]
	for _, property := range properties {
		if ref == nil || ref.Value == nil || ref.Value.Properties[property] == nil {
			t.Fatalf("the contract has no %s.%s", name, property)
		}
		ref = ref.Value.Properties[property]
	}
	if ref == nil || ref.Value == nil {
		t.Fatalf("the contract has no schema %s", name)
	}
	return ref.Value
}

// The limits and lists that the client checks before it sends are those of the contract.
func TestConstantsAreThoseOfTheContract(t *testing.T) {
	limit := func(p *float64) float64 {
		if p == nil {
			t.Error("the contract has no limit")
			return 0
		}
		return *p
	}
	if most := limit(schema(t, "MessageForm", "duration").Max); most != tgo.MaxVoice {
		t.Errorf("the longest voice note of the contract has %v s, and here it has %d s", most, tgo.MaxVoice)
	}
	days := schema(t, "CreateApiKeyRequest", "expires_in_days")
	if least, most := limit(days.Min), limit(days.Max); least != 1 || most != tgo.MaxKeyDays {
		t.Errorf("a key is valid for %v to %v days in the contract, and for 1 to %d days here", least, most, tgo.MaxKeyDays)
	}
	pattern := regexp.MustCompile(schema(t, "Phone").Pattern)
	for digits := range 20 {
		for _, phone := range []string{"+" + strings.Repeat("2", digits), "+0" + strings.Repeat("2", digits), strings.Repeat("2", digits), "+a" + strings.Repeat("2", digits)} {
			if want := pattern.MatchString(phone); tgo.IsPhone(tgo.Phone(phone)) != want {
				t.Errorf("the contract allows %q: %v; this package does not agree", phone, want)
			}
		}
	}
	var scopes []string
	for _, scope := range tgo.AllScopes {
		scopes = append(scopes, string(scope))
	}
	if want := words(schema(t, "Scope").Enum); !slices.Equal(scopes, want) {
		t.Errorf("the scopes of the contract are %q, and here they are %q", want, scopes)
	}
	types := []string{tgo.TypeText, tgo.TypeImage, tgo.TypeVoice, tgo.TypeDocument}
	if want := words(schema(t, "MessageForm", "type").Enum); !slices.Equal(types, want) {
		t.Errorf("the types of a message in the contract are %q, and here they are %q", want, types)
	}
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(doc.Servers[0].URL, "}"+tgo.BasePath) {
		t.Errorf("the server of the contract, %s, does not end in %s", doc.Servers[0].URL, tgo.BasePath)
	}
	for name, scheme := range doc.Components.SecuritySchemes {
		if header := http.CanonicalHeaderKey(scheme.Value.Name); !strings.Contains(text(t, "client.go"), fmt.Sprintf("h[%q]", header)) {
			t.Errorf("the key is in the header %s by the contract (%s), and client.go does not set that", header, name)
		}
	}
}

func words(list []any) []string {
	texts := make([]string, len(list))
	for i, v := range list {
		texts[i] = fmt.Sprint(v)
	}
	return texts
}

// Each status of a sender number that the contract documents has advice of its own.
func TestReadyHasAdviceForEachStatus(t *testing.T) {
	documented := func(property string) []string {
		list, _ := schema(t, "SenderNumber", property).Extensions["x-extensible-enum"].([]any)
		if len(list) < 4 {
			t.Fatalf("the contract documents %d values of %s", len(list), property)
		}
		return words(list)
	}
	for _, status := range documented("status") {
		err := tgo.SenderNumber{SenderNumber: gen.SenderNumber{Status: status, VerificationStatus: "active"}}.Ready()
		if (err == nil) != (status == "active") || strings.Contains(fmt.Sprint(err), "its status is") {
			t.Errorf("status %s: %v", status, err)
		}
	}
	for _, status := range documented("verification_status") {
		err := tgo.SenderNumber{SenderNumber: gen.SenderNumber{Status: "active", VerificationStatus: status}}.Ready()
		if (err == nil) != (status == "active") || strings.Contains(fmt.Sprint(err), "its verification_status is") {
			t.Errorf("verification_status %s: %v", status, err)
		}
	}
}

// constants returns the names of the constants in a file that begin with a prefix, without the prefix.
func constants(t *testing.T, file, prefix string) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, decl := range f.Decls {
		if decl, ok := decl.(*ast.GenDecl); ok && decl.Tok == token.CONST {
			for _, spec := range decl.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if rest, found := strings.CutPrefix(name.Name, prefix); found {
						names = append(names, rest)
					}
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// Each failure of package exchange has a retry condition, and each condition can be set for reads and is tested.
func TestEachFailureIsACondition(t *testing.T) {
	conditions := constants(t, "retry.go", "On")
	failures := slices.DeleteFunc(constants(t, "internal/exchange/retry.go", "Failure"), func(name string) bool { return name == "None" })
	if len(conditions) == 0 || !slices.Equal(conditions, failures) {
		t.Errorf("the retry conditions are %q, and the failures are %q", conditions, failures)
	}
	if !slices.Equal(tgo.ReadConditions, allConditions) || len(slices.Compact(slices.Sorted(slices.Values(allConditions)))) != len(conditions) {
		t.Errorf("WithReadRetries knows the conditions %d, the tests know %d, and there are %q", tgo.ReadConditions, allConditions, conditions)
	}
}

// text returns a file of this folder with its line breaks and comment signs replaced by spaces.
func text(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`(?m)^\s*//`).ReplaceAllString(string(b), "")), " ")
}

// The comments and the page give the values that the code uses.
func TestCommentsGiveTheConstants(t *testing.T) {
	spelled := func(value any) string {
		text := map[any]string{3: "three", time.Minute: "one minute", 2 * time.Minute: "two minutes", 14 * time.Hour: "14 hours"}[value]
		if text == "" {
			t.Fatalf("this test does not know how %v is spelled: add it", value)
		}
		return text
	}
	var open []string // 4xx statuses after which the verdict is unknown
	for status := 400; status < 500; status++ {
		if tgo.DeliveryOfStatus(status) == tgo.DeliveryUnknown {
			open = append(open, fmt.Sprint(status))
		}
	}
	for _, c := range []struct{ file, says string }{
		{"delivery.go", "a " + strings.Join(open, ", a ") + ", a 5xx"},
		{"delivery.go", strings.Join(open, ", ") + " unknown"},
		{"options.go", "the default is " + spelled(tgo.DefaultTimeout)},
		{"retry.go", fmt.Sprintf("(at least 1, by default %d)", tgo.DefaultAttempts)},
		{"retry.go", fmt.Sprintf("by default %.0f s)", tgo.DefaultMaxWait.Seconds())},
		{"README.md", "at most " + spelled(tgo.DefaultAttempts) + " requests"},
		{"README.md", fmt.Sprintf("up to %.0f seconds", tgo.DefaultMaxWait.Seconds())},
		{"send.go", fmt.Sprintf("to %d s", tgo.MaxVoice)},
		{"api_key.go", fmt.Sprintf("from 1 to %d days", tgo.MaxKeyDays)},
		{"phone.go", fmt.Sprintf("%d to %d digits", tgo.MinDigits, tgo.MaxDigits)},
		{"usage.go", fmt.Sprintf("more than %d pages", tgo.MaxPages)},
		{"sender_number.go", fmt.Sprintf("more than %d pages", tgo.MaxPages)},
		{"message_log.go", fmt.Sprintf("more than %d such entries", tgo.MaxOdd)},
		{"README.md", fmt.Sprintf("more than %d such entries", tgo.MaxOdd)},
		{"candidates.go", "tolerance of " + spelled(tgo.ClockSlack)},
		{"candidates.go", spelled(tgo.MaxOffset) + " more"},
		{"api_error.go", fmt.Sprintf("cut at %d KiB", exchange.MaxOther>>10)},
	} {
		if !strings.Contains(text(t, c.file), c.says) {
			t.Errorf("%s does not say %q", c.file, c.says)
		}
	}
	var names []string
	for field := range reflect.TypeFor[gen.Organization]().Fields() {
		names = append(names, field.Name)
	}
	if list := "gen.Organization " + strings.Join(names, ", "); !strings.Contains(strings.ReplaceAll(text(t, "me.go"), " // ", " "), list) {
		t.Errorf("me.go does not say %q", list)
	}
}

// The comment of Usage lists the fields of its entries.
func TestFieldsOfUsageAreListed(t *testing.T) {
	for field := range reflect.TypeFor[gen.SenderNumberUsage]().Fields() {
		if line := field.Name + " " + field.Type.String() + " //"; !strings.Contains(text(t, "usage.go"), line) {
			t.Errorf("usage.go does not list %q", line)
		}
	}
}

// The command has the client's default timeout.
func TestTimeoutOfTheCommand(t *testing.T) {
	files, err := filepath.Glob("cmd/tgo/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, file := range files {
		for _, m := range regexp.MustCompile("\\bTimeout +time\\.Duration +`[^`]*\\bdefault:\"([^\"]*)\"").FindAllStringSubmatch(text(t, file), -1) {
			found++
			if d, err := time.ParseDuration(m[1]); err != nil || d != tgo.DefaultTimeout {
				t.Errorf("%s has the timeout %s, and the client has %v", file, m[1], tgo.DefaultTimeout)
			}
		}
	}
	if found == 0 {
		t.Error("the command has no flag for the timeout")
	}
}
