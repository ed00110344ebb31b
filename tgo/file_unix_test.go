//go:build unix

package tgo_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A named pipe is refused without waiting for a writer.
func TestNamedPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	fake := tgotest.New(t)
	for name, file := range map[string]tgo.File{
		"FilePath":           tgo.FilePath(pipe),
		"FSFile":             tgo.FSFile(os.DirFS(filepath.Dir(pipe)), "pipe"),
		"FSFile of a folder": tgo.FSFile(sub(t, os.DirFS(filepath.Dir(filepath.Dir(pipe))), filepath.Base(filepath.Dir(pipe))), "pipe"),
	} {
		err := sendAs(t, fake, "document", file)
		if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func sub(t *testing.T, fsys fs.FS, dir string) fs.FS {
	t.Helper()
	f, err := fs.Sub(fsys, dir)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
