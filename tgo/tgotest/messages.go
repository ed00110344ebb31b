package tgotest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Message is a message that the fake accepted.
type Message struct {
	// ID is its id in the log.
	ID int64
	// Type is text, image, voice or document.
	Type string
	// SenderNumberID and SenderPhone are the sender, however the request named it.
	SenderNumberID tgo.NumberID
	SenderPhone    tgo.Phone
	// To is the recipient.
	To tgo.Phone
	// Content is the text or the caption as the log has it: without the white space at both ends, which the API is
	// assumed to trim, as Laravel does.
	Content string
	// Duration is the length of a voice note, in whole seconds.
	Duration time.Duration
	// Media is the file that came with it; nil without one.
	Media *Media
	// KeyName is the name of the key that was used.
	KeyName string
	// SentAt is when it was accepted.
	SentAt time.Time
}

// Media is a file that came with a message.
type Media struct {
	// Name is the file name as the request gave it.
	Name string
	// ContentType is the content type as the request gave it.
	ContentType string
	// Size is in bytes.
	Size int64
	// SHA256 is in hexadecimal.
	SHA256 string
	// Content is nil unless Config.KeepMedia made room for it.
	Content []byte
}

func messageOf(m workspace.Message) Message {
	return Message{
		m.ID, m.Type, m.SenderNumberID, m.SenderPhone, m.To, m.Content, m.Duration, (*Media)(m.Media), m.KeyName, m.SentAt,
	}
}

func (m Message) forWorkspace() workspace.Message {
	return workspace.Message{
		ID: m.ID, Type: m.Type, SenderNumberID: m.SenderNumberID, SenderPhone: m.SenderPhone, To: m.To, Content: m.Content,
		Duration: m.Duration, Media: (*workspace.Media)(m.Media), KeyName: m.KeyName, SentAt: m.SentAt,
	}
}

func messagesOf(all []workspace.Message) []Message {
	list := make([]Message, len(all))
	for i, m := range all {
		list[i] = messageOf(m)
	}
	return list
}

// Messages returns the messages that are kept, the oldest first.
func (s *Server) Messages() []Message { return messagesOf(s.workspace.Messages()) }

// Doubled returns the messages that arrived more than once: each with all its copies, the oldest first. A copy has the
// API key, the recipient, the type, the text and the file of the message before it, and came within Config.DoubledWithin of
// it. A message that a person resent with the button in the inbox is not a copy.
func (s *Server) Doubled() [][]Message {
	var all [][]Message
	for _, copies := range s.workspace.Doubled() {
		all = append(all, messagesOf(copies))
	}
	return all
}

// Match selects messages to wait for. It may call methods of the Server.
type Match func(Message) bool

// To matches messages to a phone.
func To(phone tgo.Phone) Match { return func(m Message) bool { return m.To == phone } }

// OfType matches messages of a type: text, image, voice or document.
func OfType(messageType string) Match {
	return func(m Message) bool { return m.Type == messageType }
}

// Containing matches messages whose text or caption contains a text.
func Containing(text string) Match {
	return func(m Message) bool { return strings.Contains(m.Content, text) }
}

// NextMessage takes the oldest message that matches and has not been taken, and waits for one until the context ends.
func (s *Server) NextMessage(ctx context.Context, match ...Match) (Message, error) {
	for {
		m, arrived, ok := s.take(match)
		if ok {
			return m, nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("tgotest: no such message: %w", context.Cause(ctx))
		}
	}
}

// take takes a message, or returns a channel that is closed when there may be another. A match is the caller's own code,
// which may ask the fake in turn, so the lock is not held meanwhile.
func (s *Server) take(match []Match) (Message, <-chan struct{}, bool) {
	arrived := s.workspace.Arrived()
next:
	for m, ok := s.workspace.UntakenAfter(0); ok; m, ok = s.workspace.UntakenAfter(m.ID) {
		for _, matches := range match {
			if !matches(messageOf(m)) {
				continue next
			}
		}
		if s.workspace.Take(m) {
			return messageOf(m), nil, true
		}
	}
	return Message{}, arrived, false
}

// expectWait is how long ExpectMessage waits. It only matters to a test that fails.
const expectWait = 5 * time.Second

// ExpectMessage takes the oldest message that matches and has not been taken. It waits up to five seconds for one, and
// then fails the test and reports what did arrive.
func (s *Server) ExpectMessage(tb TB, match ...Match) Message {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), expectWait)
	defer cancel()
	m, err := s.NextMessage(ctx, match...)
	if err != nil {
		tb.Fatalf("tgotest: no matching message arrived within %v; not taken: %s", expectWait, s.untaken())
	}
	return m
}

// ExpectNoMessage fails the test if a message has not been taken. It does not wait: call it when the code
// under test is done.
func (s *Server) ExpectNoMessage(tb TB) {
	tb.Helper()
	if rest := s.untaken(); rest != "none" {
		tb.Fatalf("tgotest: unexpected messages: %s", rest)
	}
}

// untaken describes the messages that no test has taken.
func (s *Server) untaken() string {
	var list []string
	for m, ok := s.workspace.UntakenAfter(0); ok; m, ok = s.workspace.UntakenAfter(m.ID) {
		list = append(list, fmt.Sprintf("%s to %s %q", m.Type, m.To, m.Content))
	}
	switch n := len(list); {
	case n == 0:
		return "none"
	case n > 10:
		return fmt.Sprintf("%s and %d more", strings.Join(list[:10], ", "), n-10)
	}
	return strings.Join(list, ", ")
}
