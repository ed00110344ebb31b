package tgo

import (
	"cmp"
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
// [*InputError], an [*APIError], or the network's or the context's. It reads the list of sender numbers up to this one, and
// needs no scope. Phones are compared however the list writes them: without a plus sign, or with spaces. What cannot be read of
// the list is an [ErrUnreadable] only where the sender is not found in the rest.
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
	var count, odd int
	var first error // of the odd entries
	for page, err := range s.client.senderNumberPages(ctx) {
		if err != nil {
			return SenderNumber{}, cmp.Or(first, err)
		}
		for _, value := range page.entries {
			count++
			var n SenderNumber
			if err := readWithID(value, &n, &n.ID); err != nil {
				if first == nil {
					first = s.client.unreadable(opListSenderNumbers, page.answer, err)
				}
				if odd++; odd > maxOdd {
					return SenderNumber{}, first
				}
				continue
			}
			if (s.byNumber && n.ID == int64(s.id)) || (!s.byNumber && s.phone.isWritten(n.Phone)) {
				return n, nil
			}
		}
	}
	return SenderNumber{}, cmp.Or(first, fmt.Errorf("tgo: check sender: %w (of %d); see Client.SenderNumbers", ErrSenderUnknown, count))
}
