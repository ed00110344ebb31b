package tgotest

import "time"

// Doubled returns the messages that arrived more than once: each with all its copies, the oldest first. A copy has the
// API key, the recipient, the type, the text and the file of the message before it, and came within Config.DoubledWithin of
// it. What somebody sent again by the button in the inbox is no copy.
func (s *Server) Doubled() [][]Message {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.doubled()
}

// identity is what makes two messages the same to who receives them.
type identity struct{ to, messageType, content, media string }

func identityOf(m Message) identity {
	id := identity{string(m.To), m.Type, m.Content, ""}
	if m.Media != nil {
		id.media = m.Media.SHA256
	}
	return id
}

// copies finds messages that are the same.
type copies struct {
	within time.Duration
	last   map[sentBy]int64 // the id of the newest one
}

type sentBy struct {
	key int64
	identity
}

func newCopies(within time.Duration) copies {
	return copies{within: within, last: map[sentBy]int64{}}
}

// link finds the message that one is a copy of. It is the newest.
func (b *inbox) link(k *kept) {
	k.before, k.after = 0, 0
	if k.resent {
		return
	}
	id := sentBy{k.key, identityOf(k.Message)}
	if before := b.find(b.copies.last[id]); before != nil && k.SentAt.Sub(before.SentAt) <= b.copies.within {
		k.before, before.after = before.ID, k.ID
	}
	b.copies.last[id] = k.ID
}

// forget lets a message go that is not kept any more.
func (c *copies) forget(k *kept) {
	if id := (sentBy{k.key, identityOf(k.Message)}); c.last[id] == k.ID {
		delete(c.last, id)
	}
}

// copiesOf are all copies of a message, the oldest first; nil where it is the only one.
func (b *inbox) copiesOf(k *kept) []Message {
	for before := b.find(k.before); before != nil; before = b.find(k.before) {
		k = before
	}
	after := b.find(k.after)
	if after == nil {
		return nil
	}
	all := []Message{k.Message}
	for ; after != nil; after = b.find(after.after) {
		all = append(all, after.Message)
	}
	return all
}

// doubled are the messages with more than one copy.
func (b *inbox) doubled() (all [][]Message) {
	for i := range b.len() {
		if k := b.at(i); k.after != 0 && b.find(k.before) == nil {
			all = append(all, b.copiesOf(k))
		}
	}
	return all
}

// doubledOf describes the copies of a message; nil where it is the only one, or forgotten.
func (s *Server) doubledOf(id int64) *doubled {
	s.state.mu.Lock()
	var all []Message
	if k := s.state.find(id); k != nil {
		all = s.state.copiesOf(k)
	}
	s.state.mu.Unlock()
	if all == nil {
		return nil
	}
	d := &doubled{ApartMS: all[len(all)-1].SentAt.Sub(all[0].SentAt).Milliseconds()}
	for _, m := range all {
		d.MessageIDs = append(d.MessageIDs, m.ID)
		d.RequestIDs = append(d.RequestIDs, s.watcher.requestOf(m.ID))
	}
	return d
}

// doubledIDs are the ids of all messages that Doubled returns.
func (s *Server) doubledIDs() map[int64]bool {
	ids := map[int64]bool{}
	for _, all := range s.Doubled() {
		for _, m := range all {
			ids[m.ID] = true
		}
	}
	return ids
}
