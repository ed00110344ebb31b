package tgotest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
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
	// Content is the text or the caption as the log has it: without the white space at both ends, which the API, taken for a
	// Laravel application, is assumed to trim.
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

// inbox keeps the newest messages, bounded in number and in bytes. Its owner locks.
type inbox struct {
	max      int
	copies   copies
	ring     []kept // of the newest messages; begins at first
	first    int
	text     int // bytes of content
	media    int64
	maxMedia int64
	arrived  chan struct{} // closed at the next message; nil while nobody waits
}

type kept struct {
	Message
	taken  bool
	resets int64  // that came before
	key    int64  // the id of the API key
	resent bool   // at a click in the inbox: a copy that somebody wanted
	group  *group // its copies and itself; nil where resent
}

// maxInboxText bounds the bytes of texts and captions that are kept.
const maxInboxText = 64 << 20

func newInbox(c Config) inbox {
	return inbox{max: c.MaxMessages, maxMedia: c.KeepMedia, copies: newCopies(c.DoubledWithin)}
}

func (b *inbox) len() int { return len(b.ring) - b.first }

// at returns the i-th of the kept messages, the oldest first.
func (b *inbox) at(i int) *kept { return &b.ring[b.first+i] }

func (b *inbox) add(k kept) {
	b.ring = append(b.ring, k)
	b.text += len(k.Content)
	if k.Media != nil {
		b.media += int64(len(k.Media.Content))
	}
	b.link(b.at(b.len() - 1))
	b.makeRoom()
	b.wake()
}

// makeRoom forgets the oldest messages, and the bytes of the oldest files, until all is within its bounds.
func (b *inbox) makeRoom() {
	for b.len() > b.max || b.text > maxInboxText {
		b.dropOldest()
	}
	for i := 0; b.media > b.maxMedia && i < b.len(); i++ {
		if old := b.at(i).Media; old != nil && old.Content != nil {
			b.media -= int64(len(old.Content))
			stripped := *old
			stripped.Content = nil
			b.at(i).Media = &stripped
		}
	}
}

// wake lets those look again who wait for a message.
func (b *inbox) wake() {
	if b.arrived != nil {
		close(b.arrived)
		b.arrived = nil
	}
}

func (b *inbox) dropOldest() {
	old := b.at(0)
	b.text -= len(old.Content)
	if old.Media != nil {
		b.media -= int64(len(old.Media.Content))
	}
	b.copies.forget(old)
	*old = kept{}
	b.first++
	if b.first > b.max { // the dropped part has grown to the size of the kept one
		b.ring = append([]kept(nil), b.ring[b.first:]...)
		b.first = 0
	}
}

// find returns the message with this id; nil where it is none, or forgotten.
func (b *inbox) find(id int64) *kept {
	if i := b.from(id); i < b.len() && b.at(i).ID == id {
		return b.at(i)
	}
	return nil
}

// remove takes messages out, and returns them.
func (b *inbox) remove(which func(*kept) bool) (removed []kept) {
	var left []kept
	for i := range b.len() {
		if k := b.at(i); which(k) {
			removed = append(removed, *k)
		} else {
			left = append(left, *k)
		}
	}
	b.fill(left)
	return removed
}

// restore puts messages back where they were.
func (b *inbox) restore(removed []kept) {
	all := slices.Concat(b.ring[b.first:], removed)
	slices.SortFunc(all, func(x, y kept) int { return cmp.Compare(x.ID, y.ID) })
	b.fill(all)
	b.makeRoom()
	b.wake()
}

// fill makes these messages, the oldest first, all that there are.
func (b *inbox) fill(all []kept) {
	b.ring, b.first, b.text, b.media = all, 0, 0, 0
	b.copies = newCopies(b.copies.within)
	for i := range all {
		b.text += len(all[i].Content)
		if all[i].Media != nil {
			b.media += int64(len(all[i].Media.Content))
		}
		b.link(&all[i])
	}
}

// Messages returns the messages that are kept, the oldest first.
func (s *Server) Messages() []Message {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	all := make([]Message, s.state.len())
	for i := range all {
		all[i] = s.state.at(i).Message
	}
	return all
}

// Match chooses messages to wait for. It may ask the fake.
type Match func(Message) bool

// To matches messages to a phone.
func To(phone tgo.Phone) Match { return func(m Message) bool { return m.To == phone } }

// OfType matches messages of a type: text, image, voice or document.
func OfType(messageType string) Match {
	return func(m Message) bool { return m.Type == messageType }
}

// Containing matches messages whose text or caption holds a text.
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
	arrived := s.state.waitForMore()
next:
	for m, ok := s.state.untakenAfter(0); ok; m, ok = s.state.untakenAfter(m.ID) {
		for _, matches := range match {
			if !matches(m) {
				continue next
			}
		}
		if s.state.take(m) {
			return m, nil, true
		}
	}
	return Message{}, arrived, false
}

// waitForMore returns a channel that is closed at the next message.
func (s *state) waitForMore() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.arrived == nil {
		s.arrived = make(chan struct{})
	}
	return s.arrived
}

// from is the place of the first message with this id or a higher one. The caller holds the lock.
func (b *inbox) from(id int64) int {
	return sort.Search(b.len(), func(i int) bool { return b.at(i).ID >= id })
}

// untakenAfter returns the first message after the one with this id that no test has taken.
func (s *state) untakenAfter(id int64) (Message, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := s.from(id + 1); i < s.len(); i++ {
		if k := s.at(i); !k.taken {
			return k.Message, true
		}
	}
	return Message{}, false
}

// take takes a message, unless somebody else has, or it has been forgotten.
func (s *state) take(m Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.from(m.ID)
	if i == s.len() {
		return false
	}
	k := s.at(i)
	same := k.Message
	same.Media = m.Media // the bytes of a file may have been forgotten meanwhile
	if k.taken || same != m {
		return false
	}
	k.taken = true
	return true
}

// expectWait is how long ExpectMessage waits. It only matters to a test that fails.
const expectWait = 5 * time.Second

// ExpectMessage takes the oldest message that matches and has not been taken. It waits up to five seconds for one, and
// then fails the test and says what did arrive.
func (s *Server) ExpectMessage(tb TB, match ...Match) Message {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), expectWait)
	defer cancel()
	m, err := s.NextMessage(ctx, match...)
	if err != nil {
		tb.Fatalf("tgotest: no message that matches arrived within %v; not taken: %s", expectWait, s.untaken())
	}
	return m
}

// ExpectNoMessage fails the test if a message is there that has not been taken. It does not wait: call it when the code
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
	for m, ok := s.state.untakenAfter(0); ok; m, ok = s.state.untakenAfter(m.ID) {
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
