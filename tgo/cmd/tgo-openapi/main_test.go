package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestWrite(t *testing.T) {
	want := map[string][]byte{}
	for name, source := range map[string]string{"openapi.yaml": "openapi.yaml", "overlay.yaml": "gen/overlay.yaml"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "..", source))
		if err != nil {
			t.Fatal(err)
		}
		want[name] = content
	}
	t.Chdir(t.TempDir())
	for range 2 { // the second time the files are there
		if err := write([]string{"openapi.yaml", "overlay.yaml"}); err != nil {
			t.Fatal(err)
		}
	}
	for name, content := range want {
		if got, err := os.ReadFile(name); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, want %d; %v", name, len(got), len(content), err)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, names := range [][]string{nil, {"gen/overlay.yaml"}, {"../openapi.yaml"}} {
		if write(names) == nil {
			t.Errorf("%v: no error", names)
		}
	}
	if entries, err := os.ReadDir("."); err != nil || len(entries) > 0 {
		t.Errorf("it wrote %v, %v", entries, err)
	}
}
