package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	openapi "github.com/tgo-business/tgo-go"
)

const profilesFile = "default: acme\nprofiles: {acme: {tenant: acme.example}, laboratory: {from: '1'}, with space: {}, unknown: {field: 1}}\n"

// completed returns what tgo complete offers for the last of these words.
func completed(t *testing.T, env map[string]string, words ...string) []string {
	t.Helper()
	before, last := words[:len(words)-1], words[len(words)-1]
	r := command(t, env, append([]string{"complete", "--last=" + last, "--"}, before...)...).want(t, exitOK)
	if r.err != "" {
		t.Errorf("%q: stderr %q", words, r.err)
	}
	return strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
}

func TestCompletion(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"se":                  "send senders",
		"send ":               "csv document image text voice",
		"send voice --d":      "--dry-run --duration",
		"keys ":               "create revoke",
		"outbox ":             "add cancel list migrate pause purge resolve resume status unknown work",
		"outbox add ":         "document image text voice",
		"outbox work --sen":   "--sender-rate",
		"outbox resolve 1 --": "--again --cancel --database --database-file --help --json --queue --schema --sent --version",

		"outbox add text --priority ":  "bulk code normal",
		"outbox list --state ":         "cancelled rejected sending sent unknown waiting",
		"completion ":                  "bash fish powershell zsh",
		"completion bash ":             "",
		"log --type v":                 "voice",
		"log --type=v":                 "--type=voice",
		"log --json --type v":          "voice",
		"log --since 2h --f":           "--follow",
		"log -f --ty":                  "--type",
		"send text --to x --fr":        "--from",
		"no-such-command --vers":       "--version",
		"--key-file f --timeout 1s me": "me",
		"help se":                      "send senders",
		"help send ":                   "csv document image text voice",
		"--pro":                        "--profile",
		"--c":                          "--config",
		"send --encoding utf-8":        "utf-8",
		"keys create --scope ":         "* contacts.lookup messages.read messages.send usage.read",
		"keys create --scope=messages": "--scope=messages.read --scope=messages.send",
		"keys create --name ":          "",
		"send --cap":                   "--caption", // of the default command of send
		"send --csv ":                  fileNames,
		"send --csv=re":                fileNames,
		"send re":                      fileNames,
		"send text ":                   "",
		"send text --file ":            fileNames,
		"send text --caption ":         "",
		"send image ":                  fileNames,
		"send image a.png ":            "",
		"send image --to x --caption y --key-file ": fileNames,
		"lookup ":       ":files",
		"fake --seed ":  fileNames,
		"me --profile ": "",
	} {
		if got := strings.Join(completed(t, nil, strings.Split(words, " ")...), " "); got != want {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	all := completed(t, nil, "")
	for _, name := range []string{"completion", "doctor", "fake", "keys", "outbox", "send"} {
		if !slices.Contains(all, name) {
			t.Errorf("%s is not among %q", name, all)
		}
	}
	if slices.Contains(all, "complete") {
		t.Errorf("a hidden command is among %q", all)
	}
	for shell := range completionScripts {
		command(t, nil, "completion", shell).want(t, exitOK, "tgo complete ", "--last=")
	}
	command(t, nil, "completion", "csh").want(t, exitUsage)
}

// The names of profiles come from the file that the command would read.
func TestCompletionOfProfiles(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	all := []string{"acme", "laboratory", "unknown", "with space"}
	env := map[string]string{"HOME": home, "XDG_CONFIG_HOME": filepath.Join(home, "config")}
	if got := completed(t, env, "me", "--profile", ""); !slices.Equal(got, []string{""}) {
		t.Errorf("without a file: %q", got)
	}
	writeFile(t, filepath.Join(home, "config", "tgo", "config.yaml"), profilesFile)
	other := writeFile(t, filepath.Join(home, "other.yaml"), "profiles: {other: {}}")
	broken := writeFile(t, filepath.Join(home, "broken.yaml"), "profiles: [")
	for words, want := range map[string][]string{
		"me --profile ":                                 all,
		"me --profile a":                                {"acme"},
		"config show ":                                  all,
		"config set l":                                  {"laboratory"},
		"me --profile=a":                                {"--profile=acme"},
		"send text --to x --profile l":                  {"laboratory"},
		"--profile ":                                    all,
		"me --config " + other + " --profile ":          {"other"},
		"me --config=" + other + " --profile ":          {"other"},
		"me --config ~/other.yaml --profile ":           {"other"},
		"--config " + other + " send text --profile ":   {"other"},
		"me --config " + broken + " --profile ":         {""},
		"me --config " + home + "/none.yaml --profile ": {""},
	} {
		if got := completed(t, env, strings.Split(words, " ")...); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", words, got, want)
		}
	}
	env["TGO_CONFIG"] = other
	if got := completed(t, env, "me", "--profile", ""); !slices.Equal(got, []string{"other"}) {
		t.Errorf("with TGO_CONFIG: %q", got)
	}
}

// The scopes offered are those of the contract.
func TestCompletionOfScopes(t *testing.T) {
	t.Parallel()
	var contract struct {
		Components struct {
			Schemas struct {
				Scope struct{ Enum []string } `yaml:"Scope"`
			}
		}
	}
	if err := yaml.Unmarshal(openapi.Document, &contract); err != nil {
		t.Fatal(err)
	}
	if want := contract.Components.Schemas.Scope.Enum; len(want) == 0 || !slices.Equal(allScopes, want) {
		t.Errorf("%q, want %q", allScopes, want)
	}
}
