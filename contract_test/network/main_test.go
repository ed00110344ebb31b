// With this setting, the roots that TestMain sets are the only ones, on every system. So the tests can use the client's default transport,
// which most programs use.
//
//go:debug x509usefallbackroots=1

// Package network compares the delivery that the client reports with what arrived, behind programs that are not ours: behind nginx, behind a
// forward proxy, and with callers whose deadline ends at any moment. nginx and tinyproxy come from the system's packages. If one of them is
// missing, its tests are skipped, or fail if TGO_REQUIRE_RUNTIMES is set, as in CI.
//
// Package otel in the folder below is a separate module, so OpenTelemetry is not in the go.sum of other modules.
package network_test

import (
	"crypto/x509"
	"flag"
	"log"
	"os"
	"testing"

	"go.uber.org/goleak"
)

var sendsFlag = flag.Int("network.sends", 200, "how many texts each case sends; a tenth as many uploads")

func TestMain(m *testing.M) {
	flag.Parse()
	var err error
	if certificate, err = newCertificate(); err != nil {
		log.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(certificate.Leaf)
	x509.SetFallbackRoots(roots)
	code := m.Run()
	if code == 0 {
		if err := goleak.Find(); err != nil {
			log.Printf("goroutines are left: %v", err)
			code = 1
		}
	}
	os.Exit(code)
}
