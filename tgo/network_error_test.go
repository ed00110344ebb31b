package tgo_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// The cause of a context may be the error of another call, as with errgroup, and so may the error of a file. What such an error says
// about its own message must not be used for this one.
func TestErrorOfAnotherCall(t *testing.T) {
	_, another := clientOf(t, "http://"+closedPort).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
	if !errors.Is(another, tgo.ErrNotSent) {
		t.Fatal(another)
	}
	for _, begin := range []string{"", `{"data":{"id":7}} `} { // the beginning of the response
		for name, call := range everyCall {
			ctx, cancel := context.WithCancelCause(t.Context())
			client := serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if begin != "" {
					answer(w, 200, begin)
					_ = http.NewResponseController(w).Flush()
				}
				cancel(another)
				<-r.Context().Done()
			})
			if err := call(ctx, client); errors.Is(err, tgo.ErrNotSent) || (err != nil && begin == "" && !errors.Is(err, context.Canceled) && !errors.Is(err, another)) {
				t.Errorf("%s, after %q: %v", name, begin, err)
			}
		}
	}
}
