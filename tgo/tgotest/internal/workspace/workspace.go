// Package workspace is what the API would have in its database: keys, sender numbers, contacts and messages.
package workspace

import (
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Config says how a workspace begins.
type Config struct {
	// Keys, Senders and Contacts exist at the beginning.
	Keys     []Key
	Senders  []Sender
	Contacts []Contact
	// Strangers is the state of everyone who is not a contact.
	Strangers ContactState
	// MaxMessages bounds the messages that are kept, and KeepMedia the bytes of their files.
	MaxMessages int
	KeepMedia   int64
	// DoubledWithin is how soon after a message the same one counts as its copy.
	DoubledWithin time.Duration
	// Now is the clock.
	Now func() time.Time
}

// Workspace has all of it. Its methods lock.
type Workspace struct {
	mu     sync.Mutex
	begin  Config
	now    func() time.Time
	resets int64
	content
}

// content is what a reset restores to its initial state.
type content struct {
	keys      []*Key
	keyByText map[string]*Key
	senders   []*Sender
	contacts  map[tgo.Phone]Person
	strangers ContactState
	nextID    struct{ key, sender, message, recipient int64 }
	messages
}

// New returns a workspace at its beginning.
func New(c Config) *Workspace {
	w := &Workspace{begin: c, now: c.Now}
	w.fill()
	return w
}

// fill puts into the workspace what exists at the beginning. The caller holds the lock.
func (w *Workspace) fill() {
	w.content = content{
		keyByText: map[string]*Key{},
		contacts:  map[tgo.Phone]Person{},
		strangers: w.begin.Strangers,
		messages:  newMessages(w.begin),
	}
	for _, k := range w.begin.Keys {
		w.addKey(k)
	}
	for _, n := range w.begin.Senders {
		w.addSender(n)
	}
	for _, c := range w.begin.Contacts {
		w.setContact(c)
	}
}

// Reset restores the initial state of the workspace.
func (w *Workspace) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake()
	w.fill()
	w.resets++
}

// Resets counts the resets until now. After one, ids are used again for other messages.
func (w *Workspace) Resets() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.resets
}
