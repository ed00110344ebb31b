package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
		c.Strangers = tgotest.ContactUnknown
	})
	env := envOf(fake)
	command(t, env, "lookup", "+201010000000").want(t, exitOK, "+201010000000  can receive\n")
	command(t, env, "lookup", "+201066666666").want(t, exitNo, "cannot receive: unreachable\n")
	command(t, env, "lookup", "+201077777777").want(t, exitNo, "not_found (nobody")
	r := command(t, env, "lookup", "+201066666666", "--json").want(t, exitNo)
	if contact := decode[tgo.Contact](t, r.out); contact.CanReceive || contact.ReasonCode != "unreachable" {
		t.Errorf("%+v", contact)
	}
	command(t, env, "lookup", "12").want(t, exitValidation, "phone")
	command(t, env, "lookup", "+201010000000", "--from", "77").want(t, exitRejected, "422")
}

// fill sends n texts, of which every third says "parcel".
func fill(t testing.TB, fake *tgotest.Server, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		text := fmt.Sprintf("message %d", i)
		if i%3 == 0 {
			text += " parcel"
		}
		if _, err := fake.Sender.SendText(soon(t), fake.RecipientPhone, text); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	clock := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.PageSize = 4
		c.Now = func() time.Time {
			clock = clock.Add(time.Minute)
			return clock
		}
	})
	fill(t, fake, 10)
	env := envOf(fake)
	ids := func(args ...string) string {
		t.Helper()
		r := command(t, env, append([]string{"log", "--json"}, args...)...).want(t, exitOK)
		var found []string
		for line := range strings.Lines(r.out) {
			found = append(found, fmt.Sprint(decode[tgo.LogEntry](t, line).ID))
		}
		return strings.Join(found, " ")
	}
	sentAt := fake.Messages()[6].SentAt.Format(time.RFC3339) // of message 7
	for args, want := range map[string]string{
		"":                            "10 9 8 7 6 5 4 3 2 1",
		"--limit 3":                   "10 9 8",
		"--limit 0 --contains parcel": "9 6 3",
		"--page 3":                    "2 1",
		"--since " + sentAt:           "10 9 8 7",
		"--until " + sentAt:           "6 5 4 3 2 1",
		"--type voice":                "",
		"--type voice,text --limit 1": "10",
		"--status sent --limit 1":     "10",
		"--status failed":             "",
		"--sender 1 --limit 1":        "10",
		"--sender 2":                  "",
	} {
		if got := ids(strings.Fields(args)...); got != want {
			t.Errorf("%s: %q, want %q", args, got, want)
		}
	}
	command(t, env, "log", "--limit", "1").want(t, exitOK, "ID", "SENT AT", "10  2026-01-10T", "text", "sent", "message 10")
	for _, args := range []string{"--since yesterday", "--limit -1", "--page 0", "--type fax", "--follow --interval 1ms"} {
		command(t, env, append([]string{"log"}, strings.Fields(args)...)...).want(t, exitUsage)
	}
}

// What a message says cannot move the cursor of a terminal.
func TestLogOfHostileTexts(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	if _, err := fake.Sender.SendText(soon(t), fake.RecipientPhone, "a\x1b[2Jb\u202ec\u009bd"); err != nil {
		t.Fatal(err)
	}
	r := command(t, envOf(fake), "log").want(t, exitOK)
	if strings.ContainsAny(r.out, "\x1b\u202e\u009b") {
		t.Errorf("%q", r.out)
	}
}

func TestLogFollow(t *testing.T) {
	t.Parallel()
	for _, asJSON := range []bool{false, true} {
		fake := tgotest.New(t)
		fill(t, fake, 3)
		ctx, stop := context.WithCancel(soon(t))
		r, w := io.Pipe()
		env := envOf(fake)
		args := []string{"log", "--follow", "--limit", "2", "--interval", "100ms"}
		if asJSON {
			args = append(args, "--json")
		}
		code := make(chan int, 1)
		go func() {
			code <- run(ctx, args, streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
			_ = w.Close()
		}()
		lines := make(chan string)
		go func() {
			defer close(lines)
			d := json.NewDecoder(r)
			if asJSON {
				for {
					var e tgo.LogEntry
					if d.Decode(&e) != nil {
						return
					}
					lines <- e.Content
				}
			}
			b := make([]byte, 1<<10)
			for {
				n, err := r.Read(b)
				if err != nil {
					return
				}
				lines <- strings.TrimSpace(string(b[:n]))
			}
		}()
		expect := func(text string) {
			t.Helper()
			select {
			case line := <-lines:
				if !strings.HasSuffix(line, text) {
					t.Errorf("%q, want %q", line, text)
				}
			case <-ctx.Done():
				t.Fatalf("%q did not come", text)
			}
		}
		expect("message 2")
		expect("message 3 parcel")
		// One look that goes wrong ends nothing, nor does the rate limit, after which the client asks three times.
		for text, status := range map[string]int{"one more": 500, "and another": 429} {
			if _, err := fake.Inject(tgotest.Fault{Operation: "listMessages", Kind: tgotest.FaultStatus, Status: status, Times: 3}); err != nil {
				t.Fatal(err)
			}
			if _, err := fake.Sender.SendText(ctx, fake.RecipientPhone, text); err != nil {
				t.Fatal(err)
			}
			expect(text)
		}
		stop()
		for range lines { // it ends
		}
		if c := <-code; c != exitOK {
			t.Errorf("exit code %d", c)
		}
	}
}

func TestPause(t *testing.T) {
	t.Parallel()
	const interval = 5 * time.Second
	for want, err := range map[time.Duration]error{
		interval:    errors.New("no answer"),
		time.Minute: fmt.Errorf("read: %w", &tgo.APIError{Status: 429, RetryAfter: time.Minute}),
	} {
		if got := pause(err, interval); got != want {
			t.Errorf("%v after %v, want %v", got, err, want)
		}
	}
	for _, after := range []time.Duration{0, time.Second} {
		if got := pause(&tgo.APIError{Status: 429, RetryAfter: after}, interval); got != interval {
			t.Errorf("%v where the server asks for %v", got, after)
		}
	}
	if got := pause(nil, interval); got != interval {
		t.Errorf("%v after a look that went well", got)
	}
}

// A long log is read once, and then only what is new, though the filter shows none of it.
func TestLogFollowOfALongLog(t *testing.T) {
	t.Parallel()
	var entries atomic.Int64
	entries.Store(maxSeen + 500)
	asked := make(chan int, 1)
	ctx, stop := context.WithCancel(soon(t))
	const size = 1000
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		page = max(page, 1)
		select {
		case asked <- page:
		case <-ctx.Done():
		}
		total := int(entries.Load())
		var data []string
		for id := total - (page-1)*size; id > max(0, total-page*size); id-- {
			data = append(data, fmt.Sprintf(`{"id":%d}`, id))
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"data":[%s],"meta":{"current_page":%d,"last_page":%d}}`, strings.Join(data, ","), page, (total+size-1)/size)
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	code := make(chan int, 1)
	go func() {
		args := []string{"log", "--follow", "--contains", "no such text", "--interval", "100ms"}
		code <- run(ctx, args, streams{out: io.Discard, err: io.Discard, getenv: func(name string) string { return env[name] }})
	}()
	next := func() int {
		select {
		case page := <-asked:
			return page
		case <-ctx.Done():
			t.Fatal("it does not ask")
			return 0
		}
	}
	last := next()
	for page := next(); page > last; page = next() {
		last = page
	}
	if last < maxSeen/size {
		t.Errorf("the first look ended with page %d", last)
	}
	for range 4 {
		entries.Add(1)
		for range 2 {
			if page := next(); page != 1 {
				t.Fatalf("it reads page %d again", page)
			}
		}
	}
	stop()
	if c := <-code; c != exitOK {
		t.Errorf("exit code %d", c)
	}
}

// --limit 0 is all, with --follow as well, and at the first look.
func TestLogFollowOfAll(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fill(t, fake, 3)
	ctx, stop := context.WithCancel(soon(t))
	r, w := io.Pipe()
	env := envOf(fake)
	go func() {
		args := []string{"log", "--follow", "--limit", "0", "--interval", "1h", "--json"}
		run(ctx, args, streams{out: w, err: io.Discard, getenv: func(name string) string { return env[name] }})
		_ = w.Close()
	}()
	d := json.NewDecoder(r)
	for id := int64(1); id <= 3; id++ {
		var e tgo.LogEntry
		if err := d.Decode(&e); err != nil || e.ID != id {
			t.Fatalf("%d came, %v; want %d", e.ID, err, id)
		}
	}
	stop()
	if rest, err := io.ReadAll(r); err != nil || len(rest) > 0 {
		t.Errorf("%q, %v", rest, err)
	}
}

func TestUsageSendersMe(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"},
			{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"},
			{ID: 14, Phone: "+201001187190", Status: "suspended"},
		}
	})
	fill(t, fake, 2)
	env := envOf(fake)
	command(t, env, "usage").want(t, exitOK, "ID", "PHONE", "SENT", "+201001187188  2\n", "+201001187190  0\n")
	command(t, env, "usage", "--json").want(t, exitOK, `"messages_sent":2`)
	command(t, env, "senders").want(t, exitOK, "1 ", "+201001187188", "Acme", "yes", "13", "no", "not verified; its owner must", "14", "no", "not active; it is suspended: ask the vendor why")
	r := command(t, env, "senders", "--json").want(t, exitOK)
	list := decode[[]map[string]any](t, r.out)
	if len(list) != 3 || list[0]["ready"] != true || list[1]["ready"] != false || list[1]["what_to_do"] == "" || list[2]["phone"] != "+201001187190" {
		t.Errorf("%v", list)
	}
	command(t, env, "me").want(t, exitOK, "organization", "Fake organization", "key", "all scopes", "scopes", "*")
	command(t, env, "me", "--json").want(t, exitOK, `"api_key":{`, `"scopes":["*"]`)
	fake.RevokeKey(fake.Key)
	for _, c := range []string{"usage", "senders", "me", "log"} {
		command(t, env, c).want(t, exitRejected, "401")
		r := command(t, env, c, "--json").want(t, exitRejected)
		if f := decode[failure](t, r.err); f.Status != 401 || f.ExitCode != exitRejected || r.out != "" {
			t.Errorf("%s: %+v, %q", c, f, r.out)
		}
	}
}

// What fails without an answer is unreachable only where nothing can have been sent.
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

func TestKeys(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	r := command(t, env, "keys", "create", "--name", "audit", "--scope", "messages.read", "--scope", "usage.read")
	plain := strings.TrimSuffix(r.out, "\n")
	if r.code != 0 || !anyKey.MatchString(plain) || anyKey.MatchString(r.err) {
		t.Fatalf("%+v", r)
	}
	mustContain(t, r.err, "created key 2 (audit)", "messages.read, usage.read")
	command(t, with(env, "TGO_API_KEY", plain), "usage").want(t, exitOK)
	command(t, with(env, "TGO_API_KEY", plain), "lookup", "+201010000000").want(t, exitRejected, "contacts.lookup")

	file := filepath.Join(t.TempDir(), "new.key")
	command(t, env, "keys", "create", "--name", "b", "--scope", "*", "--expires-in-days", "3", "--out", file, "--json").want(t, exitOK, `"id":3`, `"file":`)
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	command(t, with(env, "TGO_API_KEY", ""), "me", "--key-file", file).want(t, exitOK, "b (tgo_")
	command(t, env, "keys", "create", "--name", "c", "--scope", "*", "--out", file).want(t, exitUsage, "exists")
	command(t, env, "keys", "create", "--name", "c", "--scope", "all").want(t, exitValidation, "scope")
	command(t, env, "keys", "revoke", "2").want(t, exitOK, "key 2 is revoked\n")
	command(t, with(env, "TGO_API_KEY", plain), "usage").want(t, exitRejected, "401")
	command(t, env, "keys", "revoke", "2").want(t, exitRejected, "404")
	command(t, env, "keys", "revoke", "3", "--json").want(t, exitOK, `"status":"revoked"`)
	// A refusal leaves no empty file behind.
	lost := filepath.Join(t.TempDir(), "lost.key")
	if _, err := fake.Inject(tgotest.Fault{Operation: "createApiKey", Kind: tgotest.FaultStatus, Status: 500}); err != nil {
		t.Fatal(err)
	}
	command(t, env, "keys", "create", "--name", "c", "--scope", "*", "--out", lost).want(t, exitUnknown, "may have been created all the same")
	if _, err := os.Stat(lost); err == nil {
		t.Error("a file without a key is there")
	}
}

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
	command(t, env, "doctor").want(t, exitOK, "ok   sender 1", "note sender 2", "cannot send", "-> it was rejected") // it is not sent from
	command(t, with(env, "TGO_FROM", "+201001187199"), "doctor").want(t, exitNo, "FIX  sender 2", "cannot send", "-> it was rejected")
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

// What goes wrong on the way is no fault of the configuration.
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

// Nobody vouches for the certificate of this server.
func TestDoctorAndACertificate(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of the broken handshake
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
