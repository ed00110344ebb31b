package tgo

import (
	"context"
	"strings"
	"time"
)

// Lost describes a message whose send ended with [DeliveryUnknown].
type Lost struct {
	// Type is TypeText, TypeImage, TypeVoice or TypeDocument.
	Type string
	// Content is the text or the caption.
	Content string
	// Since is when the send began, by the clock of this machine.
	Since time.Time
}

// clockSlack is how far the clock of this machine may be ahead of the server's.
const clockSlack = 2 * time.Minute

// Candidates looks in the message log for messages that may be the lost one: from the same sender number, of the same type
// and content (white space at its ends aside), and not sent before the send began (less two minutes, for clocks that differ).
//
// It is a hint and no proof. The log does not say to whom a message went, so a candidate may be the same text to somebody
// else; and a message that is still on its way is not in the log yet. Let a person decide whether to send again.
//
// It needs the scope messages.read. Errors are those of [Sender.Check] and [Client.Messages].
func (s *Sender) Candidates(ctx context.Context, lost Lost) ([]LogEntry, error) {
	id := int64(s.id)
	if !s.byNumber {
		number, err := s.find(ctx)
		if err != nil {
			return nil, err
		}
		id = number.ID
	}
	content := strings.TrimSpace(lost.Content)                 // Laravel trims what it is sent (assumed)
	since := lost.Since.Add(-clockSlack).Truncate(time.Second) // the log may count in whole seconds
	var found []LogEntry
	var last time.Time
	var falls, rises bool // the newest first is assumed; where it turns out otherwise, all of the log is read
	for entry, err := range s.client.Messages(ctx, MessageQuery{}) {
		if err != nil {
			return found, err
		}
		old := false
		if entry.SentAt != nil {
			if !last.IsZero() {
				falls = falls || entry.SentAt.Before(last)
				rises = rises || entry.SentAt.After(last)
			}
			last = *entry.SentAt
			old = last.Before(since)
		}
		if old && falls && !rises {
			break
		}
		if !old && entry.SenderNumberID == id && entry.MessageType == lost.Type && strings.TrimSpace(entry.Content) == content {
			found = append(found, entry)
		}
	}
	return found, nil
}
