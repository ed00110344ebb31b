package tgo

import (
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// RetryCondition is a failure after which a request may be made again.
type RetryCondition int

const (
	// OnNotSent is a request that certainly was not processed: no connection was obtained, nothing of its body was handed to the
	// network, or the server declared over HTTP/2 that it did not process it (RFC 9113, section 8.7).
	OnNotSent = RetryCondition(exchange.FailureNotSent)
	// OnConnectionLost is a connection that broke, or gave no whole answer in time, when the request may have been sent.
	OnConnectionLost = RetryCondition(exchange.FailureConnectionLost)
	// OnRateLimited is a 429. The server's Retry-After is obeyed.
	OnRateLimited = RetryCondition(exchange.FailureRateLimited)
	// OnBadGateway is a 502.
	OnBadGateway = RetryCondition(exchange.FailureBadGateway)
	// OnUnavailable is a 503. The server's Retry-After is obeyed.
	OnUnavailable = RetryCondition(exchange.FailureUnavailable)
	// OnGatewayTimeout is a 504.
	OnGatewayTimeout = RetryCondition(exchange.FailureGatewayTimeout)
)

// The conditions after which a read may be made again, all of them by default, and a write, OnNotSent by default.
var (
	readConditions  = []RetryCondition{OnNotSent, OnConnectionLost, OnRateLimited, OnBadGateway, OnUnavailable, OnGatewayTimeout}
	writeConditions = []RetryCondition{OnNotSent, OnRateLimited}
)

// failures are the conditions as the engine knows them. ok reports that each is one of allowed.
func failures(on, allowed []RetryCondition) (list []exchange.Failure, ok bool) {
	for _, condition := range on {
		if !slices.Contains(allowed, condition) {
			return nil, false
		}
		list = append(list, exchange.Failure(condition))
	}
	return list, true
}

// WithReadRetries sets after which failures a read (lookup, log, usage, sender numbers, me, subscription) is made again.
// By default it is after all of them; without conditions it is after none, except that net/http itself repeats a read on a
// kept connection that turns out to be closed, within the limit of [WithRetryLimits].
func WithReadRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		list, ok := failures(on, readConditions)
		if !ok {
			return fieldError("WithReadRetries", "holds an unknown condition")
		}
		c.engine.Reads = list
		return nil
	}
}

// WithWriteRetries sets after which failures a write (a send, registering a number, creating or revoking a key) is made
// again. By default it is after [OnNotSent]; without conditions it is after none. Only OnNotSent and [OnRateLimited] are
// let through: after any other the message may have been sent, and a second request would be a second message.
func WithWriteRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		list, ok := failures(on, writeConditions)
		if !ok {
			return fieldError("WithWriteRetries", "may hold OnNotSent and OnRateLimited only: after anything else the message may have been sent")
		}
		c.engine.Writes = list
		return nil
	}
}

// WithRetryLimits sets how many requests one call may make, at least 1 and 3 by default, and the longest wait between
// two of them, 0 or more and 30 s by default. The waits grow from a quarter of a second and are jittered. A server that asks
// for a longer wait, and a context that would end before, end the retrying.
func WithRetryLimits(attempts int, maxWait time.Duration) Option {
	return func(c *config) *FieldError {
		if attempts < 1 || maxWait < 0 {
			return fieldError("WithRetryLimits", "needs 1 attempt or more and a wait that is not negative")
		}
		c.engine.Attempts, c.engine.MaxWait = attempts, maxWait
		return nil
	}
}
