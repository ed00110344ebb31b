package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// The messages of two fake servers show which of them a configuration named.
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

// Settings in the wrong place are rejected, and keys among them are not shown.
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

// TestConfigurationErrorsInWords breaks a configuration in each way.
func TestConfigurationErrorsInWords(t *testing.T) {
	t.Parallel()
	for content, says := range map[string]string{
		"profiles: {a: {tenant: x, frm: y}}": "line 1: field frm not found in a profile: it may have tenant",
		"profile: {}":                        "field profile not found: the file has default and profiles",
		"profiles: {a: 7}":                   "line 1: a profile must have fields",
		"profiles: [a]":                      "line 1: each profile must have a name",
		"profiles: {a: {tenant: [x]}}":       "line 1: this must be a text",
		"profiles: {a: {insecure_http: 7}}":  "line 1: this must be true or false",
		"- a":                                "line 1: the file must have the fields",
	} {
		file := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), content)
		r := command(t, nil, "me", "--config", file).want(t, exitUsage, says)
		if strings.Contains(r.err, "main.") || strings.Contains(r.err, "!!") {
			t.Errorf("%s: %s", content, r.err)
		}
	}
	seed := writeFile(t, filepath.Join(t.TempDir(), "seed.json"), `{"keys": 7}`)
	if r := command(t, nil, "fake", "--seed", seed).want(t, exitUsage, "keys must not be a number"); goName.MatchString(r.err) {
		t.Error(r.err)
	}
}

func TestConfigurationThatOthersCanWrite(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "config.yaml"), "profiles: {}")
	for mode, warned := range map[os.FileMode]bool{0o600: false, 0o644: false, 0o660: true, 0o602: true} {
		if err := os.Chmod(file, mode); err != nil {
			t.Fatal(err)
		}
		r := command(t, envOf(fake), "me", "--config", file).want(t, exitOK)
		if strings.Contains(r.err, "others on this machine can change") != warned {
			t.Errorf("%v: %q", mode, r.err)
		}
	}
}
