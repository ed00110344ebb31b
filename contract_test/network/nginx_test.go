package network_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// nginxConfig is a typical configuration of a reverse proxy with TLS.
const nginxConfig = `
{{user}}
pid nginx.pid;
error_log stderr notice;
worker_processes 2;
worker_shutdown_timeout 5s;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	limit_req_zone $server_name zone=all:1m rate=1r/m;
	upstream application {
		server {{upstream}};
		keepalive 64;
	}
	server {
		listen 127.0.0.1:{{port}} ssl {{http2}};
		server_name localhost;
		ssl_certificate certificate.pem;
		ssl_certificate_key key.pem;
		client_max_body_size 16m;
		{{extra}}
		location / {
			proxy_pass http://application;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header X-Client-Protocol $server_protocol;
		}
	}
}
`

// nginx is a running nginx.
type nginx struct {
	*process
	url     string
	command []string
	read    int // how many lines crash has read
}

// startNginx runs nginx before an upstream. extra is added to its server block.
func startNginx(t *testing.T, up *upstream, http2 bool, extra string) *nginx {
	t.Helper()
	binary := find(t, "nginx")
	prefix := t.TempDir()
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, prefix, "certificate.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Leaf.Raw}))
	writeFile(t, prefix, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	user, protocol := "", ""
	if os.Geteuid() == 0 {
		user = "user root;" // other users cannot read the test's folder
	}
	if http2 {
		protocol = "http2"
	}
	command := []string{binary, "-e", "stderr", "-p", prefix, "-c", "nginx.conf"}
	p, port := start(t, "TERM", "start worker processes", func(port string) []string {
		config := strings.NewReplacer("{{user}}", user, "{{upstream}}", up.Listener.Addr().String(), "{{port}}", port,
			"{{http2}}", protocol, "{{extra}}", extra).Replace(nginxConfig)
		writeFile(t, prefix, "nginx.conf", []byte(config))
		return append(command[:len(command):len(command)], "-g", "daemon off;")
	})
	return &nginx{process: p, url: "https://" + net.JoinHostPort("127.0.0.1", port), command: command}
}

func writeFile(t *testing.T, folder, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reloading reloads the configuration at once, and then every 300 ms, until the context ends.
func (n *nginx) reloading(ctx context.Context, t *testing.T) {
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	for {
		command := append(n.command[1:len(n.command):len(n.command)], "-s", "reload")
		// A reload that has started is not aborted.
		if output, err := exec.CommandContext(context.WithoutCancel(ctx), n.command[0], command...).CombinedOutput(); err != nil {
			t.Errorf("nginx -s reload: %v: %s", err, output)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

var workerLine = regexp.MustCompile(`start worker process (\d+)$`)

// crash kills the workers that it has not killed before. nginx starts new ones at once.
func (n *nginx) crash(t *testing.T) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for ; n.read < len(n.lines); n.read++ {
		m := workerLine.FindStringSubmatch(n.lines[n.read])
		if m == nil {
			continue
		}
		pid, err := strconv.Atoi(m[1])
		if err != nil {
			t.Error(err)
			return
		}
		worker, err := os.FindProcess(pid)
		if err == nil {
			err = worker.Kill()
		}
		if err != nil {
			t.Errorf("killing a worker: %v", err)
		}
	}
}

// sendMany sends messages from 16 goroutines, with files if upload is set, and returns the error of each.
func sendMany(t *testing.T, client *tgo.Client, messages int, upload bool) []error {
	verdicts := make([]error, messages)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range 16 {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < messages; i = int(next.Add(1)) - 1 {
				size := 0
				if upload {
					size = 1 + i*7919%200_000 // from sizes that nginx keeps in memory to those that it writes to a file
				}
				verdicts[i] = send(t.Context(), client, i, size)
			}
		})
	}
	workers.Wait()
	return verdicts
}

// kinds has the kinds of messages: how many are sent, and how many of them may be reported as unknown though they never arrived. nginx may
// close a connection without indicating which requests it has read.
func kinds(sends int) []kind {
	texts, uploads := max(100, sends), max(20, sends/10)
	return []kind{
		{"text", texts, false, max(1, texts/10_000)},
		{"upload", uploads, true, max(1, uploads/1000)},
	}
}

type kind struct {
	name     string
	messages int
	upload   bool
	needless int
}

// TestNginx sends through nginx while nginx closes each connection after some requests, and is reloaded. Over HTTP/1.1, a reload may lose
// any number of requests: nginx closes idle connections without notice, and a request that arrives at that moment is lost.
func TestNginx(t *testing.T) {
	for _, c := range []struct {
		protocol string
		requests int // per connection
		reload   bool
		refuses  bool // nginx refuses streams: those above a small limit, and those that come before the client has acknowledged the settings
	}{
		{"HTTP/2.0", 1000, false, false},
		{"HTTP/2.0", 1000, true, false},
		{"HTTP/2.0", 50, false, false},
		{"HTTP/2.0", 50, true, false},
		{"HTTP/2.0", 50, true, true},
		{"HTTP/1.1", 50, false, false},
		{"HTTP/1.1", 50, true, false},
	} {
		for _, k := range kinds(*sendsFlag) {
			name := fmt.Sprintf("%s, %d requests a connection, reloaded %v, refusing %v, %s",
				c.protocol, c.requests, c.reload, c.refuses, k.name)
			t.Run(strings.ReplaceAll(name, "/", ""), func(t *testing.T) {
				extra := fmt.Sprintf("keepalive_requests %d;", c.requests)
				if c.refuses {
					extra += "http2_max_concurrent_streams 4; http2_body_preread_size 16k;"
				}
				up := newUpstream(t, k.messages)
				up.Start()
				server := startNginx(t, up, c.protocol == "HTTP/2.0", extra)
				client := newClient(t, server.url)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				var reloads sync.WaitGroup
				if c.reload {
					reloads.Go(func() { server.reloading(ctx, t) })
				}
				verdicts := sendMany(t, client, k.messages, k.upload)
				cancel()
				reloads.Wait()
				client.CloseIdleConnections()
				server.stop()
				up.Close()
				t.Logf("reloads: %d", server.count("reconfiguring"))
				if c.reload != (server.count("reconfiguring") > 0) {
					t.Error("whether nginx was reloaded is not as planned")
				}
				up.spoke(t, c.protocol)
				needless := judge{verdicts: verdicts, arrived: up.arrived}.check(t)
				if silent := c.reload && c.protocol == "HTTP/1.1"; needless > k.needless && !silent {
					t.Errorf("%d messages are called unknown that never arrived, more than %d", needless, k.needless)
				}
			})
		}
	}
}

// TestNginxCrashes kills nginx's workers when a message has reached the application and has no response yet. A client that repeats the send
// after the connection broke sends the message twice.
func TestNginxCrashes(t *testing.T) {
	for _, protocol := range []string{"HTTP/2.0", "HTTP/1.1"} {
		for _, k := range kinds(*sendsFlag / 4) {
			t.Run(strings.ReplaceAll(protocol, "/", "")+", "+k.name, func(t *testing.T) {
				up := newUpstream(t, k.messages)
				up.Start()
				server := startNginx(t, up, protocol == "HTTP/2.0", "")
				const workers = 2
				if !server.printed("start worker process ", workers) {
					t.Fatal("nginx did not log the ids of its workers")
				}
				var received, crashes atomic.Int64
				up.received = func() {
					if received.Add(1)%200 == 5 {
						crashes.Add(1)
						server.crash(t)
					}
				}
				client := newClient(t, server.url)
				verdicts := sendMany(t, client, k.messages, k.upload)
				client.CloseIdleConnections()
				server.stop()
				up.Close()
				up.spoke(t, protocol)
				needless := judge{verdicts: verdicts, arrived: up.arrived}.check(t)
				unknown := 0
				for _, err := range verdicts {
					if tgo.DeliveryOf(err) == tgo.DeliveryUnknown {
						unknown++
					}
				}
				t.Logf("crashes: %d", crashes.Load())
				if unknown == needless {
					t.Error("no message arrived without its response, so the run proves little")
				}
			})
		}
	}
}

// TestNginxLimit: nginx refuses half of the messages. None of these may have reached the application.
func TestNginxLimit(t *testing.T) {
	for _, c := range []struct {
		status  int
		verdict tgo.Delivery
		is      error
	}{
		{http.StatusTooManyRequests, tgo.DeliveryRejected, tgo.ErrRateLimited},
		{http.StatusServiceUnavailable, tgo.DeliveryUnknown, tgo.ErrServer}, // any proxy may return this
	} {
		for _, k := range kinds(*sendsFlag) {
			t.Run(fmt.Sprintf("%d, %s", c.status, k.name), func(t *testing.T) {
				up := newUpstream(t, k.messages)
				up.Start()
				// One message per minute, and a burst of half of all messages, so the rate does not matter.
				server := startNginx(t, up, true, fmt.Sprintf("limit_req zone=all burst=%d nodelay; limit_req_status %d;",
					max(1, k.messages/2), c.status))
				client := newClient(t, server.url)
				verdicts := sendMany(t, client, k.messages, k.upload)
				client.CloseIdleConnections()
				server.stop()
				up.Close()
				refused := 0
				j := judge{verdicts: verdicts, arrived: up.arrived, refused: func(err error) bool {
					var answer *tgo.APIError
					return errors.As(err, &answer) && answer.Status == c.status
				}}
				for _, err := range verdicts {
					if !j.refused(err) {
						continue
					}
					refused++
					if got := tgo.DeliveryOf(err); got != c.verdict || !errors.Is(err, c.is) {
						t.Fatalf("got %v for %v, want %v and %v", got, err, c.verdict, c.is)
					}
				}
				needless := j.check(t)
				if needless > k.needless {
					t.Errorf("%d messages are called unknown that never arrived, more than %d", needless, k.needless)
				}
				// nginx may close the connection before the client has read the refusal. Then the delivery is unknown.
				if logged := server.count("limiting requests"); refused == 0 || refused > logged || logged > refused+needless {
					t.Errorf("the client reports %d refused messages, and nginx %d", refused, logged)
				}
			})
		}
	}
}
