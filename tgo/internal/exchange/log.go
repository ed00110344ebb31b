package exchange

import (
	"context"
	"log/slog"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// log writes a line about an attempt: at level Debug if it succeeded, at level Warn if it failed.
func (e *Engine) log(ctx context.Context, call *Call, o Outcome, took time.Duration) {
	level := slog.LevelDebug
	if o.Verdict != Answered || o.Answer.Status/100 != 2 || o.Answer.Err != nil {
		level = slog.LevelWarn
	}
	if !e.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("operation", call.Operation),
		slog.String("call", call.Name),
		slog.Int("attempt", o.Requests),
		slog.Duration("took", took),
	}
	if o.Verdict != Answered {
		attrs = append(attrs, slog.Bool("not_sent", o.Verdict == NotSent), slog.String("error", redact.Log(o.Err)))
	} else {
		attrs = append(attrs, slog.Int("status", o.Answer.Status))
		if id := RequestID(o.Answer.Header); id != "" {
			attrs = append(attrs, slog.String("request_id", redact.Phones(e.Mask.Text(id))))
		}
		if o.Answer.Err != nil {
			attrs = append(attrs, slog.String("error", "the response is incomplete"))
		}
	}
	e.Logger.LogAttrs(ctx, level, "tgo request", attrs...)
}
