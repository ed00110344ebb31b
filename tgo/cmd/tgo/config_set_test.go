package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestConfigSet(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "tgo", "config.yaml")
	env := map[string]string{"XDG_CONFIG_HOME": dir}
	commandIn(t, env, "\ufeff"+fake.Key.Reveal()+"\n", "config", "set", "local", "--base-url", fake.URL, "--from", "1", "--key-file", "-").
		want(t, exitOK, "profile local is in "+file)
	command(t, env, "me").want(t, exitOK, "Fake organization")
	key := filepath.Join(dir, "tgo", "local.key")
	if runtime.GOOS != "windows" {
		for _, name := range []string{file, key} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%v, %v", info, err)
		}
	}
	// Comments, order and other profiles are kept.
	const written = `# ours
default: acme # the shop
profiles:
  # the real one
  acme:
    tenant: acme.tgo-eg.com # not the old one
    from: "12"
    key_file: /etc/tgo/acme.key
  local: {base_url: "http://127.0.0.1:1/api/v1", from: "1", insecure_http: true}
`
	writeFile(t, file, written)
	command(t, env, "config", "set", "acme", "--tenant", "new.tgo-eg.com", "--from", "+201001187188").want(t, exitOK)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.NewReplacer("acme.tgo-eg.com # not", "new.tgo-eg.com # not", `"12"`, `"+201001187188"`).Replace(written)
	if string(content) != want {
		t.Errorf("the file is now\n%s\nwant\n%s", content, want)
	}
	command(t, env, "config", "set", "local", "--tenant", "b.tgo-eg.com", "--insecure-http=false", "--from", "", "--default").want(t, exitOK)
	command(t, env, "config", "list").want(t, exitOK, "PROFILE", "acme  ", "new.tgo-eg.com", "+201001187188", "local *", "b.tgo-eg.com ", "-")
	command(t, env, "config", "show", "acme").want(t, exitOK, "profile", "acme", "server", "new.tgo-eg.com", "/etc/tgo/acme.key (it is missing)")
	command(t, env, "config", "show").want(t, exitOK, "local")
	r := command(t, env, "config", "list", "--json").want(t, exitOK)
	if list := decode[[]shownProfile](t, r.out); len(list) != 2 || !list[1].Default || list[0].KeyFile != "/etc/tgo/acme.key" {
		t.Errorf("%+v", list)
	}
	before, _ := os.ReadFile(file)
	for _, wrong := range [][]string{
		{"config", "set", "../x", "--tenant", "a.example"},
		{"config", "set", "new"},
		{"config", "set", "new", "--tenant", "https://a.example"},
		{"config", "set", "new", "--tenant", "a.example", "--base-url", "https://b.example"},
		{"config", "set", "new", "--tenant", "a.example", "--key-file", "tgo_secret-of-somebody"},
		{"config", "set", "new", "--tenant", "a.example", "--from", "tgo_secret-of-somebody"},
		{"config", "set", "new", "--tenant", "a.example", "--ask-key"},
		{"config", "set", "new", "--base-url", "http://a.example"},
		{"config", "show", "none"},
	} {
		command(t, env, wrong...).want(t, exitUsage)
	}
	command(t, env, "config", "set", "new", "--tenant", "a.example", "--from", "shop").want(t, exitValidation, "--from")
	commandIn(t, env, `"quoted"`, "config", "set", "new", "--tenant", "a.example", "--key-file", "-").want(t, exitUsage, "quotation marks")
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("what was refused changed the file: %s", after)
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 2 {
		t.Errorf("%v, %v: something is left over", entries, err)
	}
}

// On a terminal, config set asks for the key of a new profile.
func TestConfigSetAsks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	env := map[string]string{"XDG_CONFIG_HOME": dir}
	const typed = "tgo_typed-by-a-person"
	set := func(secret func(context.Context) (string, error), args ...string) result {
		var out, errs buffer
		code := run(soon(t), append([]string{"config", "set", "acme"}, args...), streams{in: strings.NewReader(""), out: &out, err: &errs, interactive: true,
			secret: secret, getenv: func(name string) string { return env[name] }})
		return result{code, out.String(), errs.String()}
	}
	set(func(context.Context) (string, error) { return "", errInterrupted }, "--tenant", "acme.tgo-eg.com").want(t, exitNotSent, "interrupted")
	set(func(context.Context) (string, error) { return typed, nil }, "--tenant", "acme.tgo-eg.com").want(t, exitOK, "profile acme", "API key of acme")
	if key, err := os.ReadFile(filepath.Join(dir, "tgo", "acme.key")); err != nil || string(key) != typed+"\n" {
		t.Errorf("%q, %v", key, err)
	}
	never := func(context.Context) (string, error) {
		t.Error("it asks again")
		return "", nil
	}
	set(never, "--from", "1").want(t, exitOK)
	set(func(context.Context) (string, error) { return typed + "-2", nil }, "--ask-key").want(t, exitOK)
	if key, err := os.ReadFile(filepath.Join(dir, "tgo", "acme.key")); err != nil || string(key) != typed+"-2\n" {
		t.Errorf("%q, %v", key, err)
	}
}
