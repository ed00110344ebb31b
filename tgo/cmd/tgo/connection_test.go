package main

import (
	"path/filepath"
	"testing"
)

// Plain http to another machine has to be asked for: by a flag, by the environment, or in the profile that names the server.
func TestInsecureHTTP(t *testing.T) {
	t.Parallel()
	const elsewhere = "http://no-such-host.invalid:8080/api/v1"
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "tgo", "config.yaml"), `
profiles:
  open: {base_url: "`+elsewhere+`", insecure_http: true}
  closed: {base_url: "`+elsewhere+`"}
`)
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
