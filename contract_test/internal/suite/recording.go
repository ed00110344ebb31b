package suite

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// RecordedAnswer is a response as it is kept: without keys, phones, names, texts, times and hosts.
type RecordedAnswer struct {
	Operation   string          `json:"operation"`
	Method      string          `json:"method"`
	Target      string          `json:"target"`
	Status      int             `json:"status"`
	ContentType string          `json:"content_type,omitempty"`
	RetryAfter  bool            `json:"retry_after,omitempty"`
	Body        json.RawMessage `json:"body,omitempty"`
	NotJSON     int             `json:"not_json,omitempty"` // the length of a body that is not JSON
}

// WriteRecording writes the responses of a run to a file.
func WriteRecording(name string, on *Target) error {
	b, err := json.MarshalIndent(RecordingOf(on.Recorder.Exchanges()), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(b, '\n'), 0o600)
}

// RecordingOf returns the responses of exchanges as they may be kept.
func RecordingOf(all []contract.Exchange) []RecordedAnswer {
	list := []RecordedAnswer{}
	redacted := redactorFor(all...)
	for _, x := range all {
		r := RecordedAnswer{
			Operation: x.Operation, Method: x.Method, Target: redacted.target(x), Status: x.Status,
			ContentType: x.Header.Get("Content-Type"), RetryAfter: x.Header.Get("Retry-After") != "",
		}
		if v := contract.DecodeJSON(x.Body); v != nil {
			r.Body, _ = json.Marshal(redacted.json("", v)) // it came out of JSON
		} else {
			r.NotJSON = len(x.Body)
		}
		list = append(list, r)
	}
	return list
}

// ReadRecording reads a file of WriteRecording.
func ReadRecording(t *testing.T, name string) []RecordedAnswer {
	t.Helper()
	var list []RecordedAnswer
	if err := json.Unmarshal(ReadFile(t, name), &list); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		t.Fatalf("%s is empty", name)
	}
	return list
}

// Validate validates the response with today's contract.
func (r RecordedAnswer) Validate(t testing.TB) error {
	t.Helper()
	req := contract.Request{Method: r.Method, Target: r.Target}.HTTP(t, "http://tenant"+contract.BasePath, "tgo_redacted")
	body := []byte(r.Body)
	if r.NotJSON > 0 {
		body = []byte("(no JSON)")
	}
	return contract.ValidateResponse(req, r.Status, http.Header{"Content-Type": {r.ContentType}}, body)
}

// Exchange returns the recorded response as an exchange, for the checks of assumptions. Little of the request was kept.
func (r RecordedAnswer) Exchange() contract.Exchange {
	x := contract.Exchange{Operation: r.Operation, Method: r.Method, Target: r.Target, Status: r.Status, Body: r.Body, Header: http.Header{"Content-Type": {r.ContentType}}}
	if u, err := url.Parse(r.Target); err == nil {
		x.Query = u.Query()
	}
	if r.RetryAfter {
		x.Header.Set("Retry-After", "1")
	}
	return x
}

// shapes collects the types of the values at each place of a response.
func shapes(into map[string]map[string]bool, where string, v any) {
	kind := "null"
	switch v := v.(type) {
	case map[string]any:
		kind = "object"
		for name, inner := range v {
			shapes(into, where+"."+name, inner)
		}
	case []any:
		kind = "list"
		for _, inner := range v {
			shapes(into, where+"[]", inner)
		}
	case string:
		kind = "text"
	case json.Number:
		kind = "number"
	case bool:
		kind = "boolean"
	}
	if into[where] == nil {
		into[where] = map[string]bool{}
	}
	into[where][kind] = true
}

// freeForm are places where the document allows anything, so their shape says nothing.
var freeForm = regexp.MustCompile(`\.(limits|usage_snapshot|plan|errors)\b`)

// shapesOf returns the types of the values at each place of all responses, except where the document allows anything.
func shapesOf(list []RecordedAnswer) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, r := range list {
		if r.Operation != "" && r.Body != nil {
			shapes(all, r.Operation+" "+strconv.Itoa(r.Status), contract.DecodeJSON(r.Body))
		}
	}
	maps.DeleteFunc(all, func(where string, _ map[string]bool) bool { return freeForm.MatchString(where) })
	return all
}

// shapeDifferences compares a recording with the fake's responses, for the operations and statuses that both have.
func shapeDifferences(recording, fake map[string]map[string]bool) []string {
	answers := func(of map[string]map[string]bool) map[string]bool {
		found := map[string]bool{}
		for where := range of {
			if !strings.ContainsAny(where, ".[") {
				found[where] = true
			}
		}
		return found
	}
	inBoth := func(where string) bool {
		answer := where
		if i := strings.IndexAny(where, ".["); i > 0 {
			answer = where[:i]
		}
		return answers(recording)[answer] && answers(fake)[answer]
	}
	kinds := func(of map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(of)), " or ") }
	var list []string
	for _, where := range slices.Sorted(maps.Keys(recording)) {
		switch {
		case !inBoth(where):
		case fake[where] == nil:
			list = append(list, fmt.Sprintf("%s: %s, and the fake has nothing there", where, kinds(recording[where])))
		default:
			for kind := range recording[where] {
				if !fake[where][kind] {
					list = append(list, fmt.Sprintf("%s: %s, and the fake has %s", where, kind, kinds(fake[where])))
				}
			}
		}
	}
	for _, where := range slices.Sorted(maps.Keys(fake)) {
		parent := where
		if i := strings.LastIndexAny(where, ".["); i > 0 {
			parent = where[:i]
		}
		// A place is missing only if the recording has an object there: in an empty list or null there can be nothing.
		if inBoth(where) && recording[where] == nil && recording[parent] != nil && (recording[parent]["object"] && strings.HasPrefix(where[len(parent):], ".")) {
			list = append(list, fmt.Sprintf("%s: missing, and the fake has %s", where, kinds(fake[where])))
		}
	}
	return list
}

// CheckRecording returns where the responses of a recording break the contract, and where they have another shape than those of
// the fake.
func CheckRecording(t *testing.T, list, ofTheFake []RecordedAnswer) (against, differs []string) {
	t.Helper()
	for _, r := range list {
		if err := r.Validate(t); err != nil {
			against = append(against, fmt.Sprintf("%s %s, returned %d: %v", r.Method, r.Target, r.Status, err))
		}
	}
	return against, shapeDifferences(shapesOf(list), shapesOf(ofTheFake))
}
