// Package laravel tests the client, the fake, the contract suite and the command with a tenant that is not our fake: a Laravel application
// in php-fpm behind nginx, from Debian's packages. README.md describes how to start it by hand. The tests are skipped unless
// TGO_REQUIRE_RUNTIMES is set, as `make laravel` does.
package laravel_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}
