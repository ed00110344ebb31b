package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func writeFile(t testing.TB, name, content string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Two fakes tell by their messages which of them a configuration led to.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	a, b := tgotest.New(t), tgotest.New(t)
	dir := t.TempDir()
	config := writeFile(t, filepath.Join(dir, "tgo", "config.yaml"), `
default: a
profiles:
  a: {base_url: "`+a.URL+`", key_file: a.key, from: "+201001187188"}
  b:
    base_url: `+b.URL+`
    key_file: `+filepath.Join(dir, "keys", "b")+`
    from: "1"
`)
	writeFile(t, filepath.Join(dir, "tgo", "a.key"), a.Key.Reveal()+"\n")
	keyB := writeFile(t, filepath.Join(dir, "keys", "b"), b.Key.Reveal())
	toB := map[string]string{"TGO_BASE_URL": b.URL, "TGO_API_KEY": b.Key.Reveal(), "TGO_FROM": "1"}
	for name, c := range map[string]struct {
		env   map[string]string
		args  []string
		stdin string
		to    *tgotest.Server
	}{
		"the default profile":                    {map[string]string{"XDG_CONFIG_HOME": dir}, nil, "", a},
		"a profile by name":                      {map[string]string{"XDG_CONFIG_HOME": dir}, []string{"--profile", "b"}, "", b},
		"a profile by the environment":           {map[string]string{"XDG_CONFIG_HOME": dir, "TGO_PROFILE": "b"}, nil, "", b},
		"a file by the environment":              {map[string]string{"TGO_CONFIG": config}, nil, "", a},
		"a file by a flag":                       {nil, []string{"--config", config}, "", a},
		"the environment alone":                  {toB, nil, "", b},
		"the environment before the default":     {with(toB, "XDG_CONFIG_HOME", dir), nil, "", b},
		"--profile before the environment":       {with(toB, "XDG_CONFIG_HOME", dir), []string{"--profile", "a"}, "", a},
		"flags before all":                       {map[string]string{"XDG_CONFIG_HOME": dir}, []string{"--base-url", b.URL, "--key-file", keyB, "--from", "1"}, "", b},
		"the key from stdin":                     {with(toB, "TGO_API_KEY", ""), []string{"--key-file", "-"}, b.Key.Reveal() + "\n", b},
		"the key file by the environment":        {with(toB, "TGO_API_KEY", "", "TGO_API_KEY_FILE", keyB), nil, "", b},
		"a key that the environment has as well": {with(toB, "TGO_API_KEY", "tgo_wrong-key"), []string{"--key-file", keyB}, "", b},
	} {
		t.Run(name, func(t *testing.T) {
			args := append([]string{"send", "text", "--to", "+201010000000", "Hello"}, c.args...)
			commandIn(t, c.env, c.stdin, args...).want(t, exitOK)
			c.to.ExpectMessage(t)
		})
	}
	a.ExpectNoMessage(t)
	b.ExpectNoMessage(t)
	for name, c := range map[string]struct {
		content string
		args    []string
		says    string
	}{
		"a key for a field":  {"tgo_secret-of-somebody: x", nil, "field tgo_**** not found"},
		"two servers":        {"default: a\nprofiles: {a: {tenant: a.example, base_url: \"https://b.example\"}}", nil, "leave one of them out"},
		"an unknown field":   {"profiles: {a: {key: tgo_x}}", nil, "field key not found"},
		"no such profile":    {"profiles: {a: {}}", []string{"--profile", "c"}, `no profile "c"`},
		"no YAML":            {"profiles: [", nil, "line 1"},
		"a key file missing": {"default: a\nprofiles: {a: {tenant: a.example, key_file: none}}", nil, "key file"},
		"an empty key file":  {"default: a\nprofiles: {a: {tenant: a.example, key_file: /dev/null}}", nil, "no key"},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), c.content)
			commandIn(t, nil, "", append([]string{"me", "--config", file}, c.args...)...).want(t, exitUsage, c.says)
		})
	}
	commandIn(t, nil, "", "me", "--config", filepath.Join(dir, "none.yaml")).want(t, exitUsage, "none.yaml")
}

// What would be read of the wrong place, or shown, is not.
func TestConfigurationMixedUp(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	command(t, with(env, "TGO_TENANT", "a.example"), "me").want(t, exitUsage, "a tenant and a base URL")
	command(t, env, "me", "--key-file", "tgo_secret-of-somebody").want(t, exitUsage, "key file: tgo_****")
	for _, env := range []map[string]string{nil, {"HOME": ""}} {
		if file := defaultConfig(func(name string) string { return env[name] }); file != "" {
			t.Errorf("without a home %s is read", file)
		}
	}
}

func TestKeyFileThatOthersCanRead(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "key"), fake.Key.Reveal())
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	commandIn(t, with(envOf(fake), "TGO_API_KEY", ""), "", "me", "--key-file", file).want(t, exitOK, "Fake organization", "chmod 600")
}

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
