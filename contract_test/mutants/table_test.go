package main

import (
	"os"
	"strings"
	"testing"
)

// Each mutant can still be made: its place is in the source, and only once unless all of them are meant.
func TestMutantsCanBeMade(t *testing.T) {
	for _, m := range mutants {
		source, err := os.ReadFile("../../" + m.file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), m.search); n == 0 || (n > 1 && !m.all) {
			t.Errorf("%s: %q stands %d times in %s", m.name, m.search, n, m.file)
		}
	}
}
