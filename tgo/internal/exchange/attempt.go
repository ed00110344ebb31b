package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"time"
)

// attempt is one attempt of a call.
type attempt struct {
	engine *Engine
	call   Call
	made   int // number of requests that the call made before

	ctx    context.Context // ends with the context of the caller, and after a time without progress
	cancel context.CancelCauseFunc
	timer  *time.Timer // ends ctx

	// The verdict is based on these: on the content and what was handed over of it, or on the connections.
	guarded     bool
	content     content
	connections connections
	memory      bytes.Reader // content without a guard
}

// attempt makes one request, reads its response and writes the log line. If the caller's code panics, there is no outcome to log.
func (e *Engine) attempt(ctx context.Context, call *Call, made int) Outcome {
	if e.Logger == nil {
		return e.try(ctx, call, made)
	}
	begun := time.Now()
	o := e.try(ctx, call, made)
	e.log(ctx, call, o, time.Since(begun))
	return o
}

// try makes one request and reads its response.
func (e *Engine) try(ctx context.Context, call *Call, made int) Outcome {
	if err := e.admit(ctx); err != nil {
		return Outcome{Verdict: NotSent, Err: e.shown(ctx, err), Requests: made, final: true}
	}
	a := &attempt{engine: e, call: *call, made: made}
	a.ctx, a.cancel = context.WithCancelCause(ctx)
	defer a.cancel(nil)
	a.timer = time.AfterFunc(e.Timeout, a.tooSlow)
	defer a.timer.Stop()
	req, err := a.request()
	if err != nil {
		return Outcome{Verdict: NotSent, Err: e.shown(ctx, err), Requests: made, final: true}
	}
	if a.guarded {
		defer a.content.end(true) // the transport may panic
	}
	answer, returned, err := a.roundTrip(req)
	o := a.judge(answer, returned, err)
	o.final = ctx.Err() != nil
	return o
}

// admit waits until the limiter allows a request.
func (e *Engine) admit(ctx context.Context) error {
	if ctx.Err() == nil && e.Limiter != nil {
		if err, _ := Await(ctx, func() error { return e.Limiter.Wait(ctx) }, func(error) {}); err != nil {
			return fmt.Errorf("the request was waiting for the limiter: %w", err)
		}
	}
	return ctx.Err() // the limiter may have ignored the end of ctx
}

// tooSlow ends an attempt that makes no progress.
func (a *attempt) tooSlow() { a.cancel(a.engine.tooSlow) }

// request builds the request with its body. The request has no GetBody, and a write always has a body: otherwise net/http would repeat
// it automatically.
func (a *attempt) request() (*http.Request, error) {
	e, call := a.engine, &a.call
	ctx := a.ctx
	var body io.ReadCloser
	var length int64
	switch {
	case call.File != nil:
		file, err := a.open(call.File)
		if err != nil {
			return nil, err
		}
		body, length = a.guard(file), call.File.Length()
	case call.JSON != nil:
		a.memory.Reset(call.JSON)
		body, length = io.NopCloser(&a.memory), int64(len(call.JSON))
		if !e.ours {
			body = a.guard(body)
		}
		// Our own transport reports its connections and obeys the context, so nothing is handed over late. Because it knows the
		// type of this body, it writes the request in one piece, not in two: a fifth less time for a send over HTTP/1 (make bench).
	case !call.read():
		body = io.NopCloser(&a.memory) // empty
	}
	if !a.guarded {
		ctx = a.connections.watch(a)
	}
	req := call.Request.WithContext(ctx)
	if !e.ours {
		address := *call.Request.URL // a copy, because some transports change it, and the next request uses the same URL
		req.URL = &address
	}
	req.Header = make(http.Header, 8)
	maps.Copy(req.Header, call.Request.Header)
	e.Header(req.Header)
	req.Body, req.GetBody, req.ContentLength = body, nil, length
	return req, nil
}

// open opens a file, which may hang.
func (a *attempt) open(file File) (io.ReadCloser, error) {
	type opened struct {
		source io.ReadCloser
		err    error
	}
	o, returned := Await(a.ctx, func() (o opened) {
		o.source, o.err = file.Open()
		return o
	}, func(late opened) {
		if late.err == nil {
			_ = late.source.Close()
		}
	})
	if !returned {
		return nil, context.Cause(a.ctx)
	}
	return o.source, o.err
}

// guard returns a guard between a source and the transport.
func (a *attempt) guard(source io.ReadCloser) io.ReadCloser {
	a.guarded = true
	a.content.source, a.content.attempt = source, a
	return &a.content
}

// roundTrip makes the request and reads the response. It does not wait for a transport that ignores the end of the context: returned is
// then false, and the transport may still use the request.
func (a *attempt) roundTrip(req *http.Request) (answer Answer, returned bool, err error) {
	if a.engine.netHTTP && a.call.File == nil {
		// net/http obeys the context, unless it waits for a file. A goroutine would need a tenth of the time of a send (make bench).
		answer, err = a.engine.do(req)
		return answer, true, err
	}
	type reply struct {
		answer Answer
		err    error
	}
	r, returned := Await(a.ctx, func() (r reply) {
		r.answer, r.err = a.engine.do(req)
		return r
	}, func(reply) {})
	if !returned {
		r.err = a.ctx.Err()
	}
	return r.answer, returned, r.err
}

func (e *Engine) do(req *http.Request) (Answer, error) {
	var resp *http.Response
	var err error
	if e.direct && req.Method != http.MethodGet {
		// An http.Client would do nothing for such a write, but cost 6 of 79 allocations, and 3 % of the sends per second of 64
		// goroutines (make bench).
		resp, err = e.client().Transport.RoundTrip(req)
	} else {
		resp, err = e.client().Do(req)
	}
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	return read(resp), nil
}

// judge returns the outcome of the request.
func (a *attempt) judge(answer Answer, returned bool, err error) Outcome {
	o := Outcome{Requests: a.made + 1}
	var begun bool
	if a.guarded {
		begun = a.content.end(returned)
	} else {
		begun = a.connections.begun(returned)
		o.Requests = a.made + max(1, a.connections.count())
	}
	if o.Verdict = a.verdict(err, begun); o.Verdict != Answered {
		o.Err = a.engine.shown(a.ctx, err)
		return o
	}
	if cause := context.Cause(a.ctx); answer.Err != nil && cause != nil {
		answer.Err = cause
	}
	o.Answer = answer
	return o
}

// shown returns the error of a transport in a form that is safe to show: a url.Error would show the URL, which may have phone numbers.
func (e *Engine) shown(ctx context.Context, err error) error {
	if outer := (*url.Error)(nil); errors.As(err, &outer) {
		err = outer.Err
	}
	if cause := context.Cause(ctx); cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = cause
	}
	return e.Mask.Error(err)
}
