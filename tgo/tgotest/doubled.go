package tgotest

import (
	"slices"
	"time"
)

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
	last   map[sentBy]*group // with the newest one
}

type sentBy struct {
	key int64
	identity
}

// group are the ids of a message and of its copies that are kept, the oldest first.
type group struct{ ids []int64 }

func newCopies(within time.Duration) copies {
	return copies{within: within, last: map[sentBy]*group{}}
}

// link puts a message, which is the newest, in a group with those that it is a copy of.
func (b *inbox) link(k *kept) {
	k.group = nil
	if k.resent {
		return
	}
	id := sentBy{k.key, identityOf(k.Message)}
	g := b.copies.last[id]
	// A clock that was set back may show that the newer one is the older.
	if g == nil || k.SentAt.Sub(b.find(g.ids[len(g.ids)-1]).SentAt).Abs() > b.copies.within {
		g = &group{}
		b.copies.last[id] = g
	}
	g.ids = append(g.ids, k.ID)
	k.group = g
}

// forget lets the oldest message go.
func (c *copies) forget(k *kept) {
	if k.group == nil {
		return
	}
	k.group.ids = k.group.ids[1:]
	if id := (sentBy{k.key, identityOf(k.Message)}); len(k.group.ids) == 0 && c.last[id] == k.group {
		delete(c.last, id)
	}
}

// copiesOf are the ids of all copies of a message, the oldest first; nil where it is the only one.
func (k *kept) copiesOf() []int64 {
	if k.group == nil || len(k.group.ids) < 2 {
		return nil
	}
	return k.group.ids
}

// doubled are the messages with more than one copy.
func (b *inbox) doubled() (all [][]Message) {
	for i := range b.len() {
		ids := b.at(i).copiesOf()
		if ids == nil || ids[0] != b.at(i).ID {
			continue
		}
		var copies []Message
		for _, id := range ids {
			copies = append(copies, b.find(id).Message)
		}
		all = append(all, copies)
	}
	return all
}

// apart is the time between two messages in milliseconds.
func apart(a, b Message) int64 { return b.SentAt.Sub(a.SentAt).Abs().Milliseconds() }

// maxShownCopies bounds what is said with each of many copies.
const maxShownCopies = 20

// doubledOf describes the copies of a message; nil where it is the only one, or forgotten.
func (s *Server) doubledOf(id int64) *doubled {
	s.state.mu.Lock()
	var d *doubled
	if k := s.state.find(id); k != nil {
		if all := k.copiesOf(); all != nil {
			at, _ := slices.BinarySearch(all, id)
			from := max(0, min(at-maxShownCopies/2, len(all)-maxShownCopies)) // those around it
			d = &doubled{
				Count: len(all), Copy: at + 1, FirstID: all[0], MessageIDs: slices.Clone(all[from:min(len(all), from+maxShownCopies)]),
				ApartMS: apart(s.state.find(all[0]).Message, s.state.find(all[len(all)-1]).Message),
			}
		}
	}
	s.state.mu.Unlock()
	if d != nil {
		for _, id := range d.MessageIDs {
			d.RequestIDs = append(d.RequestIDs, s.watcher.requestOf(id))
		}
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
