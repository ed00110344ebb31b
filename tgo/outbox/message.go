package outbox

import (
	"fmt"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Message is a message to send: a text, or media with an optional caption.
type Message struct {
	// From is the phone of the sender number. Set either From or FromNumber.
	From tgo.Phone
	// FromNumber is the id of the sender number.
	FromNumber tgo.NumberID
	// To is the recipient's phone.
	To tgo.Phone
	// Text is the text, or the caption of Media.
	Text string
	// Media is a picture, a voice note or a document; nil for a text.
	Media *Media
	// Key identifies the message: of all messages with the same key in the same queue, however old, only the first is sent. The key is kept
	// in the record permanently, so it should name the event ("order-4821-shipped"), not a person. Messages without a key are never
	// duplicates. A key has at most MaxKey bytes.
	Key string
	// At is the time from which the message may be sent; the zero time means immediately.
	At time.Time
	// Priority is Normal by default.
	Priority Priority
}

// MaxKey is the maximum length of Message.Key, in bytes.
const MaxKey = 255

// Priority orders the messages that are due. It is River's priority: lower numbers are sent first.
type Priority int

// The priorities.
const (
	// Code is for messages that a person is waiting for, such as a one-time code.
	Code Priority = 1
	// Normal is for messages about one person's business, such as a delivery. It is the default.
	Normal Priority = 2
	// Bulk is for messages to many recipients, such as a newsletter.
	Bulk Priority = 3
)

// sender identifies the sender number in records and rates. It is empty if another program gave an invalid phone, which a database may
// be unable to store.
func (m Message) sender() string {
	if m.FromNumber != 0 {
		return fmt.Sprintf("#%d", m.FromNumber)
	}
	phone, _ := tgo.ParsePhone(string(m.From))
	return string(phone)
}
