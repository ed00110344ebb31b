package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func ExampleWithReadRetries() {
	fake, stop := startFake()
	defer stop()
	busy := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable})

	// Only after a lost connection, and not after a 503.
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithReadRetries(tgo.OnNotSent, tgo.OnConnectionLost))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.Usage(context.Background())
	fmt.Println(errors.Is(err, tgo.ErrServer), busy.Struck())
	// Output: true 1
}

func ExampleWithWriteRetries() {
	fake, stop := startFake()
	defer stop()
	limited := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusTooManyRequests, Times: 1})

	// A 429 says that the message was not accepted, so it may be sent again.
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", "Hello")
	fmt.Println(tgo.DeliveryOf(err), "after", limited.Struck(), "refusal; messages:", len(fake.Messages()))

	_, err = tgo.New("acme.tgo-eg.com", fake.Key, tgo.WithWriteRetries(tgo.OnGatewayTimeout))
	fmt.Println(err)
	// Output:
	// accepted after 1 refusal; messages: 1
	// tgo: new client: WithWriteRetries allows only OnNotSent and OnRateLimited: after any other failure the message may have been sent
}

func ExampleWithRetryLimits() {
	fake, stop := startFake()
	defer stop()
	busy := inject(fake, tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable, Times: 4})

	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithRetryLimits(5, 10*time.Millisecond))
	if err != nil {
		log.Fatal(err)
	}
	me, err := client.Me(context.Background())
	fmt.Println(me.Organization.Name, err, "after", busy.Struck(), "failures")
	// Output: Fake organization <nil> after 4 failures
}

// pace allows one request at each tick. A *rate.Limiter of golang.org/x/time/rate is better.
type pace struct{ ticks <-chan time.Time }

// Wait waits for the next tick.
func (p pace) Wait(ctx context.Context) error {
	select {
	case <-p.ticks:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func ExampleWithLimiter() {
	fake, stop := startFake()
	defer stop()

	limiter := pace{time.Tick(20 * time.Millisecond)}
	client, err := tgo.New("", fake.Key, tgo.WithBaseURL(fake.URL), tgo.WithLimiter(limiter))
	if err != nil {
		log.Fatal(err)
	}
	begun := time.Now()
	for _, text := range []string{"one", "two", "three"} {
		if _, err := client.FromPhone("+201001187188").SendText(context.Background(), "+201010000000", text); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(time.Since(begun) >= 40*time.Millisecond)
	// Output: true
}
