// Package postgrestest starts a real PostgreSQL for tests: a separate server on a Unix socket, which can be killed and started again on
// the same data. fsync stays on, so that what was committed must survive.
//
// It needs the programs of the PostgreSQL server (Debian: postgresql). If the caller is root, it runs them as another user, because the
// server refuses to run as root.
package postgrestest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// ErrNotInstalled is the error of New on a machine without a PostgreSQL server.
var ErrNotInstalled = errors.New("PostgreSQL is not installed (Debian: postgresql)")

// startTimeout is generous, because a start after a kill replays the log first.
const startTimeout = 2 * time.Minute

// Server is a PostgreSQL server. Only one goroutine at a time may stop and start it. URL and Database are safe for concurrent use.
type Server struct {
	bin       string // the folder of PostgreSQL's programs
	dir       string // the folder with its data, its socket and its log
	attr      *syscall.SysProcAttr
	process   *os.Process
	gone      chan struct{} // closed when the server and all processes that it has started have ended
	databases atomic.Int64
}

// Start starts a server, and stops it when the test ends. Without PostgreSQL it skips the test, or fails it if TGO_REQUIRE_RUNTIMES is
// set in the environment.
func Start(tb testing.TB) *Server {
	tb.Helper()
	// Not tb.TempDir: the server's user may have no access to it, and the path of a socket has at most 107 bytes.
	parent := os.TempDir()
	if len(parent) > 60 {
		parent = "/tmp"
	}
	dir, err := os.MkdirTemp(parent, "tgo-postgres-")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	s, err := New(dir)
	if errors.Is(err, ErrNotInstalled) && os.Getenv("TGO_REQUIRE_RUNTIMES") == "" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		s.Stop()
		if tb.Failed() {
			tb.Logf("PostgreSQL's last lines:\n%s", s.logTail())
		}
	})
	return s
}

// New starts a server in an existing folder, with the data that an earlier server has left there, or without data. The caller stops it.
// If the caller is root, the owner of the folder changes.
func New(dir string) (*Server, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	if s.bin, err = findPrograms(); err != nil {
		return nil, err
	}
	if s.attr, err = ownFolder(dir); err != nil {
		return nil, err
	}
	if _, err := os.Stat(s.data()); errors.Is(err, os.ErrNotExist) {
		out, err := s.command("initdb", "--pgdata", s.data(), "--username=postgres", "--auth=trust",
			"--encoding=UTF8", "--locale=C.UTF-8", "--no-sync").CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("initdb: %w\n%s", err, out)
		}
	}
	return s, s.start()
}

// URL returns the address of the database "postgres" on the server.
func (s *Server) URL() string { return s.url("postgres") }

// Database creates an empty database on the server and returns its URL.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name := fmt.Sprintf("test_%d", s.databases.Add(1))
	if out, err := s.command("psql", "--no-psqlrc", "--dbname", s.URL(), "--command", "CREATE DATABASE "+name).CombinedOutput(); err != nil {
		tb.Fatalf("psql: %v\n%s", err, out)
	}
	return s.url(name)
}

// Kill ends the server as a crash of the machine would, except that the disk keeps what was written: none of its processes does anything
// more. It returns when all of them have ended.
func (s *Server) Kill() {
	killTree(s.process)
	<-s.gone
}

// Restart starts the server again on the same data after Kill or Stop. It returns when the server accepts connections.
func (s *Server) Restart() error {
	s.Stop()
	return s.start()
}

// Stop stops the server with an immediate shutdown. The next start finds everything that was committed. It does nothing after Kill or
// Stop.
func (s *Server) Stop() {
	_ = s.process.Signal(syscall.SIGQUIT) // an error means that it has ended
	<-s.gone
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) log() string { return filepath.Join(s.dir, "log") }

func (s *Server) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database,
		RawQuery: url.Values{"host": {s.dir}, "port": {"5432"}}.Encode()}
	return u.String()
}

// start starts the server, and returns when it accepts connections.
func (s *Server) start() error {
	log, err := os.OpenFile(s.log(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	// The server listens on the socket only. The lines that start reads are not translated.
	cmd := s.command("postgres", "-D", s.data(), "-k", s.dir, "-p", "5432", "-c", "listen_addresses=", "-c", "lc_messages=C",
		"-c", "max_connections=200", "-c", "shared_buffers=128MB")
	output, err := cmd.StderrPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		_ = log.Close()
		return err
	}
	ready, gone := make(chan struct{}, 1), make(chan struct{})
	s.process, s.gone = cmd.Process, gone
	go func() {
		defer close(gone)
		// All processes of the server keep this pipe open, so it ends with the last one.
		for lines := bufio.NewReader(output); ; {
			line, err := lines.ReadString('\n')
			_, _ = io.WriteString(log, line)
			if strings.Contains(line, "database system is ready to accept connections") {
				ready <- struct{}{}
			}
			if err != nil {
				break
			}
		}
		_ = log.Close()
		_ = cmd.Wait() // the log says how it ended
	}()
	select {
	case <-ready:
		return nil
	case <-gone:
		return fmt.Errorf("PostgreSQL ended during its start:\n%s", s.logTail())
	case <-time.After(startTimeout):
		s.Kill()
		return fmt.Errorf("PostgreSQL was not ready after %v:\n%s", startTimeout, s.logTail())
	}
}

// command returns a command for one of PostgreSQL's programs, run as the server's user, and without the caller's PGHOST, LANGUAGE and
// similar variables.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(context.Background(), filepath.Join(s.bin, program), args...) //nolint:gosec // one of PostgreSQL's
	cmd.Dir = s.dir                                                                          // the user may have no access to the caller's folder
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TZ=UTC"}
	cmd.SysProcAttr = s.attr
	return cmd
}

func (s *Server) logTail() string {
	const enough = 4096
	content, err := os.ReadFile(s.log())
	if err != nil {
		return err.Error()
	}
	return string(content[max(0, len(content)-enough):])
}

// findPrograms returns the folder of PostgreSQL's programs: from PATH, or Debian's folder for the newest version.
func findPrograms() (string, error) {
	if runtime.GOOS == "windows" {
		return "", errors.Join(ErrNotInstalled, errors.ErrUnsupported)
	}
	folders, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	version := func(folder string) float64 {
		v, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(folder)), 64)
		return v
	}
	slices.SortFunc(folders, func(a, b string) int { return int(10 * (version(b) - version(a))) })
	if postgres, err := exec.LookPath("postgres"); err == nil {
		folders = slices.Insert(folders, 0, filepath.Dir(postgres))
	}
	for _, folder := range folders {
		if !slices.ContainsFunc([]string{"initdb", "postgres", "psql"}, func(program string) bool {
			_, err := os.Stat(filepath.Join(folder, program))
			return err != nil
		}) {
			return folder, nil
		}
	}
	return "", ErrNotInstalled
}
