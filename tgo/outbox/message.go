package outbox

import (
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

// Media is what a message carries besides text. Its content is either Data or named by Ref.
type Media struct {
	// Type is tgo.TypeImage, tgo.TypeVoice or tgo.TypeDocument.
	Type string
	// Ref names the content to the Opener of the Config: a path, or a key of an object store.
	Ref string
	// Data is the content itself, at most MaxData bytes. It is stored in the database with the message.
	Data []byte
	// Name is the file's name for the recipient. With Ref it defaults to the last part of Ref.
	Name string
	// ContentType is detected from the content where it is not given.
	ContentType string
	// Duration is the length of a voice note, from more than 0 to 300 s.
	Duration time.Duration
}

// MaxData is the most bytes that Media.Data may have: 1 MiB.
const MaxData = 1 << 20

// Added tells of a message that was added.
type Added struct {
	// ID is the message's id, which is that of its River job.
	ID int64
	// Duplicate reports that a message with the same key was there before. ID is then the id of that one, whatever it says.
	Duplicate bool
}
