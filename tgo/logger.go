package tgo

import (
	"context"
	"log/slog"
	"time"
)

// WithLogger writes a line for each request to l: at level Debug where it went well, at Warn where it did not. The line
// names the call, the attempt, the status, the server's request id and the time it took, and for a failed connection the
// error. It never holds the key, nor the text of a message or of the server's answer, and phone numbers are masked.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) *FieldError {
		if l == nil {
			return fieldError("WithLogger", "must not be nil")
		}
		// Through a function, so that only a program that calls WithLogger links what log needs of log/slog.
		c.logger = func(ctx context.Context, c *Client, op operation, attempt int, res result, took time.Duration) {
			c.log(ctx, l, op, attempt, res, took)
		}
		return nil
	}
}

// requestLogger writes a line about one request.
type requestLogger func(ctx context.Context, c *Client, op operation, attempt int, res result, took time.Duration)

// log writes a line about one request.
func (c *Client) log(ctx context.Context, l *slog.Logger, op operation, attempt int, res result, took time.Duration) {
	level := slog.LevelDebug
	if res.err != nil || res.answer.status/100 != 2 || res.answer.readErr != nil {
		level = slog.LevelWarn
	}
	if !l.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", op.id),
		slog.String("call", op.name),
		slog.Int("attempt", attempt),
		slog.Duration("took", took),
	}
	if res.err != nil {
		attrs = append(attrs, slog.Bool("not_sent", res.notSent), slog.String("error", maskPhones(res.err.Error())))
	} else {
		attrs = append(attrs, slog.Int("status", res.answer.status))
		if id := requestID(res.answer.header); id != "" {
			attrs = append(attrs, slog.String("request_id", c.redactor.mask(id)))
		}
		if res.answer.readErr != nil {
			attrs = append(attrs, slog.String("error", "the answer cannot be read to its end"))
		}
	}
	l.LogAttrs(ctx, level, "tgo request", attrs...)
}
