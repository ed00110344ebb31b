package contract_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
)

// TestNoWriteIsRepeatedByARedirect: neither a send nor another write, even at the same origin. A mutant that repeated the
// others once survived.
func TestNoWriteIsRepeatedByARedirect(t *testing.T) {
	t.Parallel()
	writes := 0
	for _, c := range onePerMethod(t) {
		if contract.OperationByID(t, c.op).Method == http.MethodGet {
			continue
		}
		writes++
		for _, status := range []int{301, 302, 303, 307, 308} {
			var hits atomic.Int64
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				hits.Add(1)
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Location", r.URL.Path+"?again")
				w.WriteHeader(status)
			}))
			client, err := tgo.New("", tgo.NewKey("tgo_the-key"), tgo.WithBaseURL(server.URL))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := c.do(t.Context(), client); err == nil {
				t.Errorf("%s accepts a %d as a success", c.method, status)
			}
			if n := hits.Load(); n != 1 {
				t.Errorf("%s was sent %d times after a %d", c.method, n, status)
			}
			server.Close()
		}
	}
	if writes < 7 {
		t.Errorf("only %d methods write", writes)
	}
}
