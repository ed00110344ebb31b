// With this the roots that TestMain sets are the only ones, on every system. So the tests can use the client's own
// transport, which is the one that most programs have.
//
//go:debug x509usefallbackroots=1

// Package network holds the client's verdicts against the truth where the network between is not ours: behind nginx, behind
// a forward proxy, and with callers whose time is up at any moment. nginx and tinyproxy come from the system's packages; a
// test whose program is missing is skipped, or fails where TGO_REQUIRE_RUNTIMES is set, as in CI.
//
// Package otel beside this one is a module of its own, so that nobody's go.sum grows by OpenTelemetry.
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
