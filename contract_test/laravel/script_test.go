package laravel_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestCallersEnvironment starts a tenant in the environment of another application.
func TestCallersEnvironment(t *testing.T) {
	foreign := filepath.Join(t.TempDir(), "foreign.sqlite")
	if err := os.WriteFile(foreign, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"DB_DATABASE": foreign, "DATABASE_URL": "sqlite:" + foreign, "DB_CONNECTION": "mysql",
		"APP_ENV": "foreign", "APP_DEBUG": "true", "APP_KEY": "foreign", "APP_CONFIG_CACHE": foreign, "API_RATE_LIMIT": "1", "TEST_SLEEP": "60",
		"PHPRC": "/nowhere", "PHP_INI_SCAN_DIR": "/nowhere", "OPENSSL_CONF": "/nowhere", "NGINX": "3;",
	} {
		t.Setenv(name, value)
	}
	ten := startTenant(t)
	sender := ten.client(t, ten.HTTPSURL, ten.APIKey).FromPhone(ten.SenderPhone)
	for range 2 {
		if _, err := sender.SendText(t.Context(), ten.RecipientPhone, "Hello"); err != nil {
			t.Error(err)
		}
	}
	if got := ten.count(t); got != "2" {
		t.Errorf("the tenant's database has %s messages, want 2", got)
	}
	contains(t, ten.artisan(t, "env"), "production")
	ten.artisan(t, "migrate", "--force")
	if content, err := os.ReadFile(foreign); err != nil || len(content) != 0 {
		t.Errorf("the other application's database now has %d bytes, %v", len(content), err)
	}
}

// TestScriptRefuses: the script reports why it cannot start a tenant.
func TestScriptRefuses(t *testing.T) {
	path, err := exec.LookPath("php")
	if err != nil {
		t.Skip(err)
	}
	newer := t.TempDir()
	const program = "#!/bin/sh\ncase $* in\n*VERSION*) echo 10.48.29 ;;\n*) exec PHP \"$@\" ;;\nesac\n"
	err = os.WriteFile(filepath.Join(newer, "php"), []byte(strings.ReplaceAll(program, "PHP", path)), 0o700)
	if err != nil {
		t.Fatal(err)
	}
	newerLaravel := []string{"PATH=" + newer + string(filepath.ListSeparator) + os.Getenv("PATH")}
	for name, test := range map[string]struct {
		variables, args []string
		code            int
		message         string
	}{
		"unknown argument":       {nil, []string{"--instal"}, 2, "usage: tenant [--install]"},
		"too many arguments":     {nil, []string{"--install", "now"}, 2, "usage: tenant [--install]"},
		"help":                   {nil, []string{"--help"}, 0, "usage: tenant [--install]"},
		"another Laravel":        {newerLaravel, nil, unable, "Laravel 8.x is needed, as in Debian 12; found: 10.48.29"},
		"another, when required": {newerLaravel, []string{"--install"}, unable, "Laravel 8.x is needed, as in Debian 12; found: 10.48.29"},
		"long TMPDIR":            {[]string{"TMPDIR=/tmp/" + strings.Repeat("م", 50)}, nil, 1, "TMPDIR is too long: the path of a socket in it would have 137 bytes"},
	} {
		cmd := script(t, test.variables, test.args...)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		var failed *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		if got := cmd.ProcessState.ExitCode(); got != test.code {
			t.Errorf("%s: exit code %d, want %d", name, got, test.code)
		}
		if said := stdout.String() + stderr.String(); !strings.Contains(said, test.message) || strings.Contains(said, "listening") {
			t.Errorf("%s: the message is %q, want %q", name, said, test.message)
		}
	}
}
