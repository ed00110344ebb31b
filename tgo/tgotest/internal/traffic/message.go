package traffic

import (
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Message is a message as the admin API shows it.
type Message struct {
	ID             int64    `json:"id"`
	Type           string   `json:"type"`
	SenderNumberID int64    `json:"sender_number_id"`
	SenderPhone    string   `json:"sender_phone"`
	SenderName     string   `json:"sender_name"`
	To             string   `json:"to_phone"`
	Content        string   `json:"content"`
	Duration       int64    `json:"duration"` // whole seconds
	Media          *Media   `json:"media"`
	KeyName        string   `json:"key_name"`
	SentAt         string   `json:"sent_at"`
	RequestID      int64    `json:"request_id"` // 0 if it is no longer kept
	Doubled        *Doubled `json:"doubled"`
}

// Media is a file as the admin API shows it.
type Media struct {
	Name        string `json:"name"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"size"`
	SHA256      string `json:"sha256"`
	Kept        bool   `json:"kept"` // its bytes can be read
}

// TimeFormat is how the admin API writes times.
const TimeFormat = "2006-01-02T15:04:05.000Z07:00"

// Message describes a message.
func (l *Log) Message(m workspace.Message) Message {
	shown := Message{
		ID: m.ID, Type: m.Type, SenderNumberID: int64(m.SenderNumberID), SenderPhone: string(m.SenderPhone), SenderName: l.workspace.SenderName(m.SenderNumberID),
		To: string(m.To), Content: m.Content, Duration: int64(m.Duration.Seconds()), KeyName: m.KeyName, SentAt: m.SentAt.Format(TimeFormat),
		RequestID: l.RequestOf(m.ID), Doubled: l.DoubledOf(m.ID),
	}
	if m.Media != nil {
		shown.Media = &Media{m.Media.Name, m.Media.ContentType, m.Media.Size, m.Media.SHA256, l.workspace.File(m.ID) != nil}
	}
	return shown
}

// Doubled are the copies of a message that arrived more than once.
type Doubled struct {
	Count      int     `json:"count"`
	Copy       int     `json:"copy"`        // which of them this one is, from 1
	FirstID    int64   `json:"first_id"`    // the oldest message of them
	MessageIDs []int64 `json:"message_ids"` // of all, or of those around this one, up to 20
	RequestIDs []int64 `json:"request_ids"` // 0 for one that is no longer kept
	ApartMS    int64   `json:"apart_ms"`    // between the first and the last
}

// DoubledOf describes the copies of a message; nil if it is the only one, or no longer kept.
func (l *Log) DoubledOf(message int64) *Doubled {
	c := l.workspace.CopiesOf(message)
	if c == nil {
		return nil
	}
	d := &Doubled{Count: c.Count, Copy: c.Place, FirstID: c.First, MessageIDs: c.Around, ApartMS: c.Apart.Milliseconds()}
	for _, id := range c.Around {
		d.RequestIDs = append(d.RequestIDs, l.RequestOf(id))
	}
	return d
}

// doubledIDs are the ids of all messages that arrived more than once.
func (l *Log) doubledIDs() map[int64]bool {
	ids := map[int64]bool{}
	for _, all := range l.workspace.Doubled() {
		for _, m := range all {
			ids[m.ID] = true
		}
	}
	return ids
}
