package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/languages/go/scenario"
	"github.com/tgo-business/tgo-go/contract_test/languages/sparse"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// start starts a fake with the seed that all languages use.
func start(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../seed.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	seed, err := tgotest.ReadSeed(f)
	if err != nil {
		t.Fatal(err)
	}
	server, err := tgotest.Start(tgotest.Config{Seed: seed, UnknownFields: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	return encode(t, map[string]string{"url": server.URL})
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// startSparse starts a fake whose responses are as sparse as the document allows.
func startSparse(t *testing.T) string {
	t.Helper()
	var fake struct {
		URL string `json:"url"`
	}
	if err := json.Unmarshal([]byte(start(t)), &fake); err != nil {
		t.Fatal(err)
	}
	handler, err := sparse.Proxy(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return encode(t, map[string]string{"url": server.URL + "/api/v1"})
}

// scenarios are the scenario files, each with its server and its minimum number of steps and expectations.
var scenarios = []struct {
	file                string
	start               func(*testing.T) string
	steps, expectations int
}{
	{"../scenario.json", start, 18, 140},
	{"../sparse.json", startSparse, 1, 40},
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestScenario(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios {
		var out bytes.Buffer
		err := scenario.Run(t.Context(), sc.start(t), read(t, sc.file), "..", connect, &out)
		if err != nil || strings.Count(out.String(), " ok\n") < sc.steps {
			t.Errorf("%s: %v\n%s", sc.file, err, out.String())
		}
	}
}

// TestEveryExpectationCounts changes each expectation of the scenarios in turn. The step of the expectation must fail, and no
// other step.
func TestEveryExpectationCounts(t *testing.T) {
	t.Parallel()
	for _, sc := range scenarios {
		for i := 0; ; i++ {
			var whole map[string]any
			if err := json.Unmarshal(read(t, sc.file), &whole); err != nil {
				t.Fatal(err)
			}
			name := spoil(whole, i)
			if name == "" {
				if i < sc.expectations {
					t.Errorf("%s: only %d expectations", sc.file, i)
				}
				break
			}
			var out bytes.Buffer
			_ = scenario.Run(t.Context(), sc.start(t), []byte(encode(t, whole)), "..", connect, &out)
			if strings.Count(out.String(), " FAIL ") != 1 || !strings.Contains(out.String(), "step "+name+" FAIL ") {
				t.Fatalf("%s: expectation %d, of step %s, is spoilt: only its step should fail, but the output is:\n%s", sc.file, i, name, out.String())
			}
		}
	}
}

// spoil changes the expectation with this number and returns the name of its step, or "" if there are fewer expectations.
func spoil(whole map[string]any, number int) string {
	for _, s := range whole["steps"].([]any) {
		step := s.(map[string]any)
		for _, c := range step["calls"].([]any) {
			call := c.(map[string]any)
			for _, part := range []string{"expect", "arrived"} {
				if call[part] != nil && spoilIn(call[part], &number) {
					return step["name"].(string)
				}
			}
		}
	}
	return ""
}

func spoilIn(v any, number *int) bool {
	here := func() bool {
		*number--
		return *number < 0
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			inner := v[name]
			_, isObject := inner.(map[string]any)
			list, isList := inner.([]any)
			switch {
			case isObject && len(inner.(map[string]any)) > 0, isList && len(list) > 0:
				if spoilIn(inner, number) {
					return true
				}
			case here():
				v[name] = "spoilt"
				return true
			}
		}
	case []any:
		for i, inner := range v {
			if _, ok := inner.(map[string]any); ok {
				if spoilIn(inner, number) {
					return true
				}
			} else if here() {
				v[i] = "spoilt"
				return true
			}
		}
	}
	return false
}
