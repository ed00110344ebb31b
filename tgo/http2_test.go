package tgo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/frames"
)

// http2Call is a call, and the response that makes it succeed.
type http2Call struct {
	name   string
	kind   callKind
	status int
	body   string
	call   func(context.Context, *tgo.Client) error
}

type callKind int

const (
	sendCall  callKind = iota // says what happened to the message
	writeCall                 // says only whether it succeeded
	readCall                  // may be repeated
)

var http2Calls = []http2Call{
	{"text", sendCall, 201, sent(7), func(ctx context.Context, c *tgo.Client) error {
		_, err := c.FromPhone(testSender).SendText(ctx, testRecipient, "hello, how are you?")
		return err
	}},
	{"document", sendCall, 201, sent(7), func(ctx context.Context, c *tgo.Client) error {
		file := tgo.BytesFile("a.bin", bytes.Repeat([]byte("0123456789"), 10_000)) // more than HTTP/2's window
		_, err := c.FromPhone(testSender).SendDocument(ctx, testRecipient, tgo.Document{File: file})
		return err
	}},
	{"create key", writeCall, 201, `{"data": {"id": 5, "name": "shop"}, "plain_text_key": "tgo_new"}`, func(ctx context.Context, c *tgo.Client) error {
		_, err := c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "shop", Scopes: []tgo.Scope{tgo.ScopeMessagesSend}})
		return err
	}},
	{"register number", writeCall, 201, `{"data": {"id": 5, "status": "pending_verification"}}`, func(ctx context.Context, c *tgo.Client) error {
		_, err := c.RegisterSenderNumber(ctx, testSender, "Shop")
		return err
	}},
	{"revoke key", writeCall, 200, `{"data": {"id": 5}}`, func(ctx context.Context, c *tgo.Client) error {
		return c.RevokeAPIKey(ctx, 5)
	}},
	{"read", readCall, 200, `{"data": []}`, func(ctx context.Context, c *tgo.Client) error {
		_, err := c.SenderNumbers(ctx)
		return err
	}},
}

// good reads a request and responds with a success.
func (c *http2Call) good(s *frames.Stream) {
	if s.ReadAll() {
		s.Answer(c.status, c.body)
	}
}

// http2Row is what the server does with the requests of a call, and what the client must conclude from it.
type http2Row struct {
	name string
	// strike is called for each request, or only for the first one if once is set. cancel ends the caller's context.
	strike func(s *frames.Stream, c *http2Call, cancel func())
	once   bool
	want   tgo.Delivery
	// requests is how many requests of a write the server must receive.
	requests int
	// early says that the server strikes after HEADERS. The client may not have begun to send the body; it may repeat the request
	// in that case.
	early bool
	// status says that the response breaks after its status was sent. A revocation needs only the status.
	status bool
	// send says that the verdict is specified only for sends: other calls may fail or succeed.
	send bool
}

// boundary is a point in the course of a request.
type boundary struct {
	name string
	// come continues a request up to the point. It returns false if the stream has already ended.
	come func(*frames.Stream, *http2Call) bool
	// answered says how far the response has come.
	answered answered
}

type answered int

const (
	unanswered answered = iota
	inPart              // the status was sent
	inFull              // everything was sent except the end
)

var boundaries = []boundary{
	{"HEADERS", func(*frames.Stream, *http2Call) bool { return true }, unanswered},
	{"first DATA", func(s *frames.Stream, _ *http2Call) bool { return s.ReadSome() }, unanswered},
	{"END_STREAM", func(s *frames.Stream, _ *http2Call) bool { return s.ReadAll() }, unanswered},
	{"response's HEADERS", func(s *frames.Stream, c *http2Call) bool { return begin(s, c, 0) }, inPart},
	{"part of the response's DATA", func(s *frames.Stream, c *http2Call) bool { return begin(s, c, len(c.body)/2) }, inPart},
	{"all of the response's DATA", func(s *frames.Stream, c *http2Call) bool { return begin(s, c, len(c.body)) }, inFull},
}

// begin reads a request and writes the beginning of a successful response.
func begin(s *frames.Stream, c *http2Call, n int) bool {
	if !s.ReadAll() {
		return false
	}
	s.Head(c.status, "content-type", "application/json")
	if n > 0 {
		s.Data(c.body[:n], false)
	}
	return true
}

func http2Rows() []http2Row {
	const attempts = 3 // as clientOf sets it
	var rows []http2Row
	// at adds rows with a strike at some of the boundaries. If the server does not process the request, it is repeated.
	at := func(where []boundary, name string, unprocessed bool, strike func(*frames.Stream)) {
		for _, b := range where {
			row := http2Row{name: fmt.Sprintf("%s after %s", name, b.name), requests: 1, early: b.name == "HEADERS", status: b.answered == inPart,
				strike: func(s *frames.Stream, c *http2Call, _ func()) {
					if b.come(s, c) {
						strike(s)
					}
				}}
			if unprocessed {
				row.want, row.requests = tgo.DeliveryNotSent, attempts
				rows = append(rows, row)
				row.name, row.once, row.want, row.requests = row.name+", once", true, tgo.DeliveryAccepted, 2
			} else if b.answered == inFull { // the receipt is complete
				row.want, row.send = tgo.DeliveryAccepted, true
			}
			rows = append(rows, row)
		}
	}
	request, response := boundaries[:3], boundaries[3:]
	for _, code := range []http2.ErrCode{http2.ErrCodeRefusedStream, http2.ErrCodeProtocol, http2.ErrCodeInternal, http2.ErrCodeCancel,
		http2.ErrCodeEnhanceYourCalm, http2.ErrCodeHTTP11Required, http2.ErrCodeNo} {
		reset := func(s *frames.Stream) { s.Reset(code) }
		at(request, "RST_STREAM "+code.String(), code == http2.ErrCodeRefusedStream, reset)
		at(response, "RST_STREAM "+code.String(), false, reset)
	}
	for _, code := range []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeEnhanceYourCalm} {
		name := "GOAWAY " + code.String()
		at(request, name+" below", true, func(s *frames.Stream) { s.GoAway(s.ID-1, code) })
		at(request, name+" below, end", true, func(s *frames.Stream) { s.GoAway(s.ID-1, code); s.HangUp() })
		at(response[:2], name+" below, end", false, func(s *frames.Stream) { s.GoAway(s.ID-1, code); s.HangUp() })
		at(boundaries, name+" equal, end", false, func(s *frames.Stream) { s.GoAway(s.ID, code); s.HangUp() })
		at(boundaries, name+" above, end", false, func(s *frames.Stream) { s.GoAway(math.MaxInt32, code); s.HangUp() })
	}
	at(boundaries, "end of the connection", false, (*frames.Stream).HangUp)
	at(boundaries[:5], "reset of the connection", false, (*frames.Stream).Abort) // the last response might not arrive

	add := func(name string, want tgo.Delivery, strike func(s *frames.Stream, c *http2Call)) *http2Row {
		rows = append(rows, http2Row{name: name, want: want, requests: 1,
			strike: func(s *frames.Stream, c *http2Call, _ func()) { strike(s, c) }})
		return &rows[len(rows)-1]
	}
	whole := func(f func(s *frames.Stream, c *http2Call)) func(s *frames.Stream, c *http2Call) {
		return func(s *frames.Stream, c *http2Call) {
			if s.ReadAll() {
				f(s, c)
			}
		}
	}
	accepted, rejected, unknown := tgo.DeliveryAccepted, tgo.DeliveryRejected, tgo.DeliveryUnknown
	add("response", accepted, func(s *frames.Stream, c *http2Call) { c.good(s) })
	add("GOAWAY equal, response", accepted, func(s *frames.Stream, c *http2Call) { s.GoAway(s.ID, http2.ErrCodeNo); c.good(s) })
	add("GOAWAY above, response", accepted, func(s *frames.Stream, c *http2Call) { s.GoAway(math.MaxInt32, http2.ErrCodeNo); c.good(s) })
	add("body stalls, response", accepted, func(s *frames.Stream, c *http2Call) { s.ReadSome(); c.good(s) })
	add("103, response", accepted, func(s *frames.Stream, c *http2Call) { s.Inform(103); c.good(s) })
	add("response with a trailer", accepted, whole(func(s *frames.Stream, c *http2Call) {
		s.Head(c.status, "content-type", "application/json", "trailer", "x-sum")
		s.Data(c.body, false)
		s.Trailer("x-sum", "1")
	}))
	add("response with a bad trailer", accepted, whole(func(s *frames.Stream, c *http2Call) {
		s.Head(c.status, "content-type", "application/json")
		s.Data(c.body, false)
		s.Trailer(":status", "200")
	})).send = true
	for _, answer := range []struct{ name, contentType, body string }{
		{"nothing", "application/json", ""},
		{"half of a receipt", "application/json", sent(7)[:60]},
		{"HTML", "text/html", "<html>Please log in</html>"},
		{"a receipt with an error", "application/json", `{"data": {"id": 7}, "error": "no credit"}`},
		{"a receipt of a failure", "application/json", `{"data": {"id": 7}, "success": false}`},
		{"a receipt without an id", "application/json", `{"data": {"status": "sent"}}`},
		{"too much", "application/json", `{"data": {"id": 7}, "more": "` + strings.Repeat("x", 2<<20) + `"}`},
	} {
		add("response of "+answer.name, unknown, whole(func(s *frames.Stream, _ *http2Call) {
			s.Head(200, "content-type", answer.contentType)
			s.Data(answer.body, true)
		})).send = true
	}
	for _, status := range []int{42, 303, 308, 400, 408, 429, 499, 500, 503} {
		want := unknown
		if status/100 == 4 && status != 408 && status != 499 {
			want = rejected
		}
		add(fmt.Sprintf("status %d", status), want, whole(func(s *frames.Stream, _ *http2Call) {
			s.Head(status, "content-type", "application/json", "location", "https://elsewhere.example/")
			s.Data(`{"message": "so it is"}`, true)
		}))
	}
	add("status 413 before the body is read", rejected, func(s *frames.Stream, _ *http2Call) {
		s.Answer(413, `{"message": "too large"}`)
		s.Reset(http2.ErrCodeNo)
	})
	give := func(name string, come func(*frames.Stream) bool) {
		rows = append(rows, http2Row{name: name, requests: 1, strike: func(s *frames.Stream, _ *http2Call, cancel func()) {
			if come(s) {
				cancel()
				s.Wait()
			}
		}})
	}
	give("body stalls, caller gives up", (*frames.Stream).ReadSome)
	give("no response, caller gives up", (*frames.Stream).ReadAll)
	give("103, caller gives up", func(s *frames.Stream) bool { s.Inform(103); return s.ReadAll() })
	return rows
}

// TestHTTP2 compares what the client concludes from each frame, or from the lack of one, with the server's own record; -v prints
// the table.
func TestHTTP2(t *testing.T) {
	var table resultTable
	for _, row := range http2Rows() {
		results := make([]*tableRow, 2*len(http2Calls))
		for i := range results {
			results[i] = table.add()
		}
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			for i, result := range results {
				call, connection := &http2Calls[i/2], [...]string{"new", "used"}[i%2]
				got := row.run(t, call, connection == "used")
				result.set("%s\t%s\t%s\t%d\t%s\t%d\t%s", row.name, connection, call.name, got.requests, got.attempts(), got.processed, got.verdict())
				for _, complaint := range row.judge(call, got) {
					t.Errorf("%s, %s connection: %s", call.name, connection, complaint)
				}
			}
		})
	}
	table.logWhenDone(t, "the server does\tconnection\tcall\trequests\tattempts\tprocessed\tverdict")
}

// http2Outcome is the result of a call.
type http2Outcome struct {
	kind      callKind
	err       error
	requests  int // that the server received
	touched   int // of which it received a part of the body
	processed int // that the server received completely and neither refused nor rejected
	asked     int // number of calls of the limiter
}

func (o *http2Outcome) attempts() string {
	var sendError *tgo.SendError
	if errors.As(o.err, &sendError) {
		return fmt.Sprint(sendError.Attempts)
	}
	return "-"
}

func (o *http2Outcome) verdict() string {
	switch {
	case o.kind == sendCall:
		return tgo.DeliveryOf(o.err).String()
	case o.err == nil:
		return "went well"
	default:
		return "failed"
	}
}

// askedLimiter counts its calls and allows every request.
type askedLimiter struct{ asked atomic.Int64 }

func (l *askedLimiter) Wait(context.Context) error { l.asked.Add(1); return nil }

// run makes the call on a new connection, or on one that has served another call.
func (r *http2Row) run(t *testing.T, call *http2Call, used bool) http2Outcome {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	before := 0
	if used {
		before = 1
	}
	server := frames.New(t, frames.Config{Window: 16, Handle: func(s *frames.Stream) {
		switch {
		case s.Number <= before:
			s.Answer(200, `{"data": []}`)
		case r.once && s.Number > before+1:
			call.good(s)
		default:
			r.strike(s, call, cancel)
		}
	}})
	defer server.Close()
	transport := server.Transport()
	defer transport.CloseIdleConnections()
	var limiter askedLimiter
	client := clientOf(t, server.URL, tgo.WithHTTPClient(&http.Client{Transport: transport}), tgo.WithTimeout(10*time.Second), tgo.WithLimiter(&limiter))
	if used {
		if _, err := client.SenderNumbers(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got := http2Outcome{kind: call.kind, err: call.call(ctx, client)}
	got.asked = int(limiter.asked.Load()) - before
	server.Close()
	for _, request := range server.Requests()[before:] {
		got.requests++
		if request.Length > 0 {
			got.touched++
		}
		if had(request) {
			got.processed++
		}
	}
	return got
}

// had reports whether the server processed a request, or may have: it read the whole request, and neither declared it unprocessed
// nor rejected it.
func had(r frames.Request) bool {
	return r.Processed() && (r.Status/100 != 4 || r.Status == http.StatusRequestTimeout || r.Status == 499)
}

// judge returns what is wrong with an outcome.
func (r *http2Row) judge(call *http2Call, got http2Outcome) []string {
	var complaints []string
	complain := func(format string, args ...any) { complaints = append(complaints, fmt.Sprintf(format, args...)) }
	if call.kind == readCall {
		if got.requests > 3 {
			complain("the server received %d requests, more than WithRetryLimits allows", got.requests)
		}
		return complaints
	}
	if got.processed > 1 {
		complain("the server has it %d times", got.processed)
	}
	// If the server struck before the client began to send the body, the client may have tried again. A revocation has no body.
	early := r.early && r.want == tgo.DeliveryUnknown && call.name != "revoke key"
	if got.requests != r.requests && (!early || got.requests > 3) {
		complain("the server received %d requests, want %d", got.requests, r.requests)
	}
	if got.asked != got.requests {
		complain("the limiter was called %d times for %d requests", got.asked, got.requests)
	}
	if call.kind == writeCall {
		if !r.send && (!r.status || call.name != "revoke key") && (got.err == nil) != (r.want == tgo.DeliveryAccepted) {
			complain("%v", got.err)
		}
		return complaints
	}
	var sendError *tgo.SendError
	if errors.As(got.err, &sendError) && sendError.Attempts != got.requests {
		complain("%d attempts for %d requests", sendError.Attempts, got.requests)
	}
	verdict := tgo.DeliveryOf(got.err)
	untouched := early && verdict == tgo.DeliveryNotSent && got.touched == 0
	if verdict != r.want && !untouched {
		complain("the verdict is %v, want %v: %v", verdict, r.want, got.err)
	}
	switch {
	case verdict == tgo.DeliveryAccepted && got.processed == 0:
		complain("the verdict is accepted, but the server has nothing")
	case (verdict == tgo.DeliveryNotSent || verdict == tgo.DeliveryRejected) && got.processed > 0:
		complain("the verdict is %v, but the server has it", verdict)
	}
	return complaints
}
