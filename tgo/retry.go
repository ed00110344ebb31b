package tgo

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// RetryCondition is a failure after which a request may be made again.
type RetryCondition int

const (
	// OnNotSent is a failure before a connection was obtained: name resolution, dialing, TLS. Nothing was sent.
	OnNotSent RetryCondition = iota + 1
	// OnConnectionLost is a connection that broke, or gave no answer in time, after it was obtained.
	OnConnectionLost
	// OnRateLimited is a 429. The server's Retry-After is obeyed.
	OnRateLimited
	// OnBadGateway is a 502.
	OnBadGateway
	// OnUnavailable is a 503. The server's Retry-After is obeyed.
	OnUnavailable
	// OnGatewayTimeout is a 504.
	OnGatewayTimeout
)

type retries struct {
	attempts int
	maxWait  time.Duration
	reads    []RetryCondition
	writes   []RetryCondition
}

func defaultRetries() retries {
	return retries{
		attempts: 3,
		maxWait:  30 * time.Second,
		reads:    []RetryCondition{OnNotSent, OnConnectionLost, OnRateLimited, OnBadGateway, OnUnavailable, OnGatewayTimeout},
		writes:   []RetryCondition{OnNotSent},
	}
}

// WithReadRetries sets after which failures a read (lookup, log, usage, sender numbers, me, subscription) is made again.
// By default it is after all of them; without conditions it is after none.
func WithReadRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		c.retries.reads = slices.Clone(on)
		for _, condition := range on {
			if condition < OnNotSent || condition > OnGatewayTimeout {
				return fieldError("WithReadRetries", "holds an unknown condition")
			}
		}
		return nil
	}
}

// WithWriteRetries sets after which failures a write (a send, registering a number, creating or revoking a key) is made
// again. By default it is after [OnNotSent]; without conditions it is after none. Only OnNotSent and [OnRateLimited] are
// let through: after any other the message may have been sent, and a second request would be a second message.
func WithWriteRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		c.retries.writes = slices.Clone(on)
		for _, condition := range on {
			if condition != OnNotSent && condition != OnRateLimited {
				return fieldError("WithWriteRetries", "may hold OnNotSent and OnRateLimited only: after anything else the message may have been sent")
			}
		}
		return nil
	}
}

// WithRetryLimits sets how many requests one call may make, at least 1 and 3 by default, and the longest wait between
// two of them, 0 or more and 30 s by default. The waits grow from a quarter of a second and are jittered. A server that asks for a longer wait, and a
// context that would end before, end the retrying.
func WithRetryLimits(attempts int, maxWait time.Duration) Option {
	return func(c *config) *FieldError {
		if attempts < 1 || maxWait < 0 {
			return fieldError("WithRetryLimits", "needs 1 attempt or more and a wait that is not negative")
		}
		c.retries.attempts, c.retries.maxWait = attempts, maxWait
		return nil
	}
}

// Limiter holds requests back. A *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait returns when one request may be made, or an error when it may not before the context ends.
	Wait(ctx context.Context) error
}

// WithLimiter asks l, which must not be nil, before each request, retries included. Where it refuses, nothing was sent.
func WithLimiter(l Limiter) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLimiter", "must not be nil")
		}
		c.limiter = l
		return nil
	}
}

// result is what became of one request.
type result struct {
	answer   answer // zero with err
	err      error
	notSent  bool // no byte left this machine
	final    bool // making the request again would not help
	attempts int
}

// perform makes the request, and makes it again where the retry conditions allow it.
func (c *Client) perform(ctx context.Context, op operation, up *upload, r request) result {
	var last result
	for n := 1; ; n++ {
		next := c.attempt(ctx, op, up, r, n)
		next.attempts = n
		if next.err != nil && n > 1 && ctx.Err() != nil && next.notSent {
			// The caller's time was up before this attempt: what the last one said counts for more.
			return last
		}
		last = next
		wait, again := c.retries.after(op, last)
		if !again || (up != nil && up.file.once) || !sleep(ctx, wait) {
			return last
		}
	}
}

// after decides whether another request follows, and how long to wait before it.
func (r *retries) after(op operation, last result) (time.Duration, bool) {
	conditions := r.writes
	if op.read {
		conditions = r.reads
	}
	if last.final || last.attempts >= r.attempts || !slices.Contains(conditions, last.condition()) {
		return 0, false
	}
	wait := min(backoff(last.attempts), r.maxWait)
	if last.err == nil {
		if asked := retryAfter(last.answer.header.Get("Retry-After"), time.Now()); asked > 0 {
			wait = asked
		}
	}
	return wait, wait <= r.maxWait
}

// condition names the failure; 0 where it is none of them.
func (r *result) condition() RetryCondition {
	if r.err != nil {
		if r.notSent {
			return OnNotSent
		}
		return OnConnectionLost
	}
	switch r.answer.status {
	case http.StatusTooManyRequests:
		return OnRateLimited
	case http.StatusBadGateway:
		return OnBadGateway
	case http.StatusServiceUnavailable:
		return OnUnavailable
	case http.StatusGatewayTimeout:
		return OnGatewayTimeout
	}
	if r.answer.status/100 == 2 && r.answer.readErr != nil && !errors.Is(r.answer.readErr, errTooLarge) {
		return OnConnectionLost
	}
	return 0
}

// backoff doubles from a quarter of a second up to eight, less up to half of it at random.
func backoff(attempt int) time.Duration {
	full := 250 * time.Millisecond << min(attempt-1, 5)
	return full - rand.N(full/2) //nolint:gosec // nobody gains by guessing it
}

// sleep waits. It reports false at once where the context would end before, and as soon as it does.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
