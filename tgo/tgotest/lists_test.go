package tgotest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// TestListsHaveOneSpelling compares the lists that stand in Go, in admin.yaml, in the inbox and in the documentation. Each has its
// source in Go or in openapi.yaml; the copies must follow.
func TestListsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	routes, err := contract.Routes()
	if err != nil {
		t.Fatal(err)
	}
	var operations []string
	for id := range routes {
		operations = append(operations, id)
	}
	const inbox = "internal/web/inbox/"
	schemas := func(name string, property ...string) []string {
		keys := []string{"components", "schemas", name}
		for _, p := range property {
			keys = append(keys, "properties", p)
		}
		return enumOf(t, keys...)
	}
	types := routes["sendMessage"].Operation.RequestBody.Value.Content["multipart/form-data"].Schema.Value.Properties["type"].Value.Enum
	for _, list := range []struct {
		what, source string
		want         []string
		copies       map[string][]string
	}{
		{"the kinds of faults", "faultKinds in fault.go", kindNames(), map[string][]string{
			"FaultKind in admin.yaml": schemas("FaultKind"),
		}},
		{"the fields that not every kind of fault has", "faultKinds in fault.go", kindFields(), map[string][]string{
			"fields in inbox/faults.js": keysOfObject(t, inbox+"faults.js", "const fields = {"),
		}},
		{"the states of a contact", "ContactStates in internal/workspace/contacts.go", words(workspace.ContactStates), map[string][]string{
			"contactStates in seed.go":   words(contactStates),
			"ContactState in admin.yaml": schemas("ContactState"),
		}},
		{"the states of a sender number", "SenderNumber.status in openapi.yaml", words(contract.StatusWords("status")), map[string][]string{
			"SenderNumber.Status in seed.go": statesInComment(t, "Status"),
		}},
		{"the states of a verification", "SenderNumber.verification_status in openapi.yaml", words(contract.StatusWords("verification_status")), map[string][]string{
			"SenderNumber.VerificationStatus in seed.go": statesInComment(t, "VerificationStatus"),
		}},
		{"the scopes", "Scope in openapi.yaml", words(contract.ScopeWords()), map[string][]string{
			"Scope in admin.yaml": schemas("Scope"),
		}},
		{"the types of messages", "MessageForm in openapi.yaml", words(types), map[string][]string{
			"Message.type in admin.yaml": schemas("Message", "type"),
			"pictureOf in labels.js":     quoted(found(t, inbox+"labels.js", `\[("text".*?)\]\.includes\(r\.type\)`)),
		}},
		{"the kinds of requests", "Kinds in internal/traffic/select.go", traffic.Kinds, map[string][]string{
			"Is in admin.yaml":    enumOf(t, "components", "parameters", "Is", "schema"),
			"filters in the page": slices.DeleteFunc(allFound(t, inbox+"index.html", `data-filter="(\w+)"`), func(f string) bool { return f == "all" }),
		}},
		{"what can become of a request", "Outcomes in internal/traffic/log.go", traffic.Outcomes, map[string][]string{
			"RequestSummary.outcome in admin.yaml": schemas("RequestSummary", "outcome"),
			"Request.outcome in admin.yaml":        schemas("Request", "outcome"),
		}},
		{"the events", "EventNames in internal/traffic/log.go", traffic.EventNames, map[string][]string{
			"names in inbox/events.js":         quoted(found(t, inbox+"events.js", `names = \[(.*?)\]`)),
			"followFakeRequests in admin.yaml": eventsInDescription(t),
		}},
		{"the operations", "openapi.yaml", operations, map[string][]string{
			"operations in inbox/labels.js": keysOfObject(t, inbox+"labels.js", "const operations = {"),
		}},
	} {
		want := sorted(list.want)
		if len(want) == 0 {
			t.Errorf("%s: the list in %s is empty", list.what, list.source)
		}
		for name, copied := range list.copies {
			if got := sorted(copied); !slices.Equal(got, want) {
				t.Errorf("%s: %s has\n\t%q\nand %s\n\t%q\nChange the copy.", list.what, list.source, want, name, got)
			}
		}
	}
}

// TestDefaultsHaveOneSpelling compares numbers that stand in several places.
func TestDefaultsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	if def := found(t, "../cmd/tgo/fake.go", `default:"([^"]*)" name:"doubled-within"`); parsed(t, def) != defaultDoubledWithin {
		t.Errorf("--doubled-within in cmd/tgo/fake.go is %s by default, and in config.go it is %v", def, defaultDoubledWithin)
	}
	said := map[time.Duration]string{30 * time.Second: "30 seconds", time.Minute: "a minute", 2 * time.Minute: "two minutes"}[defaultDoubledWithin]
	if said == "" {
		t.Fatalf("how do people say %v? Add it to this test", defaultDoubledWithin)
	}
	for file, pattern := range map[string]string{
		"config.go":  `DoubledWithin is how soon[^;]*; by default (.*?)\.`,
		"admin.yaml": `Config\.DoubledWithin of it, by default (.*?)\.`,
		"README.md":  `same key, recipient, .*? at most (.*?) apart`,
	} {
		if got := found(t, file, pattern); got != said {
			t.Errorf("%s says %q, want %q", file, got, said)
		}
	}
	longest := fmt.Sprint(maxDelay.Milliseconds())
	for file, pattern := range map[string]string{
		"admin.yaml":                   `delay_ms: \{type: integer, format: int64, minimum: 0, maximum: (\d+)\}`,
		"internal/web/inbox/faults.js": `number\("fault-delay", 0, 0, (\d+)\)`,
	} {
		if got := found(t, file, pattern); got != longest {
			t.Errorf("the longest delay is %s ms in admin_faults.go, and %s in %s", longest, got, file)
		}
	}
}

// The README names the states in which a number is inactive, and every name that a search knows.
func TestREADMEsNameAllWords(t *testing.T) {
	t.Parallel()
	var inactive string
	for _, page := range []string{"../../README.md", "README.md", "../cmd/tgo/README.md"} {
		for line := range strings.Lines(fileText(t, page)) {
			if strings.HasPrefix(line, "| `tgo.ErrSenderInactive`") {
				inactive = line
			}
		}
	}
	if inactive != "" { // a page may leave the table to the doc comment
		for _, word := range words(contract.StatusWords("status")) {
			if first, _, _ := strings.Cut(word, "_"); word != workspace.StatusActive && !strings.Contains(inactive, first) {
				t.Errorf("the state %q is missing in the README: %s", word, inactive)
			}
		}
	}
	for _, name := range traffic.SearchNames {
		if !strings.Contains(fileText(t, "README.md"), "`"+name+":") {
			t.Errorf("README.md does not tell that the search knows %s:", name)
		}
		if page := fileText(t, "internal/web/inbox/index.html"); !strings.Contains(page, "<code>"+name+":") {
			t.Errorf("the help of the inbox does not tell that the search knows %s:", name)
		}
	}
}

func kindNames() (names []string) {
	for _, k := range faultKinds {
		names = append(names, k.name)
	}
	return names
}

func kindFields() (fields []string) {
	for _, k := range faultKinds {
		fields = append(fields, k.fields...)
	}
	return fields
}

func words[T any](list []T) (all []string) {
	for _, word := range list {
		all = append(all, fmt.Sprint(word))
	}
	return all
}

// sorted is a list without what is in it twice.
func sorted(list []string) []string {
	list = slices.Clone(list)
	sort.Strings(list)
	return slices.Compact(list)
}

func fileText(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// found is the group of a pattern in a file, in which line breaks and comment signs are spaces.
func found(t *testing.T, file, pattern string) string {
	t.Helper()
	text := regexp.MustCompile(`\s+(//\s)?\s*`).ReplaceAllString(fileText(t, file), " ")
	m := regexp.MustCompile(pattern).FindStringSubmatch(text)
	if m == nil {
		t.Errorf("%s has no %s", file, pattern)
		return ""
	}
	return m[1]
}

func allFound(t *testing.T, file, pattern string) (all []string) {
	t.Helper()
	for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(fileText(t, file), -1) {
		all = append(all, m[1])
	}
	return all
}

// quoted are the texts in quotation marks.
func quoted(text string) (all []string) {
	for _, m := range regexp.MustCompile(`"([^"]*)"`).FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// keysOfObject are the names in an object of JavaScript.
func keysOfObject(t *testing.T, file, begin string) (all []string) {
	t.Helper()
	_, rest, ok := strings.Cut(fileText(t, file), begin)
	if !ok {
		t.Errorf("%s has no %q", file, begin)
	}
	body, _, _ := strings.Cut(rest, "\n  };")
	if short, _, ok := strings.Cut(rest, "\n};"); ok && len(short) < len(body) {
		body = short
	}
	body = regexp.MustCompile(`"[^"]*"|\{[^{}]*\}`).ReplaceAllString(body, "")
	for _, m := range regexp.MustCompile(`(?:^|[\s,])(\w+):`).FindAllStringSubmatch(body, -1) {
		all = append(all, m[1])
	}
	return all
}

// statesInComment are the states that the comment of a field of SenderNumber names: active, which is the default, and a list.
func statesInComment(t *testing.T, field string) []string {
	t.Helper()
	said := found(t, "seed.go", ` `+field+` is "active" by default\. The API knows (.*?) too;`)
	return append(strings.Split(strings.ReplaceAll(said, " and ", ", "), ", "), workspace.StatusActive)
}

// eventsInDescription are the events that the description of the stream names, among other words.
func eventsInDescription(t *testing.T) (all []string) {
	t.Helper()
	described := found(t, "admin.yaml", `operationId: followFakeRequests .*? description: \|(.*?) parameters:`)
	for _, name := range traffic.EventNames {
		if strings.Contains(described, "`"+name+"`") {
			all = append(all, name)
		}
	}
	return all
}

func parsed(t *testing.T, duration string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(duration)
	if err != nil {
		t.Errorf("%q: %v", duration, err)
	}
	return d
}

// enumOf is the enum at a place of admin.yaml.
func enumOf(t *testing.T, keys ...string) (all []string) {
	t.Helper()
	var at any
	if err := yaml.Unmarshal(adminDocument, &at); err != nil {
		t.Fatal(err)
	}
	for _, key := range append(keys, "enum") {
		object, _ := at.(map[string]any)
		at = object[key]
	}
	list, _ := at.([]any)
	if len(list) == 0 {
		t.Errorf("admin.yaml has no enum at %s", strings.Join(keys, "."))
	}
	return words(list)
}

// TestEveryFaultIsTriedForDoubles: CheckNeverTwice tries each kind of fault, except those that leave no doubt.
func TestEveryFaultIsTriedForDoubles(t *testing.T) {
	t.Parallel()
	leftOut := map[FaultKind]string{
		FaultNone:      "it answers as usual",
		FaultRedirect:  "the fake has not carried the request out, and the client says so",
		FaultCutMidway: "the request was not whole, so that the fake has not carried it out",
	}
	tried := map[FaultKind]bool{}
	for _, f := range openOutcomes() {
		tried[f.Kind] = true
	}
	for kind := range FaultKinds {
		if _, out := leftOut[kind]; tried[kind] == out {
			t.Errorf("%v: tried %v, left out %v; add it to openOutcomes in never_twice.go, or here with the reason", kind, tried[kind], out)
		}
	}
}
