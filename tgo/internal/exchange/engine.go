package exchange

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// Config is what an Engine needs to know. All but Limiter and Logger must be set.
type Config struct {
	// Client makes the requests. Its CheckRedirect is called too.
	Client *http.Client
	// Header sets the headers that every request has.
	Header func(http.Header)
	// Timeout is how long a request may go without progress.
	Timeout time.Duration
	// Attempts is how many requests a call may make.
	Attempts int
	// MaxWait is the longest wait between two of them.
	MaxWait time.Duration
	// Reads and Writes are the failures after which a request that is one may be made again.
	Reads, Writes []Failure
	// Limiter, where set, is asked before each attempt.
	Limiter Limiter
	// Logger, where set, gets a line for each attempt.
	Logger *slog.Logger
	// Mask takes the key out of what is shown to people.
	Mask redact.Masker
}

// Limiter holds requests back.
type Limiter interface {
	// Wait returns when one request may be made, or an error when it may not. It should return when ctx ends.
	Wait(ctx context.Context) error
}

// Engine makes requests. It is safe for use by many goroutines.
type Engine struct {
	Config

	// client is a function, so that no dump shows the key: connections remember the headers that they have sent.
	client  func() *http.Client
	tooSlow error

	ours    bool // the transport is the one of this package, and the http.Client runs no code of the caller's
	netHTTP bool // it is that or another *http.Transport, and neither runs code of the caller's on the calling goroutine
	direct  bool // netHTTP, and the http.Client has no time-out: it has nothing to do for a write, of which no redirect is followed
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

// CloseIdleConnections closes connections that wait for the next request.
func (e *Engine) CloseIdleConnections() { e.client().CloseIdleConnections() }

// Outcome is what became of a call.
type Outcome struct {
	Verdict Verdict
	// Answer is what the server said; zero unless Answered.
	Answer Answer
	// Err is why there is no answer; nil with Answered. It shows neither key nor phones.
	Err error
	// Requests counts the requests made up to the one that this is about.
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
			telling = last // unless it came to nothing and the one before has more to say
		}
	}
}

// Limit returns a context for what comes before a request. It ends with ctx, and when the time of a request without
// progress is over.
func (e *Engine) Limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, e.Timeout, e.tooSlow)
}
