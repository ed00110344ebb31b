package main

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestDemoSends(t *testing.T) {
	t.Parallel()
	for name, env := range map[string]map[string]string{
		"no environment": nil,
		"only a key":     {"TGO_API_KEY": "tgo_environment-key-1"}, // which names no tenant
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, env, "demo")
			if r.code != 0 || r.err != "" {
				t.Errorf("exit code %d, stderr %q", r.code, r.err)
			}
			mustContain(t, r.out,
				"http://127.0.0.1:", "openapi.yaml",
				"Send from +201001187188 to +201010000000",
				"text", "Your order 4821 is ready. طلبك جاهز للاستلام",
				"image", "picture.png, image/png, 15695 bytes; the same SHA-256",
				"voice", "voice.ogg, audio/ogg, 12806 bytes, 5s; the same SHA-256",
				"document", "Your invoice", "invoice.pdf, application/pdf, 37034 bytes; the same SHA-256",
				"Look up contacts",
				"+201010000000  can receive",
				"+201066666666  cannot receive: unreachable",
				"refused",
				"422 The given data was invalid", "to_phone", "(rejected)",
				"The message log",
				"  4  ", "document  sent  Your invoice", "  3  ", "voice     sent", "  2  ", "image     sent", "  1  ", "text      sent  Your order 4821",
				"The usage",
				"+201001187188  4 messages sent\n",
			)
			if found := anyKey.FindString(r.out + r.err); found != "" {
				t.Errorf("the output shows a key: %s", found)
			}
		})
	}
}

func TestDemoFilesAreInTheBinary(t *testing.T) {
	t.Parallel()
	for file, begins := range map[string]string{"picture.png": "\x89PNG\r\n", "voice.ogg": "OggS", "invoice.pdf": "%PDF-"} {
		content, err := demoFiles.ReadFile("demo/" + file)
		if err != nil || !strings.HasPrefix(string(content), begins) {
			t.Errorf("%s: %v", file, err)
		}
	}
}

const secret = "tgo_secret-of-the-demo-tests"

// newTenant is a workspace with a number in every state and a few messages.
func newTenant(t testing.TB, configure ...func(*tgotest.Config)) *tgotest.Server {
	t.Helper()
	fake := tgotest.New(t, append([]func(*tgotest.Config){func(c *tgotest.Config) {
		c.Keys = []tgotest.Key{
			{PlainText: secret, Name: "reader", Scopes: []tgo.Scope{tgo.ScopeMessagesRead, tgo.ScopeUsageRead}},
			{PlainText: secret + "-writer", Name: "writer", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}},
		}
		c.SenderNumbers = []tgotest.SenderNumber{
			{ID: 12, Phone: "+201001187188"},
			{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"},
			{ID: 14, Phone: "+201001187190", Status: "pending_verification"},
			{ID: 15, Phone: "+201001187191", Status: "rejected"},
			{ID: 16, Phone: "+201001187192", Status: "suspended"},
		}
	}}, configure...)...)
	writer, err := fake.ClientWith(tgo.NewKey(secret + "-writer"))
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"first", "second\nline", strings.Repeat("long طويل ", 20)} {
		if _, err := writer.FromNumber(12).SendText(soon(t), "+201010000000", content); err != nil {
			t.Fatal(err)
		}
	}
	return fake
}

func environment(fake *tgotest.Server, key string) map[string]string {
	return map[string]string{"TGO_BASE_URL": fake.URL, "TGO_API_KEY": key}
}

func TestDemoReads(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var asked []string
	fake := newTenant(t, func(c *tgotest.Config) {
		c.Faults = func(operation string) *tgotest.Fault {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, operation)
			return nil
		}
	})
	mu.Lock()
	asked = nil
	mu.Unlock()
	before := len(fake.Messages())
	r := command(t, environment(fake, secret), "demo")
	if r.code != 0 || r.err != "" {
		t.Errorf("exit code %d, stderr %q", r.code, r.err)
	}
	if after := len(fake.Messages()); after != before {
		t.Errorf("it sent %d messages", after-before)
	}
	mu.Lock()
	defer mu.Unlock()
	if want := []string{"getMe", "listSenderNumbers", "listMessages", "getUsage"}; !slices.Equal(asked, want) {
		t.Errorf("it asked for %v, want %v", asked, want)
	}
	mustContain(t, r.out,
		fake.URL, "Nothing is sent",
		"Whose key is this?",
		"Fake user of Fake organization, subscription active",
		`key "reader" with scopes messages.read, usage.read`,
		"Sender numbers",
		"  12  +201001187188  can send\n",
		"  13  +201001187189  ", "cannot send", "not verified",
		"  14  +201001187190  ", "cannot send", "one-time code",
		"  15  +201001187191  ", "cannot send", "rejected",
		"  16  +201001187192  ", "cannot send", "suspended",
		"The message log",
		"  3  ", "long طويل", "...\n", "  2  ", "second line\n", "  1  ", "first\n",
		"The usage",
		"+201001187188  3 messages sent\n", "+201001187189  0 messages sent\n",
	)
	mustNotShow(t, r, secret)
}

func mustNotShow(t testing.TB, r result, key string) {
	t.Helper()
	if strings.Contains(r.out+r.err, key) || anyKey.MatchString(r.out+r.err) {
		t.Errorf("the output shows a key:\n%s%s", r.out, r.err)
	}
}

func TestDemoShowsTheNewestMessages(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) { c.PageSize = 4 })
	for range 25 {
		if _, err := fake.Sender.SendText(soon(t), fake.RecipientPhone, "hello"); err != nil {
			t.Fatal(err)
		}
	}
	r := command(t, environment(fake, fake.Key.Reveal()), "demo")
	if n := strings.Count(r.out, "hello"); r.code != 0 || n != 10 {
		t.Errorf("exit code %d, %d messages", r.code, n)
	}
	mustContain(t, r.out, "  25  ", "  16  ")
	mustNotShow(t, r, fake.Key.Reveal())
}

func TestDemoOfAnEmptyWorkspace(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	r := command(t, environment(fake, fake.Key.Reveal()), "demo")
	if r.code != 0 || r.err != "" {
		t.Errorf("exit code %d, stderr %q", r.code, r.err)
	}
	mustContain(t, r.out, "The message log", "The usage", "0 messages sent")
}

func TestDemoWithAKeyThatLacksScopes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scopes  []tgo.Scope
		missing []string
		shown   []string
	}{
		"none":     {nil, []string{"messages.read", "usage.read"}, []string{"can send"}},
		"no log":   {[]tgo.Scope{tgo.ScopeUsageRead}, []string{"messages.read"}, []string{"can send", "3 messages sent"}},
		"no usage": {[]tgo.Scope{tgo.ScopeMessagesRead}, []string{"usage.read"}, []string{"can send", "first"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := newTenant(t)
			key := fake.AddKey(tgotest.Key{PlainText: secret + "-limited", Name: "limited", Scopes: c.scopes})
			r := command(t, environment(fake, key.Reveal()), "demo")
			if r.code != exitRejected || r.err != "" {
				t.Errorf("exit code %d, stderr %q", r.code, r.err)
			}
			// What the key may see is shown all the same.
			mustContain(t, r.out, append([]string{"Whose key is this?", "Fake organization"}, c.shown...)...)
			if n := strings.Count(r.out, "use a key with the scope"); n != len(c.missing) {
				t.Errorf("%d scopes are said to be missing:\n%s", n, r.out)
			}
			for _, scope := range c.missing {
				mustContain(t, r.out, "403 This API key does not have the required scope", "use a key with the scope "+scope)
			}
			mustNotShow(t, r, key.Reveal())
		})
	}
}

func TestDemoWithAKeyThatIsNotAccepted(t *testing.T) {
	t.Parallel()
	fake := newTenant(t)
	revoked := fake.AddKey(tgotest.Key{PlainText: secret + "-revoked", Scopes: []tgo.Scope{tgo.ScopeAll}})
	fake.RevokeKey(revoked)
	for name, key := range map[string]string{"wrong": "tgo_nobody-has-this-key", "revoked": revoked.Reveal(), "without its prefix": "nobody-has-this-key"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, environment(fake, key), "demo")
			if r.code != exitRejected {
				t.Errorf("exit code %d", r.code)
			}
			mustContain(t, r.out, "Whose key is this?", "401 Unauthenticated", "check the API key")
			if strings.Contains(r.out, "Fake organization") || strings.Contains(r.out, "+201001187188") {
				t.Errorf("it saw something:\n%s", r.out)
			}
			mustNotShow(t, r, key)
		})
	}
}

func TestDemoWithAnEnvironmentThatIsWrong(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ baseURL, key, says string }{
		"plain http":         {"http://acme.tgo-eg.com/api/v1", secret, "https://"},
		"no URL":             {"acme", secret, "base URL"},
		"a line break":       {"https://acme.tgo-eg.com", secret + "\n", "line break"},
		"a password in it":   {"https://me:" + secret + "@acme.tgo-eg.com", "tgo_another-key", "password"},
		"no key":             {"http://127.0.0.1:1/api/v1", "", "the key to read from http://127.0.0.1:1/api/v1"},
		"a key in the query": {"https://acme.tgo-eg.com/api/v1?key=" + secret, "tgo_another-key", "query"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, map[string]string{"TGO_BASE_URL": c.baseURL, "TGO_API_KEY": c.key}, "demo")
			if r.code != exitUsage || r.out != "" {
				t.Errorf("exit code %d, stdout %q", r.code, r.out)
			}
			if !strings.HasPrefix(r.err, "tgo: ") || !strings.Contains(r.err, c.says) {
				t.Errorf("stderr %q", r.err)
			}
			mustNotShow(t, r, secret)
		})
	}
}

// The domain alone names a tenant too; named twice, it may be two.
func TestDemoWithATenant(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_TENANT": "127.0.0.1:1", "TGO_API_KEY": secret}
	r := command(t, env, "demo")
	if r.code != exitUnreachable {
		t.Errorf("exit code %d", r.code)
	}
	mustContain(t, r.out, "Reading from 127.0.0.1:1. Nothing is sent.")
	env["TGO_BASE_URL"] = "https://127.0.0.1:1"
	if r := command(t, env, "demo"); r.code != exitUsage || r.out != "" {
		t.Errorf("exit code %d: %s", r.code, r.out)
	}
}

// The server's second page fails: what the first one held is shown all the same, and what is wrong too.
func TestDemoShowsWhatItCouldRead(t *testing.T) {
	t.Parallel()
	fake := newTenant(t, func(c *tgotest.Config) { c.PageSize = 2 })
	if _, err := fake.Inject(tgotest.Fault{Operation: "listMessages", Skip: 1, Kind: tgotest.FaultStatus, Status: http.StatusInternalServerError}); err != nil {
		t.Fatal(err)
	}
	r := command(t, environment(fake, secret), "demo")
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	mustContain(t, r.out, "The message log", "second line", "500 Server Error", "The usage", "3 messages sent")
}

// A server that echoes the key must not bring it to the screen.
func TestDemoMasksAnEchoedKey(t *testing.T) {
	t.Parallel()
	fake := newTenant(t)
	key := fake.AddKey(tgotest.Key{PlainText: secret + "-echoed", Scopes: []tgo.Scope{tgo.ScopeAll}})
	if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultRedirect, Location: "https://elsewhere.example/?key=" + key.Reveal()}); err != nil {
		t.Fatal(err)
	}
	r := command(t, environment(fake, key.Reveal()), "demo")
	if r.code != 1 {
		t.Errorf("exit code %d", r.code)
	}
	mustNotShow(t, r, key.Reveal())
}

func TestDemoWithoutAKey(t *testing.T) {
	t.Parallel()
	command(t, map[string]string{"TGO_TENANT": "acme.example"}, "demo").want(t, exitUsage, "the key to read from acme.example", "TGO_API_KEY")
	command(t, map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1"}, "demo").want(t, exitUsage, "the key to read from http://127.0.0.1:1")
}
