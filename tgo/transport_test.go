package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// replaying is a caller's transport that adds a header with which net/http replays a POST.
type replaying struct{ header string }

func (r replaying) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set(r.header, "4821")
	return http.DefaultTransport.RoundTrip(req)
}

// net/http replays a POST with an Idempotency-Key if the connection breaks, but not a send of this package.
func TestNothingReplaysASend(t *testing.T) {
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	for _, header := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		for _, s := range sends {
			var posts atomic.Int32
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if r.Method == http.MethodPost {
					posts.Add(1)
					panic(http.ErrAbortHandler) // the connection, which was used before, breaks without a response
				}
				answer(w, 200, `{"data": {"organization": {}}}`)
			}))
			client := clientOf(t, server.URL, tgo.WithHTTPClient(&http.Client{Transport: replaying{header}}))
			if _, err := client.Me(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := s.send(t.Context(), client.FromNumber(1), testRecipient, "hello"); tgo.DeliveryOf(err) != tgo.DeliveryUnknown {
				t.Errorf("%v", err)
			}
			if n := posts.Load(); n != 1 {
				t.Errorf("%s, %s: the server got %d requests", header, s.name, n)
			}
			server.Close()
		}
	}
}

// detached is a transport that ignores the end of a request, like a circuit breaker with its own timeout.
type detached struct {
	http.RoundTripper

	ended chan error
}

func (d detached) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := d.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
	d.ended <- err
	return resp, err
}

// If the call gives up while a transport still has the request, the message was not sent, and the transport cannot send it later.
func TestTransportThatGoesOn(t *testing.T) {
	for _, s := range sends {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			dial, ended := make(chan struct{}), make(chan error, 2)
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				<-dial
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
			client, err := fake.ClientWith(fake.Key, tgo.WithTimeout(50*time.Millisecond), tgo.WithRetryLimits(2, time.Millisecond),
				tgo.WithHTTPClient(&http.Client{Transport: detached{transport, ended}}))
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.send(t.Context(), client.FromPhone(fake.SenderPhone), fake.RecipientPhone, "hello")
			close(dial) // now both requests continue
			if tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
				t.Errorf("%v", err)
			}
			for range 2 {
				if err := <-ended; err == nil {
					t.Error("a request that was given up got a response")
				}
			}
			fake.ExpectNoMessage(t)
		})
	}
}

// breaker is a circuit breaker: it gives up while the request that it forwarded continues.
type breaker struct {
	http.RoundTripper

	patience time.Duration
	requests *sync.WaitGroup // those that have not ended
}

func (b breaker) RoundTrip(r *http.Request) (*http.Response, error) {
	done := make(chan error, 1)
	b.requests.Go(func() {
		resp, err := b.RoundTripper.RoundTrip(r.WithContext(context.WithoutCancel(r.Context())))
		if err == nil {
			_ = resp.Body.Close()
		}
		done <- err
	})
	select {
	case err := <-done:
		return nil, fmt.Errorf("breaker: %w", err)
	case <-time.After(b.patience):
		return nil, errors.New("breaker: open")
	}
}

// A message arrives at most once, however often a circuit breaker gives up. If it arrives, the verdict is not "not sent".
func TestCircuitBreaker(t *testing.T) {
	for _, s := range sends {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			var requests sync.WaitGroup
			transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				<-time.After(20 * time.Millisecond) // about as long as the breaker waits
				return (&net.Dialer{}).DialContext(ctx, network, addr)
			}}
			client, err := fake.ClientWith(fake.Key, tgo.WithRetryLimits(3, time.Millisecond),
				tgo.WithHTTPClient(&http.Client{Transport: breaker{transport, 20 * time.Millisecond, &requests}}))
			if err != nil {
				t.Fatal(err)
			}
			for i := range 10 {
				text := fmt.Sprint("hello ", i)
				_, err := s.send(t.Context(), client.FromPhone(fake.SenderPhone), fake.RecipientPhone, text)
				requests.Wait()
				arrived := 0
				for _, m := range fake.Messages() {
					if m.Content == text {
						arrived++
					}
				}
				if arrived > 1 || (arrived == 1 && tgo.DeliveryOf(err) == tgo.DeliveryNotSent) {
					t.Errorf("arrived %d times: %v", arrived, err)
				}
			}
		})
	}
}
