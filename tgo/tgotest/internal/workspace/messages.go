package workspace

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Message is a message that was sent.
type Message struct {
	ID             int64
	Type           string
	SenderNumberID tgo.NumberID
	SenderPhone    tgo.Phone
	To             tgo.Phone
	Content        string
	Duration       time.Duration
	Media          *Media
	KeyName        string
	SentAt         time.Time
}

// Media is the file of a message.
type Media struct {
	Name        string
	ContentType string
	Size        int64
	SHA256      string
	Content     []byte // nil if it is not kept
}

// messages keeps the newest messages, bounded in number and in bytes. Its owner locks.
type messages struct {
	max      int
	copies   copies
	ring     []kept // of the newest messages; begins at first
	first    int
	text     int // bytes of content
	media    int64
	maxMedia int64
	arrived  chan struct{} // closed at the next message; nil while no one waits
}

type kept struct {
	NewMessage
	taken bool
	group *group // its copies and itself; nil if it was resent
}

// maxText bounds the bytes of texts and captions that are kept.
const maxText = 64 << 20

func newMessages(c Config) messages {
	return messages{max: c.MaxMessages, maxMedia: c.KeepMedia, copies: newCopies(c.DoubledWithin)}
}

func (b *messages) len() int { return len(b.ring) - b.first }

// at returns the i-th of the kept messages, the oldest first.
func (b *messages) at(i int) *kept { return &b.ring[b.first+i] }

func (b *messages) add(m NewMessage) {
	b.ring = append(b.ring, kept{NewMessage: m})
	b.text += len(m.Content)
	if m.Media != nil {
		b.media += int64(len(m.Media.Content))
	}
	b.link(b.at(b.len() - 1))
	b.makeRoom()
	b.wake()
}

// makeRoom drops the oldest messages, and the bytes of the oldest files, until all is within its bounds.
func (b *messages) makeRoom() {
	for b.len() > b.max || b.text > maxText {
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

// wake wakes everyone who waits for a message.
func (b *messages) wake() {
	if b.arrived != nil {
		close(b.arrived)
		b.arrived = nil
	}
}

func (b *messages) dropOldest() {
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

// from is the place of the first message with this id or a higher one.
func (b *messages) from(id int64) int {
	return sort.Search(b.len(), func(i int) bool { return b.at(i).ID >= id })
}

// find returns the message with this id; nil if there is none, or it is no longer kept.
func (b *messages) find(id int64) *kept {
	if i := b.from(id); i < b.len() && b.at(i).ID == id {
		return b.at(i)
	}
	return nil
}

// fill makes these messages, the oldest first, all that there are.
func (b *messages) fill(all []kept) {
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

// Messages are those that are kept, the oldest first.
func (w *Workspace) Messages() []Message {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Message, w.len())
	for i := range all {
		all[i] = w.at(i).Message
	}
	return all
}

// Message returns the message with this id, unless there is none, or it is no longer kept.
func (w *Workspace) Message(id int64) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.find(id); k != nil {
		return k.Message, true
	}
	return Message{}, false
}

// File is the file of a message, if its bytes are kept; nil otherwise.
func (w *Workspace) File(message int64) *Media {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.find(message); k != nil && k.Media != nil && k.Media.Content != nil {
		return k.Media
	}
	return nil
}

// LogPage is a page of the log, the newest message first, and how many messages the log has.
func (w *Workspace) LogPage(page, size int, oldestFirst bool) ([]Message, int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	entries := []Message{}
	total := w.len()
	if page > LogPages(total, size) { // also keeps the product below from overflowing
		return entries, total
	}
	for i := (page - 1) * size; i < total && len(entries) < size; i++ {
		at := total - 1 - i
		if oldestFirst {
			at = i
		}
		entries = append(entries, w.at(at).Message)
	}
	return entries, total
}

// LogPages counts the pages of a log.
func LogPages(total, size int) int {
	n := total / size
	if total%size > 0 {
		n++
	}
	return n
}

// Removed are messages that were removed and can be restored.
type Removed []kept

// Remove removes messages; usage still counts them.
func (w *Workspace) Remove(which func(id int64) bool) (removed Removed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake()
	var left []kept
	for i := range w.len() {
		if k := w.at(i); which(k.ID) {
			removed = append(removed, *k)
		} else {
			left = append(left, *k)
		}
	}
	w.messages.fill(left)
	return removed
}

// Restore puts messages back where they were.
func (w *Workspace) Restore(removed Removed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Concat(w.ring[w.first:], removed)
	slices.SortFunc(all, func(x, y kept) int { return cmp.Compare(x.ID, y.ID) })
	w.messages.fill(all)
	w.makeRoom()
	w.wake()
}

// Arrived returns a channel that is closed at the next message.
func (w *Workspace) Arrived() <-chan struct{} {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.arrived == nil {
		w.arrived = make(chan struct{})
	}
	return w.arrived
}

// UntakenAfter returns the first message after the one with this id that no test has taken.
func (w *Workspace) UntakenAfter(id int64) (Message, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := w.from(id + 1); i < w.len(); i++ {
		if k := w.at(i); !k.taken {
			return k.Message, true
		}
	}
	return Message{}, false
}

// Take marks a message as taken, unless it is already taken or no longer kept.
func (w *Workspace) Take(m Message) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := w.from(m.ID)
	if i == w.len() {
		return false
	}
	k := w.at(i)
	same := k.Message
	same.Media = m.Media // the bytes of a file may have been dropped meanwhile
	if k.taken || same != m {
		return false
	}
	k.taken = true
	return true
}
