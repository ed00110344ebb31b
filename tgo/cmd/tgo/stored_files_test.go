package main

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// README.md lists each file that the command writes and keeps, with its mode.
func TestWhatTheCommandStores(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes, and a lock file more")
	}
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "\n## What the command stores\n")
	section, _, _ = strings.Cut(section, "\n## ")
	listed := map[string]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (\\d+) \\|").FindAllStringSubmatch(section, -1) {
		listed[row[1]] = row[2]
	}

	fake := tgotest.New(t)
	home, work, temp := t.TempDir(), t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Chdir(work)
	env := map[string]string{"XDG_CONFIG_HOME": filepath.Join(home, ".config"), "XDG_DATA_HOME": filepath.Join(home, ".local", "share")}
	const list = "to,name\n+201010000000,Mona\n"
	writeFile(t, "customers.csv", list)
	commandIn(t, env, fake.Key.Reveal(), "config", "set", "shop", "--base-url", fake.URL, "--from", "1", "--key-file", "-").want(t, exitOK)
	command(t, env, "send", "customers.csv", "--text", "Dear {name}", "--yes").want(t, exitOK)
	command(t, env, "lookup", "customers.csv").want(t, exitOK)
	commandIn(t, env, list, "send", "--csv", "-", "--campaign", "news", "--text", "Dear {name}", "--yes").want(t, exitOK)
	command(t, env, "outbox", "add", "text", "--to", "+201010000000", "Hello").want(t, exitOK)
	command(t, env, "keys", "create", "--name", "reports", "--scope", "messages.read", "--out", "reports.key").want(t, exitOK)

	stored := map[string]string{}
	for folder, name := range map[string]string{home: "~/", work: "", temp: "temporary directory: "} {
		err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || path == folder || filepath.Base(path) == "customers.csv" {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			if entry.IsDir() {
				if info.Mode().Perm() != 0o700 {
					t.Errorf("%s has mode %o", path, info.Mode().Perm())
				}
				return nil
			}
			relative, err := filepath.Rel(folder, path)
			shown := regexp.MustCompile(`news-[0-9a-f]{8}`).ReplaceAllString(filepath.ToSlash(relative), "news-4f1e9a0c")
			stored[name+shown] = fmt.Sprintf("%o", info.Mode().Perm())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !maps.Equal(stored, listed) {
		t.Errorf("the command stores\n%v, and README.md lists\n%v", stored, listed)
	}
}

// Purged texts and phones are overwritten in the database file.
func TestPurgeLeavesNoText(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	database := databaseOf(file)
	if !strings.Contains(readAll(t, database), "Dear Person 1,") {
		t.Fatal("the database holds no text: this test looks for the wrong thing")
	}
	queue := decode[endEvent](t, lastLine(sendCSV(t, fake, file, "--text", hello, "--status", "--json").out)).Queue
	command(t, envOf(fake), "outbox", "purge", "--database", "sqlite:"+database, "--queue", queue, "--older-than", "0s").want(t, exitOK, "messages purged: 3")
	if content := readAll(t, database); strings.Contains(content, "Dear Person") || strings.Contains(content, rowPhone(1)) {
		t.Error("texts or phones are left in the database")
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent (3 before, 0 now)")
}

func readAll(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
