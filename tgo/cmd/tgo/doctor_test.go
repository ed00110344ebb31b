package main

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.Tenants = []string{"127.0.0.1"} })
	env := envOf(fake)
	command(t, env, "doctor").want(t, exitOK, "ok   configuration", "ok   domain", "ok   key", "ok   scopes", "ok   sender 1", "ok   clock")
	r := command(t, env, "doctor", "--json").want(t, exitOK)
	if d := decode[struct {
		OK     bool
		Checks []finding
	}](t, r.out); !d.OK || len(d.Checks) != 6 {
		t.Errorf("%+v", d)
	}
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187199", Status: "rejected"})
	narrow := fake.NewKey(tgo.ScopeMessagesSend)
	command(t, with(env, "TGO_API_KEY", narrow.Reveal()), "doctor").want(t, exitNo, "FIX  scopes", "lacks messages.read, contacts.lookup, usage.read", "-> tgo log, tgo lookup")
	dying := fake.AddKey(tgotest.Key{Name: "dying", Scopes: []tgo.Scope{"*"}, ExpiresAt: time.Now().Add(time.Hour)})
	command(t, with(env, "TGO_API_KEY", dying.Reveal()), "doctor").want(t, exitNo, "FIX  key", "two weeks", "ok   scopes", "ok   sender 1")
	command(t, with(env, "TGO_API_KEY", "tgo_wrong-key"), "doctor").want(t, exitNo, "ok   domain", "FIX  key", "not accepted", "-> create another")
	command(t, with(env, "TGO_BASE_URL", strings.Replace(fake.URL, "127.0.0.1", "localhost", 1)), "doctor").want(t, exitNo, "FIX  domain", "no tenant has")
	command(t, with(env, "TGO_FROM", "77"), "doctor").want(t, exitNo, "FIX  from", "77, which is none of these", "-> name one")
	command(t, with(env, "TGO_FROM", "0"), "doctor").want(t, exitNo, "FIX  from", "must be 1 or more", "-> name one")
	command(t, with(env, "TGO_FROM", "shop"), "doctor").want(t, exitNo, "FIX  from", "names no sender number", "-> name one")
	command(t, with(env, "TGO_API_KEY", ""), "doctor").want(t, exitNo, "FIX  configuration", "TGO_API_KEY")
}

// An error of the network is not an error of the configuration.
func TestDoctorAndPassingTrouble(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		says  []string
	}{
		"key":  {tgotest.Fault{Operation: "getMe", Status: 429}, []string{"FIX  key", "429", "-> this is the rate limit", "try again later"}},
		"from": {tgotest.Fault{Operation: "listSenderNumbers", Skip: 1, Status: 500}, []string{"ok   sender 1", "FIX  from", "500", "-> the sender number 1 could not be looked up"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			c.fault.Kind = tgotest.FaultStatus
			if _, err := fake.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			r := command(t, with(envOf(fake), "TGO_FROM", "1"), "doctor").want(t, exitNo, c.says...)
			if strings.Contains(r.out, "none of these") || strings.Contains(r.out, "what the key may do") {
				t.Error(r.out)
			}
		})
	}
}

// No authority vouches for the certificate of this server.
func TestDoctorAndACertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would log the broken handshake
	server.StartTLS()
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL + "/api/v1", "TGO_API_KEY": "tgo_any-key"}
	command(t, env, "doctor").want(t, exitNo, "FIX  domain", "certificate", "SSL_CERT_FILE")
}

func TestDoctorAndTheClock(t *testing.T) {
	t.Parallel()
	for _, off := range []time.Duration{time.Hour, -time.Hour} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = io.WriteString(w, `{"message":"Unauthenticated."}`)
		}))
		t.Cleanup(server.Close)
		way := map[bool]string{true: "behind", false: "ahead of"}[off > 0]
		command(t, map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}, "doctor").
			want(t, exitNo, "FIX  key", "FIX  clock", way, "-> set the clock")
	}
}

func TestDoctorAndNumbersOfOthers(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.AddSenderNumber(tgotest.SenderNumber{Phone: "+201001187199", Status: "rejected"})
	env := envOf(fake) // which sends from the first number
	r := command(t, env, "doctor").want(t, exitOK, "ok   sender 1", "note sender 2", "cannot send", "-> it was rejected")
	if strings.Contains(r.out, "FIX") {
		t.Error(r.out)
	}
	command(t, with(env, "TGO_FROM", ""), "doctor").want(t, exitOK, "ok   sender 1", "note sender 2")
	command(t, with(env, "TGO_FROM", "2"), "doctor").want(t, exitNo, "ok   sender 1", "FIX  sender 2")
	command(t, with(env, "TGO_FROM", "+201001187199"), "doctor").want(t, exitNo, "FIX  sender 2")
	none := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{{Phone: "+201001187188", Status: "suspended"}}
	})
	command(t, with(envOf(none), "TGO_FROM", ""), "doctor").want(t, exitNo, "FIX  sender 1")
}
