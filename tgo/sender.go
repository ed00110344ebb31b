package tgo

import (
	"context"
	"fmt"
)

// NumberID is the id of a sender number, as [Client.SenderNumbers] lists it.
type NumberID int64

// Sender sends from one sender number, named by its phone or by its id: never by both, never by neither. It is made by
// [Client.FromPhone] or [Client.FromNumber], costs nothing, and is safe for use by many goroutines.
type Sender struct {
	client   *Client
	phone    Phone
	id       NumberID
	byNumber bool
}

// FromPhone sends from the sender number with this phone. A phone that is not in E.164 form is told by the first call.
func (c *Client) FromPhone(phone Phone) *Sender { return &Sender{client: c, phone: phone} }

// FromNumber sends from the sender number with this id. An id below 1 is told by the first call.
func (c *Client) FromNumber(id NumberID) *Sender { return &Sender{client: c, id: id, byNumber: true} }

func (s *Sender) validate() *FieldError {
	if !s.byNumber {
		return s.phone.validate("sender_phone")
	}
	if s.id < 1 {
		return fieldError("sender_number_id", "must be 1 or more")
	}
	return nil
}

// Check asks whether this sender may send, and if not, why not. The error is then an [ErrSenderInactive],
// [ErrSenderUnverified] or [ErrSenderUnknown]; the number comes with the first two as well. Other errors are an
// [*InputError], an [*APIError], or the network's or the context's. It reads the list of sender
// numbers, and needs no scope.
func (s *Sender) Check(ctx context.Context) (SenderNumber, error) {
	number, err := s.find(ctx)
	if err != nil {
		return number, err
	}
	return number, number.Ready()
}

// find looks the sender up in the list of sender numbers.
func (s *Sender) find(ctx context.Context) (SenderNumber, error) {
	if err := inputError("check sender", s.validate()); err != nil {
		return SenderNumber{}, err
	}
	numbers, err := s.client.SenderNumbers(ctx)
	if err != nil {
		return SenderNumber{}, err
	}
	for _, n := range numbers {
		if (s.byNumber && n.ID == int64(s.id)) || (!s.byNumber && n.Phone == string(s.phone)) {
			return n, nil
		}
	}
	return SenderNumber{}, fmt.Errorf("tgo: check sender: %w (of %d); see Client.SenderNumbers", ErrSenderUnknown, len(numbers))
}
