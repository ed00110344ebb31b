package tgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var allConditions = []tgo.RetryCondition{
	tgo.OnNotSent, tgo.OnConnectionLost, tgo.OnRateLimited, tgo.OnBadGateway, tgo.OnUnavailable, tgo.OnGatewayTimeout,
}

// failures has a fault for each condition.
var failures = map[tgo.RetryCondition]tgotest.Fault{
	tgo.OnConnectionLost: {Kind: tgotest.FaultCut},
	tgo.OnRateLimited:    {Kind: tgotest.FaultStatus, Status: 429},
	tgo.OnBadGateway:     {Kind: tgotest.FaultStatus, Status: 502},
	tgo.OnUnavailable:    {Kind: tgotest.FaultStatus, Status: 503},
	tgo.OnGatewayTimeout: {Kind: tgotest.FaultStatus, Status: 504},
}

// Each condition can be set separately: a read is repeated after a failure exactly if its condition is set.
func TestReadRetriesByCondition(t *testing.T) {
	for failure, fault := range failures {
		for _, on := range allConditions {
			t.Run(fmt.Sprintf("failure %d, condition %d", failure, on), func(t *testing.T) {
				fake := tgotest.New(t)
				fault.Times = 2
				injected, err := fake.Inject(fault)
				if err != nil {
					t.Fatal(err)
				}
				client, err := fake.ClientWith(fake.Key, tgo.WithReadRetries(on), tgo.WithRetryLimits(3, time.Millisecond))
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.Me(t.Context())
				if repeated := injected.Struck() == 2; repeated != (on == failure) {
					t.Errorf("struck %d times", injected.Struck())
				}
				if (err == nil) != (on == failure) {
					t.Error(err)
				}
			})
		}
	}
}

func TestReadsAreRetriedUpToTheLimit(t *testing.T) {
	var requests atomic.Int32
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		requests.Add(1)
		answer(w, 503, `{"message": "down"}`)
	}, tgo.WithRetryLimits(4, time.Millisecond))
	_, err := client.Usage(t.Context())
	if !errors.Is(err, tgo.ErrServer) {
		t.Error(err)
	}
	if n := requests.Load(); n != 4 {
		t.Errorf("%d requests", n)
	}
}

// dialer fails a number of times before it connects.
type dialer struct {
	failures int32
	dialed   atomic.Int32
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if d.dialed.Add(1) <= d.failures {
		return nil, errors.New("network is unreachable")
	}
	return (&net.Dialer{}).DialContext(ctx, network, addr)
}

// A send is repeated if it certainly was not sent, and the whole file is sent again.
func TestSendIsRepeatedWhenNotSent(t *testing.T) {
	for _, s := range sends {
		t.Run(s.name, func(t *testing.T) {
			fake := tgotest.New(t)
			d := &dialer{failures: 2}
			client, err := fake.ClientWith(fake.Key, dialing(d.dial), tgo.WithRetryLimits(3, time.Millisecond))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.send(t.Context(), client.FromPhone(fake.SenderPhone), fake.RecipientPhone, "hello"); err != nil {
				t.Fatal(err)
			}
			fake.ExpectMessage(t)
			fake.ExpectNoMessage(t)
			if n := d.dialed.Load(); n != 3 {
				t.Errorf("%d connections were tried", n)
			}
		})
	}
}

// A write is never repeated after a failure that leaves its outcome open, and no option allows it.
func TestWritesAreNotRepeated(t *testing.T) {
	writes := map[string]func(context.Context, *tgo.Client) error{
		"send": func(ctx context.Context, c *tgo.Client) error {
			_, err := c.FromNumber(1).SendText(ctx, testRecipient, "hello")
			return err
		},
		"register": func(ctx context.Context, c *tgo.Client) error {
			_, err := c.RegisterSenderNumber(ctx, testSender, "")
			return err
		},
		"create key": func(ctx context.Context, c *tgo.Client) error {
			_, err := c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
			return err
		},
		"revoke key": func(ctx context.Context, c *tgo.Client) error { return c.RevokeAPIKey(ctx, 1) },
	}
	for name, write := range writes {
		for failure, fault := range failures {
			t.Run(fmt.Sprintf("%s, failure %d", name, failure), func(t *testing.T) {
				fake := tgotest.New(t)
				injected, err := fake.Inject(fault)
				if err != nil {
					t.Fatal(err)
				}
				client, err := fake.ClientWith(fake.Key, tgo.WithRetryLimits(5, time.Millisecond))
				if err != nil {
					t.Fatal(err)
				}
				if err := write(t.Context(), client); err == nil {
					t.Error("no error")
				}
				if n := injected.Struck(); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		}
	}
	for _, condition := range allConditions {
		_, err := tgo.New("acme.tgo-eg.com", tgo.NewKey(testKey), tgo.WithWriteRetries(condition))
		safe := condition == tgo.OnNotSent || condition == tgo.OnRateLimited
		if safe != (err == nil) {
			t.Errorf("WithWriteRetries(%d): %v", condition, err)
		}
	}
}

func TestSendRepeatedWhenRateLimitedOnlyOnRequest(t *testing.T) {
	for _, on := range []bool{false, true} {
		fake := tgotest.New(t)
		if _, err := fake.Inject(tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429, Times: 1}); err != nil {
			t.Fatal(err)
		}
		opts := []tgo.Option{tgo.WithRetryLimits(3, time.Millisecond)}
		if on {
			opts = append(opts, tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
		}
		client, err := fake.ClientWith(fake.Key, opts...)
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.FromPhone(fake.SenderPhone).SendText(t.Context(), fake.RecipientPhone, "hello")
		if on != (err == nil) || len(fake.Messages()) != map[bool]int{false: 0, true: 1}[on] {
			t.Errorf("allowed %v: %v, %d messages", on, err, len(fake.Messages()))
		}
		if !on && (!errors.Is(err, tgo.ErrRateLimited) || tgo.DeliveryOf(err) != tgo.DeliveryRejected) {
			t.Errorf("%v: %v", tgo.DeliveryOf(err), err)
		}
	}
}

// A reader cannot be read again, so its message is not sent again.
func TestReaderIsNeverSentTwice(t *testing.T) {
	fake := tgotest.New(t)
	d := &dialer{failures: 1}
	client, err := fake.ClientWith(fake.Key, dialing(d.dial), tgo.WithRetryLimits(3, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	file := tgo.ReaderFile("a.txt", strings.NewReader("hello"), 5)
	sender := client.FromPhone(fake.SenderPhone)
	_, err = sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || d.dialed.Load() != 1 {
		t.Errorf("%v after %d connections", err, d.dialed.Load())
	}
	_, err = sender.SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || !strings.Contains(err.Error(), "read already") {
		t.Errorf("the second use: %v", err)
	}
	fake.ExpectNoMessage(t)
}

func TestRetryAfterIsObeyed(t *testing.T) {
	cases := []struct {
		name    string
		header  string
		maxWait time.Duration
		retried bool
		want    time.Duration // of APIError.RetryAfter; up to a second less for dates
	}{
		{"longer than the limit", "60", time.Second, false, time.Minute},
		{"a date beyond the limit", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), time.Second, false, time.Hour},
		{"zero", "0", time.Millisecond, true, 0},
		{"a date in the past", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), time.Millisecond, true, 0},
		{"nonsense", "soon", time.Millisecond, true, 0},
		{"negative", "-5", time.Millisecond, true, 0},
		{"beyond all measure", "99999999999999999999", time.Second, false, 1<<63 - 1},
		{"a fraction", "1.5", time.Second, false, 2 * time.Second},
		{"centuries", "9999999999", time.Second, false, 1<<63 - 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var requests atomic.Int32
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				requests.Add(1)
				w.Header().Set("Retry-After", c.header)
				answer(w, 429, `{"message": "Too Many Attempts."}`)
			}, tgo.WithRetryLimits(2, c.maxWait))
			_, err := client.Me(t.Context())
			var apiError *tgo.APIError
			if !errors.As(err, &apiError) {
				t.Fatal(err)
			}
			if got := apiError.RetryAfter; got > c.want || got < c.want-2*time.Second {
				t.Errorf("RetryAfter is %v", got)
			}
			if retried := requests.Load() == 2; retried != c.retried {
				t.Errorf("%d requests", requests.Load())
			}
		})
	}
}

// The client waits as long as the server asks, within the limit.
func TestRetryAfterIsWaited(t *testing.T) {
	t.Parallel()
	var times []time.Time
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		times = append(times, time.Now())
		w.Header().Set("Retry-After", "1")
		answer(w, 503, `{"message": "down"}`)
	}, tgo.WithRetryLimits(2, 2*time.Second))
	_, _ = client.Me(t.Context())
	if len(times) != 2 || times[1].Sub(times[0]) < time.Second {
		t.Errorf("requests at %v", times)
	}
}

// If the context ends during the wait, the call ends. If the context would end before the wait does, the call does not wait.
func TestContextWhileWaiting(t *testing.T) {
	waiting := make(chan struct{}, 8)
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		answer(w, 503, `{"message": "down"}`)
		waiting <- struct{}{}
	}, tgo.WithRetryLimits(2, time.Hour))

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := client.Me(ctx)
		done <- err
	}()
	<-waiting
	cancel()
	if err := <-done; !errors.Is(err, tgo.ErrServer) && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}

	short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	begun := time.Now()
	if _, err := client.Me(short); !errors.Is(err, tgo.ErrServer) {
		t.Error(err)
	}
	if took := time.Since(begun); took > 9*time.Second {
		t.Errorf("it waited %v for a wait that could not end in time", took)
	}
}

// If a file cannot be opened for the second attempt, the call ends.
func TestFileChangesBetweenAttempts(t *testing.T) {
	fake := tgotest.New(t)
	d := &dialer{failures: 1}
	client, err := fake.ClientWith(fake.Key, dialing(d.dial), tgo.WithRetryLimits(3, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	file := tgo.OpenFile("a.txt", 5, func() (io.ReadCloser, error) {
		opened++
		if opened > 1 {
			return nil, errors.New("gone")
		}
		return io.NopCloser(bytes.NewReader([]byte("hello"))), nil
	})
	_, err = client.FromPhone(fake.SenderPhone).SendDocument(t.Context(), fake.RecipientPhone, tgo.Document{File: file})
	if tgo.DeliveryOf(err) != tgo.DeliveryNotSent || !strings.Contains(err.Error(), "gone") {
		t.Errorf("%v", err)
	}
	fake.ExpectNoMessage(t)
}
