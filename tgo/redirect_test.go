package tgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	"github.com/tgo-business/tgo-go/tgo"
)

// origin is the record of a server with some scheme, host and port.
type origin struct {
	mu       sync.Mutex
	requests int
	keys     int
	bodies   int
}

func (o *origin) receive(r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	o.mu.Lock()
	defer o.mu.Unlock()
	o.requests++
	if r.Header.Get("X-Api-Key") != "" {
		o.keys++
	}
	if len(body) > 0 {
		o.bodies++
	}
}

// places connects several host names to servers on loopback.
type places struct {
	addrs map[string]string // by host:port
	roots *http.Transport
}

func (p *places) client() *http.Client {
	transport := p.roots.Clone()
	transport.DisableKeepAlives = true
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		to, ok := p.addrs[addr]
		if !ok {
			return nil, &net.DNSError{Err: "no such host", Name: addr}
		}
		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
	return &http.Client{Transport: transport}
}

// TestRedirectMatrix counts what servers receive after a redirect; -v prints the table.
func TestRedirectMatrix(t *testing.T) {
	t.Parallel()
	targets := []struct {
		name, url, addr string
		tls             bool
	}{
		{"same origin", "https://example.com/moved", "", true},
		{"other port", "https://example.com:8443/api/v1/moved", "example.com:8443", true},
		{"other host", "https://other.example.com/api/v1/moved", "other.example.com:443", true},
		{"subdomain", "https://sub.example.com/api/v1/moved", "sub.example.com:443", true},
		{"https to http", "http://example.com/api/v1/moved", "example.com:80", false},
	}
	calls := []struct {
		name string
		read bool
		call func(context.Context, *tgo.Client) error
	}{
		{"GET lookup", true, func(ctx context.Context, c *tgo.Client) error {
			_, err := c.FromNumber(1).Lookup(ctx, testRecipient)
			return err
		}},
		{"POST text", false, func(ctx context.Context, c *tgo.Client) error {
			_, err := c.FromNumber(1).SendText(ctx, testRecipient, "hello")
			return err
		}},
		{"POST document", false, func(ctx context.Context, c *tgo.Client) error {
			_, err := c.FromNumber(1).SendDocument(ctx, testRecipient, tgo.Document{File: tgo.BytesFile("a.txt", []byte("hello"))})
			return err
		}},
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "status\ttarget\tprotocol\trequest\tfollowed\tkeys at another origin\tbodies sent again")
	for _, status := range []int{301, 302, 303, 307, 308} {
		for i := range len(targets) * len(allProtocols) {
			target, p := targets[i/len(allProtocols)], allProtocols[i%len(allProtocols)]
			own := "https://example.com"
			if p == http1 { // which the client allows only on loopback
				if !target.tls {
					continue
				}
				onLoopback := strings.NewReplacer("https://", "http://", "example.com", "localhost", ":443", ":80")
				own, target.url, target.addr = onLoopback.Replace(own), onLoopback.Replace(target.url), onLoopback.Replace(target.addr)
			}
			for _, call := range calls {
				first, second := &origin{}, &origin{}
				place := redirecting(t, p, status, target.url, target.addr, target.tls, first, second)
				client, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL(own), tgo.WithHTTPClient(place.client()))
				if err != nil {
					t.Fatal(err)
				}
				err = call.call(t.Context(), client)
				mayFollow := call.read && target.addr == ""
				if mayFollow != (err == nil) {
					t.Errorf("%d to %s, %s, %s: %v", status, target.name, p, call.name, err)
				}
				var apiError *tgo.APIError
				if !mayFollow && (!errors.As(err, &apiError) || apiError.Status != status) {
					t.Errorf("%d to %s, %s, %s: the error does not mention the redirect: %v", status, target.name, p, call.name, err)
				}
				again := second.bodies + max(0, first.bodies-1)
				if second.requests != 0 || second.keys != 0 || again != 0 {
					t.Errorf("%d to %s, %s, %s: another origin got %d requests, %d keys; %d bodies were sent again", status, target.name, p, call.name, second.requests, second.keys, again)
				}
				fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%v\t%d\t%d\n", status, target.name, p, call.name, err == nil, second.keys, again)
			}
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
}

// redirecting starts a server for https://example.com or http://localhost that redirects, and one for the target of the redirect.
func redirecting(t *testing.T, p protocol, status int, to, addr string, tls bool, first, second *origin) *places {
	t.Helper()
	good := func(w http.ResponseWriter) {
		answer(w, 200, `{"exists": true, "can_receive": true, "reason_code": "ok", "recipient_id": 1, "is_verified": true, "phone_verified_at": null}`)
	}
	front, roots := p.start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.receive(r)
		if strings.HasSuffix(r.URL.Path, "/moved") {
			good(w)
			return
		}
		http.Redirect(w, r, to, status)
	}))
	at := front.Listener.Addr().String()
	places := &places{addrs: map[string]string{"example.com:443": at, "localhost:80": at}, roots: roots}
	if addr != "" {
		if !tls {
			p = http1
		}
		elsewhere, _ := p.start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			second.receive(r)
			good(w)
		}))
		places.addrs[addr] = elsewhere.Listener.Addr().String()
	}
	return places
}

// The caller's CheckRedirect is still called, and the caller's client is not changed.
func TestCallersCheckRedirect(t *testing.T) {
	stop := errors.New("not with me")
	var asked int
	hc := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { asked++; return stop }}
	before := reflect.ValueOf(hc.CheckRedirect).Pointer()
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/api/v1/elsewhere", http.StatusFound)
	}, tgo.WithHTTPClient(hc), tgo.WithReadRetries())
	if _, err := client.Me(t.Context()); !errors.Is(err, stop) {
		t.Errorf("the caller's error is lost: %v", err)
	}
	if asked != 1 {
		t.Errorf("the caller's CheckRedirect was called %d times", asked)
	}
	if hc.Transport != nil || reflect.ValueOf(hc.CheckRedirect).Pointer() != before {
		t.Error("the caller's client was changed")
	}
}

func TestRedirectLoopEnds(t *testing.T) {
	var requests int
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	}, tgo.WithReadRetries())
	if _, err := client.Me(t.Context()); err == nil || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("%v", err)
	}
	if requests > 11 {
		t.Errorf("%d requests", requests)
	}
}
