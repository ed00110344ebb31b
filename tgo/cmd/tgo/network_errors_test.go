package main

import (
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// cutTLS starts a server that closes the connection during each TLS handshake.
func cutTLS(t *testing.T) string {
	t.Helper()
	return listen(t, func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1)) })
}

// listen calls serve for each connection, and then closes it.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close() //nolint:errcheck // nothing depends on how it ends
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// If certainly nothing was sent, each command has the same exit code. doctor reports it as a finding.
func TestUnreachableForEveryCommand(t *testing.T) {
	t.Parallel()
	cut := cutTLS(t)
	for name, args := range onlyTo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{"TGO_BASE_URL": "https://" + cut, "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
			r := command(t, env, args...).want(t, exitUnreachable)
			if strings.Contains(r.err, "->") || strings.Contains(r.err, "tgo: tgo:") {
				t.Error(r.err)
			}
		})
	}
	env := map[string]string{"TGO_BASE_URL": "https://" + cut, "TGO_API_KEY": "tgo_any-key"}
	command(t, env, "doctor").want(t, exitNo, "FIX  domain")
}

// net/http reads the environment of the process once, so these commands are processes.
func TestProxyForEveryCommand(t *testing.T) {
	t.Parallel()
	refuses := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
	})
	asks := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
	})
	loses := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<12))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n")
		_, _ = conn.Read(make([]byte, 1))
	})
	run := func(t *testing.T, variable, proxy string, args []string) result {
		t.Helper()
		cmd := exec.CommandContext(soon(t), os.Args[0], args...)
		var out, errs buffer
		cmd.Stdout, cmd.Stderr = &out, &errs
		server := "TGO_TENANT=acme.example"
		if variable == "HTTP_PROXY" {
			server = "TGO_BASE_URL=http://acme.example"
		}
		cmd.Env = []string{asCommand + "=1", "GORACE=atexit_sleep_ms=0", "TGO_API_KEY=tgo_any-key", "TGO_FROM=1", "TGO_INSECURE_HTTP=1", server, variable + "=http://" + proxy}
		for _, name := range []string{"SYSTEMROOT", "TEMP", "TMPDIR"} {
			cmd.Env = append(cmd.Env, name+"="+os.Getenv(name))
		}
		err := cmd.Run()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return result{cmd.ProcessState.ExitCode(), out.String(), errs.String()}
	}
	for name, args := range onlyTo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, "HTTPS_PROXY", refuses, args).want(t, exitUnreachable, "the proxy refused the connection (403)")
		})
	}
	t.Run("others", func(t *testing.T) {
		t.Parallel()
		me := []string{"me"}
		run(t, "HTTPS_PROXY", asks, me).want(t, exitUnreachable, "the proxy requires a user name and a password")
		run(t, "HTTPS_PROXY", "127.0.0.1:1", me).want(t, exitUnreachable, "the proxy at 127.0.0.1:1 cannot be reached: ")
		run(t, "HTTPS_PROXY", loses, []string{"keys", "revoke", "9"}).want(t, exitUnreachable, "through the proxy "+loses)
		run(t, "HTTP_PROXY", asks, []string{"keys", "revoke", "9"}).want(t, exitUnreachable, "the proxy requires a user name", "(not sent)")
		run(t, "HTTP_PROXY", asks, []string{"api", "POST", "/messages"}).want(t, exitUnreachable, "407")
	})
}

// onlyTo are the commands that connect to a tenant, in their shortest form.
var onlyTo = map[string][]string{
	"send text":        {"send", "text", "--to", "+201010000000", "Hello"},
	"send image":       {"send", "image", "--to", "+201010000000", "demo/picture.png"},
	"send --check":     {"send", "text", "--to", "+201010000000", "--check", "Hello"},
	"lookup":           {"lookup", "+201010000000"},
	"log":              {"log"},
	"log --follow":     {"log", "--follow"},
	"usage":            {"usage"},
	"senders":          {"senders"},
	"senders register": {"senders", "register", "+201001187199"},
	"keys create":      {"keys", "create", "--name", "x", "--scope", "usage.read"},
	"keys revoke":      {"keys", "revoke", "9"},
	"me":               {"me"},
	"api GET":          {"api", "GET", "/me"},
	"api POST":         {"api", "POST", "/messages", "-f", "type=text"},
	"demo":             {"demo"},
}
