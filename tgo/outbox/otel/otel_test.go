//go:build !386 && !arm

// Package otel tests the outbox with River's OpenTelemetry middleware: which spans and metrics there are, and that none contains a text or a
// phone. It is a separate module, so that OpenTelemetry is downloaded only to run it.
package otel_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"github.com/riverqueue/rivercontrib/otelriver"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"
	_ "modernc.org/sqlite"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/outbox"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// observed is an outbox with River's middleware.
type observed struct {
	*outbox.Box[*sql.Tx]

	db       *sql.DB
	fake     *tgotest.Server
	spans    *tracetest.InMemoryExporter
	reader   *sdkmetric.ManualReader
	tracer   trace.Tracer
	requests *requests
	ended    chan outbox.Record
	stop     func() // waits for the attempts in progress
}

// observe creates an outbox in a new database, and starts a worker.
func observe(t *testing.T) *observed {
	t.Helper()
	o := &observed{
		fake: tgotest.New(t), spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader(), ended: make(chan outbox.Record, 10),
	}
	tracers := sdktrace.NewTracerProvider(sdktrace.WithSyncer(o.spans))
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(o.reader))
	t.Cleanup(func() { // the exporter then drops its spans
		ctx := context.WithoutCancel(t.Context())
		if err := tracers.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := meters.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	o.tracer = tracers.Tracer("shop")

	file := filepath.ToSlash(filepath.Join(t.TempDir(), "outbox.db"))
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	o.db = db

	middleware := otelriver.NewMiddleware(&otelriver.MiddlewareConfig{
		EnableTracePropagation:      true, // the span of an attempt links to that of the Add
		EnableWorkSpanJobKindSuffix: true,
		MeterProvider:               meters,
		TracerProvider:              tracers,
	})
	box, err := outbox.New(riversqlite.New(db), outbox.Config{
		Plugins: []rivertype.Plugin{middleware},
		Logger:  slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := box.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.Box = box

	o.requests = &requests{base: &http.Transport{}}
	t.Cleanup(o.requests.base.CloseIdleConnections)
	client, err := tgo.New("", o.fake.Key, tgo.WithBaseURL(o.fake.URL), tgo.WithHTTPClient(&http.Client{Transport: o.requests}))
	if err != nil {
		t.Fatal(err)
	}
	// River counts jobs. The hook counts the outcomes of messages.
	outcomes, err := meters.Meter("shop").Int64Counter("tgo.outbox.attempts", metric.WithUnit("{message}"),
		metric.WithDescription("Attempts of messages, by what the message has become"))
	if err != nil {
		t.Fatal(err)
	}
	count := func(ctx context.Context, r outbox.Record) {
		outcomes.Add(ctx, 1, metric.WithAttributes(attribute.String("state", string(r.State)), attribute.String("code", r.Code)))
		o.ended <- r
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- box.Work(ctx, client, outbox.Workers{OnEnd: count}) }()
	o.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Work: %v", err)
		}
	})
	t.Cleanup(o.stop)
	return o
}

// requests is a transport that records the span in which each request is made. refuse makes the server refuse the next request, with a message
// that contains the recipient's phone.
type requests struct {
	base *http.Transport

	mu     sync.Mutex
	in     []trace.SpanContext
	refuse tgo.Phone
}

func (r *requests) RoundTrip(req *http.Request) (*http.Response, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.in = append(r.in, trace.SpanContextFromContext(req.Context()))
	resp, err := r.base.RoundTrip(req)
	if err != nil || r.refuse == "" {
		return resp, err
	}
	_ = resp.Body.Close()
	resp.StatusCode, resp.ContentLength = http.StatusUnprocessableEntity, -1
	resp.Body = io.NopCloser(strings.NewReader(fmt.Sprintf(`{"message":"%s has blocked this sender."}`, r.refuse)))
	return resp, nil
}

// add adds a message in a transaction of the program, within its own span.
func (o *observed) add(t *testing.T, m outbox.Message) int64 {
	t.Helper()
	ctx, span := o.tracer.Start(t.Context(), "order")
	defer span.End()
	tx, err := o.db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	added, err := o.AddTx(ctx, tx, m)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return added.ID
}

// A message that is sent and one that is refused, with all their spans and metrics.
func TestSpansAndMetrics(t *testing.T) {
	o := observe(t)
	message := outbox.Message{From: o.fake.SenderPhone, To: o.fake.RecipientPhone, Text: "Your code is 482193", Key: "code-for-amira"}
	sent := o.add(t, message)
	if r := <-o.ended; r.ID != sent || r.State != outbox.Sent {
		t.Fatalf("%+v", r)
	}
	o.requests.mu.Lock()
	o.requests.refuse = message.To
	o.requests.mu.Unlock()
	message.Key = "another-for-amira"
	refused := o.add(t, message)
	if r := <-o.ended; r.ID != refused || r.State != outbox.Rejected {
		t.Fatalf("%+v", r)
	}
	o.stop()

	spans := o.spans.GetSpans()
	named := map[string][]tracetest.SpanStub{}
	for _, span := range spans {
		named[span.Name] = append(named[span.Name], span)
	}
	orders, adds, attempts := named["order"], named["river.insert_many"], named["river.work/tgo_message"]
	if len(spans) != 6 || len(orders) != 2 || len(adds) != 2 || len(attempts) != 2 || len(o.requests.in) != 2 {
		t.Fatalf("there are %d requests, and the spans %v", len(o.requests.in), slices.Sorted(maps.Keys(named)))
	}
	for i, id := range []int64{sent, refused} {
		// The Add is part of the program's own trace.
		if adds[i].Parent.SpanID() != orders[i].SpanContext.SpanID() || adds[i].SpanKind != trace.SpanKindProducer {
			t.Errorf("the span of the Add is %+v", adds[i])
		}
		// The attempt, which is made later and perhaps on another machine, has its own trace, with a link to the Add.
		attempt := attempts[i]
		if attempt.Parent.IsValid() || len(attempt.Links) != 1 || attempt.Links[0].SpanContext.SpanID() != adds[i].SpanContext.SpanID() ||
			attempt.SpanKind != trace.SpanKindConsumer || !slices.Contains(attempt.Attributes, attribute.Int64("id", id)) {
			t.Errorf("the span of the attempt is %+v", attempt)
		}
		// The request is made within it, so that otelhttp's span of the request is its child.
		if !o.requests.in[i].Equal(attempt.SpanContext) {
			t.Errorf("the request is made in the span %v, the attempt is %v", o.requests.in[i], attempt.SpanContext)
		}
	}
	if got := attempts[0].Status; got.Code != codes.Ok {
		t.Errorf("the message that was sent has the status %+v", got)
	}
	if got := attempts[1].Status; got.Code != codes.Error || !strings.Contains(got.Description, "has blocked this sender") ||
		!slices.Contains(attempts[1].Attributes, attribute.Bool("cancel", true)) {
		t.Errorf("the message that was refused has the status %+v and the attributes %v", got, attempts[1].Attributes)
	}

	var metrics metricdata.ResourceMetrics
	if err := o.reader.Collect(t.Context(), &metrics); err != nil {
		t.Fatal(err)
	}
	counts := counters(metrics)
	for _, want := range []struct {
		metric string
		is     int64
		where  []attribute.KeyValue
	}{
		{"river.insert_count", 2, []attribute.KeyValue{attribute.String("status", "ok")}},
		{"river.insert_many_count", 2, []attribute.KeyValue{attribute.String("status", "ok")}},
		{"river.work_count", 1, []attribute.KeyValue{attribute.String("kind", outbox.Kind), attribute.String("queue", o.Queue()), attribute.String("status", "ok")}},
		{"river.work_count", 1, []attribute.KeyValue{attribute.String("kind", outbox.Kind), attribute.Bool("cancel", true), attribute.String("status", "error")}},
		{"tgo.outbox.attempts", 1, []attribute.KeyValue{attribute.String("state", "sent"), attribute.String("code", "")}},
		{"tgo.outbox.attempts", 1, []attribute.KeyValue{attribute.String("state", "rejected"), attribute.String("code", "422")}},
	} {
		if got := counts.sum(want.metric, want.where...); got != want.is {
			t.Errorf("%s %v is %d, want %d; there are %+v", want.metric, want.where, got, want.is, counts)
		}
	}
	if got := counts.sum("tgo.outbox.attempts"); got != 2 {
		t.Errorf("%d attempts were counted", got)
	}

	// Everything that an exporter can see: names, attributes, events, links and status.
	asJSON, err := json.Marshal(metrics)
	if err != nil {
		t.Fatal(err)
	}
	for name, seen := range map[string]string{"spans": fmt.Sprintf("%+v", spans), "metrics": string(asJSON)} {
		if !strings.Contains(seen, outbox.Kind) {
			t.Errorf("the %s do not show %s: %s", name, outbox.Kind, seen)
		}
		for what, secret := range map[string]string{
			"text": "482193", "recipient": string(message.To[1:]), "sender": string(message.From[1:]), "API key": o.fake.Key.Reveal(), "message's key": "for-amira",
		} {
			if strings.Contains(seen, secret) {
				t.Errorf("the %s hold the %s: %s", name, what, seen)
			}
		}
	}
}

// An attempt that is postponed is not an error. The span says for how long.
func TestSpanOfSnooze(t *testing.T) {
	o := observe(t)
	if _, err := o.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "1"}); err != nil {
		t.Fatal(err)
	}
	id := o.add(t, outbox.Message{From: o.fake.SenderPhone, To: o.fake.RecipientPhone, Text: "hello"})
	for _, want := range []outbox.State{outbox.Waiting, outbox.Sent} {
		if r := <-o.ended; r.ID != id || r.State != want {
			t.Fatalf("%+v", r)
		}
	}
	o.stop()
	for _, span := range o.spans.GetSpans() {
		if span.Name == "river.work/tgo_message" {
			if span.Status.Code != codes.Ok || !slices.Contains(span.Attributes, attribute.Bool("snooze", true)) ||
				!slices.Contains(span.Attributes, attribute.String("snooze.duration", "1s")) {
				t.Errorf("the first span is %+v", span)
			}
			break
		}
	}
	var metrics metricdata.ResourceMetrics
	if err := o.reader.Collect(t.Context(), &metrics); err != nil {
		t.Fatal(err)
	}
	for _, want := range []attribute.KeyValue{attribute.String("state", "waiting"), attribute.String("state", "sent")} {
		if got := counters(metrics).sum("tgo.outbox.attempts", want); got != 1 {
			t.Errorf("%d attempts ended with %v", got, want)
		}
	}
}

// points returns the data points of the counters, by name.
type points map[string][]metricdata.DataPoint[int64]

func counters(metrics metricdata.ResourceMetrics) points {
	found := points{}
	for _, scope := range metrics.ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok {
				found[m.Name] = append(found[m.Name], sum.DataPoints...)
			}
		}
	}
	return found
}

// sum adds up a counter's points that have all these attributes.
func (p points) sum(name string, where ...attribute.KeyValue) (sum int64) {
	for _, point := range p[name] {
		has := func(want attribute.KeyValue) bool {
			value, ok := point.Attributes.Value(want.Key)
			return ok && value == want.Value
		}
		if !slices.ContainsFunc(where, func(want attribute.KeyValue) bool { return !has(want) }) {
			sum += point.Value
		}
	}
	return sum
}
