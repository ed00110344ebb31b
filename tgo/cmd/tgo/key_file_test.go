package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestKeyFileThatOthersCanRead(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "key"), fake.Key.Reveal())
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	commandIn(t, with(envOf(fake), "TGO_API_KEY", ""), "", "me", "--key-file", file).want(t, exitOK, "Fake organization", "chmod 600")
}

// Windows editors put a byte order mark before a text.
func TestByteOrderMarks(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := with(envOf(fake), "TGO_API_KEY", "")
	key := writeFile(t, filepath.Join(t.TempDir(), "key"), "\ufeff"+fake.Key.Reveal()+"\r\n")
	command(t, env, "me", "--key-file", key).want(t, exitOK, "Fake organization")
	wide := writeFile(t, filepath.Join(t.TempDir(), "key"), "\xff\xfet\x00g\x00o\x00_\x00a\x00b\x00c\x00d\x00e\x00")
	command(t, env, "me", "--key-file", wide).want(t, exitUsage, "save it as UTF-8")
	seed := writeFile(t, filepath.Join(t.TempDir(), "seed.json"), "\ufeff"+`{"keys": [{"name": "dev", "scopes": ["*"]}]}`)
	if _, err := readSeed(seed); err != nil {
		t.Error(err)
	}
}
