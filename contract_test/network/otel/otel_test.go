// Package otel tests the client with OpenTelemetry's HTTP instrumentation: it must not change any result, must make a span for each request,
// and must not export the API key. It is a separate module, so only those who run it download OpenTelemetry.
package otel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.uber.org/goleak"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	senderPhone = "+201001187188"
	recipient   = "+201010000000"
)

// traced wraps a transport as the client's README describes, and exports the spans of its requests.
func traced(t *testing.T, base http.RoundTripper) (http.RoundTripper, *tracetest.InMemoryExporter) {
	t.Helper()
	exporter := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(exporter))
	t.Cleanup(func() {
		if err := provider.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return otelhttp.NewTransport(base, otelhttp.WithTracerProvider(provider),
		otelhttp.WithPropagators(propagation.TraceContext{})), exporter
}

// outcome is what a caller learns about a send.
type outcome struct {
	delivery tgo.Delivery
	attempts int // 0 if there is no error that has them
}

func (o outcome) String() string { return fmt.Sprintf("%v after %d attempts", o.delivery, o.attempts) }

func outcomeOf(err error) outcome {
	o := outcome{delivery: tgo.DeliveryOf(err)}
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		o.attempts = failed.Attempts
	}
	return o
}

// server is the server of a case.
type server struct {
	url     string
	key     tgo.Key
	base    *http.Transport
	arrived func() int // how many messages it has received
}

// fake is a server with a fault.
func fake(f tgotest.Fault) func(t *testing.T) server {
	return func(t *testing.T) server {
		t.Helper()
		s := tgotest.New(t)
		if _, err := s.Inject(f); err != nil {
			t.Fatal(err)
		}
		return server{s.URL, s.Key, &http.Transport{}, func() int { return len(s.Messages()) }}
	}
}

// fakeStatus is a server that responds with a status, a number of times or always.
func fakeStatus(status, times int) func(t *testing.T) server {
	return fake(tgotest.Fault{Kind: tgotest.FaultStatus, Status: status, Times: times})
}

// refusing is an address where nothing listens.
func refusing(*testing.T) server {
	return server{"http://127.0.0.1:1/api/v1", tgo.NewKey("key-of-the-otel-tests"), &http.Transport{}, func() int { return 0 }}
}

// http2 is a server that reads each message and responds with a status, or resets the stream if the status is 0.
func http2(status int) func(t *testing.T) server {
	return func(t *testing.T) server {
		t.Helper()
		var arrived atomic.Int32
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.ProtoMajor != 2 {
				t.Errorf("the client uses %s", r.Proto)
			}
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Error(err)
			}
			if status == 0 {
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			if status == http.StatusCreated {
				arrived.Add(1)
				_, _ = io.WriteString(w, `{"data":{"id":1,"sender_number_id":1,"recipient_user_id":1,"conversation_id":1,"message_id":1,`+
					`"message_type":"text","content":null,"status":"sent","sent_at":"2025-01-10T08:00:00Z"}}`)
			} else {
				_, _ = io.WriteString(w, `{"message":"no"}`)
			}
		}))
		s.EnableHTTP2 = true
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		base, ok := s.Client().Transport.(*http.Transport)
		if !ok {
			t.Fatalf("the test server's client has a %T", s.Client().Transport)
		}
		return server{s.URL, tgo.NewKey("key-of-the-otel-tests"), base, func() int { return int(arrived.Load()) }}
	}
}

var faults = []struct {
	name     string
	server   func(t *testing.T) server
	want     outcome
	requests int
	arrived  int
}{
	{"accepted", fake(tgotest.Fault{Delay: time.Nanosecond}), outcome{tgo.DeliveryAccepted, 0}, 1, 1},
	{"422", fakeStatus(http.StatusUnprocessableEntity, 0), outcome{tgo.DeliveryRejected, 1}, 1, 0},
	{"429 twice", fakeStatus(http.StatusTooManyRequests, 2), outcome{tgo.DeliveryAccepted, 0}, 3, 1},
	{"429", fakeStatus(http.StatusTooManyRequests, 0), outcome{tgo.DeliveryRejected, 3}, 3, 0},
	{"500", fakeStatus(http.StatusInternalServerError, 0), outcome{tgo.DeliveryUnknown, 1}, 1, 0},
	{"cut after the message", fake(tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}), outcome{tgo.DeliveryUnknown, 1}, 1, 1},
	{"cut midway", fake(tgotest.Fault{Kind: tgotest.FaultCutMidway}), outcome{tgo.DeliveryUnknown, 1}, 1, 0},
	{"cut response", fake(tgotest.Fault{Kind: tgotest.FaultCutResponse}), outcome{tgo.DeliveryUnknown, 1}, 1, 1},
	{"refused connection", refusing, outcome{tgo.DeliveryNotSent, 3}, 3, 0},
	{"HTTP/2, accepted", http2(http.StatusCreated), outcome{tgo.DeliveryAccepted, 0}, 1, 1},
	{"HTTP/2, 422", http2(http.StatusUnprocessableEntity), outcome{tgo.DeliveryRejected, 1}, 1, 0},
	{"HTTP/2, 500", http2(http.StatusInternalServerError), outcome{tgo.DeliveryUnknown, 1}, 1, 0},
	{"HTTP/2, stream reset", http2(0), outcome{tgo.DeliveryUnknown, 1}, 1, 0},
}

// TestVerdicts: a caller learns the same with and without OpenTelemetry.
func TestVerdicts(t *testing.T) {
	for _, f := range faults {
		for _, kind := range []string{"text", "upload"} {
			for _, observed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, traced %v", f.name, kind, observed), func(t *testing.T) {
					s := f.server(t)
					defer s.base.CloseIdleConnections()
					var transport http.RoundTripper = s.base
					var spans *tracetest.InMemoryExporter
					if observed {
						transport, spans = traced(t, s.base)
					}
					client := newClient(t, s, transport)
					err := send(t.Context(), client, kind == "upload")
					if got := outcomeOf(err); got != f.want {
						t.Errorf("got %v (%v), want %v", got, err, f.want)
					}
					if got := s.arrived(); got != f.arrived {
						t.Errorf("%d messages arrived, want %d", got, f.arrived)
					}
					if observed {
						checkSpans(t, spans, s.key, f.requests)
					}
				})
			}
		}
	}
}

// TestManyAtOnce: the instrumentation adds headers to requests. It must not mix up concurrent requests.
func TestManyAtOnce(t *testing.T) {
	const messages = 200
	s := http2(http.StatusCreated)(t)
	defer s.base.CloseIdleConnections()
	transport, spans := traced(t, s.base)
	client := newClient(t, s, transport)
	var workers sync.WaitGroup
	for i := range 8 {
		workers.Go(func() {
			for range messages / 8 {
				if err := send(t.Context(), client, i%2 == 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	workers.Wait()
	if got := s.arrived(); got != messages {
		t.Errorf("%d messages arrived, want %d", got, messages)
	}
	checkSpans(t, spans, s.key, messages)
}

// TestRead: a read is repeated, and each of its requests has a span.
func TestRead(t *testing.T) {
	s := fake(tgotest.Fault{Kind: tgotest.FaultStatus, Status: http.StatusServiceUnavailable, Times: 2})(t)
	defer s.base.CloseIdleConnections()
	transport, spans := traced(t, s.base)
	if _, err := newClient(t, s, transport).Me(t.Context()); err != nil {
		t.Error(err)
	}
	checkSpans(t, spans, s.key, 3)
}

func newClient(t *testing.T, s server, transport http.RoundTripper) *tgo.Client {
	t.Helper()
	client, err := tgo.New("", s.key, tgo.WithBaseURL(s.url), tgo.WithHTTPClient(&http.Client{Transport: transport}),
		tgo.WithRetryLimits(3, time.Millisecond), tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func send(ctx context.Context, client *tgo.Client, upload bool) error {
	s := client.FromPhone(senderPhone)
	if !upload {
		_, err := s.SendText(ctx, recipient, "Your code is 4821")
		return err
	}
	file := tgo.BytesFile("a.bin", make([]byte, 100_000))
	_, err := s.SendDocument(ctx, recipient, tgo.Document{File: file, Caption: "Your invoice"})
	return err
}

// checkSpans checks that there is one span for each request, and that none of them has the key.
func checkSpans(t *testing.T, exporter *tracetest.InMemoryExporter, key tgo.Key, requests int) {
	t.Helper()
	spans := exporter.GetSpans()
	if len(spans) != requests {
		t.Errorf("%d spans, want one for each of %d requests", len(spans), requests)
	}
	traces := map[string]bool{}
	for _, span := range spans {
		traces[span.SpanContext.SpanID().String()] = true
		// Everything that an exporter can see, including attributes, events and status.
		if seen := fmt.Sprintf("%+v", span); strings.Contains(seen, key.Reveal()) {
			t.Errorf("the span %q contains the key", span.Name)
		}
		method := ""
		for _, a := range span.Attributes {
			if a.Key == "http.request.method" {
				method = a.Value.AsString()
			}
		}
		if method == "" {
			t.Errorf("the span %q has no method among its attributes: %v", span.Name, span.Attributes)
		}
	}
	if len(traces) != len(spans) {
		t.Errorf("%d spans have %d ids", len(spans), len(traces))
	}
}
