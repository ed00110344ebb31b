package tgo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/tgo-business/tgo-go/gen"
)

// operation ties a call of this package to an operation of the contract.
type operation struct {
	id   string // operationId
	name string // how errors name the call
	read bool   // it changes nothing, so it may be repeated
}

// request performs one request of the generated client.
type request func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error)

// answer is what the server sent, read to its end or to the limit.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	readErr error // why body is not whole
}

const (
	// maxAnswer is the most that is read of a success.
	maxAnswer = 1 << 20
	// maxErrorAnswer is the most that is read and kept of anything else.
	maxErrorAnswer = 64 << 10
)

var errTooLarge = fmt.Errorf("it is larger than %d bytes", maxAnswer)

// do performs a call and returns its 2xx answer. Everything else is an error, nearly always an *APIError.
func (c *Client) do(ctx context.Context, op operation, r request) (answer, error) {
	res := c.perform(ctx, op, nil, r)
	if res.err != nil {
		return answer{}, res.err
	}
	if res.answer.status/100 != 2 {
		return answer{}, c.refusal(op, res.answer)
	}
	return res.answer, nil
}

// attempt makes one request within the timeout and reads its answer, whatever the status. With an upload, each piece of
// it that goes out starts the time anew.
func (c *Client) attempt(ctx context.Context, op operation, up *upload, r request, number int) (res result) {
	if c.logger != nil {
		begun := time.Now()
		defer func() { c.logger(ctx, c, op, number, res, time.Since(begun)) }()
	}
	if ctx.Err() == nil && c.limiter != nil {
		if err := c.limiter.Wait(ctx); err != nil {
			return result{err: c.networkError(ctx, op, fmt.Errorf("held back by the limiter: %w", err)), notSent: true, final: true}
		}
	}
	if ctx.Err() != nil { // the limiter may have taken no notice
		return result{err: c.networkError(ctx, op, ctx.Err()), notSent: true, final: true}
	}
	var (
		limited context.Context
		cancel  context.CancelFunc
		resp    *http.Response
		err     error
		hangs   bool
	)
	conn, pooled := c.watchConnection(ctx, up)
	if pooled {
		defer connections.Put(conn)
	}
	if up == nil {
		limited, cancel = context.WithTimeoutCause(ctx, c.timeout, c.tooSlow)
		resp, err = r(conn.trace(limited), c.editor)
	} else {
		limited, cancel = up.withProgress(ctx, c.timeout, c.tooSlow)
		defer func() {
			if !hangs {
				up.stop()
			}
		}()
		resp, err = up.unhang(limited, func() (*http.Response, error) { return r(conn.trace(limited), c.editor) })
	}
	defer cancel()
	if err != nil {
		var notBegun *notBegunError
		var hang *hangError
		unbegun := errors.As(err, &notBegun)
		hangs = errors.As(err, &hang)
		return result{
			err:     c.networkError(limited, op, err),
			notSent: unbegun || (!hangs && conn.neverObtained()),
			final:   unbegun || ctx.Err() != nil,
		}
	}
	defer resp.Body.Close()
	limit := int64(maxAnswer)
	if resp.StatusCode/100 != 2 {
		limit = maxErrorAnswer
	}
	a := answer{status: resp.StatusCode, header: resp.Header}
	a.body, a.readErr = readAtMost(resp, limit)
	if cause := context.Cause(limited); a.readErr != nil && cause != nil {
		a.readErr = cause
	}
	return result{answer: a, final: ctx.Err() != nil}
}

// notBegunError is a failure before the request was given to net/http.
type notBegunError struct{ err error }

func (e *notBegunError) Error() string { return e.err.Error() }
func (e *notBegunError) Unwrap() error { return e.err }

// readAtMost reads an answer up to a limit. It reads in pieces, so that an answer without end costs no more than the limit.
func readAtMost(resp *http.Response, limit int64) ([]byte, error) {
	const firstPiece, nextPiece = 4 << 10, 64 << 10
	if resp.ContentLength > limit && resp.StatusCode/100 == 2 {
		return nil, errTooLarge
	}
	size := int64(firstPiece)
	if resp.ContentLength >= 0 {
		size = min(resp.ContentLength, limit) + 1
	}
	var pieces [][]byte
	piece := make([]byte, 0, size)
	for read := int64(0); ; {
		if len(piece) == cap(piece) {
			pieces = append(pieces, piece)
			piece = make([]byte, 0, nextPiece)
		}
		n, err := resp.Body.Read(piece[len(piece):cap(piece)])
		piece = piece[:len(piece)+n]
		if read += int64(n); read > limit {
			err = errTooLarge
		}
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) { // and not an io.ErrUnexpectedEOF
			err = nil
		}
		if pieces == nil {
			return piece[:min(int64(len(piece)), limit)], err
		}
		if errors.Is(err, errTooLarge) { // the beginning is enough to show
			return pieces[0], err
		}
		return bytes.Join(append(pieces, piece), nil), err
	}
}

// networkError makes an error of the transport's short and safe: url.Error would show the URL, and with it phone numbers.
func (c *Client) networkError(ctx context.Context, op operation, err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	if cause := context.Cause(ctx); cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)) {
		err = cause
	}
	return fmt.Errorf("tgo: %s: %s: %w", op.name, c.host, c.redactor.maskError(err))
}

// connection remembers whether a request may have left this machine.
type connection struct {
	hooks           httptrace.ClientTrace
	asked, obtained atomic.Bool
}

func newConnection() *connection {
	s := &connection{}
	s.hooks.GetConn = func(string) { s.asked.Store(true) }
	s.hooks.GotConn = func(httptrace.GotConnInfo) { s.obtained.Store(true) }
	return s
}

// connections are those that no request uses, to spare three allocations a request.
var connections = sync.Pool{New: func() any { return newConnection() }}

// watchConnection returns a connection for one request, and whether it goes back to the pool afterwards. It comes from
// the pool only where nobody keeps hold of it after the request: not a transport of somebody else's, not the goroutine of
// an upload that hangs, and not a trace of the caller's, with which net/http merges the hooks for good.
func (c *Client) watchConnection(ctx context.Context, up *upload) (conn *connection, pooled bool) {
	if c.foreign || up != nil || httptrace.ContextClientTrace(ctx) != nil {
		return newConnection(), false
	}
	conn = connections.Get().(*connection)
	conn.asked.Store(false)
	conn.obtained.Store(false)
	return conn, true
}

func (s *connection) trace(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &s.hooks)
}

// neverObtained reports that no connection was there to send anything on. A transport that is not net/http's says nothing
// of its connections; then this is false.
func (s *connection) neverObtained() bool { return s.asked.Load() && !s.obtained.Load() }

// isHTML reports whether an answer is a page, as proxies and login forms send.
func (a answer) isHTML() bool {
	if a.header.Get("Content-Type") == jsonType { // the usual case
		return bytes.HasPrefix(trimJSON(a.body), []byte("<"))
	}
	mediaType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" || bytes.HasPrefix(trimJSON(a.body), []byte("<"))
}

// saysJSON reports whether the answer claims to be JSON.
func (a answer) saysJSON() bool {
	mediaType, _, _ := mime.ParseMediaType(a.header.Get("Content-Type"))
	return mediaType == "application/json" || bytes.HasSuffix([]byte(mediaType), []byte("+json"))
}
