package tgo

import (
	"context"
	"log/slog"
	"regexp"
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
		c.logger = l
		return nil
	}
}

// anyPhone finds phone numbers in texts that other packages made.
var anyPhone = regexp.MustCompile(`(\+|%2B|%2b)[0-9]{7,15}`)

func maskPhones(s string) string { return anyPhone.ReplaceAllString(s, "+***") }

// log writes a line about one request.
func (c *Client) log(ctx context.Context, op operation, attempt int, res result, took time.Duration) {
	if c.logger == nil {
		return
	}
	level := slog.LevelDebug
	if res.err != nil || res.answer.status/100 != 2 || res.answer.readErr != nil {
		level = slog.LevelWarn
	}
	if !c.logger.Enabled(ctx, level) {
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
	c.logger.LogAttrs(ctx, level, "tgo request", attrs...)
}
