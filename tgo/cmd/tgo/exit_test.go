package main

import (
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// What fails without a response is unreachable only if nothing can have been sent.
func TestExitCodesOfReads(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	const nobody = "http://127.0.0.1:1/api/v1" // a port that was free a moment ago may be another test's by now
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
			_, _ = conn.Read(make([]byte, 1)) // of the TLS handshake
			_ = conn.Close()
		}
	}()
	env := envOf(fake)
	for _, c := range [][]string{{"usage"}, {"keys", "revoke", "9"}, {"keys", "create", "--name", "x", "--scope", "usage.read"}} {
		command(t, with(env, "TGO_BASE_URL", "https://"+listener.Addr().String()), c...).want(t, exitUnreachable)
		command(t, with(env, "TGO_BASE_URL", nobody), c...).want(t, exitUnreachable, "refused")
		command(t, with(env, "TGO_BASE_URL", strings.Replace(fake.URL, "http://", "https://", 1)), c...).want(t, exitUnreachable)
		command(t, with(env, "TGO_BASE_URL", "", "TGO_TENANT", "no-such-host.invalid"), c...).want(t, exitUnreachable)
	}
	if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultCut}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "usage").want(t, exitFailed)
	command(t, env, "keys", "revoke", "9").want(t, exitUnknown)
}

func TestExitCodesOfSends(t *testing.T) {
	t.Parallel()
	const nobody = "http://127.0.0.1:1/api/v1" // a port that was free a moment ago may be another test's by now
	for name, c := range map[string]struct {
		fault tgotest.Fault
		env   []string
		args  []string
		code  int
		says  string
	}{
		"a reset before the request was read": {tgotest.Fault{Kind: tgotest.FaultCut}, nil, nil, exitUnknown, "it may have arrived"},
		"a lost answer":                       {tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, nil, nil, exitUnknown, "it may have arrived"},
		"a server in trouble":                 {tgotest.Fault{Kind: tgotest.FaultStatus}, nil, nil, exitUnknown, "503"},
		"half an answer":                      {tgotest.Fault{Kind: tgotest.FaultBrokenJSON}, nil, nil, exitUnknown, "it may have arrived"},
		"too many requests":                   {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429}, nil, nil, exitRejected, "429"},
		"a wrong key":                         {tgotest.Fault{}, []string{"TGO_API_KEY", "tgo_wrong-key"}, nil, exitRejected, "401"},
		"no such tenant":                      {tgotest.Fault{}, nil, []string{"--base-url", "LOCALTEST"}, exitUnreachable, "404 Tenant"},
		"nobody listens":                      {tgotest.Fault{}, nil, []string{"--base-url", nobody}, exitUnreachable, "refused"},
		"an empty text":                       {tgotest.Fault{}, nil, []string{" "}, exitValidation, "content"},
		"a phone without a country code":      {tgotest.Fault{}, nil, []string{"--to", "0100"}, exitValidation, "--to"},
		"an unready sender":                   {tgotest.Fault{}, nil, []string{"--from", "2", "--check"}, exitNotSent, "suspended"},
		"no such sender":                      {tgotest.Fault{}, nil, []string{"--from", "9", "--check"}, exitNotSent, "no such sender"},
		"a recipient who cannot receive":      {tgotest.Fault{}, nil, []string{"--to", "+201066666666", "--check"}, exitNotSent, "unreachable"},
		"the same without a check":            {tgotest.Fault{}, nil, []string{"--to", "+201066666666"}, exitRejected, "422"},
		"no key":                              {tgotest.Fault{}, []string{"TGO_API_KEY", ""}, nil, exitUsage, "TGO_API_KEY"},
		"no tenant":                           {tgotest.Fault{}, []string{"TGO_BASE_URL", ""}, nil, exitUsage, "--tenant"},
		"no sender":                           {tgotest.Fault{}, []string{"TGO_FROM", ""}, nil, exitUsage, "--from"},
		"two tenants":                         {tgotest.Fault{}, nil, []string{"--tenant", "a.example", "--base-url", nobody}, exitUsage, "not both"},
		"no such flag":                        {tgotest.Fault{}, nil, []string{"--colour"}, exitUsage, "--colour"},
		"the key as a flag":                   {tgotest.Fault{}, nil, []string{"--key", "x"}, exitUsage, "--key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t, func(c *tgotest.Config) {
				c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188"}, {Phone: "+201001187189", Status: "suspended"}}
				c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
				c.Tenants = []string{"127.0.0.1"}
			})
			if c.fault != (tgotest.Fault{}) {
				c.fault.Operation = "sendMessage"
				if _, err := fake.Inject(c.fault); err != nil {
					t.Fatal(err)
				}
			}
			args := slices.Clone(c.args)
			for i := range args {
				if args[i] == "LOCALTEST" { // the fake by another name, which is not a tenant of it
					args[i] = strings.Replace(fake.URL, "127.0.0.1", "localhost", 1)
				}
			}
			args = append([]string{"send", "text"}, args...)
			if !slices.Contains(args, "--to") {
				args = append(args, "--to", "+201010000000")
			}
			if name != "an empty text" {
				args = append(args, "Hello")
			}
			env := with(envOf(fake), c.env...)
			commandIn(t, env, "", args...).want(t, c.code, c.says)
			r := commandIn(t, env, "", append(args, "--json")...)
			if c.code == exitUsage { // errors of the command line are texts
				return
			}
			r.want(t, c.code)
			if c.code != exitOK {
				if f := decode[failure](t, r.out+r.err); f.ExitCode != c.code || f.Error == "" {
					t.Errorf("as JSON: %+v", f)
				}
			}
		})
	}
}

// The outcome of a message decides the exit code, even if stdout cannot be written: a script that repeats failures must
// not repeat an accepted message.
func TestExitCodesWithoutStdout(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		code  int
		says  string
	}{
		"accepted": {tgotest.Fault{Delay: time.Nanosecond}, exitOK, "the message was accepted, but write failed: full"},
		"unknown":  {tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, exitUnknown, "it may have arrived"},
		"rejected": {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}, exitRejected, "401"},
	} {
		fake := tgotest.New(t)
		c.fault.Operation = "sendMessage"
		if _, err := fake.Inject(c.fault); err != nil {
			t.Fatal(err)
		}
		r, w := io.Pipe()
		_ = r.CloseWithError(errors.New("write failed: full"))
		env := envOf(fake)
		for _, args := range [][]string{
			{"send", "text", "--to", string(fake.RecipientPhone), "Hello", "--json"},
			{"send", "--csv", writeRows(t, 1), "--yes", "--text", hello, "--json"},
		} {
			var errs buffer
			code := run(soon(t), args, streams{out: w, err: &errs, getenv: func(name string) string { return env[name] }})
			want, says := c.code, c.says
			if args[1] == "--csv" {
				says = "the outcome of the rows could not be written: write failed: full"
				want = max(want, exitFailed) // continuing repeats nothing
			}
			if code != want || !strings.Contains(errs.String(), says) {
				t.Errorf("%s: %v: code %d, want %d; %s", name, args[1], code, want, errs.String())
			}
		}
	}
}

// A read with a revoked key fails, in text and as JSON.
func TestReadsWithARevokedKey(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	fake.RevokeKey(fake.Key)
	for _, c := range []string{"usage", "senders", "me", "log"} {
		command(t, env, c).want(t, exitRejected, "401")
		r := command(t, env, c, "--json").want(t, exitRejected)
		if f := decode[failure](t, r.err); f.Status != 401 || f.ExitCode != exitRejected || r.out != "" {
			t.Errorf("%s: %+v, %q", c, f, r.out)
		}
	}
}
