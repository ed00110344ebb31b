package tgo

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
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

// maxOffset is how far a time without a zone may be off: it may be the server's local time.
const maxOffset = 14 * time.Hour

// Candidates looks in the message log for messages that may be the lost one: from the same sender number, of the same type
// and content (white space and invisible characters at its ends aside), and not sent before the send began (less two minutes,
// for clocks that differ; less 14 hours more where the log does not say the zone). What an entry does not say, or not in a form
// that can be read, does not speak against it; nor does a content that is no JSON string, for it may have been another.
//
// It reads the log down to the entries from before the send, and all of it where these do not come last. Bound it by the
// context where the log is long.
//
// It is a hint and no proof. The log does not say to whom a message went, so a candidate may be the same text to somebody
// else; and a message that is still on its way is not in the log yet. Let a person decide whether to send again.
//
// It needs the scope messages.read. Errors are an [*InputError], and those of [Sender.Check] and [Client.Messages].
func (s *Sender) Candidates(ctx context.Context, lost Lost) ([]LogEntry, error) {
	if err := inputError("find candidates", s.validate(), lost.validate()); err != nil {
		return nil, err
	}
	ids := []int64{int64(s.id)}
	if !s.byNumber {
		numbers, err := s.find(ctx)
		if err != nil {
			return nil, err
		}
		ids = nil
		for _, n := range numbers {
			ids = append(ids, n.ID)
		}
	}
	content := trim(lost.Content)
	since := lost.Since.Add(-clockSlack).Truncate(time.Second) // the log may count in whole seconds
	var found []LogEntry
	var newest time.Time  // of the last page with times
	var falls, rises bool // from page to page; the newest first is assumed, and where it turns out otherwise all of the log is read
	for entries, err := range s.client.logPages(ctx, MessageQuery{}) {
		if err != nil {
			return found, err
		}
		var latest time.Time
		allOld := true
		for _, entry := range entries {
			value, _ := phpjson.Parse(entry.Raw) // it is a part of what was parsed
			old := false
			if at := entry.SentAt; at != nil && !at.IsZero() {
				if at.After(latest) {
					latest = *at
				}
				slack := time.Duration(0)
				if value.Member("sent_at").IsZoneless() {
					slack = maxOffset
				}
				old = at.Add(slack).Before(since)
				allOld = allOld && old
			}
			if !old && mayBe(value, ids, lost.Type, content) {
				found = append(found, entry)
			}
		}
		if latest.IsZero() {
			continue
		}
		if !newest.IsZero() {
			falls = falls || latest.Before(newest)
			rises = rises || latest.After(newest)
		}
		if newest = latest; allOld && falls && !rises {
			break
		}
	}
	return found, nil
}

func (l Lost) validate() *FieldError {
	switch l.Type {
	case TypeText, TypeImage, TypeVoice, TypeDocument:
		return nil
	}
	return fieldError("type", "must be TypeText, TypeImage, TypeVoice or TypeDocument")
}

// mayBe reports whether nothing in an entry of the log says that it is another message.
func mayBe(entry phpjson.Value, senders []int64, messageType, content string) bool {
	said := entry.Members("sender_number_id", "message_type", "content")
	var id int64
	var kind, text string
	switch {
	case said[0].Read(&id) == nil && id > 0 && !slices.Contains(senders, id),
		said[1].Read(&kind) == nil && kind != "" && kind != messageType:
		return false
	case isText(said[2]), entry.Has("content") && !said[2].Exists(): // null is no content
		_ = said[2].Read(&text)
		return trim(text) == content
	}
	return true
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
