package main

import (
	"bytes"
	"os"
	"testing"
)

func TestCurlPageIsUpToDate(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("../curl/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var now bytes.Buffer
	if err := run([]string{"curl"}, &now); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(now.Bytes(), committed) {
		t.Error("curl/README.md is out of date. Run: go run ./contract_test/languages/tool curl >contract_test/languages/curl/README.md")
	}
}
