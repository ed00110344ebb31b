package workspace

import (
	"slices"
	"time"
)

// Identity is what makes two messages the same to the recipient.
type Identity struct{ to, messageType, content, media string }

// Identity is what the message has in common with its copies.
func (m Message) Identity() Identity {
	id := Identity{string(m.To), m.Type, m.Content, ""}
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
	Identity
}

// group are the ids of a message and of its copies that are kept, the oldest first.
type group struct{ ids []int64 }

func newCopies(within time.Duration) copies {
	return copies{within: within, last: map[sentBy]*group{}}
}

// link puts a message, which is the newest, in a group with those that it is a copy of.
func (b *messages) link(k *kept) {
	k.group = nil
	if k.Resent {
		return
	}
	id := sentBy{k.Key, k.Identity()}
	g := b.copies.last[id]
	// A clock that was set back may show that the newer one is the older.
	if g == nil || k.SentAt.Sub(b.find(g.ids[len(g.ids)-1]).SentAt).Abs() > b.copies.within {
		g = &group{}
		b.copies.last[id] = g
	}
	g.ids = append(g.ids, k.ID)
	k.group = g
}

// forget removes the oldest message from its group.
func (c *copies) forget(k *kept) {
	if k.group == nil {
		return
	}
	k.group.ids = k.group.ids[1:]
	if id := (sentBy{k.Key, k.Identity()}); len(k.group.ids) == 0 && c.last[id] == k.group {
		delete(c.last, id)
	}
}

// copiesOf are the ids of all copies of a message, the oldest first; nil if it is the only one.
func (k *kept) copiesOf() []int64 {
	if k.group == nil || len(k.group.ids) < 2 {
		return nil
	}
	return k.group.ids
}

// Doubled are the messages that arrived more than once: each with all its copies, the oldest first.
func (w *Workspace) Doubled() (all [][]Message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.len() {
		ids := w.at(i).copiesOf()
		if ids == nil || ids[0] != w.at(i).ID {
			continue
		}
		var copies []Message
		for _, id := range ids {
			copies = append(copies, w.find(id).Message)
		}
		all = append(all, copies)
	}
	return all
}

// Copies describe a message that arrived more than once.
type Copies struct {
	// Count is how many there are, and Place which of them the message is, from 1.
	Count, Place int
	// First is the id of the oldest.
	First int64
	// Around are the ids of all, or of up to 20 around the message.
	Around []int64
	// Apart is the time between the first and the last.
	Apart time.Duration
}

// maxAround bounds what is reported with each of many copies.
const maxAround = 20

// CopiesOf describes the copies of a message; nil if it is the only one, or no longer kept.
func (w *Workspace) CopiesOf(message int64) *Copies {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := w.find(message)
	if k == nil || k.copiesOf() == nil {
		return nil
	}
	all := k.copiesOf()
	at, _ := slices.BinarySearch(all, message)
	from := max(0, min(at-maxAround/2, len(all)-maxAround))
	return &Copies{
		Count: len(all), Place: at + 1, First: all[0], Around: slices.Clone(all[from:min(len(all), from+maxAround)]),
		Apart: Apart(w.find(all[0]).Message, w.find(all[len(all)-1]).Message),
	}
}

// Apart is the time between two messages.
func Apart(a, b Message) time.Duration { return b.SentAt.Sub(a.SentAt).Abs() }
