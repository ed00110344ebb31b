package tgo

import (
	"context"
)

// Limiter holds requests back. A *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait returns when one request may be made, or an error when it may not before the context ends.
	Wait(ctx context.Context) error
}

// WithLimiter asks l, which must not be nil, before each request, retries included. It is not asked for a request that follows
// a redirect, nor for a read that net/http repeats by itself (see [WithReadRetries]). Where it refuses, no request is made.
func WithLimiter(l Limiter) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLimiter", "must not be nil")
		}
		c.engine.Limiter = l
		return nil
	}
}
