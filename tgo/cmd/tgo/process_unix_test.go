//go:build unix

package main

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// startProcess starts the command as a process.
func startProcess(t *testing.T, args ...string) (cmd *exec.Cmd, stdout *bufio.Reader, stderr *buffer) {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	// It is killed if it runs for too long.
	cmd = exec.CommandContext(soon(t), binary, args...)
	// GORACE: under the race detector a process otherwise waits a second before it ends.
	cmd.Env = append(os.Environ(), asCommand+"=1", "TGO_BASE_URL=", "TGO_API_KEY=", "GORACE=atexit_sleep_ms=0")
	stderr = &buffer{}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(out), stderr
}

func TestProcessStopsOnASignal(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		for name, before := range map[string]func(t *testing.T, fake announced){
			"unused": func(*testing.T, announced) {},
			"with an idle connection": func(t *testing.T, fake announced) {
				client := &http.Client{Transport: &http.Transport{}} // keeps its connection for itself
				t.Cleanup(client.CloseIdleConnections)
				if status, body := fake.get(t, client, "/usage", ""); status != http.StatusOK {
					t.Errorf("%d %s", status, body)
				}
			},
		} {
			t.Run(signal.String()+" "+name, func(t *testing.T) {
				t.Parallel()
				cmd, out, stderr := startProcess(t, "fake")
				fake := readAnnouncement(t, out)
				fake.use(t)
				before(t, fake)
				begun := time.Now()
				if err := cmd.Process.Signal(signal); err != nil {
					t.Fatal(err)
				}
				more, err := io.ReadAll(out)
				if err != nil {
					t.Error(err)
				}
				if err := cmd.Wait(); err != nil {
					t.Errorf("it ended with %v; stderr: %s", err, stderr)
				}
				// Requests in progress get five seconds, but there are none.
				if took := time.Since(begun); took >= 5*time.Second {
					t.Errorf("it took %v", took)
				}
				if len(more) > 0 {
					t.Errorf("more on stdout: %q", more)
				}
				if strings.Contains(stderr.String(), fake.APIKey) || strings.Contains(stderr.String(), "panic") {
					t.Errorf("stderr: %s", stderr)
				}
			})
		}
	}
}

// After a signal, tgo outbox work waits for messages that are being sent, and records their outcome.
func TestProcessStopsWorking(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		fake, reached, release := holding(t, 1)
		env := outboxEnv(t, fake)
		command(t, env, "outbox", "add", "text", "--to", string(fake.RecipientPhone), "Hello").want(t, exitOK)
		key := writeFile(t, filepath.Join(t.TempDir(), "key"), fake.Key.Reveal())
		cmd, out, stderr := startProcess(t, "outbox", "work", "--base-url", fake.URL, "--key-file", key, "--database", env["TGO_OUTBOX_DATABASE"])
		reached()
		if is := statusOf(t, env, exitOK); is.Messages[outbox.Sending] != 1 || len(is.Workers) != 1 || is.Workers[0].PID != cmd.Process.Pid {
			t.Errorf("%v: %+v; stderr: %s", signal, is, stderr)
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, release) // no event: nothing shows that it waits
		if more, err := io.ReadAll(out); err != nil || len(more) > 0 {
			t.Errorf("%v: stdout %q, %v", signal, more, err)
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("%v: %v; stderr: %s", signal, err, stderr)
		}
		if is := statusOf(t, env, exitOK); is.Messages[outbox.Sent] != 1 || len(is.Workers) != 0 {
			t.Errorf("%v: %+v", signal, is)
		}
	}
}

// A signal ends the copying of stdin, and no temporary file is left.
func TestProcessStopsReading(t *testing.T) {
	t.Parallel()
	signals := []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}
	if signal.Ignored(syscall.SIGHUP) {
		t.Log("without SIGHUP: it is ignored here, as under nohup, and so it is by the command")
	} else {
		signals = append(signals, syscall.SIGHUP)
	}
	for _, sent := range signals {
		binary, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		temporary := t.TempDir()
		cmd := exec.CommandContext(soon(t), binary, "send", "document", "--to", "+201000000001", "-")
		cmd.Env = append(os.Environ(), asCommand+"=1", "TMPDIR="+temporary,
			"TGO_BASE_URL=http://127.0.0.1:1/api/v1", "GORACE=atexit_sleep_ms=0")
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// No pipe holds as much: when it is written, the command has begun to read.
		if _, err := in.Write(make([]byte, 4<<20)); err != nil {
			t.Fatal(err)
		}
		if err := cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // the code tells
		if code := cmd.ProcessState.ExitCode(); code != exitNotSent {
			t.Errorf("%v: exit code %d", sent, code)
		}
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Errorf("%v: it left %v, %v", sent, left, err)
		}
	}
}

func TestProcessExitCodes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		code int
	}{
		"version":         {[]string{"--version"}, 0},
		"a wrong address": {[]string{"fake", "--addr", "nowhere"}, exitUsage},
		"unknown command": {[]string{"fakes"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd, out, stderr := startProcess(t, c.args...)
			if _, err := io.ReadAll(out); err != nil {
				t.Error(err)
			}
			_ = cmd.Wait() // the code tells
			if got := cmd.ProcessState.ExitCode(); got != c.code {
				t.Errorf("exit code %d, want %d; stderr: %s", got, c.code, stderr)
			}
		})
	}
}

// TestCompletionInBash completes the way bash does when Tab is pressed.
func TestCompletionInBash(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here")
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for words, want := range map[string]string{
		"se": "send senders", "send vo": "voice", "log --fol": "--follow", "log --type = i": "image",
		"outbox add text --priority = b": "bulk", "keys create --scope *": `\*`, "keys create --scope messages": "messages.read messages.send",
		"completion p": "powershell", "send text hello": "",
	} {
		script := `tgo() { ` + asCommand + `=1 "$TGO_PROGRAM" "$@"; }
			source <(tgo completion bash)
			set -f; COMP_WORDS=(tgo $1); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tgo; echo "${COMPREPLY[@]}"`
		cmd := exec.CommandContext(soon(t), bash, "-c", script, "bash", words)
		cmd.Env = append(os.Environ(), "TGO_PROGRAM="+binary, "GORACE=atexit_sleep_ms=0", "LC_ALL=C") // bash warns of a locale that is not installed
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", words, got, err, want)
		}
	}
}

// TestCompletionAtATerminal presses Tab in an interactive bash, for what bash adds: files, quotes, and the space after a
// word.
func TestCompletionAtATerminal(t *testing.T) {
	t.Parallel()
	script, err := exec.LookPath("script")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("there is no script here that makes a terminal as that of Linux does")
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	writeFile(t, filepath.Join(home, "my picture.png"), "")
	writeFile(t, filepath.Join(home, "papers", "bill.pdf"), "")
	writeFile(t, filepath.Join(home, "tgo.yaml"), profilesFile)
	rc := writeFile(t, filepath.Join(home, ".rc"), `cd "$HOME"
		tgo() { if [ "$1" = complete ]; then `+asCommand+`=1 "$TGO_PROGRAM" "$@"; else printf '[%s]' "$@"; fi; }
		source <(`+asCommand+`=1 "$TGO_PROGRAM" completion bash)`)
	var keys strings.Builder
	wants := []string{}
	for _, c := range [][2]string{
		{"tgo send doc\tpap\tb\t", "[send][document][papers/bill.pdf]"},
		{`tgo send image my\ p` + "\t", "[send][image][my picture.png]"},
		{"tgo send image ~/my\t", "[send][image][" + home + "/my picture.png]"},
		{"tgo log --type=i\t", "[log][--type=image]"},
		{"tgo send --csv=pa\tb\t", "[send][--csv=papers/bill.pdf]"},
		{"tgo send text my\t", "[send][text][my]"},
		{"tgo me --profile la\t", "[me][--profile][laboratory]"},
		{"tgo me --config ~/tgo.yaml --profile w\t", "[me][--config][" + home + "/tgo.yaml][--profile][with space]"},
		{"tgo keys create --scope us\t", "[keys][create][--scope][usage.read]"},
	} {
		keys.WriteString(c[0] + "\n")
		wants = append(wants, c[1])
	}
	cmd := exec.CommandContext(soon(t), script, "-qec", "bash --noprofile --rcfile '"+rc+"' -i", "/dev/null")
	cmd.Env = append(os.Environ(), "TGO_PROGRAM="+binary, "HOME="+home, "TGO_CONFIG="+filepath.Join(home, "tgo.yaml"), "INPUTRC=/dev/null", "TERM=dumb", "PS1=",
		"GORACE=atexit_sleep_ms=0")
	cmd.Stdin = strings.NewReader(keys.String() + "exit\n")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
	mustContain(t, string(out), wants...)
}

// On a terminal, a long upload shows a bar of the terminal's current width. There is no bar on a terminal that cannot go
// back.
func TestBarOnATerminal(t *testing.T) {
	t.Parallel()
	script, err := exec.LookPath("script")
	if err != nil || runtime.GOOS != "linux" {
		t.Skip("there is no script here that makes a terminal as that of Linux does")
	}
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "long.bin"), strings.Repeat("x", 3<<20))
	for name, drawn := range map[string]bool{"xterm": true, "dumb": false} {
		upload := `"$TGO_PROGRAM" send document --to "$TO" "$FILE"`
		cmd := exec.CommandContext(soon(t), script, "-qec", "stty cols 40; "+upload+"; stty cols 60; "+upload, "/dev/null")
		cmd.Env = append(os.Environ(), asCommand+"=1", "TGO_PROGRAM="+binary, "TO="+string(fake.RecipientPhone), "FILE="+file, "TERM="+name,
			"GORACE=atexit_sleep_ms=0")
		for name, value := range envOf(fake) {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Errorf("%v: %s", err, out)
		}
		for _, line := range []string{"[#############] 100% 3.0 MiB of 3.0 MiB\r\n", "[#################################] 100% 3.0 MiB of 3.0 MiB\r\n"} {
			if strings.Contains(string(out), "\r"+line) != drawn {
				t.Errorf("TERM=%s: %q", name, out)
			}
		}
		if !drawn && strings.Contains(string(out), "%") {
			t.Errorf("TERM=%s: %q", name, out)
		}
	}
}

// A report that is a link or a pipe is written to, and not replaced.
func TestReportThatIsNoFile(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	target, link, pipe := filepath.Join(dir, "target"), filepath.Join(dir, "link"), filepath.Join(dir, "pipe")
	if err := errors.Join(os.Symlink(target, link), syscall.Mkfifo(pipe, 0o600)); err != nil {
		t.Fatal(err)
	}
	keep, err := os.OpenFile(pipe, os.O_RDWR, 0) // so that neither side waits for the other
	if err != nil {
		t.Fatal(err)
	}
	defer keep.Close() //nolint:errcheck // it has been read by then
	for name, mode := range map[string]os.FileMode{link: os.ModeSymlink, pipe: os.ModeNamedPipe} {
		sendCSV(t, fake, writeRows(t, 1), "--text", hello, "--report", name).want(t, exitOK, "Report: "+name)
		if info, err := os.Lstat(name); err != nil || info.Mode().Type() != mode {
			t.Fatalf("%s is %v now, %v", name, info, err)
		}
	}
	report, err := os.ReadFile(target)
	if err != nil || !strings.Contains(string(report), "\n"+rowPhone(0)+",Person 0,1000,sent,") {
		t.Errorf("%q, %v", report, err)
	}
	piped := make([]byte, len(report))
	if n, err := keep.Read(piped); err != nil || n != len(report) {
		t.Errorf("%q, %v", piped, err)
	}
}

// On a full disk, at any point, nothing is sent twice and nothing is lost: a run with free space continues.
func TestSendListOnAFullDisk(t *testing.T) {
	t.Parallel()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash here to limit the size of files")
	}
	for _, kib := range []string{"8", "40", "80", "120", "160", "240"} {
		t.Run(kib, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			file := writeRows(t, 20)
			args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "1"}
			cmd := exec.CommandContext(soon(t), bash, append([]string{"-c", `ulimit -f "$1"; shift; exec "$@"`, "bash", kib, os.Args[0]}, args...)...)
			cmd.Env = append(os.Environ(), asCommand+"=1", "GORACE=atexit_sleep_ms=0")
			for name, value := range envOf(fake) {
				cmd.Env = append(cmd.Env, name+"="+value)
			}
			out, err := cmd.CombinedOutput()
			if err == nil {
				t.Fatalf("the disk was not full: %s", out)
			}
			r := command(t, envOf(fake), append(args, "--json")...)
			end := decode[endEvent](t, lastLine(r.out))
			if end.Sent+end.Unknown != 20 || end.Unknown > 1 || len(fake.Messages()) < end.Sent {
				t.Errorf("%+v, and %d arrived; before: %s", end, len(fake.Messages()), out)
			}
			got := map[tgo.Phone]int{}
			for _, m := range fake.Messages() {
				if got[m.To]++; got[m.To] > 1 {
					t.Errorf("%s got it twice", m.To)
				}
			}
		})
	}
}
