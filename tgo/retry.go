package tgo

import (
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// RetryCondition is a failure after which a request may be repeated.
type RetryCondition int

const (
	// OnNotSent is a request that certainly was not processed: no connection was obtained, no part of its body was handed to the
	// network, or the server declared over HTTP/2 that it did not process it (RFC 9113, section 8.7).
	OnNotSent = RetryCondition(exchange.FailureNotSent)
	// OnConnectionLost is a connection that broke, or on which no complete response came in time, when the request may have been
	// sent.
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

// The conditions after which a read and a write may be repeated. The default is all of them for reads, and OnNotSent for writes.
var (
	readConditions  = []RetryCondition{OnNotSent, OnConnectionLost, OnRateLimited, OnBadGateway, OnUnavailable, OnGatewayTimeout}
	writeConditions = []RetryCondition{OnNotSent, OnRateLimited}
)

// failures returns the conditions as failures of package exchange. ok is false if one of them is not allowed.
func failures(on, allowed []RetryCondition) (list []exchange.Failure, ok bool) {
	for _, condition := range on {
		if !slices.Contains(allowed, condition) {
			return nil, false
		}
		list = append(list, exchange.Failure(condition))
	}
	return list, true
}

// WithReadRetries sets the failures after which a read (lookup, log, usage, sender numbers, me, subscription) is repeated. The
// default is all of them. Without conditions a read is not repeated, except that net/http itself repeats a read if a kept connection
// turns out to be closed, within the limit of [WithRetryLimits].
func WithReadRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		list, ok := failures(on, readConditions)
		if !ok {
			return fieldError("WithReadRetries", "contains an unknown condition: use the On constants")
		}
		c.engine.Reads = list
		return nil
	}
}

// WithWriteRetries sets the failures after which a write (a send, registering a number, creating or revoking a key) is repeated.
// The default is [OnNotSent]. Without conditions a write is not repeated. Only OnNotSent and [OnRateLimited] are allowed: after any
// other failure the message may have been sent, and a second request would be a second message.
func WithWriteRetries(on ...RetryCondition) Option {
	return func(c *config) *FieldError {
		list, ok := failures(on, writeConditions)
		if !ok {
			return fieldError("WithWriteRetries", "allows only OnNotSent and OnRateLimited: after any other failure the message may have been sent")
		}
		c.engine.Writes = list
		return nil
	}
}

// WithRetryLimits sets how many requests a call may make (at least 1, by default 3) and the longest wait between two of them (0 or
// more, by default 30 s). The waits start at a quarter of a second, double, and have jitter. The call is not repeated if the server
// asks for a longer wait, or if the context would end before the wait does.
func WithRetryLimits(attempts int, maxWait time.Duration) Option {
	return func(c *config) *FieldError {
		if attempts < 1 || maxWait < 0 {
			return fieldError("WithRetryLimits", "needs at least 1 attempt and a wait that is not negative")
		}
		c.engine.Attempts, c.engine.MaxWait = attempts, maxWait
		return nil
	}
}
