package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// Config is the configuration of an Engine. All fields except Limiter and Logger must be set.
type Config struct {
	// Client makes the requests. Its CheckRedirect is called too.
	Client *http.Client
	// Header sets the headers that every request has.
	Header func(http.Header)
	// Timeout is how long a request may make no progress.
	Timeout time.Duration
	// Attempts is the largest number of requests of a call.
	Attempts int
	// MaxWait is the longest wait between two requests.
	MaxWait time.Duration
	// Reads and Writes are the failures after which a read and a write may be repeated.
	Reads, Writes []Failure
	// Limiter, if set, is called before each attempt.
	Limiter Limiter
	// Logger, if set, gets a line for each attempt.
	Logger *slog.Logger
	// Mask masks the key in errors and log lines.
	Mask redact.Masker
}

// Limiter limits the rate of requests.
type Limiter interface {
	// Wait blocks until one request may be made, or returns an error. It should return when ctx ends.
	Wait(ctx context.Context) error
}

// Engine makes requests. It is safe for concurrent use.
type Engine struct {
	Config

	// client is a function so that no dump shows the key: connections store the headers that they have sent.
	client  func() *http.Client
	tooSlow error

	ours    bool // the transport is the one of this package, and the http.Client runs no code of the caller
	netHTTP bool // the transport is this one or another *http.Transport, and no code of the caller runs on the calling goroutine
	direct  bool // netHTTP, and the http.Client has no timeout: it does nothing for a write, because no redirect of a write is followed
}

// New returns an Engine.
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

// Outcome is the result of a call.
type Outcome struct {
	Verdict Verdict
	// Answer is the server's response. It is zero unless Verdict is Answered.
	Answer Answer
	// Err is the reason why there is no response. It is nil if Verdict is Answered. It shows no key and no phone.
	Err error
	// Requests is the number of requests up to and including the one that this outcome is about.
	Requests int

	final bool // no attempt may follow
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
			telling = last // an attempt that was not sent does not replace one that says more
		}
	}
}

// Limit returns a context for work before a request, such as opening a file. It ends when ctx ends, and after Config.Timeout.
func (e *Engine) Limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.Timeout, e.tooSlow)
}
