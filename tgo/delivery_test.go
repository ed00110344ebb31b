package tgo_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// outcome is a row of the matrix: what happens, and the verdict that the client must return.
type outcome struct {
	name string
	want tgo.Delivery
	// Exactly one of fault, handler, client and call is set, and says what happens. Only client may have a call too.
	fault   *tgotest.Fault
	handler http.HandlerFunc
	client  func(t *testing.T, fake *tgotest.Server) *tgo.Client // a client other than the fake's
	call    func(ctx context.Context, s *tgo.Sender, send sendFunc) error
	options []tgo.Option // of the client, with a fault or a call
	// stored is how many messages the fake has afterwards.
	stored int
}

type sendFunc func(context.Context, *tgo.Sender, tgo.Phone, string) (tgo.Receipt, error)

func outcomes() []outcome {
	list := []outcome{
		{name: "goes well", want: tgo.DeliveryAccepted, fault: &tgotest.Fault{Delay: time.Nanosecond}, stored: 1},
		{name: "invalid phone", want: tgo.DeliveryNotSent, call: func(ctx context.Context, s *tgo.Sender, send sendFunc) error {
			_, err := send(ctx, s, "01010000000", "hello")
			return err
		}},
		{name: "context already over", want: tgo.DeliveryNotSent, call: func(ctx context.Context, s *tgo.Sender, send sendFunc) error {
			over, cancel := context.WithCancel(ctx)
			cancel()
			_, err := send(over, s, testRecipient, "hello")
			return err
		}},
		{name: "deadline already over", want: tgo.DeliveryNotSent, call: func(ctx context.Context, s *tgo.Sender, send sendFunc) error {
			over, cancel := context.WithDeadline(ctx, time.Unix(0, 0))
			defer cancel()
			_, err := send(over, s, testRecipient, "hello")
			return err
		}},
		{name: "limiter refuses", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, fake.URL, tgo.WithLimiter(refusingLimiter{}))
		}},
		{name: "context ends in a limiter that takes no notice", want: tgo.DeliveryNotSent,
			client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
				return clientOf(t, fake.URL, tgo.WithLimiter(deafLimiter{}))
			},
			call: func(ctx context.Context, s *tgo.Sender, send sendFunc) error {
				brief, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
				defer cancel()
				_, err := send(brief, s, testRecipient, "hello")
				return err
			}},
		{name: "connection refused", want: tgo.DeliveryNotSent, client: func(t *testing.T, _ *tgotest.Server) *tgo.Client {
			return clientOf(t, "http://"+closedPort)
		}},
		{name: "no such host", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, fake.URL, dialing(func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}
			}))
		}},
		{name: "context ends while dialing", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			over := make(chan struct{}) // net/http continues a dial after the request has ended
			t.Cleanup(func() { close(over) })
			return clientOf(t, fake.URL, tgo.WithTimeout(20*time.Millisecond), dialing(func(context.Context, string, string) (net.Conn, error) {
				<-over
				return nil, errors.New("too late")
			}))
		}},
		{name: "proxy function fails", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, fake.URL, tgo.WithHTTPClient(&http.Client{Transport: &http.Transport{
				Proxy: func(*http.Request) (*url.URL, error) { return nil, errors.New("no proxy today") },
			}}))
		}},
		{name: "dialer that itself uses HTTP fails", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			inner := &http.Transport{DisableKeepAlives: true}
			return clientOf(t, fake.URL, dialing(func(ctx context.Context, _, _ string) (net.Conn, error) {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, fake.URL+"/nowhere", nil)
				if err != nil {
					return nil, err
				}
				resp, err := inner.RoundTrip(r)
				if err != nil {
					return nil, err
				}
				_ = resp.Body.Close()
				return nil, errors.New("the gateway says no")
			}))
		}},
		{name: "protocol of the caller's fails after reading", want: tgo.DeliveryUnknown, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			transport := &http.Transport{}
			transport.RegisterProtocol("http", readingTransport{})
			return clientOf(t, fake.URL, tgo.WithHTTPClient(&http.Client{Transport: transport}))
		}},
		{name: "TLS with a server that speaks none", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, strings.Replace(fake.URL, "http://", "https://", 1))
		}},
		{name: "TLS certificate unknown", want: tgo.DeliveryNotSent, client: func(t *testing.T, _ *tgotest.Server) *tgo.Client {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.Config.ErrorLog = discardLog
			server.StartTLS()
			t.Cleanup(server.Close)
			return clientOf(t, server.URL)
		}},
		{name: "transport that fails without reading", want: tgo.DeliveryNotSent, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, fake.URL, tgo.WithHTTPClient(&http.Client{Transport: failingTransport{}}))
		}},
		{name: "transport that fails after reading", want: tgo.DeliveryUnknown, client: func(t *testing.T, fake *tgotest.Server) *tgo.Client {
			return clientOf(t, fake.URL, tgo.WithHTTPClient(&http.Client{Transport: readingTransport{}}))
		}},
		{name: "cut before the body is read", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultCut}},
		{name: "cut midway", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultCutMidway}},
		{name: "response lost", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, stored: 1},
		{name: "timeout, stored", want: tgo.DeliveryUnknown, stored: 1,
			fault: &tgotest.Fault{Stored: true, Delay: time.Minute}, options: []tgo.Option{tgo.WithTimeout(time.Second)}},
		{name: "response cut", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultCutResponse}, stored: 1},
		{name: "response is broken JSON", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultBrokenJSON}, stored: 1},
		{name: "response is empty JSON", want: tgo.DeliveryUnknown, fault: &tgotest.Fault{Kind: tgotest.FaultEmpty}, stored: 1},
		{name: "response too large", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 201, `{"data": "`+strings.Repeat("x", 2<<20)+`"}`)
		}},
		{name: "response of wrong types", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 201, `{"data": {"id": "one"}}`)
		}},
		{name: "response is a page of the log", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"data": [{"id": 1}], "meta": {"last_page": 1}}`)
		}},
		{name: "response is a text in data", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"status": "error", "data": "no credit"}`)
		}},
		{name: "response is another JSON", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, `{"ok": true}`)
		}},
		{name: "response is empty", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
		}},
		{name: "switches protocols", want: tgo.DeliveryUnknown, client: func(t *testing.T, _ *tgotest.Server) *tgo.Client {
			return serve(t, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				conn, rw, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n"))
				_, _ = io.Copy(io.Discard, rw) // until the client closes the connection
				_ = conn.Close()
			})
		}},
		{name: "JSON type, HTML inside", want: tgo.DeliveryUnknown, handler: func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 200, "<html><body>Please log in</body></html>")
		}},
	}
	html := func(status int, want tgo.Delivery) {
		list = append(list, outcome{name: fmt.Sprintf("HTML page with %d", status), want: want,
			fault: &tgotest.Fault{Kind: tgotest.FaultHTML, Status: status}})
	}
	html(200, tgo.DeliveryUnknown)
	html(403, tgo.DeliveryRejected)
	html(502, tgo.DeliveryUnknown)
	for _, status := range []int{400, 401, 403, 404, 409, 413, 415, 422, 429} {
		list = append(list, outcome{name: fmt.Sprintf("status %d", status), want: tgo.DeliveryRejected,
			fault: &tgotest.Fault{Kind: tgotest.FaultStatus, Status: status}})
	}
	for _, status := range []int{408, 460, 499, 500, 502, 503, 504, 599} {
		list = append(list, outcome{name: fmt.Sprintf("status %d", status), want: tgo.DeliveryUnknown,
			fault: &tgotest.Fault{Kind: tgotest.FaultStatus, Status: status}})
		list = append(list, outcome{name: fmt.Sprintf("status %d, stored", status), want: tgo.DeliveryUnknown, stored: 1,
			fault: &tgotest.Fault{Kind: tgotest.FaultStatus, Status: status, Stored: true}})
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		list = append(list, outcome{name: fmt.Sprintf("redirect %d", status), want: tgo.DeliveryUnknown,
			fault: &tgotest.Fault{Kind: tgotest.FaultRedirect, Status: status, Location: "/api/v1/messages"}})
	}
	return list
}

// failingTransport is a transport of the caller that fails before it has read any part of the message.
type failingTransport struct{}

func (failingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	_ = r.Body.Close()
	return nil, &net.OpError{Op: "dial", Err: errors.New("so it says")}
}

// readingTransport is a transport that fails after it has read the whole message. Its error then proves nothing.
type readingTransport struct{}

func (readingTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return failingTransport{}.RoundTrip(r)
}

// TestFaultMatrix checks the verdict on every way to send after every outcome; -v prints the table.
func TestFaultMatrix(t *testing.T) {
	var table resultTable
	for _, o := range outcomes() {
		for i := range len(sends) * len(allProtocols) {
			s, p := sends[i%len(sends)], allProtocols[i/len(sends)]
			if o.client != nil && p != http1 { // the outcome does not depend on the protocol, or its client chooses one
				break
			}
			row := table.add()
			t.Run(fmt.Sprintf("%s, %s, %s", o.name, p, s.name), func(t *testing.T) {
				t.Parallel()
				verdict, stored := o.run(t, p, s.send)
				mediaType := "multipart/form-data"
				if s.name == "text" {
					mediaType = "application/json"
				}
				row.set("%s\t%s\t%s\t%s\t%v\t%v\t%d", o.name, p, s.name, mediaType, o.want, verdict, stored)
				if verdict != o.want {
					t.Errorf("the verdict is %v, want %v", verdict, o.want)
				}
				if o.handler == nil && stored != o.stored {
					t.Errorf("the fake has %d messages, want %d", stored, o.stored)
				}
			})
		}
	}
	table.logWhenDone(t, "outcome\tprotocol\tmessage\tmedia type\texpected\tgiven\tstored")
}

func (o *outcome) run(t *testing.T, p protocol, send sendFunc) (tgo.Delivery, int) {
	t.Helper()
	fake := tgotest.New(t)
	fake.AddKey(tgotest.Key{PlainText: testKey, Scopes: []tgo.Scope{tgo.ScopeAll}})
	var client *tgo.Client
	switch {
	case o.client != nil:
		client = o.client(t, fake)
	case o.handler != nil:
		server, transport := p.start(t, o.handler)
		client = clientOf(t, server.URL, tgo.WithHTTPClient(&http.Client{Transport: transport}))
	default:
		url, transport := p.front(t, fake.URL)
		client = clientOf(t, url, append(o.options, tgo.WithHTTPClient(&http.Client{Transport: transport}))...)
	}
	defer client.CloseIdleConnections()
	if o.fault != nil {
		if _, err := fake.Inject(*o.fault); err != nil {
			t.Fatal(err)
		}
	}
	call := o.call
	if call == nil {
		call = func(ctx context.Context, s *tgo.Sender, send sendFunc) error {
			_, err := send(ctx, s, testRecipient, "hello")
			return err
		}
	}
	err := call(t.Context(), client.FromPhone(testSender), send)
	var sendError *tgo.SendError
	if err != nil && !errors.As(err, &sendError) {
		t.Errorf("%v is not a SendError", err)
	}
	if err != nil && strings.Contains(err.Error(), testKey) {
		t.Errorf("the key shows in %v", err)
	}
	return tgo.DeliveryOf(err), len(fake.Messages())
}

func TestDeliveryOf(t *testing.T) {
	if d := tgo.DeliveryOf(nil); d != tgo.DeliveryAccepted {
		t.Errorf("nil is %v", d)
	}
	if d := tgo.DeliveryOf(errors.New("of something else")); d != tgo.DeliveryUnknown {
		t.Errorf("a foreign error is %v", d)
	}
	var zero tgo.SendError
	if zero.Delivery != tgo.DeliveryUnknown {
		t.Errorf("the zero value is %v, want unknown, the safe one", zero.Delivery)
	}
	wrapped := fmt.Errorf("order 4821: %w", &tgo.SendError{Delivery: tgo.DeliveryRejected, Err: errors.New("no")})
	if d := tgo.DeliveryOf(wrapped); d != tgo.DeliveryRejected {
		t.Errorf("a wrapped error is %v", d)
	}
}
