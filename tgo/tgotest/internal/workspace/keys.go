package workspace

import (
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Key is an API key.
type Key struct {
	// ID is chosen by the workspace.
	ID int64
	// PlainText is the key itself, and Name a name to know it by.
	PlainText, Name string
	// Scopes is what it may do.
	Scopes []tgo.Scope
	// ExpiresAt is when it stops working; the zero time is never.
	ExpiresAt time.Time
	// LastUsed is when a request last used it; the zero time is never.
	LastUsed time.Time

	revoked bool
}

// Status is active, expired or revoked.
func (k *Key) Status(now time.Time) string {
	switch {
	case k.revoked:
		return "revoked"
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "active"
}

// Keys are all keys, the oldest first.
func (w *Workspace) Keys() []Key {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Key, len(w.keys))
	for i, k := range w.keys {
		all[i] = *k
	}
	return all
}

// AddKey adds a key, unless there is one with its text.
func (w *Workspace) AddKey(k Key) (Key, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.keyByText[k.PlainText] != nil {
		return Key{}, false
	}
	return w.addKey(k), true
}

// ReplaceKey adds a key. From then on its text stands for no other.
func (w *Workspace) ReplaceKey(k Key) Key {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.addKey(k)
}

// addKey adds a key. The caller holds the lock.
func (w *Workspace) addKey(k Key) Key {
	w.nextID.key++
	k.ID = w.nextID.key
	w.keys = append(w.keys, &k)
	w.keyByText[k.PlainText] = &k
	return k
}

// UseKey returns the key with this text if it works now, as it was before, and notes the time.
func (w *Workspace) UseKey(plainText string) (Key, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, ok := w.keyByText[plainText]
	now := w.now()
	if !ok || k.Status(now) != "active" {
		return Key{}, false
	}
	used := *k
	k.LastUsed = now
	return used, true
}

// KeyOf is the key with this text, whether it works or not; the zero one if there is none.
func (w *Workspace) KeyOf(plainText string) Key {
	w.mu.Lock()
	defer w.mu.Unlock()
	if k := w.keyByText[plainText]; k != nil {
		return *k
	}
	return Key{}
}

// RevokeKey revokes the key with this id, unless there is none or it is already revoked.
func (w *Workspace) RevokeKey(id int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.IndexFunc(w.keys, func(k *Key) bool { return k.ID == id })
	if i < 0 || w.keys[i].revoked {
		return false
	}
	w.keys[i].revoked = true
	return true
}

// RevokeText revokes the key with this text if it works.
func (w *Workspace) RevokeText(plainText string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	k, ok := w.keyByText[plainText]
	if !ok || k.Status(w.now()) != "active" {
		return false
	}
	k.revoked = true
	return true
}
