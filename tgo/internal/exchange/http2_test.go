package exchange

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

// An HTTP/2 connection closes after net/http has chosen it and before net/http writes. Nothing was written, and net/http looks for
// another connection automatically.
func TestInvariant3ClosedBeforeHeaders(t *testing.T) {
	for _, ours := range []bool{false, true} {
		for _, kept := range []int{1, 2} { // connections
			var together sync.WaitGroup
			together.Add(kept)
			server := frames.New(t, frames.Config{Streams: 1, Handle: func(s *frames.Stream) {
				s.ReadAll()
				if s.Number > 1 && s.Number <= 1+kept { // so that each of these requests has a connection of its own
					together.Done()
					together.Wait()
				}
				s.Answer(200, "{}")
			}})
			own := server.Transport()
			own.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
				conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
				return newClosing(conn, io.EOF), err
			}
			t.Cleanup(own.CloseIdleConnections)
			engine := engineOf(t, func(c *Config) {
				c.Client, c.Attempts = &http.Client{Transport: own}, 1
				if ours {
					shared := sharedTransport
					sharedTransport = func() *http.Transport { return own }
					t.Cleanup(func() { sharedTransport = shared })
					c.Client = &http.Client{}
				}
			})
			post := Call{Request: request(t, http.MethodPost, server.URL, ""), JSON: []byte("{}")}
			engine.Do(t.Context(), post) // after its answer, net/http knows how many streams the server accepts
			var first sync.WaitGroup
			for range kept {
				first.Go(func() { engine.Do(t.Context(), post) })
			}
			first.Wait()
			before, got := len(server.Requests()), 0
			ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
				if got++; got == 1 {
					info.Conn.(*tls.Conn).NetConn().(*closing).fail()
				}
			}})
			o := engine.Do(ctx, post)
			if o.Verdict == Unknown || o.Requests != 1 || (o.Verdict == Answered) != (len(server.Requests()) > before) {
				t.Errorf("ours %v, %d kept: %v after %d requests, %d got by the server: %v", ours, kept, o.Verdict, o.Requests, len(server.Requests())-before, o.Err)
			}
		}
	}
}
