package tgo_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// For every call, ErrNotSent and DeliveryOf say whether the server may have received the request.
func TestErrNotSent(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	fake := tgotest.New(t)
	plain := clientOf(t, fake.URL)
	faulty := func(f tgotest.Fault) *tgo.Client {
		server := tgotest.New(t)
		if _, err := server.Inject(f); err != nil {
			t.Fatal(err)
		}
		client, err := server.ClientWith(server.Key, tgo.WithReadRetries())
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	for _, c := range []struct {
		name   string
		ctx    context.Context
		client *tgo.Client
		want   tgo.Delivery
	}{
		{"no connection", t.Context(), clientOf(t, "http://"+closedPort), tgo.DeliveryNotSent},
		{"context over", over, plain, tgo.DeliveryNotSent},
		{"limiter refuses", t.Context(), clientOf(t, fake.URL, tgo.WithLimiter(refusingLimiter{})), tgo.DeliveryNotSent},
		{"connection cut", t.Context(), faulty(tgotest.Fault{Kind: tgotest.FaultCut}), tgo.DeliveryUnknown},
		{"503", t.Context(), faulty(tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503}), tgo.DeliveryUnknown},
		{"403", t.Context(), faulty(tgotest.Fault{Kind: tgotest.FaultStatus, Status: 403}), tgo.DeliveryRejected},
		{"499", t.Context(), faulty(tgotest.Fault{Kind: tgotest.FaultStatus, Status: 499}), tgo.DeliveryUnknown},
		{"half a success", t.Context(), serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 200, `{"data":`) }), tgo.DeliveryUnknown},
	} {
		for name, call := range everyCall {
			err := call(c.ctx, c.client)
			if name == "revoke key" && c.name == "half a success" {
				continue // the body is not read
			}
			if err == nil || errors.Is(err, tgo.ErrNotSent) != (c.want == tgo.DeliveryNotSent) || tgo.DeliveryOf(err) != c.want {
				t.Errorf("%s, %s: %v, %v", c.name, name, tgo.DeliveryOf(err), err)
			}
		}
	}
	_, err := plain.FromNumber(0).Lookup(t.Context(), testRecipient)
	if !errors.Is(err, tgo.ErrNotSent) || !errors.Is(err, tgo.ErrValidation) || tgo.DeliveryOf(err) != tgo.DeliveryNotSent {
		t.Errorf("wrong input: %v", err)
	}
	fake.ExpectNoMessage(t)
}
