// Package laravel holds the client against a tenant that is not our fake: a Laravel application in php-fpm behind nginx, as
// Debian packages them. README.md tells how to start it by hand. Without TGO_REQUIRE_RUNTIMES, which `make laravel` sets, the
// tests are skipped.
package laravel_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
