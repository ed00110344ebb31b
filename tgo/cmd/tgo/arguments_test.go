package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestHelpAndVersionAsCommands(t *testing.T) {
	t.Parallel()
	version := command(t, nil, "--version").out
	for _, args := range [][]string{{"version"}, {"--json", "version"}} {
		if r := command(t, nil, args...).want(t, exitOK); r.out != version {
			t.Errorf("%v: %+v", args, r)
		}
	}
	for line, flags := range map[string]string{"help": "--help", "help send": "send --help", "help send text": "send text --help", "help outbox add": "outbox add --help"} {
		want := command(t, nil, strings.Fields(flags)...).want(t, exitOK, "Usage: tgo").out
		if r := command(t, nil, strings.Fields(line)...).want(t, exitOK); r.out != want {
			t.Errorf("%s shows\n%s", line, r.out)
		}
	}
	command(t, nil, "help", "sned").want(t, exitUsage, `did you mean "send"?`)
}

func TestFlagsBeforeTheCommand(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	command(t, env, "--json", "me").want(t, exitOK, `"api_key":{`)
	command(t, env, "--timeout", "5s", "--json", "keys", "revoke", "77").want(t, exitRejected, `"status":404`)
	command(t, with(env, "TGO_BASE_URL", ""), "--base-url="+fake.URL, "send", "text", "--to", "+201010000000", "Hello").want(t, exitOK, "text 1")
	command(t, with(env, "TGO_BASE_URL", ""), "--tenant", "no-such-host.invalid", "usage").want(t, exitUnreachable, "no-such-host.invalid")
	command(t, env, "--profile=", "send", "text", "--to", "+201010000000", "--", "--json").want(t, exitOK, "text 2")
	command(t, env, "--to", "+201010000000", "send", "text", "Hello").want(t, exitUsage, "--to must stand after the command")
	command(t, env, "me", "--addr", "x").want(t, exitUsage, "unknown flag --addr (it belongs to tgo fake)")
	if m := fake.ExpectMessage(t); m.Content != "Hello" {
		t.Errorf("%+v", m)
	}
	if m := fake.ExpectMessage(t); m.Content != "--json" {
		t.Errorf("%+v", m)
	}
	command(t, env, "--tennant", "x", "me").want(t, exitUsage, `did you mean "--tenant"?`)
	command(t, env, "me", "--tennant", "x").want(t, exitUsage, `did you mean "--tenant"?`)
	command(t, env, "--json").want(t, exitUsage)
}

// A key among the arguments is not shown, and the error lists the safe ways.
func TestKeyAsAnArgument(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"me", "--api-key", "abcdefghijklmnop"},
		{"me", "--api-key=abcdefghijklmnop"},
		{"--api-key", "abcdefghijklmnop", "me"},
		{"send", "text", "--to", "+201010000000", "--token", "abcdefghijklmnop", "x"},
		{"me", "--key", "abcdefghijklmnop", "--json"},
	} {
		r := command(t, nil, args...).want(t, exitUsage, "TGO_API_KEY", "--key-file", "tgo config set")
		if strings.Contains(r.err, "abcdefg") {
			t.Errorf("%v: %s", args, r.err)
		}
	}
	command(t, nil, "me", "tgo_secret-of-somebody").want(t, exitUsage, "unexpected argument tgo_****")
}

// Arguments that are not UTF-8 are rejected, since they would be changed.
func TestArgumentsThatAreNotUTF8(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, args := range [][]string{{"Hello \xff"}, {"Hello", "--from", "\xff"}} {
		r := command(t, envOf(fake), append([]string{"send", "text", "--to", "+201010000000", "--json"}, args...)...).want(t, exitUsage)
		if f := decode[failure](t, r.err); !strings.Contains(f.Error, "is not UTF-8 text") {
			t.Errorf("%+v", f)
		}
	}
	fake.ExpectNoMessage(t)
}

func TestSendOfAnotherWord(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	for _, args := range [][]string{
		{"send", "txt"}, {"send", "txt", "Hello"}, {"send", "txt", "--to", "+201010000000", "Hello"}, {"send", "txt", "--text", "Hello"},
	} {
		command(t, env, args...).want(t, exitUsage, "txt", `did you mean "send text"?`)
	}
	command(t, env, "send", "documents", "--text", "x").want(t, exitUsage, `"send document"`)
	command(t, env, "send", "customers", "--text", "x").want(t, exitUsage, "customers: no such file")
	dir := t.TempDir()
	list := writeFile(t, filepath.Join(dir, "txt"), "to\n+201010000000\n") // a list of that name is a list
	command(t, env, "send", list, "--text", "x", "--dry-run").want(t, exitOK, "POST ")
}

func TestWrongUsage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"unknown command":       {[]string{"fakes"}, "fakes"},
		"unknown flag":          {[]string{"fake", "--port", "80"}, "--port"},
		"flag of another":       {[]string{"demo", "--addr", "127.0.0.1:0"}, "unknown flag --addr (it belongs to tgo fake)"},
		"flag that is mistyped": {[]string{"demo", "--adr", "127.0.0.1:0"}, `--adr, did you mean "--addr"?`},
		"argument too many":     {[]string{"demo", "now"}, "now"},
		"flag without a value":  {[]string{"fake", "--addr"}, "--addr"},
		"no such seed file":     {[]string{"fake", "--seed", "no-such-file.json"}, "no-such-file.json"},
		"seed is a directory":   {[]string{"fake", "--seed", "demo"}, "demo"},
		"only an empty command": {[]string{""}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, nil, c.args...)
			if r.code != 2 || r.out != "" {
				t.Errorf("exit code %d, stdout %q", r.code, r.out)
			}
			if !strings.HasPrefix(r.err, "tgo: ") || !strings.Contains(r.err, c.says) || !strings.Contains(r.err, "tgo --help") {
				t.Errorf("stderr is %q", r.err)
			}
		})
	}
}
