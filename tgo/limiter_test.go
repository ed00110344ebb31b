package tgo_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// refusingLimiter refuses every request.
type refusingLimiter struct{}

func (refusingLimiter) Wait(context.Context) error { return errors.New("no budget") }

// deafLimiter allows every request, but only after the context has ended.
type deafLimiter struct{}

func (deafLimiter) Wait(ctx context.Context) error { <-ctx.Done(); return nil }

func TestLimiterIsAskedBeforeEachRequest(t *testing.T) {
	var asked atomic.Int32
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 503, `{"message": "down"}`)
	}, tgo.WithLimiter(countingLimiter{&asked}))
	_, _ = client.Me(t.Context())
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times for 3 requests", n)
	}
}

type countingLimiter struct{ asked *atomic.Int32 }

func (l countingLimiter) Wait(context.Context) error { l.asked.Add(1); return nil }
