package tgo

import "log/slog"

// WithLogger writes a line for each request to l: at level Debug if it succeeded, and at level Warn if it failed. The line has the
// call, the attempt, the status, the request id of the server and the duration, and for a failed connection the error. It never
// has the key, the text of a message, or the text of the server's response, and phone numbers are masked.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLogger", "must not be nil")
		}
		c.engine.Logger = l
		return nil
	}
}
