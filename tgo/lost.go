package tgo

import (
	"context"
	"strings"
	"time"
	"unicode"
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
// and content (white space and invisible characters at its ends aside), and not sent before the send began (less two minutes,
// for clocks that differ). An entry that cannot be read whole is one where nothing that was read of it says otherwise.
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
	content := trim(lost.Content)
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
		unread := entry.Err != nil // then a zero value may be anything
		if !old &&
			(entry.SenderNumberID == id || unread && entry.SenderNumberID == 0) &&
			(entry.MessageType == lost.Type || unread && entry.MessageType == "") &&
			(trim(entry.Content) == content || unread && entry.Content == "") {
			found = append(found, entry)
		}
	}
	return found, nil
}

// trim takes off a text's ends what Laravel takes off what it is sent (assumed). Its versions differ; these are the characters
// of all of them.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return r == 0 || unicode.IsSpace(r) || unicode.Is(invisible, r)
	})
}

// invisible are the characters that the newest Laravel trims besides white space. Older ones trim U+FEFF, U+200B and U+200E
// of them.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1}, {Lo: 0x034f, Hi: 0x034f, Stride: 1}, {Lo: 0x061c, Hi: 0x061c, Stride: 1},
		{Lo: 0x115f, Hi: 0x1160, Stride: 1}, {Lo: 0x17b4, Hi: 0x17b5, Stride: 1}, {Lo: 0x180e, Hi: 0x180e, Stride: 1},
		{Lo: 0x200b, Hi: 0x200f, Stride: 1}, {Lo: 0x2060, Hi: 0x2065, Stride: 1}, {Lo: 0x206a, Hi: 0x206f, Stride: 1},
		{Lo: 0x2800, Hi: 0x2800, Stride: 1}, {Lo: 0x3164, Hi: 0x3164, Stride: 1}, {Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
		{Lo: 0xffa0, Hi: 0xffa0, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1d159, Hi: 0x1d159, Stride: 1}, {Lo: 0x1d173, Hi: 0x1d17a, Stride: 1}, {Lo: 0xe0020, Hi: 0xe0020, Stride: 1},
	},
}
