//go:build unix && !386 && !arm

package crash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/riverqueue/river"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// roleVariable makes the test binary run as one of the processes. Its value is the role in JSON.
const roleVariable = "TGO_OUTBOX_CRASH_ROLE"

// role says what a process does.
type role struct {
	Database string
	// BaseURL is the base URL of the server. If it is empty, the process adds messages instead of sending them: see transaction_test.go.
	BaseURL     string        `json:",omitempty"`
	Concurrency int           `json:",omitempty"`
	Rate        float64       `json:",omitempty"`
	Lease       time.Duration `json:",omitempty"`
	// RescueAfter makes the process work with its own river.Client, which rescues jobs after that time.
	RescueAfter time.Duration `json:",omitempty"`
	// Profile is a file for a CPU profile.
	Profile string `json:",omitempty"`
	// Seed, Endings and From say which transactions a process that adds messages executes.
	Seed    uint64 `json:",omitempty"`
	Endings int    `json:",omitempty"`
	From    int    `json:",omitempty"`
}

// runRole is the main function of the processes.
func runRole(text string) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	go func() { // ends the process if the test died
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(3)
	}()
	var r role
	err := json.Unmarshal([]byte(text), &r)
	if err == nil {
		err = r.run(ctx)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func (r role) run(ctx context.Context) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	s, err := openStore(ctx, r.Database, log)
	if err != nil {
		return err
	}
	defer s.close()
	if r.BaseURL == "" {
		return r.addMessages(ctx, s)
	}
	if r.Profile != "" {
		file, err := os.Create(r.Profile)
		if err != nil {
			return err
		}
		defer file.Close() //nolint:errcheck // an unreadable profile is noticed later
		if err := pprof.StartCPUProfile(file); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	client, err := tgo.New("", tgo.NewKey("tgo_"+strings.Repeat("0123456789", 4)), tgo.WithBaseURL(r.BaseURL))
	if err != nil {
		return err
	}
	// These tests lose many responses, which must not pause the queue.
	workers := outbox.Workers{Concurrency: r.Concurrency, Rate: r.Rate, Lease: r.Lease, PauseUnknown: -1, PauseRejected: -1}
	if r.RescueAfter == 0 {
		begun := time.Now()
		err := s.Work(ctx, client, workers)
		if err != nil && time.Since(begun) < 5*time.Second {
			// The database was lost before Work had begun. A service manager would restart the process.
			fmt.Fprintln(os.Stderr, "starts again:", err)
			s.close()
			binary, pathErr := os.Executable()
			return errors.Join(err, pathErr, syscall.Exec(binary, os.Args, os.Environ()))
		}
		return err
	}
	return s.workBeside(ctx, client, workers, river.Config{
		JobTimeout:           r.RescueAfter - time.Millisecond,
		RescueStuckJobsAfter: r.RescueAfter,
		FetchCooldown:        5 * time.Millisecond,
		Queues:               map[string]river.QueueConfig{outbox.DefaultQueue: {MaxWorkers: r.Concurrency}},
	})
}

// process is a running process of the tests.
type process struct {
	number int // in the order in which the test started them, from 0
	cmd    *exec.Cmd
	stdin  io.Closer
	stdout io.Reader
	stderr *tail
	ended  chan struct{}
}

// startProcess starts a process, which is killed at the end of the test.
func startProcess(tb testing.TB, number int, r role) *process {
	tb.Helper()
	binary, err := os.Executable()
	if err != nil {
		tb.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		tb.Fatal(err)
	}
	p := &process{number: number, stderr: &tail{}, ended: make(chan struct{})}
	p.cmd = exec.CommandContext(context.WithoutCancel(tb.Context()), binary) // it is ended in the cleanup
	p.cmd.Env = append(os.Environ(), roleVariable+"="+string(text), "GORACE=atexit_sleep_ms=0")
	p.cmd.Stderr = p.stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		tb.Fatal(err)
	}
	stdout, write, err := os.Pipe()
	if err != nil {
		tb.Fatal(err)
	}
	p.cmd.Stdout, p.stdout = write, stdout
	err = p.cmd.Start()
	_ = write.Close() // the process has its own
	if err != nil {
		tb.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // the process state has the result
		close(p.ended)
	}()
	tb.Cleanup(func() {
		p.kill()
		_ = stdout.Close()
		if tb.Failed() && p.stderr.String() != "" {
			tb.Logf("process %d said:\n%s", number, p.stderr)
		}
	})
	return p
}

// awaitWorker waits until a process works. Before that, a SIGTERM or a SIGSTOP would reach a program that is still starting.
func (s *store) awaitWorker(tb testing.TB, p *process) {
	tb.Helper()
	await(tb, time.Minute, "a worker", func(ctx context.Context) (bool, error) {
		status, err := s.Status(ctx)
		return slices.ContainsFunc(status.Workers, func(w outbox.WorkerStatus) bool { return w.PID == p.cmd.Process.Pid }), err
	})
}

// kill kills the process, and reports whether it was alive.
func (p *process) kill() bool {
	err := p.cmd.Process.Kill()
	<-p.ended
	status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return err == nil && ok && status.Signal() == syscall.SIGKILL
}

// stop ends the process gracefully, with SIGTERM.
func (p *process) stop(tb testing.TB) {
	tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		tb.Error(err)
	}
	select {
	case <-p.ended:
	case <-time.After(time.Minute):
		tb.Fatalf("process %d does not end after SIGTERM", p.number)
	}
	if !p.cmd.ProcessState.Success() {
		tb.Errorf("process %d: %v: %s", p.number, p.cmd.ProcessState, p.stderr)
	}
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (t *tail) Write(b []byte) (int, error) {
	const enough = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if over := t.buf.Len() - enough; over > 0 {
		t.buf.Next(over)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.buf.String()
}
