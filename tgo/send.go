package tgo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/gen"
)

// Receipt is what the API answers to a message that it accepted. Its ID is the one in the message log.
type Receipt = gen.SentMessage

// The types of a message, as in LogEntry.MessageType.
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
	// Duration is its length, from more than 0 to 300 s. The API counts whole seconds; a part of one counts as one.
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

// maxVoice is the longest voice note, in seconds, that the Messaging page allows.
const maxVoice = 300

// SendText sends a text. It must have something in it besides white space (assumed). It needs the scope messages.send, as
// the other three do.
//
// Every error is a [*SendError]; [DeliveryOf] tells whether the message may have arrived.
func (s *Sender) SendText(ctx context.Context, to Phone, text string) (Receipt, error) {
	content := checkUTF8("content", text)
	if strings.TrimSpace(text) == "" {
		content = fieldError("content", "must have something in it")
	}
	if err := inputError(opSendText.name, s.validate(), to.validate("to_phone"), content); err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	body, err := json.Marshal(gen.TextMessage{
		SenderPhone:    string(s.phone),
		SenderNumberID: int64(s.id),
		ToPhone:        string(to),
		Type:           gen.MessageTypeText,
		Content:        text,
	})
	if err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	return s.client.send(ctx, opSendText, nil, func(ctx context.Context, _ gen.RequestEditorFn) (*http.Response, error) {
		// net/http knows these types, and writes headers and body at once.
		again := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		return s.client.post(ctx, jsonHeader, io.NopCloser(bytes.NewReader(body)), int64(len(body)), again)
	})
}

var jsonHeader = []string{jsonType}

// post makes one request to send a message; again gives the body anew, and is nil where it can't be had twice.
func (c *Client) post(ctx context.Context, contentType []string, body io.ReadCloser, length int64, again func() (io.ReadCloser, error)) (*http.Response, error) {
	req := c.message.WithContext(ctx)
	if c.foreign { // a transport of somebody else's may write to it
		url := *c.message.URL
		req.URL = &url
	}
	key, userAgent := c.headers()
	req.Header = http.Header{
		"Accept":       jsonHeader,
		"Content-Type": contentType,
		"User-Agent":   userAgent,
		"X-Api-Key":    key,
	}
	req.Body, req.ContentLength = body, length
	// A transport of somebody else's may add an Idempotency-Key header, and net/http below it would then replay a POST by
	// itself. Without GetBody it cannot.
	if !c.foreign {
		req.GetBody = again
	}
	if c.roundTrip != nil {
		return c.roundTrip(req)
	}
	return c.http.Do(req)
}

// SendImage sends a picture. A file whose content is plainly no picture is refused, unless its content type was given.
//
// Every error is a [*SendError]; [DeliveryOf] tells whether the message may have arrived.
func (s *Sender) SendImage(ctx context.Context, to Phone, image Image) (Receipt, error) {
	return s.sendMedia(ctx, opSendImage, image.File, gen.MediaMessage{
		ToPhone: string(to),
		Type:    gen.MessageTypeImage,
		Content: image.Caption,
	})
}

// SendVoice sends a voice note. A file whose content is plainly no sound is refused, unless its content type was given.
//
// Every error is a [*SendError]; [DeliveryOf] tells whether the message may have arrived.
func (s *Sender) SendVoice(ctx context.Context, to Phone, voice Voice) (Receipt, error) {
	var problem *FieldError
	seconds := int64((voice.Duration + time.Second - 1) / time.Second)
	switch {
	case voice.Duration <= 0:
		problem = fieldError("duration", "must be given: the length of the voice note, more than 0 and at most 300 s")
	case voice.Duration > maxVoice*time.Second:
		problem = fieldError("duration", "must be at most 300 s")
	}
	return s.sendMedia(ctx, opSendVoice, voice.File, gen.MediaMessage{
		ToPhone:  string(to),
		Type:     gen.MessageTypeVoice,
		Content:  voice.Caption,
		Duration: int(seconds),
	}, problem)
}

// SendDocument sends a file of any kind.
//
// Every error is a [*SendError]; [DeliveryOf] tells whether the message may have arrived.
func (s *Sender) SendDocument(ctx context.Context, to Phone, document Document) (Receipt, error) {
	return s.sendMedia(ctx, opSendDocument, document.File, gen.MediaMessage{
		ToPhone: string(to),
		Type:    gen.MessageTypeDocument,
		Content: document.Caption,
	})
}

// sendMedia checks what the media messages have in common, opens the file and sends.
func (s *Sender) sendMedia(ctx context.Context, op operation, file File, message gen.MediaMessage, problems ...*FieldError) (Receipt, error) {
	problems = append(problems, s.validate(), Phone(message.ToPhone).validate("to_phone"), checkUTF8("content", message.Content))
	message.SenderPhone, message.SenderNumberID = string(s.phone), int64(s.id)
	var up *upload
	if inputError(op.name, problems...) == nil && ctx.Err() == nil { // a reader is not touched in vain
		limited, cancel := context.WithTimeoutCause(ctx, s.client.timeout, s.client.tooSlow)
		opened, problem, err := openUpload(limited, string(message.Type), mediaFields(message), file)
		cancel()
		if err != nil {
			return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: fmt.Errorf("tgo: %s: media hangs: %w", op.name, err)}
		}
		up, problems = opened, append(problems, problem)
	}
	if err := inputError(op.name, problems...); err != nil {
		return Receipt{}, &SendError{Delivery: DeliveryNotSent, Err: err}
	}
	if up == nil { // the context is over, so there is no request
		return s.client.send(ctx, op, nil, nil)
	}
	header := []string{up.contentType}
	return s.client.send(ctx, op, up, func(ctx context.Context, _ gen.RequestEditorFn) (*http.Response, error) {
		body, err := up.body()
		if err != nil {
			return nil, &notBegunError{err}
		}
		again := up.open
		if up.file.once {
			again = nil
		}
		return s.client.post(ctx, header, body, up.length(), again)
	})
}

// mediaFields lists the fields of a media message in the order of the contract. Zero values are absent.
func mediaFields(m gen.MediaMessage) [][2]string {
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

// send performs a send and says of every failure what became of the message.
func (c *Client) send(ctx context.Context, op operation, up *upload, r request) (Receipt, error) {
	res := c.perform(ctx, op, up, r)
	if up != nil {
		up.closeUnused()
	}
	if a := res.answer; res.err == nil && a.status/100 == 2 && a.readErr == nil {
		var result gen.SendMessageResult
		if unmarshal(a.body, &result) == nil && result.Data.ID != 0 {
			return result.Data, nil
		}
	}
	return c.sendFailed(op, res)
}

// sendFailed says what became of a message that was not answered as the contract describes.
func (c *Client) sendFailed(op operation, res result) (Receipt, error) {
	failed := &SendError{Attempts: res.attempts, Err: res.err}
	if res.err != nil {
		if res.notSent {
			failed.Delivery = DeliveryNotSent
		}
		return Receipt{}, failed
	}
	a := res.answer
	if a.status/100 != 2 {
		failed.Err = c.refusal(op, a)
		if a.status/100 == 4 && a.status != http.StatusRequestTimeout {
			failed.Delivery = DeliveryRejected
		}
		return Receipt{}, failed
	}
	var receipt Receipt // of a message in another envelope, or of what can be read of one
	if err := c.decodeData(op, a, &receipt); err != nil {
		failed.Err = err
		if a.saysJSON() && !a.isHTML() && a.mayBeReceipt() {
			failed.Delivery = DeliveryAccepted
		}
		return receipt, failed
	}
	if receipt.ID == 0 { // JSON, but not this API's
		failed.Err = c.unreadable(op, a, errors.New(`it has no "id"`))
		return receipt, failed
	}
	return receipt, nil
}

// mayBeReceipt reports whether an answer is a receipt as far as can be read: it is not whole, or has an id. JSON of another
// shape is the answer to something else.
func (a answer) mayBeReceipt() bool {
	if a.readErr != nil || !json.Valid(trimJSON(a.body)) {
		return true
	}
	return mustHave(dataOf(a.body), []string{"id"}) == nil
}
