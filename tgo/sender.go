package tgo

import (
	"cmp"
	"context"
	"errors"
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
	numbers, err := s.find(ctx)
	if err != nil {
		return SenderNumber{}, err
	}
	last := numbers[len(numbers)-1]
	if last.Ready() == nil {
		return last, nil
	}
	return numbers[0], numbers[0].Ready()
}

// find looks the sender up in the list of sender numbers. A phone may be there more than once, as when it was removed and
// registered again: all of these are found, up to the first that is ready.
func (s *Sender) find(ctx context.Context) ([]SenderNumber, error) {
	if err := inputError("check sender", s.validate()); err != nil {
		return nil, err
	}
	var found []SenderNumber
	var count int
	var first error // of the odd entries
	for page, err := range s.client.senderNumberPages(ctx) {
		switch {
		case errors.Is(err, ErrUnreadable) && found != nil:
			return found, nil
		case errors.Is(err, ErrUnreadable):
			return nil, cmp.Or(first, err)
		case err != nil:
			return nil, err
		}
		odd := 0
		for _, value := range page.entries {
			count++
			var n SenderNumber
			if err := readWithID(value, &n, &n.ID); err != nil {
				if first == nil {
					first = s.client.unreadable(opListSenderNumbers, page.answer, err)
				}
				if odd++; odd > maxOdd {
					return nil, first
				}
				continue
			}
			if (s.byNumber && n.ID == int64(s.id)) || (!s.byNumber && s.phone.isWritten(n.Phone)) {
				found = append(found, n)
				if s.byNumber || n.Ready() == nil {
					return found, nil
				}
			}
		}
	}
	if found != nil {
		return found, nil
	}
	return nil, cmp.Or(first, fmt.Errorf("tgo: check sender: %w (of %d); see Client.SenderNumbers", ErrSenderUnknown, count))
}
