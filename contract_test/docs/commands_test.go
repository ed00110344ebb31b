package docs_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// notRun are the beginnings of commands that are not run here, with the reason. For `make` the target must be in the Makefile.
var notRun = map[string]string{
	"go test ":                    "this is such a test",
	"go install ":                 "it needs the network",
	"go get ":                     "it needs the network",
	"npx ":                        "it needs the network",
	"make ":                       "CI runs it",
	"docker ":                     "it needs the network",
	"contract_test/languages/run": "make languages runs it",
}

// TestCommands runs the commands on the pages, and compares their output with the pages.
func TestCommands(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	goCommand(t, repository, "build", "-o", filepath.Join(bin, "tgo"+map[bool]string{true: ".exe"}[runtime.GOOS == "windows"]), "./tgo/cmd/tgo")
	makefile := readFile(t, "Makefile")
	ran := map[string]int{}
	for _, page := range pages {
		blocks, _ := read(t, page)
		env := append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "TGO_TENANT=", "TGO_API_KEY=", "TGO_BASE_URL=",
			"NO_PROXY=127.0.0.1", "no_proxy=127.0.0.1") // otherwise curl and Python use a proxy even for this machine
		for i, b := range blocks {
			var shown *block
			if i+1 < len(blocks) && (blocks[i+1].language == "text" || blocks[i+1].language == "json") {
				shown = &blocks[i+1]
			}
			switch {
			case b.language == "python" && b.source == "":
				ran["python"]++
				t.Run("python", func(t *testing.T) {
					printed(t, shown, env, "python3", "-c", b.text)
				})
			case b.language == "sh" && strings.HasPrefix(b.text, "go run ./tgo/cmd/tgo fake\n"):
				ran["fake"]++
				line := startProgram(t, filepath.Join(bin, "tgo"), "fake")
				if shown != nil {
					compare(t, shown, line)
				}
				var fake struct {
					URL    string `json:"url"`
					APIKey string `json:"api_key"`
				}
				if err := json.Unmarshal([]byte(line), &fake); err != nil {
					t.Error(err)
				}
				env = append(env, "TGO_BASE_URL="+fake.URL, "TGO_API_KEY="+fake.APIKey)
			case b.language == "sh":
				commands := ""
				for command := range strings.Lines(strings.ReplaceAll(b.text, "\\\n", " ")) {
					if isRun(t, b, command, makefile) {
						commands += command
						ran[strings.Fields(command)[0]]++
					}
				}
				if commands != "" {
					t.Run(strings.Join(strings.Fields(commands)[:2], " "), func(t *testing.T) {
						printed(t, shown, env, "sh", "-euc", commands)
					})
				}
			}
		}
	}
	if ran["go"] != 2 || ran["fake"] < 2 || ran["curl"] < 5 || ran["python"] != 1 {
		t.Errorf("the pages should have more commands that can be run: %v", ran)
	}
}

// isRun reports whether a command is run here.
func isRun(t *testing.T, b block, command, makefile string) bool {
	t.Helper()
	if target, ok := strings.CutPrefix(command, "make "); ok && !strings.Contains(makefile, "\n"+strings.Fields(target)[0]+":") {
		t.Errorf("%s:%d: the Makefile has no target for %s", b.page, b.line, command)
	}
	for prefix := range notRun {
		if strings.HasPrefix(command, prefix) {
			return false
		}
	}
	return true
}

// printed runs a program in the root of the repository, and compares its output if the page shows it.
func printed(t *testing.T, shown *block, env []string, name string, args ...string) {
	t.Helper()
	for _, tool := range []string{name, "curl"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed", tool)
		}
	}
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir, cmd.Env = repository, env
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	if shown != nil {
		compare(t, shown, string(out))
	}
}

// startProgram starts a program and returns its first line. At the end of the test it interrupts the program, which must exit with
// code 0.
func startProgram(t *testing.T, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.WaitDelay = 10 * time.Second
	if runtime.GOOS != "windows" {
		cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	}
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // the context is cancelled before
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 0 && runtime.GOOS != "windows" {
			t.Errorf("%s exited with code %d after an interrupt: %s", filepath.Base(name), code, complaints.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return line
}

// volatile are the parts of the output that differ from run to run.
var volatile = []struct {
	pattern *regexp.Regexp
	instead string
}{
	{regexp.MustCompile(`127\.0\.0\.1:\d+`), "127.0.0.1:PORT"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{26}`), "tgo_KEY"},
	{regexp.MustCompile(`tgo_[A-Z0-9]{4}\.\.\.`), "tgo_PREFIX"},
	{regexp.MustCompile(`boundary=[0-9a-f.]+`), "boundary=BOUNDARY"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`), "TIME"},
}

// compare compares the output of a command with the code block after the command. A line of three dots stands for one or more
// lines.
func compare(t *testing.T, shown *block, printed string) {
	t.Helper()
	text := shown.text
	for _, v := range volatile {
		text = v.pattern.ReplaceAllString(text, v.instead)
		printed = v.pattern.ReplaceAllString(printed, v.instead)
	}
	const some = "(?:[^\n]*\n)+?"
	pattern := strings.ReplaceAll(regexp.QuoteMeta(text), regexp.QuoteMeta("...\n"), some)
	if !regexp.MustCompile(`\A` + pattern + `\z`).MatchString(printed) {
		t.Errorf("%s:%d shows\n%s\nbut the command prints\n%s", shown.page, shown.line, text, printed)
	}
}
