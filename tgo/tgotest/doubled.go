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

// copyGroup is a message and its copies. It has what is said of each of them, however many there are.
type copyGroup struct {
	first      int64 // the id of the oldest that is kept
	began, end time.Time
	linked     int
	forgotten  int
}

func (g *copyGroup) count() int {
	if g == nil {
		return 0
	}
	return g.linked - g.forgotten
}

// link finds the message that one is a copy of. It is the newest.
func (b *inbox) link(k *kept) {
	k.before, k.after, k.group, k.place = 0, 0, nil, 0
	if k.resent {
		return
	}
	id := sentBy{k.key, identityOf(k.Message)}
	if before := b.find(b.copies.last[id]); before != nil && k.SentAt.Sub(before.SentAt) <= b.copies.within {
		k.before, before.after = before.ID, k.ID
		if before.group == nil {
			before.group, before.place = &copyGroup{first: before.ID, began: before.SentAt, linked: 1}, 1
		}
		k.group = before.group
		k.group.linked++
		k.group.end, k.place = k.SentAt, k.group.linked
	}
	b.copies.last[id] = k.ID
}

// unlink lets the oldest message go, which is not kept any more.
func (b *inbox) unlink(k *kept) {
	if id := (sentBy{k.key, identityOf(k.Message)}); b.copies.last[id] == k.ID {
		delete(b.copies.last, id)
	}
	if k.group == nil {
		return
	}
	k.group.forgotten++
	if next := b.find(k.after); next != nil {
		k.group.first, k.group.began = next.ID, next.SentAt
	}
}

// doubled are the messages with more than one copy.
func (b *inbox) doubled() (all [][]Message) {
	for i := range b.len() {
		k := b.at(i)
		if k.group.count() < 2 || k.group.first != k.ID {
			continue
		}
		var copies []Message
		for ; k != nil; k = b.find(k.after) {
			copies = append(copies, k.Message)
		}
		all = append(all, copies)
	}
	return all
}

// maxCopies bounds the copies that are named with each message: a client in a loop makes thousands.
const maxCopies = 20

// doubledOf describes the copies of a message; nil where it is the only one, or forgotten.
func (s *Server) doubledOf(id int64) *doubled {
	d := s.state.doubledOf(id)
	if d == nil {
		return nil
	}
	for _, id := range d.MessageIDs {
		d.RequestIDs = append(d.RequestIDs, s.watcher.requestOf(id))
	}
	return d
}

func (s *state) doubledOf(id int64) *doubled {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.find(id)
	if k == nil || k.group.count() < 2 {
		return nil
	}
	g := k.group
	d := &doubled{Count: g.count(), Copy: k.place - g.forgotten, FirstID: g.first, ApartMS: g.end.Sub(g.began).Milliseconds()}
	// Those around it, which are all where there are few.
	from := max(1, min(d.Copy-maxCopies/2, d.Count-maxCopies+1))
	for range d.Copy - from {
		k = s.find(k.before)
	}
	for ; k != nil && len(d.MessageIDs) < maxCopies; k = s.find(k.after) {
		d.MessageIDs = append(d.MessageIDs, k.ID)
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
