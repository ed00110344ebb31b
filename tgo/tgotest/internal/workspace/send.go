package workspace

import (
	"errors"
)

// Why the workspace refuses what it is given.
var (
	ErrNoSender         = errors.New("there is no such sender number")
	ErrSenderInactive   = errors.New("the sender number is not active")
	ErrSenderUnverified = errors.New("the owner of the sender number is not verified")
	ErrPhoneTaken       = errors.New("another sender number has this phone")
	ErrIDTaken          = errors.New("another sender number has this id")
)

// CannotReceiveError says that the recipient cannot receive messages.
type CannotReceiveError struct {
	// State is the state of the recipient.
	State ContactState
}

// Error is for the error interface.
func (e *CannotReceiveError) Error() string {
	return "this phone cannot receive messages: " + e.State.ReasonCode()
}

// NewMessage is a message to send.
type NewMessage struct {
	Message
	// Key is the id of the API key.
	Key int64
	// Resent is whether a person sends it again on purpose: then it is not a copy.
	Resent bool
}

// Sent is a message that was sent.
type Sent struct {
	Message
	// Recipient is the id of the person who gets it.
	Recipient int64
	// Resets counts the resets that came before.
	Resets int64
}

// Send sends a message from the sender number with its SenderPhone or, if that is empty, its SenderNumberID: both are checked,
// and the message is counted and kept, all in one step.
func (w *Workspace) Send(m NewMessage) (Sent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	from := w.sender(m.SenderPhone, m.SenderNumberID)
	if from == nil {
		return Sent{}, ErrNoSender
	}
	if err := from.cannotSend(); err != nil {
		return Sent{}, err
	}
	to := w.person(m.To)
	if to.State != Reachable {
		return Sent{}, &CannotReceiveError{to.State}
	}
	w.nextID.message++
	m.ID = w.nextID.message
	m.SenderNumberID, m.SenderPhone = from.ID, from.Phone
	m.SentAt = w.now().UTC()
	from.Sent++
	w.add(m)
	return Sent{m.Message, to.ID, w.resets}, nil
}
