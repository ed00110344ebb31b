package network_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// TestDeadlines ends the caller's context at every moment of a send, from before its start to after its response. If the client reports a
// message as not sent, the server must not have received a byte of it.
func TestDeadlines(t *testing.T) {
	for _, c := range []struct {
		name       string
		tls, http2 bool
	}{
		{"HTTP/1.1 without TLS", false, false},
		{"HTTP/1.1", true, false},
		{"HTTP/2.0", true, true},
	} {
		for _, k := range []string{"text", "upload"} {
			t.Run(strings.ReplaceAll(c.name, "/", "")+", "+k, func(t *testing.T) {
				messages := max(100, *sendsFlag/10)
				arrived, began := make([]atomic.Int32, messages), make([]atomic.Int32, messages)
				var open atomic.Int32
				server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					// The number of the message is in the headers, so the server knows it before the body.
					product, _, _ := strings.Cut(strings.TrimPrefix(r.UserAgent(), "message/"), " ")
					i, err := strconv.Atoi(product)
					if err != nil {
						t.Errorf("the user agent is %q", r.UserAgent())
						return
					}
					if n, _ := io.ReadFull(r.Body, make([]byte, 1)); n > 0 {
						began[i].Add(1)
					}
					if _, err := io.Copy(io.Discard, r.Body); err == nil {
						arrived[i].Add(1)
						accept(w)
					}
				}))
				server.Config.ErrorLog = log.New(io.Discard, "", 0) // aborted handshakes are expected
				server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
					switch state {
					case http.StateNew:
						open.Add(1)
					case http.StateClosed:
						open.Add(-1)
					default:
					}
				}
				if c.tls {
					server.EnableHTTP2 = c.http2
					server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
					server.StartTLS()
				} else {
					server.Start()
				}
				defer server.Close()
				transport := &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 16}
				defer transport.CloseIdleConnections()
				clients, verdicts := make([]*tgo.Client, messages), make([]error, messages)
				for i := range clients {
					clients[i] = newClient(t, server.URL, tgo.WithHTTPClient(&http.Client{Transport: transport}),
						tgo.WithUserAgent("message/"+strconv.Itoa(i)), tgo.WithRetryLimits(3, time.Millisecond))
				}
				var next atomic.Int64
				var workers sync.WaitGroup
				for range 4 { // only a few, so a handshake ends within the range of the deadlines
					workers.Go(func() {
						for i := int(next.Add(1)) - 1; i < messages; i = int(next.Add(1)) - 1 {
							ctx := t.Context()
							if i < messages-1 { // the last one has no deadline
								limited, cancel := context.WithTimeout(ctx, time.Duration(i%51)*100*time.Microsecond)
								defer cancel()
								ctx = limited
							}
							if i%24 == 0 { // some must open a connection first
								transport.CloseIdleConnections()
							}
							size := 0
							if k == "upload" {
								size = 1 + i*7919%1_000_000
							}
							verdicts[i] = send(ctx, clients[i], i, size)
						}
					})
				}
				workers.Wait()
				drain(t, transport, &open)
				server.Close()

				for i, err := range verdicts {
					if got := tgo.DeliveryOf(err); began[i].Load() > 0 && (got == tgo.DeliveryNotSent || got == tgo.DeliveryRejected) {
						t.Errorf("message %d: the server received its body, but the client reports %v", i, err)
					}
				}
				for i, want := range map[int]tgo.Delivery{0: tgo.DeliveryNotSent, messages - 1: tgo.DeliveryAccepted} {
					if got := tgo.DeliveryOf(verdicts[i]); got != want {
						t.Errorf("message %d: got %v (%v), want %v", i, got, verdicts[i], want)
					}
				}
				needless := judge{verdicts: verdicts, arrived: arrived}.check(t)
				t.Logf("of those unknown, %d never arrived in full", needless)
			})
		}
	}
}

// drain waits until the server has read everything that was sent, which is when the last connection is closed.
func drain(t *testing.T, transport *http.Transport, open *atomic.Int32) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	patience := time.NewTimer(time.Minute)
	defer patience.Stop()
	for {
		transport.CloseIdleConnections() // including those that were opened for a request that had ended by then
		if open.Load() == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-patience.C:
			t.Fatalf("%d connections are still open", open.Load())
		}
	}
}
