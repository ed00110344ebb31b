package tgo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

// NumberID is the id of a sender number, as [Client.SenderNumbers] lists it.
type NumberID int64

// Sender sends from one sender number, which is identified by its phone or by its id. [Client.FromPhone] and [Client.FromNumber]
// return one, without a request. It is safe for concurrent use.
type Sender struct {
	client   *Client
	phone    Phone
	id       NumberID
	byNumber bool
}

// FromPhone returns a Sender for the sender number with this phone. If the phone is not in E.164 form, the first call returns an
// error.
func (c *Client) FromPhone(phone Phone) *Sender { return &Sender{client: c, phone: phone} }

// FromNumber returns a Sender for the sender number with this id. If the id is below 1, the first call returns an error.
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

// Check asks whether this sender may send. If not, the error says why and is an [ErrSenderInactive], [ErrSenderUnverified] or
// [ErrSenderUnknown]; with the first two the number is returned too. Other errors are an [*InputError], an [*APIError], or the
// network's or the context's. Check reads the list of sender numbers until it finds this one, and needs no scope. The phones in the
// list may also be without a plus sign or with spaces. If a part of the list cannot be read, the error is an [ErrUnreadable] only if
// the sender is not in the rest.
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

// find looks up the sender in the list of sender numbers. A phone may be in the list more than once, for example if it was removed and
// registered again. find returns all of these up to the first one that is ready.
func (s *Sender) find(ctx context.Context) ([]SenderNumber, error) {
	if err := inputError("check sender", s.validate()); err != nil {
		return nil, err
	}
	var found []SenderNumber
	var count int
	var first error // of the entries that cannot be read
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
	return nil, cmp.Or(first, fmt.Errorf("tgo: check sender: %w (it has %d); see Client.SenderNumbers", ErrSenderUnknown, count))
}
