package main

import (
	"os"
	"strings"
	"testing"
)

// TestMutantsCanBeMade checks that the code that each mutant replaces is in the source: once, or more often if the mutant replaces
// all of it.
func TestMutantsCanBeMade(t *testing.T) {
	for _, m := range mutants {
		source, err := os.ReadFile("../../" + m.file)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(source), m.search); n == 0 || (n > 1 && !m.all) {
			t.Errorf("%s: %q is %d times in %s: change the mutant in table.go", m.name, m.search, n, m.file)
		}
	}
}
