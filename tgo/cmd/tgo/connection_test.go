package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Plain http to another machine must be allowed: by a flag, by the environment, or in the profile that names the server.
func TestInsecureHTTP(t *testing.T) {
	t.Parallel()
	const elsewhere = "http://no-such-host.invalid:8080/api/v1"
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "tgo", "config.yaml"), `
profiles:
  open: {base_url: "`+elsewhere+`", insecure_http: true, key_file: any.key}
  closed: {base_url: "`+elsewhere+`", key_file: any.key}
`)
	writeFile(t, filepath.Join(dir, "tgo", "any.key"), "tgo_some-key-of-the-tests")
	env := map[string]string{"XDG_CONFIG_HOME": dir, "TGO_API_KEY": "tgo_some-key-of-the-tests"}
	command(t, env, "me", "--base-url", elsewhere).want(t, exitUsage, "https://")
	command(t, env, "me", "--profile", "closed").want(t, exitUsage, "https://")
	command(t, with(env, "TGO_INSECURE_HTTP", "0"), "me", "--base-url", elsewhere).want(t, exitUsage, "https://")
	command(t, env, "me", "--base-url", elsewhere, "--insecure-http").want(t, exitUnreachable)
	command(t, with(env, "TGO_INSECURE_HTTP", "1"), "me", "--base-url", elsewhere).want(t, exitUnreachable)
	command(t, env, "me", "--profile", "open").want(t, exitUnreachable)
	command(t, env, "me", "--profile", "open", "--base-url", "http://another-host.invalid").want(t, exitUsage, "https://")
}

func TestTenantOf(t *testing.T) {
	t.Parallel()
	const want = "acme.tgo-eg.com:443/api/v1"
	for _, set := range []settings{
		{tenant: "acme.tgo-eg.com"}, {tenant: "ACME.tgo-eg.com."}, {tenant: "acme.tgo-eg.com:443"}, {baseURL: "https://acme.tgo-eg.com"},
		{baseURL: "https://acme.tgo-eg.com/api/v1"}, {baseURL: "https://Acme.tgo-eg.com:443/api/v1/"},
	} {
		if got := tenantOf(set); got != want {
			t.Errorf("%+v is %s", set, got)
		}
	}
	for _, set := range []settings{
		{tenant: "other.tgo-eg.com"}, {baseURL: "https://acme.tgo-eg.com:8443"}, {baseURL: "https://acme.tgo-eg.com/other"}, {baseURL: "http://acme.tgo-eg.com"},
	} {
		if tenantOf(set) == want {
			t.Errorf("%+v is the same tenant", set)
		}
	}
}

// A key in the environment belongs to the server in the environment. It is not sent to the server of a profile that
// --profile names.
func TestKeyOfTheEnvironmentAndAProfile(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)
	fake := tgotest.New(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "tgo", "config.yaml"), `
default: keyless
profiles:
  keyless: {base_url: "`+server.URL+`", from: "1"}
  fake: {base_url: "`+fake.URL+`", from: "1"}
`)
	key := writeFile(t, filepath.Join(dir, "some.key"), fake.Key.Reveal())
	config := map[string]string{"XDG_CONFIG_HOME": dir}
	const says = "profile keyless has no key"
	for name, env := range map[string]map[string]string{
		"TGO_API_KEY":      with(config, "TGO_API_KEY", fake.Key.Reveal()),
		"TGO_API_KEY_FILE": with(config, "TGO_API_KEY_FILE", key),
		"TGO_BASE_URL":     with(envOf(fake), "XDG_CONFIG_HOME", dir),
	} {
		for _, args := range [][]string{
			{"me"}, {"send", "text", "--to", "+201010000000", "Hello"}, {"api", "GET", "/me"},
			{"send", "--csv", writeRows(t, 1), "--text", "x", "--yes"},
		} {
			r := command(t, env, append(args, "--profile", "keyless")...).want(t, exitUsage, says, "tgo config set keyless --key-file FILE", "--key-file")
			if strings.Contains(r.err, "TGO_API_KEY_FILE") != (name == "TGO_API_KEY_FILE") {
				t.Errorf("%s: %s", name, r.err)
			}
		}
	}
	both := with(envOf(fake), "XDG_CONFIG_HOME", dir)
	command(t, both, "doctor", "--profile", "keyless").want(t, exitNo, says)
	if n := asked.Load(); n != 0 {
		t.Errorf("the other server was asked %d times", n)
	}
	// A dry run needs no key.
	command(t, both, "send", "text", "--profile", "keyless", "--to", "+201010000000", "--dry-run", "Hello").want(t, exitOK, server.URL, "tgo_****")
	// The environment names the same server as the profile, so the key belongs to it.
	command(t, both, "me", "--profile", "fake").want(t, exitOK, "Fake organization")
	// A key file for this command is used, and so is the key of the environment with a default profile.
	command(t, both, "me", "--profile", "fake", "--key-file", key).want(t, exitOK)
	command(t, with(config, "TGO_API_KEY", fake.Key.Reveal(), "TGO_PROFILE", "fake"), "me").want(t, exitOK)
	command(t, both, "me", "--profile", "keyless", "--base-url", fake.URL).want(t, exitOK)
}

// A phone without its plus sign is not taken for the id of a sender number.
func TestSenderWithoutAPlusSign(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	args := []string{"send", "text", "--to", "+201010000000", "Hello"}
	const says = "sender 201001187188: this looks like a phone without its plus sign: write +201001187188"
	command(t, envOf(fake), append(args, "--from", "201001187188")...).want(t, exitValidation, says, "tgo senders")
	command(t, with(envOf(fake), "TGO_FROM", "201001187188"), args...).want(t, exitValidation, says)
	command(t, envOf(fake), append(args, "--from", "01001187188")...).want(t, exitValidation, "no plus sign and country code")
	command(t, envOf(fake), "config", "set", "x", "--config", filepath.Join(t.TempDir(), "config.yaml"), "--base-url", fake.URL, "--from", "201001187188").
		want(t, exitValidation, says)
	fake.ExpectNoMessage(t)
	command(t, envOf(fake), append(args, "--from", "1")...).want(t, exitOK)
}
