package workspace

import (
	"slices"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Contact is a person with a phone.
type Contact struct {
	Phone tgo.Phone
	State ContactState
}

// ContactState says whether a person can receive messages. The empty one is Reachable.
type ContactState string

// The states of a contact. All but Reachable refuse messages.
const (
	Reachable   ContactState = "reachable"
	Unreachable ContactState = "unreachable"
	Unverified  ContactState = "unverified"
	Unknown     ContactState = "unknown"
)

// ContactStates are all of them.
var ContactStates = []ContactState{Reachable, Unreachable, Unverified, Unknown}

// ReasonCode is how the API says why a person cannot receive messages.
func (s ContactState) ReasonCode() string {
	switch s {
	case Reachable:
		return "ok"
	case Unknown:
		return "not_found"
	default:
		return string(s)
	}
}

// Person is who has a phone.
type Person struct {
	State ContactState
	ID    int64
	// Since is when the phone was verified.
	Since time.Time
}

// Contacts are those that are known, by phone, and the state of everyone else.
func (w *Workspace) Contacts() (known []Contact, strangers ContactState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for phone, c := range w.contacts {
		known = append(known, Contact{phone, c.State})
	}
	slices.SortFunc(known, func(a, b Contact) int { return strings.Compare(string(a.Phone), string(b.Phone)) })
	return known, w.strangers
}

// SetContact changes the state of a contact, or adds one.
func (w *Workspace) SetContact(c Contact) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.setContact(c)
}

func (w *Workspace) setContact(c Contact) {
	if c.State == "" {
		c.State = Reachable
	}
	known, ok := w.contacts[c.Phone]
	if !ok {
		w.nextID.recipient++
		known = Person{ID: w.nextID.recipient, Since: w.now()}
	}
	known.State = c.State
	w.contacts[c.Phone] = known
}

// SetStrangers changes the state of everyone who is not a contact.
func (w *Workspace) SetStrangers(state ContactState) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strangers = state
}

// Lookup says who has a phone.
func (w *Workspace) Lookup(phone tgo.Phone) Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.person(phone)
}

// person says who has a phone. Strangers get no entry of their own, so that their number does not grow the memory. The caller
// holds the lock.
func (w *Workspace) person(phone tgo.Phone) Person {
	if known, ok := w.contacts[phone]; ok {
		return known
	}
	const strangerIDs = 1 << 40
	id := int64(strangerIDs)
	for _, digit := range phone {
		id = (id*31 + int64(digit)) % (1 << 52)
	}
	return Person{State: w.strangers, ID: id, Since: time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)}
}
