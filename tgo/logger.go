package tgo

import "log/slog"

// WithLogger writes a line for each request to l: at level Debug where it went well, at Warn where it did not. The line
// names the call, the attempt, the status, the server's request id and the time it took, and for a failed connection the
// error. It never holds the key, nor the text of a message or of the server's answer, and phone numbers are masked.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLogger", "must not be nil")
		}
		c.engine.Logger = l
		return nil
	}
}
