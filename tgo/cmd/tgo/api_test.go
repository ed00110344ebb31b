package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A raw request is sent once, to the configured server, and its response is printed unchanged.
func TestAPI(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := envOf(fake)
	r := command(t, env, "api", "get", "/me").want(t, exitOK)
	if me := decode[map[string]any](t, r.out); me["organization"] == nil && me["data"] == nil {
		t.Error(r.out)
	}
	command(t, env, "api", "GET", "contacts/lookup", "-f", "phone=+201010000000", "-F", "sender_number_id=1").want(t, exitOK, `"can_receive":true`)
	command(t, env, "api", "GET", "/api/v1/messages?page=1", "-i").want(t, exitOK, "HTTP 200 OK\n", "Content-Type: application/json", "\n\n{", `"data":[]`)
	command(t, env, "api", "POST", fake.URL+"/messages", "-F", "sender_number_id=1", "-f", "to_phone=+201010000000", "-f", "type=text", "-f", "content=12").want(t, exitOK, `"id":1`)
	if m := fake.ExpectMessage(t); m.Content != "12" || m.SenderNumberID != 1 {
		t.Errorf("%+v", m)
	}
	commandIn(t, env, `{"sender_number_id": 1, "to_phone": "+201010000000", "type": "text", "content": "x"}`, "api", "POST", "messages", "--input", "-").want(t, exitOK, `"id":2`)
	fake.ExpectMessage(t)
	r = command(t, env, "api", "POST", "/api-keys", "-f", "name=x", "-f", "scopes[]=usage.read", "-f", "scopes[]=messages.read")
	if r.code != exitOK || !strings.Contains(r.out, `["usage.read","messages.read"]`) {
		t.Errorf("%+v", r)
	}
	command(t, env, "api", "DELETE", "/api-keys/99").want(t, exitRejected, `{"message":`, "tgo: DELETE /api-keys/99: 404")
	command(t, env, "api", "POST", "/messages", "-f", "type=text").want(t, exitRejected, `"errors":`, "422")
	r = command(t, env, "api", "DELETE", "/api-keys/99", "--json").want(t, exitRejected)
	if f := decode[failure](t, r.err); f.Status != http.StatusNotFound || f.Delivery != "rejected" || !json.Valid([]byte(r.out)) {
		t.Errorf("%+v, stdout %q", f, r.out)
	}
	for _, wrong := range [][]string{
		{"FETCH", "/me"}, {"GET", "/me", "--input", "-"}, {"POST", "/messages", "--input", "-", "-f", "a=b"}, {"POST", "/messages", "-f", "a"},
		{"POST", "/messages", "-f", "a=1", "-f", "a=2"}, {"POST", "/messages", "-f", "a=1", "-f", "a[]=2"},
	} {
		commandIn(t, env, "{}", append([]string{"api"}, wrong...)...).want(t, exitUsage)
	}
	fake.ExpectNoMessage(t)
}

// The key is not sent to another server.
func TestAPIStaysAtItsServer(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 10)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { asked <- r.URL.String() }))
	t.Cleanup(server.Close)
	other := strings.TrimPrefix(server.URL, "http://")
	fake := tgotest.New(t)
	root := strings.TrimSuffix(fake.URL, "/api/v1")
	for _, path := range []string{
		"http://" + other + "/api/v1/me", "//" + other + "/me", "https://" + other, "http://user:pass@" + strings.TrimPrefix(fake.URL, "http://") + "/me",
		strings.Replace(fake.URL, "http:", "https:", 1) + "/me", "/../../_fake/messages", "../v2/me", "/%2e%2e/%2e%2e/_fake/keys", root + "/_fake/keys", "mailto:x",
	} {
		command(t, envOf(fake), "api", "GET", path).want(t, exitUsage, "leads away")
	}
	select {
	case url := <-asked:
		t.Errorf("the other server was asked for %s", url)
	default:
	}
}

// Neither a read nor a write is repeated, whatever the response.
func TestAPIRepeatsNothing(t *testing.T) {
	t.Parallel()
	for fault, codes := range map[*tgotest.Fault][2]int{
		{Kind: tgotest.FaultStatus, Status: 503}: {exitFailed, exitUnknown},
		{Kind: tgotest.FaultStatus, Status: 429}: {exitRejected, exitRejected},
		{Kind: tgotest.FaultCut}:                 {exitFailed, exitUnknown},
	} {
		var asked atomic.Int64
		fake := tgotest.New(t, func(c *tgotest.Config) {
			c.Faults = func(string) *tgotest.Fault {
				asked.Add(1)
				return fault
			}
		})
		for i, args := range [][]string{{"api", "GET", "/me"}, {"api", "POST", "/messages", "-f", "type=text"}} {
			asked.Store(0)
			command(t, envOf(fake), args...).want(t, codes[i])
			if n := asked.Load(); n != 1 {
				t.Errorf("%+v: %v made %d requests", *fault, args, n)
			}
		}
	}
	// A redirect would be a second request.
	server := httptest.NewServer(http.RedirectHandler("http://127.0.0.1:1/", http.StatusTemporaryRedirect))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_any-key"}
	command(t, env, "api", "POST", "/messages").want(t, exitUnknown, "307")
}

// The key is masked in responses.
func TestAPIMasksItsKey(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("X-Api-Key"))
		_, _ = io.WriteString(w, "a\tb "+r.Header.Get("X-Api-Key"))
	}))
	t.Cleanup(server.Close)
	env := map[string]string{"TGO_BASE_URL": server.URL, "TGO_API_KEY": "tgo_secret-of-the-tests"}
	command(t, env, "api", "GET", "/me", "-i").want(t, exitOK, "X-Echo: tgo_****\n", "\na\tb tgo_****")
}
