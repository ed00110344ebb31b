package tgotest

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// state is the workspace: what the API would have in its database. Its methods lock.
type state struct {
	mu   sync.Mutex
	now  func() time.Time
	keys []*keyState

	keyByText map[string]*keyState
	senders   []*senderState
	contacts  map[tgo.Phone]contactState
	strangers ContactState
	nextID    struct{ key, sender, message, recipient int64 } // begin again with a reset
	resets    int64

	inbox
}

type keyState struct {
	Key
	id       int64
	revoked  bool
	lastUsed time.Time
}

type senderState struct {
	SenderNumber
	sent       int64
	verifiedAt time.Time // zero while its owner is not verified
}

// verify notes since when the number's owner is verified.
func (n *senderState) verify(now time.Time) {
	if n.VerificationStatus != "active" {
		n.verifiedAt = time.Time{}
	} else if n.verifiedAt.IsZero() {
		n.verifiedAt = now
	}
}

type contactState struct {
	state ContactState
	id    int64
	since time.Time
}

func newState(c Config) *state {
	s := &state{
		now:       c.Now,
		keyByText: map[string]*keyState{},
		contacts:  map[tgo.Phone]contactState{},
		strangers: c.Strangers,
		inbox:     newInbox(c),
	}
	for _, k := range c.Keys {
		s.addKey(k, false)
	}
	for _, n := range c.SenderNumbers {
		s.addSender(n)
	}
	for _, contact := range c.Contacts {
		s.setContact(contact.Phone, contact.State)
	}
	return s
}

// addKey adds a key, unless there is one with its text; with again it takes that one's place.
func (s *state) addKey(k Key, again bool) (keyState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keyByText[k.PlainText] != nil && !again {
		return keyState{}, false
	}
	s.nextID.key++
	added := &keyState{Key: k, id: s.nextID.key}
	s.keys = append(s.keys, added)
	s.keyByText[k.PlainText] = added
	return *added, true
}

// useKey returns the key with this text if it works now.
func (s *state) useKey(plainText string) (keyState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keyByText[plainText]
	now := s.now()
	if !ok || k.status(now) != "active" {
		return keyState{}, false
	}
	used := *k
	k.lastUsed = now
	return used, true
}

func (k *keyState) status(now time.Time) string {
	switch {
	case k.revoked:
		return "revoked"
	case !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return "expired"
	}
	return "active"
}

// maskKeys masks the keys of the workspace in a text, such as the answer that tells a new one.
func (s *state) maskKeys(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range s.keys {
		text = strings.ReplaceAll(text, k.PlainText, maskedKey(k.PlainText))
	}
	return text
}

// revokeKey revokes the key with this id, unless there is none or it is revoked already.
func (s *state) revokeKey(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.keys, func(k *keyState) bool { return k.id == id })
	if i < 0 || s.keys[i].revoked {
		return false
	}
	s.keys[i].revoked = true
	return true
}

// revokeText revokes the key with this text if it works.
func (s *state) revokeText(plainText string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k, ok := s.keyByText[plainText]
	if !ok || k.status(s.now()) != "active" {
		return false
	}
	k.revoked = true
	return true
}

// register adds a sender number, unless there is one with its phone or id.
func (s *state) register(n SenderNumber) (SenderNumber, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sender(n.Phone, 0) != nil || (n.ID != 0 && s.sender("", n.ID) != nil) {
		return n, false
	}
	return s.addSender(n), true
}

// addSender adds a sender number. The caller holds the lock.
func (s *state) addSender(n SenderNumber) SenderNumber {
	if n.ID == 0 {
		n.ID = tgo.NumberID(s.nextID.sender + 1)
	}
	s.nextID.sender = max(s.nextID.sender, int64(n.ID))
	if n.Status == "" {
		n.Status = "active"
	}
	if n.VerificationStatus == "" {
		n.VerificationStatus = "active"
	}
	added := &senderState{SenderNumber: n}
	added.verify(s.now())
	s.senders = append(s.senders, added)
	return n
}

// setSender changes the two states of a sender number; an empty one stays as it is.
func (s *state) setSender(id tgo.NumberID, status, verificationStatus string) (SenderNumber, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.sender("", id)
	if n == nil {
		return SenderNumber{}, false
	}
	n.Status = cmp.Or(status, n.Status)
	n.VerificationStatus = cmp.Or(verificationStatus, n.VerificationStatus)
	n.verify(s.now())
	return n.SenderNumber, true
}

// sender finds a sender number by its phone or, where that is empty, by its id. The caller holds the lock.
func (s *state) sender(phone tgo.Phone, id tgo.NumberID) *senderState {
	for _, n := range s.senders {
		if (phone != "" && n.Phone == phone) || (phone == "" && n.ID == id) {
			return n
		}
	}
	return nil
}

// senderName is the display name of a sender number; empty where there is none.
func (s *state) senderName(id tgo.NumberID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.sender("", id); n != nil {
		return n.DisplayName
	}
	return ""
}

func (s *state) setContact(phone tgo.Phone, to ContactState) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if to == "" {
		to = ContactReachable
	}
	known, ok := s.contacts[phone]
	if !ok {
		known.id = s.newRecipient()
		known.since = s.now()
	}
	known.state = to
	s.contacts[phone] = known
}

func (s *state) newRecipient() int64 {
	s.nextID.recipient++
	return s.nextID.recipient
}

// contact says who has a phone. Strangers get no entry of their own, so that their number does not grow the memory. The
// caller holds the lock.
func (s *state) contact(phone tgo.Phone) contactState {
	if known, ok := s.contacts[phone]; ok {
		return known
	}
	const strangerIDs = 1 << 40
	id := int64(strangerIDs)
	for _, digit := range phone {
		id = (id*31 + int64(digit)) % (1 << 52)
	}
	return contactState{state: s.strangers, id: id, since: time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)}
}

// accept sends a message: the sender number and the recipient are looked at, and the message is counted and kept, all
// in one step. The refusal is nil on success.
func (s *state) accept(m kept, id tgo.NumberID) (kept, int64, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := s.sender(m.SenderPhone, id)
	senderField := "sender_phone"
	if m.SenderPhone == "" {
		senderField = "sender_number_id"
	}
	if from == nil {
		return kept{}, 0, invalid(problems{senderField: {saysInvalid(senderField)}})
	}
	switch {
	case from.Status == "pending_account_verification", from.Status == "active" && from.VerificationStatus != "active":
		return kept{}, 0, &refusal{status: statusInvalid, message: messageSenderUnverified}
	case from.Status != "active":
		return kept{}, 0, &refusal{status: statusInvalid, message: messageSenderInactive}
	}
	to := s.contact(m.To)
	if to.state != ContactReachable {
		return kept{}, 0, invalid(problems{"to_phone": {"This phone cannot receive messages: " + reasonCode(to.state) + "."}})
	}
	s.nextID.message++
	m.ID = s.nextID.message
	m.SenderNumberID, m.SenderPhone = from.ID, from.Phone
	m.SentAt = s.now().UTC()
	m.resets = s.resets
	from.sent++
	s.add(m)
	return m, to.id, nil
}

func reasonCode(s ContactState) string {
	switch s {
	case ContactReachable:
		return "ok"
	case ContactUnknown:
		return "not_found"
	default:
		return string(s)
	}
}

// keyOf is the key with this text, whether it works or not; the zero one where there is none.
func (s *state) keyOf(plainText string) keyState {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.keyByText[plainText]; k != nil {
		return *k
	}
	return keyState{}
}

// reset brings the workspace back to its beginning.
func (s *state) reset(c Config) {
	fresh := newState(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
	s.keys, s.keyByText, s.senders = fresh.keys, fresh.keyByText, fresh.senders
	s.contacts, s.strangers, s.nextID = fresh.contacts, fresh.strangers, fresh.nextID
	s.inbox = fresh.inbox
	s.resets++
}

// resetsUntilNow tells messages of the same id apart.
func (s *state) resetsUntilNow() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resets
}

// remove forgets messages, and returns them; usage goes on counting.
func (s *state) remove(which func(*kept) bool) []kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wake()
	return s.inbox.remove(which)
}

// restore brings messages back that were removed.
func (s *state) restore(messages []kept) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inbox.restore(messages)
}

// keepsFile reports whether the bytes of a message's file are kept.
func (s *state) keepsFile(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.find(id)
	return k != nil && k.Media != nil && k.Media.Content != nil
}
