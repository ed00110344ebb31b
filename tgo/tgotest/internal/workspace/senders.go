package workspace

import (
	"cmp"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// Sender is a phone to send from.
type Sender struct {
	// ID is chosen by the workspace if it is 0.
	ID    tgo.NumberID
	Phone tgo.Phone
	// DisplayName may be empty.
	DisplayName string
	// Status and VerificationStatus are "active" if they are left empty.
	Status, VerificationStatus string
	// Sent counts its messages.
	Sent int64
	// VerifiedAt is the zero time while its owner is not verified.
	VerifiedAt time.Time
}

// StatusActive is the status of a sender number that can send, if that of the verification is active too.
const StatusActive = "active"

// verify notes since when the number's owner is verified.
func (n *Sender) verify(now time.Time) {
	if n.VerificationStatus != StatusActive {
		n.VerifiedAt = time.Time{}
	} else if n.VerifiedAt.IsZero() {
		n.VerifiedAt = now
	}
}

// cannotSend is why a number cannot send; nil if it can. A number with an unknown status cannot.
func (n *Sender) cannotSend() error {
	switch {
	case n.Status == "pending_account_verification", n.Status == StatusActive && n.VerificationStatus != StatusActive:
		return ErrSenderUnverified
	case n.Status != StatusActive:
		return ErrSenderInactive
	}
	return nil
}

// Senders are all sender numbers, the oldest first.
func (w *Workspace) Senders() []Sender {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]Sender, len(w.senders))
	for i, n := range w.senders {
		all[i] = *n
	}
	return all
}

// AddSender adds a sender number, unless there is one with its phone or id.
func (w *Workspace) AddSender(n Sender) (Sender, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case w.sender(n.Phone, 0) != nil:
		return n, ErrPhoneTaken
	case n.ID != 0 && w.sender("", n.ID) != nil:
		return n, ErrIDTaken
	}
	return w.addSender(n), nil
}

// addSender adds a sender number. The caller holds the lock.
func (w *Workspace) addSender(n Sender) Sender {
	if n.ID == 0 {
		n.ID = tgo.NumberID(w.nextID.sender + 1)
	}
	w.nextID.sender = max(w.nextID.sender, int64(n.ID))
	n.Status = cmp.Or(n.Status, StatusActive)
	n.VerificationStatus = cmp.Or(n.VerificationStatus, StatusActive)
	n.verify(w.now())
	w.senders = append(w.senders, &n)
	return n
}

// SetSender changes the two states of a sender number; an empty one stays as it is.
func (w *Workspace) SetSender(id tgo.NumberID, status, verificationStatus string) (Sender, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := w.sender("", id)
	if n == nil {
		return Sender{}, false
	}
	n.Status = cmp.Or(status, n.Status)
	n.VerificationStatus = cmp.Or(verificationStatus, n.VerificationStatus)
	n.verify(w.now())
	return *n, true
}

// HasSender reports whether there is a sender number with this phone or, if that is empty, with this id.
func (w *Workspace) HasSender(phone tgo.Phone, id tgo.NumberID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.sender(phone, id) != nil
}

// SenderName is the display name of a sender number; empty if there is none.
func (w *Workspace) SenderName(id tgo.NumberID) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.sender("", id); n != nil {
		return n.DisplayName
	}
	return ""
}

// sender finds a sender number by its phone or, if that is empty, by its id. The caller holds the lock.
func (w *Workspace) sender(phone tgo.Phone, id tgo.NumberID) *Sender {
	for _, n := range w.senders {
		if (phone != "" && n.Phone == phone) || (phone == "" && n.ID == id) {
			return n
		}
	}
	return nil
}
