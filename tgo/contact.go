package tgo

import (
	"context"

	"github.com/tgo-business/tgo-go/gen"
)

// Contact is what the API knows of a phone. CanReceive decides; ReasonCode says why not, and may be one that is not
// documented.
//
// Its fields:
//
//	CanReceive       bool       // whether a message would reach them
//	Exists           bool       // whether somebody on TGO Connect has this phone
//	IsVerified       bool       // whether their account is verified
//	PhoneVerifiedAt  *time.Time // nil where the phone was not verified
//	ReasonCode       string     // "ok" is the only documented one
//	RecipientID      *int64     // their user on TGO Connect; nil where there is none
type Contact = gen.Contact

var opLookup = operation{id: "lookupContact", name: "look up contact"}

// Lookup asks whether a phone can receive messages from this sender. A phone that nobody has is an answer, not an error.
// It needs the scope contacts.lookup. That the API wants a sender is assumed.
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (s *Sender) Lookup(ctx context.Context, phone Phone) (Contact, error) {
	if err := inputError(opLookup.name, s.validate(), phone.validate("phone")); err != nil {
		return Contact{}, err
	}
	params := gen.LookupContactParams{Phone: string(phone)}
	if s.byNumber {
		params.SenderNumberID = new(int64(s.id))
	} else {
		params.SenderPhone = new(string(s.phone))
	}
	req, err := gen.NewLookupContactRequest(s.client.baseURL, &params)
	a, err := s.client.do(ctx, opLookup, req, err)
	if err != nil {
		return Contact{}, err
	}
	var contact Contact
	if err := s.client.decode(opLookup, a, &contact, "exists", "can_receive"); err != nil {
		return Contact{}, err
	}
	return contact, nil
}
