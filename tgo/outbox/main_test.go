//go:build !386 && !arm

package outbox

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
)

// postgres is the server that all tests share. The first test that needs it starts it.
var postgres struct {
	once   sync.Once
	dir    string
	server *postgrestest.Server
	err    error
}

func TestMain(m *testing.M) {
	// These tests wait more than they compute. A -parallel on the command line, which is parsed later, replaces this.
	if err := flag.Set("test.parallel", "8"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if postgres.server != nil {
		postgres.server.Stop()
	}
	_ = os.RemoveAll(postgres.dir)
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func sharedPostgres(t *testing.T) *postgrestest.Server {
	t.Helper()
	postgres.once.Do(func() {
		if postgres.dir, postgres.err = os.MkdirTemp("", "tgo-outbox-"); postgres.err == nil {
			postgres.server, postgres.err = postgrestest.New(postgres.dir)
		}
	})
	if errors.Is(postgres.err, postgrestest.ErrNotInstalled) && os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skip(postgres.err)
	}
	if postgres.err != nil {
		t.Fatal(postgres.err)
	}
	return postgres.server
}
