package network_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// startTinyproxy runs tinyproxy with additional lines of configuration.
func startTinyproxy(t *testing.T, extra ...string) (*process, *url.URL) {
	t.Helper()
	binary := find(t, "tinyproxy")
	folder := t.TempDir()
	p, port := start(t, "KILL", "Accepting connections", func(port string) []string {
		lines := append([]string{"Port " + port, "Listen 127.0.0.1", "Timeout 60", "MaxClients 100", "LogLevel Info"}, extra...)
		writeFile(t, folder, "tinyproxy.conf", []byte(strings.Join(lines, "\n")+"\n"))
		return []string{binary, "-d", "-c", folder + "/tinyproxy.conf"}
	})
	return p, &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", port)}
}

// proxied returns a client whose requests go through a forward proxy. It makes up to three attempts.
func proxied(t *testing.T, up *upstream, proxy *url.URL) *tgo.Client {
	t.Helper()
	up.EnableHTTP2 = true
	up.StartTLS()
	transport := &http.Transport{Proxy: http.ProxyURL(proxy), ForceAttemptHTTP2: true}
	return newClient(t, up.URL, tgo.WithHTTPClient(&http.Client{Transport: transport}), tgo.WithRetryLimits(3, time.Millisecond))
}

// TestProxyRefuses: if the proxy makes no connection, no operation has sent anything.
func TestProxyRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		extra  []string
		down   bool
		reason string // a part of the line that tinyproxy logs
	}{
		{"port not allowed", []string{"Allow 127.0.0.1", "ConnectPort 443"}, false, "Refused CONNECT method on port"},
		{"client not allowed", []string{"Deny 127.0.0.1"}, false, "Unauthorized connection"},
		{"407", []string{"Allow 127.0.0.1", "BasicAuth user password"}, false, "CONNECT 127.0.0.1"},
		{"down", []string{"Allow 127.0.0.1"}, true, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy, address := startTinyproxy(t, c.extra...)
			up := newUpstream(t, 2)
			client := proxied(t, up, address)
			if c.down {
				proxy.stop()
			}
			operations := []struct {
				name string
				call func(ctx context.Context) error
			}{
				{"SendText", func(ctx context.Context) error { return send(ctx, client, 0, 0) }},
				{"SendDocument", func(ctx context.Context) error { return send(ctx, client, 1, 100_000) }},
				{"Me", func(ctx context.Context) error {
					_, err := client.Me(ctx)
					return err
				}},
				{"MessagePage", func(ctx context.Context) error {
					_, err := client.MessagePage(ctx, tgo.MessageQuery{})
					return err
				}},
				{"Lookup", func(ctx context.Context) error {
					_, err := client.FromPhone(senderPhone).Lookup(ctx, recipient)
					return err
				}},
				{"RegisterSenderNumber", func(ctx context.Context) error {
					_, err := client.RegisterSenderNumber(ctx, senderPhone, "shop")
					return err
				}},
				{"CreateAPIKey", func(ctx context.Context) error {
					_, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "shop", Scopes: []tgo.Scope{tgo.ScopeAll}})
					return err
				}},
				{"RevokeAPIKey", func(ctx context.Context) error { return client.RevokeAPIKey(ctx, 1) }},
			}
			for _, operation := range operations {
				before := proxy.count(c.reason)
				err := operation.call(t.Context())
				if !errors.Is(err, tgo.ErrNotSent) {
					t.Errorf("%s: got %v, want ErrNotSent", operation.name, err)
				}
				var failed *tgo.SendError
				switch isSend := strings.HasPrefix(operation.name, "Send"); {
				case errors.As(err, &failed) != isSend:
					t.Errorf("%s: got %T", operation.name, err)
				case isSend && (failed.Delivery != tgo.DeliveryNotSent || failed.Attempts != 3):
					t.Errorf("%s: got %v after %d attempts, want not sent after 3", operation.name, failed.Delivery, failed.Attempts)
				}
				if !c.down && !proxy.printed(c.reason, before+3) {
					t.Errorf("%s: tinyproxy did not log %q for each of three attempts", operation.name, c.reason)
				}
				if operation.name == "SendText" {
					t.Log(err)
				}
			}
			client.CloseIdleConnections()
			up.Close()
			for i := range up.arrived {
				if n := up.arrived[i].Load(); n != 0 {
					t.Errorf("message %d arrived %d times", i, n)
				}
			}
		})
	}
}

// TestProxyDies kills the proxy after the application has received the message and before it responds.
func TestProxyDies(t *testing.T) {
	for _, size := range []int{0, 300_000} {
		for _, protocol := range []string{"HTTP/1.1", "HTTP/2.0"} {
			name := "text"
			if size > 0 {
				name = "upload"
			}
			t.Run(strings.ReplaceAll(protocol, "/", "")+", "+name, func(t *testing.T) {
				proxy, address := startTinyproxy(t, "Allow 127.0.0.1")
				up := newUpstream(t, 1)
				if protocol == "HTTP/1.1" {
					up.TLS.NextProtos = []string{"http/1.1"}
				}
				up.received = proxy.stop
				client := proxied(t, up, address)
				err := send(t.Context(), client, 0, size)
				t.Log(err)
				var failed *tgo.SendError
				if !errors.As(err, &failed) || failed.Delivery != tgo.DeliveryUnknown || failed.Attempts != 1 ||
					errors.Is(err, tgo.ErrNotSent) {
					t.Errorf("got %v, want an unknown delivery after 1 attempt", err)
				}
				client.CloseIdleConnections()
				up.Close()
				up.spoke(t, protocol)
				if n := up.arrived[0].Load(); n != 1 {
					t.Errorf("the message arrived %d times", n)
				}
			})
		}
	}
}
