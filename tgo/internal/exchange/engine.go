package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// Config configures an Engine. All fields except Limiter and Logger must be set.
type Config struct {
	// Client makes the requests. Its CheckRedirect is called, too.
	Client *http.Client
	// Header sets the headers of every request.
	Header func(http.Header)
	// Timeout is how long a request may make no progress.
	Timeout time.Duration
	// Attempts is how many requests a call may make at most.
	Attempts int
	// MaxWait is the longest wait between two attempts.
	MaxWait time.Duration
	// Reads and Writes are the failures after which a read or a write may be repeated.
	Reads, Writes []Failure
	// Limiter, if set, is asked before each attempt.
	Limiter Limiter
	// Logger, if set, gets a line for each attempt.
	Logger *slog.Logger
	// Mask removes the key from texts that are shown to people.
	Mask redact.Masker
}

// Limiter limits the rate of requests.
type Limiter interface {
	// Wait returns nil when one request may be made, or an error if it may not. It should return when ctx ends.
	Wait(ctx context.Context) error
}

// Engine makes requests. It is safe for concurrent use.
type Engine struct {
	Config

	// client is a function, so that no dump shows the key. Connections keep the headers that they have sent.
	client  func() *http.Client
	tooSlow error

	ours    bool // the transport is this package's, and the http.Client runs none of the caller's code
	netHTTP bool // the transport is an *http.Transport, and neither it nor the http.Client runs the caller's code on the calling goroutine
	direct  bool // netHTTP, and the http.Client has no timeout: a write, whose redirects are not followed, does not need the http.Client
}

// New makes an Engine.
func New(c Config) *Engine {
	client := withRedirectRules(c.Client)
	plain := c.Client.Jar == nil && c.Client.CheckRedirect == nil
	other, netHTTP := c.Client.Transport.(*http.Transport)
	e := &Engine{
		Config:  c,
		client:  func() *http.Client { return client },
		tooSlow: fmt.Errorf("no progress for %v: %w", c.Timeout, context.DeadlineExceeded),
		ours:    c.Client.Transport == nil && plain,
	}
	e.netHTTP = e.ours || (netHTTP && other.Proxy == nil && plain)
	e.direct = e.netHTTP && c.Client.Timeout == 0
	e.Client = nil
	return e
}

// CloseIdleConnections closes the idle connections.
func (e *Engine) CloseIdleConnections() { e.client().CloseIdleConnections() }

// Outcome is what became of a call.
type Outcome struct {
	Verdict Verdict
	// Answer is the server's answer; zero unless Answered.
	Answer Answer
	// Err is why there is no answer; nil if Answered. It has no key and no phones.
	Err error
	// Requests is how many requests were made, up to the one with this outcome.
	Requests int

	final bool // no other attempt may follow
}

// Do makes the call.
func (e *Engine) Do(ctx context.Context, call Call) Outcome {
	last := e.attempt(ctx, &call, 0)
	telling := last
	for {
		wait, again := e.repeat(&call, last)
		if !again || !sleep(ctx, wait) {
			return telling
		}
		last = e.attempt(ctx, &call, last.Requests)
		if last.Verdict != NotSent || (telling.Verdict == NotSent && ctx.Err() == nil) {
			telling = last // unless it did not reach the server and an earlier one may have
		}
	}
}

// Limit returns a context for what comes before a request. It ends with ctx, and after Config.Timeout.
func (e *Engine) Limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.Timeout, e.tooSlow)
}
