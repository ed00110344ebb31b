package network_test

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// supervisor is a shell script that runs a program until its standard input ends, which is when the test ends in any way, at the latest. The
// script closes its own output, so the output ends when the program and all its workers have ended.
const supervisor = `signal=$1; shift; "$@" & exec >/dev/null 2>&1; cat; kill -s "$signal" $!; wait`

// process is a running program.
type process struct {
	cmd   *exec.Cmd
	input io.Closer
	ended chan struct{} // the program and all its workers have ended
	once  sync.Once

	mu    sync.Mutex
	lines []string
}

// find returns the path of a program. If it is missing, the test is skipped or fails.
func find(t *testing.T, program string) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("needs sh")
	}
	// Debian installs it in /usr/sbin, which only root has in PATH.
	for _, name := range []string{program, "/usr/sbin/" + program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("TGO_REQUIRE_RUNTIMES") != "" {
		t.Fatalf("%s is missing, and TGO_REQUIRE_RUNTIMES is set: install it first", program)
	}
	t.Skipf("%s is missing: Debian has a package of that name", program)
	return ""
}

// start runs a program that cannot choose a free port itself. configure gets a port, and returns the command. ready is a part of the line
// that the program prints when it listens. The signal stops the program when the test ends.
func start(t *testing.T, signal, ready string, configure func(port string) []string) (*process, string) {
	t.Helper()
	var p *process
	for range 5 { // another process may take the port first
		port := freePort(t)
		p = launch(t, signal, configure(port))
		if p.printed(ready, 1) {
			return p, port
		}
		p.stop()
	}
	t.Fatalf("the program did not start:\n%s", strings.Join(p.lines, "\n"))
	return nil, ""
}

func freePort(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func launch(t *testing.T, signal string, command []string) *process {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "sh", append([]string{"-c", supervisor, "sh", signal}, command...)...)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
	cmd.Cancel = func() error { return nil } // the end of the input stops it
	input, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, input: input, ended: make(chan struct{})}
	go func() {
		defer close(p.ended)
		lines := bufio.NewScanner(output)
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("the last that %s printed:\n%s", command[0], strings.Join(p.lines[max(0, len(p.lines)-20):], "\n"))
		}
	})
	return p
}

// stop stops the program, and waits until it and its workers have ended.
func (p *process) stop() {
	p.once.Do(func() {
		_ = p.input.Close()
		<-p.ended
		_ = p.cmd.Wait() // it was killed
	})
}

// count returns how many lines with a text the program has printed.
func (p *process) count(part string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for _, line := range p.lines {
		if strings.Contains(line, part) {
			n++
		}
	}
	return n
}

// printed waits for a number of lines with a text, and reports whether they came.
func (p *process) printed(part string, times int) bool {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for p.count(part) < times {
		select {
		case <-p.ended:
			return p.count(part) >= times
		case <-patience.C:
			return false
		case <-tick.C:
		}
	}
	return true
}
