package tgo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/upload"
)

// The types of a message, as in LogEntry.MessageType and Receipt.MessageType.
const (
	TypeText     = string(gen.MessageTypeText)
	TypeImage    = string(gen.MessageTypeImage)
	TypeVoice    = string(gen.MessageTypeVoice)
	TypeDocument = string(gen.MessageTypeDocument)
)

// Image is a picture to send.
type Image struct {
	// File is the picture.
	File File
	// Caption is optional.
	Caption string
}

// Voice is a voice note to send.
type Voice struct {
	// File is the recording.
	File File
	// Duration is the length of the recording, from 1 ms to 300 s. The API counts whole seconds, so it is rounded up.
	Duration time.Duration
	// Caption is optional.
	Caption string
}

// Document is a file of any kind to send.
type Document struct {
	// File is the document.
	File File
	// Caption is optional.
	Caption string
}

var (
	opSendText     = operation{id: "sendMessage", name: "send text"}
	opSendImage    = operation{id: "sendMessage", name: "send image"}
	opSendVoice    = operation{id: "sendMessage", name: "send voice"}
	opSendDocument = operation{id: "sendMessage", name: "send document"}
)

// maxVoice is the length of the longest voice note, in seconds, according to the vendor's Messaging page.
const maxVoice = 300

// SendText sends a text, which must not be empty or only white space (assumed). It needs the scope messages.send, like the other
// three sends.
//
// Every error is a [*SendError]; [DeliveryOf] says whether the message may have arrived.
func (s *Sender) SendText(ctx context.Context, to Phone, text string) (Receipt, error) {
	content := checkUTF8("content", text)
	if strings.TrimSpace(text) == "" {
		content = fieldError("content", "must not be empty")
	}
	if err := inputError(opSendText.name, s.validate(), to.validate("to_phone"), content); err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	body, err := json.Marshal(gen.TextMessage{
		SenderPhone:    string(s.phone),
		SenderNumberID: int64(s.id),
		ToPhone:        string(to),
		Type:           gen.TextMessageTypeText,
		Content:        text,
	})
	if err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	return s.client.send(ctx, opSendText, exchange.Call{Request: s.client.text, JSON: body})
}

// SendImage sends a picture. A file whose content is obviously not a picture is refused, unless its content type was set.
//
// Every error is a [*SendError]; [DeliveryOf] says whether the message may have arrived.
func (s *Sender) SendImage(ctx context.Context, to Phone, image Image) (Receipt, error) {
	return s.sendMedia(ctx, opSendImage, image.File, gen.MessageForm{
		ToPhone: string(to),
		Type:    gen.MessageTypeImage,
		Content: image.Caption,
	})
}

// SendVoice sends a voice note. A file whose content is obviously not audio is refused, unless its content type was set.
//
// Every error is a [*SendError]; [DeliveryOf] says whether the message may have arrived.
func (s *Sender) SendVoice(ctx context.Context, to Phone, voice Voice) (Receipt, error) {
	var problem *FieldError
	seconds := int64((voice.Duration + time.Second - 1) / time.Second)
	switch {
	case voice.Duration <= 0:
		problem = fieldError("duration", fmt.Sprintf("must be given: the length of the voice note, from 1 ms to %d s", maxVoice))
	case voice.Duration < time.Millisecond:
		problem = fieldError("duration", "must be at least 1 ms: check its unit")
	case voice.Duration > maxVoice*time.Second:
		problem = fieldError("duration", fmt.Sprintf("must be at most %d s", maxVoice))
	}
	return s.sendMedia(ctx, opSendVoice, voice.File, gen.MessageForm{
		ToPhone:  string(to),
		Type:     gen.MessageTypeVoice,
		Content:  voice.Caption,
		Duration: int(seconds),
	}, problem)
}

// SendDocument sends a file of any kind.
//
// Every error is a [*SendError]; [DeliveryOf] says whether the message may have arrived.
func (s *Sender) SendDocument(ctx context.Context, to Phone, document Document) (Receipt, error) {
	return s.sendMedia(ctx, opSendDocument, document.File, gen.MessageForm{
		ToPhone: string(to),
		Type:    gen.MessageTypeDocument,
		Content: document.Caption,
	})
}

// sendMedia checks the fields that all media messages have, opens the file and sends the message.
func (s *Sender) sendMedia(ctx context.Context, op operation, file File, message gen.MessageForm, problems ...*FieldError) (Receipt, error) {
	problems = append(problems, s.validate(), Phone(message.ToPhone).validate("to_phone"), checkUTF8("content", message.Content))
	message.SenderPhone, message.SenderNumberID = string(s.phone), int64(s.id)
	if err := inputError(op.name, problems...); err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	body, err := s.client.openMedia(ctx, op, message, file)
	if err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	defer body.Close() //nolint:errcheck // it was only read from
	req, err := gen.NewSendMessageRequestWithBody(s.client.baseURL, body.ContentType(), nil)
	if err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	return s.client.send(ctx, op, exchange.Call{Request: req, File: media{body, file.once}})
}

// media is the body of a media message in the form that package exchange needs.
type media struct {
	*upload.Body

	once bool
}

// Once reports that the file can be read only once.
func (m media) Once() bool { return m.once }

// openMedia opens the file and makes the body of the message. Opening and reading may hang, so it gives up when the context ends, or
// after the timeout.
func (c *Client) openMedia(ctx context.Context, op operation, message gen.MessageForm, file File) (*upload.Body, error) {
	type opened struct {
		body *upload.Body
		err  error
	}
	limited, cancel := c.engine.Limit(ctx)
	defer cancel()
	if limited.Err() != nil { // before the caller's reader is used
		return nil, c.notSent(op, context.Cause(limited))
	}
	o, returned := exchange.Await(limited, func() opened {
		body, err := file.open(string(message.Type), mediaFields(message))
		return opened{body, err}
	}, func(late opened) {
		if late.err == nil {
			_ = late.body.Close()
		}
	})
	if !returned {
		return nil, c.notSent(op, context.Cause(limited))
	}
	return o.body, inputError(op.name, mediaProblem(o.err))
}

// mediaProblem returns a problem with a file as a FieldError.
func mediaProblem(err error) *FieldError {
	if problem := (*upload.Problem)(nil); errors.As(err, &problem) {
		return &FieldError{Field: "media", Rule: problem.Rule, err: problem.Err}
	}
	return nil
}

// mediaFields returns the fields of a media message in the order of the contract, without those that are zero.
func mediaFields(m gen.MessageForm) [][2]string {
	var fields [][2]string
	text := func(name, value string) {
		if value != "" {
			fields = append(fields, [2]string{name, value})
		}
	}
	number := func(name string, value int64) {
		if value != 0 {
			text(name, strconv.FormatInt(value, 10))
		}
	}
	text("sender_phone", m.SenderPhone)
	number("sender_number_id", m.SenderNumberID)
	text("to_phone", m.ToPhone)
	text("type", string(m.Type))
	text("content", m.Content)
	number("duration", int64(m.Duration))
	return fields
}

// send makes the call. The error of every failure says what happened to the message.
func (c *Client) send(ctx context.Context, op operation, call exchange.Call) (Receipt, error) {
	call.Operation, call.Name = op.id, op.name
	o := c.engine.Do(ctx, call)
	if o.Verdict == exchange.Answered && o.Answer.Status/100 == 2 {
		receipt, found, err := readReceipt(o.Answer)
		if err != nil {
			err = &SendError{Delivery: deliveryOf(o.Answer.Status, found), Attempts: o.Requests, Err: c.unreadable(op, o.Answer, err)}
		}
		return receipt, err
	}
	err := c.failure(op, o)
	return Receipt{}, &SendError{Delivery: DeliveryOf(err), Attempts: o.Requests, Err: err}
}
