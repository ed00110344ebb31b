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

// clockSlack is how far the clock of this machine may be ahead of the clock of the server.
const clockSlack = 2 * time.Minute

// maxOffset is the largest error of a time without a zone, which may be local time of the server.
const maxOffset = 14 * time.Hour

// Candidates searches the message log for messages that may be the lost one. A candidate has the same sender number, type and
// content, and was not sent before the send began. White space and invisible characters at the ends of the content are ignored.
// Times are compared with a tolerance of two minutes, because clocks differ, and of 14 hours more if the log has no time zone. A
// field that is missing or cannot be read does not exclude an entry. Neither does a content that is not a JSON string, because it
// may have been a different text.
//
// Candidates reads the log until it reaches entries from before the send. If the log does not begin with the newest entries,
// Candidates reads all of it. Use the context to limit the time for a long log.
//
// The result is a hint, not a proof. The log does not name recipients, so a candidate may be the same text to another recipient.
// A message that is still being processed is not in the log yet. Let a person decide whether to send again.
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
	since := lost.Since.Add(-clockSlack).Truncate(time.Second) // times in the log may be in whole seconds
	var found []LogEntry
	var newest time.Time  // the latest time of the previous page that has times
	var falls, rises bool // whether newest has decreased and increased from page to page; if it increases, all of the log is read
	for entries, err := range s.client.logPages(ctx, MessageQuery{}) {
		if err != nil {
			return found, err
		}
		var latest time.Time
		allOld := true
		for _, entry := range entries {
			value, _ := phpjson.Parse(entry.Raw) // cannot fail: it is a part of what was parsed
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

// mayBe reports whether an entry of the log may be the message: no field that can be read has a different value.
func mayBe(entry phpjson.Value, senders []int64, messageType, content string) bool {
	said := entry.Members("sender_number_id", "message_type", "content")
	var id int64
	var kind, text string
	switch {
	case said[0].Read(&id) == nil && id > 0 && !slices.Contains(senders, id),
		said[1].Read(&kind) == nil && kind != "" && kind != messageType:
		return false
	case isText(said[2]), entry.Has("content") && !said[2].Exists(): // a null is an empty content
		_ = said[2].Read(&text)
		return trim(text) == content
	}
	return true
}

// trim removes the characters from the ends of a text that Laravel removes from its input (assumed). Versions of Laravel differ; these
// are the characters of all versions.
func trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		return r == 0 || unicode.IsSpace(r) || unicode.Is(invisible, r)
	})
}

// invisible are the characters that the newest version of Laravel trims in addition to white space. Older versions trim only U+FEFF,
// U+200B and U+200E of them.
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
