//go:build unix

package postgrestest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv("POSTGRESTEST_CHILD") != "" {
		child()
		return
	}
	goleak.VerifyTestMain(m)
}

// psql runs a statement in a database and returns its result.
func psql(t *testing.T, s *Server, database, statement string) string {
	t.Helper()
	out, err := s.command("psql", "-X", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", statement).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", statement, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestServer(t *testing.T) {
	s := Start(t)
	for setting, want := range map[string]string{
		"listen_addresses": "", "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "200",
		"shared_buffers": "128MB", "server_encoding": "UTF8", "lc_collate": "C.UTF-8",
	} {
		if got := psql(t, s, s.URL(), "SHOW "+setting); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}

	one, other := s.Database(t), s.Database(t)
	psql(t, s, one, "CREATE TABLE kept (n int)")
	if got := psql(t, s, other, "SELECT to_regclass('kept') IS NULL"); got != "t" {
		t.Error("two databases share a table")
	}
}

// kill kills the server, and fails if that takes too long.
func kill(t *testing.T, s *Server) {
	t.Helper()
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		s.Kill()
	}()
	select {
	case <-killed:
	case <-time.After(30 * time.Second):
		fmt.Println("FAIL: a process of the server survives it")
		os.Exit(1) // the cleanup would also wait for it
	}
}

// What was committed is there after a kill. What was not committed is not.
func TestKill(t *testing.T) {
	s := Start(t)
	database := s.Database(t)
	psql(t, s, database, "CREATE TABLE kept (n int)")
	for round := 1; round <= 3; round++ {
		psql(t, s, database, fmt.Sprintf("INSERT INTO kept VALUES (%d)", round))

		open := s.command("psql", "-X", "-A", "-t", "-d", database)
		input, err := open.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		notices, err := open.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := open.Start(); err != nil {
			t.Fatal(err)
		}
		// The loop is busy, and does not check whether the server is alive.
		_, err = io.WriteString(input, "BEGIN;\nINSERT INTO kept VALUES (1000);\n"+
			"DO $$ BEGIN RAISE NOTICE 'backend %', pg_backend_pid(); LOOP END LOOP; END $$;\n")
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(notices)
		backend := ""
		for backend == "" && lines.Scan() {
			_, backend, _ = strings.Cut(lines.Text(), "backend ")
		}
		if backend == "" {
			t.Fatal("psql has ended")
		}

		if runtime.GOOS != "linux" {
			_ = open.Process.Kill() // otherwise the backend would keep running
		}
		kill(t, s)
		_ = input.Close()
		for lines.Scan() { // until psql has ended
		}
		if err := open.Wait(); err == nil {
			t.Error("psql did not notice that the server was killed")
		}
		if out, err := s.command("psql", "-X", "-d", database, "-c", "SELECT 1").CombinedOutput(); err == nil {
			t.Errorf("the killed server responds: %s", out)
		}

		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		want := []string{"1", "1,2", "1,2,3"}[round-1]
		if got := psql(t, s, database, "SELECT string_agg(n::text, ',' ORDER BY n) FROM kept"); got != want {
			t.Errorf("after kill %d the table has %s, want %s", round, got, want)
		}
	}
	if log, err := os.ReadFile(s.log()); err != nil || strings.Count(string(log), "automatic recovery in progress") != 3 {
		t.Errorf("the log does not have 3 recoveries (%v):\n%s", err, log)
	}
}

// No process survives a kill while the server starts processes for new connections.
func TestKillWhileConnecting(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	if testing.Short() {
		t.Skip("busy for many seconds")
	}
	// PostgreSQL's protocol: the start of a session and, without waiting for a response, a statement that runs until it is killed.
	message := func(kind, body string) string {
		return kind + string(binary.BigEndian.AppendUint32(nil, uint32(4+len(body)))) + body
	}
	session := message("", "\x00\x03\x00\x00user\x00postgres\x00database\x00postgres\x00\x00") +
		message("Q", "DO $$ BEGIN LOOP END LOOP; END $$\x00")
	s := Start(t)
	for round := range 10 {
		const sessions = 30
		connected := make(chan struct{}, sessions)
		var clients sync.WaitGroup
		for range sessions {
			clients.Go(func() {
				conn, err := (&net.Dialer{}).DialContext(t.Context(), "unix", filepath.Join(s.dir, ".s.PGSQL.5432"))
				connected <- struct{}{}
				if err != nil {
					return // the server has already ended
				}
				_, _ = io.WriteString(conn, session)
				_, _ = io.Copy(io.Discard, conn) // until the server has ended
				_ = conn.Close()
			})
		}
		for range 10 + round {
			<-connected
		}
		kill(t, s)
		clients.Wait()
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
	}
}

// A second server finds the data of the first one in the same folder.
func TestNew(t *testing.T) {
	s := Start(t)
	psql(t, s, s.URL(), "CREATE TABLE kept AS SELECT 42 AS n")
	s.Stop()
	again, err := New(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Stop()
	if got := psql(t, again, again.URL(), "SELECT n FROM kept"); got != "42" {
		t.Errorf("the table has %q", got)
	}
}

// The error of a start that fails has PostgreSQL's message.
func TestFailedStart(t *testing.T) {
	s := Start(t)
	s.Stop()
	if err := os.Remove(filepath.Join(s.data(), "global", "pg_control")); err != nil {
		t.Fatal(err)
	}
	if err := s.Restart(); err == nil || !strings.Contains(err.Error(), "pg_control") {
		t.Errorf("the start without a control file: %v", err)
	}
}

// child is a process that starts a server, prints its URL and waits.
func child() {
	s, err := New(os.Getenv("POSTGRESTEST_CHILD"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer s.Stop()
	fmt.Println(s.URL())
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// On Linux, no server outlives the process that started it, even if that is killed.
func TestKilledParent(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("needs Linux")
	}
	s := Start(t) // for its folder, and to skip the test without PostgreSQL
	s.Stop()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "POSTGRESTEST_CHILD="+s.dir)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(output).ReadString('\n')
	if u, bad := url.Parse(strings.TrimSpace(line)); err != nil || bad != nil || u.Scheme != "postgres" {
		t.Fatalf("the child printed %q (%v)", line, errors.Join(err, bad))
	}
	pidFile := filepath.Join(s.data(), "postmaster.pid") // the server removes it when it has ended
	if _, err := os.Stat(pidFile); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	for deadline := time.Now().Add(30 * time.Second); ; {
		if _, err := os.Stat(pidFile); errors.Is(err, os.ErrNotExist) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the server is still running after the process that started it has ended")
		}
		time.Sleep(20 * time.Millisecond) // it is no longer a child of this process, so there is no event to wait for
	}
}

func TestNotInstalled(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres"); len(folders) > 0 {
		if bin, err := findPrograms(); err != nil || !strings.HasPrefix(bin, "/usr/lib/postgresql/") {
			t.Errorf("%q, %v; want one of %v", bin, err, folders)
		}
		return
	}
	if _, err := New(t.TempDir()); !errors.Is(err, ErrNotInstalled) {
		t.Errorf("without PostgreSQL: %v", err)
	}
}
