package tgo

import (
	"context"
)

// Limiter limits the rate of requests. A *rate.Limiter of golang.org/x/time/rate is one.
type Limiter interface {
	// Wait blocks until one request may be made. It returns an error if that is not possible before the context ends.
	Wait(ctx context.Context) error
}

// WithLimiter calls l.Wait before each request, including retries. l must not be nil. It is not called for a request that follows a
// redirect, nor for a read that net/http repeats automatically (see [WithReadRetries]). If it returns an error, no request is made.
func WithLimiter(l Limiter) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLimiter", "must not be nil")
		}
		c.engine.Limiter = l
		return nil
	}
}
