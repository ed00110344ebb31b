package main

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// start starts a fake with the seed that all languages use.
func start(t *testing.T) string {
	t.Helper()
	f, err := os.Open("../seed.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read from
	seed, err := tgotest.ReadSeed(f)
	if err != nil {
		t.Fatal(err)
	}
	server, err := tgotest.Start(tgotest.Config{Seed: seed, UnknownFields: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	line, err := json.Marshal(map[string]string{"url": server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return string(line)
}

func read(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("../scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestScenario(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	err := run(t.Context(), start(t), read(t), "..", &out)
	if err != nil || strings.Count(out.String(), " ok\n") < 14 {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// TestEveryExpectationCounts changes each expectation of the scenario in turn: the step that it stands in must fail,
// and no other.
func TestEveryExpectationCounts(t *testing.T) {
	t.Parallel()
	for i := 0; ; i++ {
		var whole map[string]any
		if err := json.Unmarshal(read(t), &whole); err != nil {
			t.Fatal(err)
		}
		name := spoil(whole, i)
		if name == "" {
			if i < 100 {
				t.Errorf("only %d expectations", i)
			}
			return
		}
		var out bytes.Buffer
		_ = run(t.Context(), start(t), []byte(text(whole)), "..", &out)
		if strings.Count(out.String(), " FAIL ") != 1 || !strings.Contains(out.String(), "step "+name+" FAIL ") {
			t.Fatalf("expectation %d, of step %s, is spoilt, and this comes out:\n%s", i, name, out.String())
		}
	}
}

// spoil changes the expectation with this number and returns the name of its step, or nothing if there are not so many.
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
