package outbox

import (
	"context"
	"log/slog"

	"github.com/tgo-business/tgo-go/tgo"
)

// send makes the attempt. After a panic the message is unknown.
func (w *Worker[TTx]) send(ctx context.Context, m Message, number int) (o outcome) {
	defer func() {
		if p := recover(); p != nil {
			o = outcome{state: Unknown, code: codeWorker, reason: "a panic occurred while sending the message"}
			w.log.ErrorContext(ctx, "tgo outbox: a panic occurred while sending a message", slog.Any("panic", p))
		}
	}()
	file, err := file(ctx, m.Media, w.box.cfg.Open)
	if err != nil {
		return outcome{state: Waiting, code: codeFile, reason: err.Error(), retry: backoff(number)}
	}
	receipt, err := deliver(ctx, w.client, m, file)
	return outcomeOf(receipt, err, number)
}

// deliver sends a message with a client.
func deliver(ctx context.Context, client *tgo.Client, m Message, file tgo.File) (tgo.Receipt, error) {
	sender := client.FromPhone(m.From)
	if m.FromNumber != 0 {
		sender = client.FromNumber(m.FromNumber)
	}
	switch {
	case m.Media == nil:
		return sender.SendText(ctx, m.To, m.Text)
	case m.Media.Type == tgo.TypeImage:
		return sender.SendImage(ctx, m.To, tgo.Image{File: file, Caption: m.Text})
	case m.Media.Type == tgo.TypeVoice:
		return sender.SendVoice(ctx, m.To, tgo.Voice{File: file, Duration: m.Media.Duration, Caption: m.Text})
	default:
		return sender.SendDocument(ctx, m.To, tgo.Document{File: file, Caption: m.Text})
	}
}
