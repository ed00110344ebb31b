//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// shell returns the path of a shell that CI has. The test is skipped if it is missing.
func shell(t *testing.T, name string) string {
	t.Helper()
	if os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		t.Skipf("%s is not asked for: TGO_REQUIRE_RUNTIMES is not set", name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is missing, and TGO_REQUIRE_RUNTIMES is set: install it first", name)
	}
	return path
}

// shellHome creates a home directory with files and profiles to complete, and returns the environment of a shell there.
func shellHome(t *testing.T) (home string, env []string) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home = t.TempDir()
	writeFile(t, filepath.Join(home, "my picture.png"), "")
	writeFile(t, filepath.Join(home, "papers", "bill.pdf"), "")
	config := writeFile(t, filepath.Join(home, "tgo.yaml"), profilesFile)
	return home, append(os.Environ(), "TGO_PROGRAM="+binary, "HOME="+home, "TGO_CONFIG="+config, "TERM=dumb", "LC_ALL=C.UTF-8",
		"ZDOTDIR="+home, "XDG_CONFIG_HOME="+home, "XDG_DATA_HOME="+home, "GORACE=atexit_sleep_ms=0")
}

// TestCompletionInZsh presses Tab in an interactive zsh.
func TestCompletionInZsh(t *testing.T) {
	t.Parallel()
	zsh, script := shell(t, "zsh"), shell(t, "script")
	home, env := shellHome(t)
	writeFile(t, filepath.Join(home, ".zshrc"), `cd; PS1=
		tgo() { if [ "$1" = complete ]; then `+asCommand+`=1 "$TGO_PROGRAM" "$@"; else printf '[%s]' "$@"; fi; }
		source <(`+asCommand+`=1 "$TGO_PROGRAM" completion zsh)`)
	var keys strings.Builder
	wants := []string{}
	for _, c := range [][2]string{
		{"tgo send doc\tpap\tb\t", "[send][document][papers/bill.pdf]"},
		{"tgo send image ~/my\t", "[send][image][" + home + "/my picture.png]"},
		{"tgo send --csv=pa\tb\t", "[send][--csv=papers/bill.pdf]"},
		{"tgo send text my\t", "[send][text][my]"},
		{"tgo log --type=i\t", "[log][--type=image]"},
		{"tgo log --ty\ti\t", "[log][--type][image]"},
		{"tgo keys create --scope us\t", "[keys][create][--scope][usage.read]"},
		{"tgo keys create --scope \\*\t", "[keys][create][--scope][*]"},
		{"tgo me --profile w\t", "[me][--profile][with space]"},
		{"tgo me --profile 'wi\t", "[me][--profile][with space]"},
		{"tgo me --profile with\\ sp\t", "[me][--profile][with space]"},
		{"tgo me --config 'tgo.yaml' --profile la\t", "[me][--config][tgo.yaml][--profile][laboratory]"},
	} {
		keys.WriteString(c[0] + "\n")
		wants = append(wants, c[1])
	}
	cmd := exec.CommandContext(soon(t), script, "-qec", zsh+" -di", "/dev/null")
	cmd.Env = env
	cmd.Stdin = strings.NewReader(keys.String() + "exit\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	mustContain(t, string(out), wants...)
}

// TestCompletionInFish asks fish what it would offer.
func TestCompletionInFish(t *testing.T) {
	t.Parallel()
	fish := shell(t, "fish")
	home, env := shellHome(t)
	for line, want := range map[string]string{
		"tgo se":                     "send senders",
		"tgo send doc":               "document",
		"tgo send document pa":       "papers/",
		"tgo send image ~/my":        "~/my picture.png",
		`tgo send image my\ p`:       "my picture.png",
		"tgo send --csv=papers/":     "--csv=papers/bill.pdf",
		"tgo send text my":           "",
		"tgo log --type=i":           "--type=image",
		"tgo keys create --scope ":   "* contacts.lookup messages.read messages.send usage.read",
		"tgo me --profile w":         "with space",
		"tgo completion ":            "bash fish powershell zsh",
		"tgo send text --caption pa": "",
	} {
		cmd := exec.CommandContext(soon(t), fish, "--no-config", "-c", `function tgo; `+asCommand+`=1 $TGO_PROGRAM $argv; end
			tgo completion fish | source
			complete -C $argv[1]`, line)
		cmd.Env, cmd.Dir = env, home
		out, err := cmd.CombinedOutput()
		if got := strings.Join(strings.Split(strings.TrimSpace(string(out)), "\n"), " "); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", line, got, err, want)
		}
	}
}
