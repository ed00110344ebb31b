package outbox

import (
	"fmt"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Message is a message to send. It is a text, or media with an optional text as its caption.
type Message struct {
	// From is the phone of the sender number. Either From or FromNumber is given.
	From tgo.Phone
	// FromNumber is the id of the sender number.
	FromNumber tgo.NumberID
	// To is the recipient.
	To tgo.Phone
	// Text is the text, or the caption of Media.
	Text string
	// Media is a picture, a voice note or a document; nil for a text.
	Media *Media
	// Key makes the message one with every other of the same key in the same queue, however long ago: it is sent once. It is kept in the
	// record for good, so it should name the event ("order-4821-shipped"), not a person. Without a key nothing is compared. At most
	// MaxKey bytes.
	Key string
	// At is when the message may be sent; the zero time is at once.
	At time.Time
	// Priority is Normal unless given.
	Priority Priority
}

// MaxKey is the longest Key, in bytes.
const MaxKey = 255

// Priority orders the messages that are due. It is River's priority: the lower number goes first.
type Priority int

// The priorities.
const (
	// Code is for what somebody waits for, such as a one-time code.
	Code Priority = 1
	// Normal is for what concerns one person, such as a delivery. It is the default.
	Normal Priority = 2
	// Bulk is for what goes to many, such as a newsletter.
	Bulk Priority = 3
)

// sender names a message's sender number in records and rates: not at all where another program gave what is no phone, which a database
// may be unable to hold.
func (m Message) sender() string {
	if m.FromNumber != 0 {
		return fmt.Sprintf("#%d", m.FromNumber)
	}
	phone, _ := tgo.ParsePhone(string(m.From))
	return string(phone)
}
