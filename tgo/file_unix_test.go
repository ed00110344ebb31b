//go:build unix

package tgo_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A named pipe is refused without waiting for whoever may write to it.
func TestNamedPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	fake := tgotest.New(t)
	err := sendAs(t, fake, "document", tgo.FilePath(pipe))
	if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("%v", err)
	}
}
