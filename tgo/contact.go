package tgo

import (
	"context"

	"github.com/tgo-business/tgo-go/gen"
)

// Contact is what the API knows about a phone. CanReceive says whether a message can be sent to it. ReasonCode says why not, and
// may be a code that is not documented.
//
// Its fields:
//
//	CanReceive       bool       // whether the phone can receive messages
//	Exists           bool       // whether a user of TGO Connect has this phone
//	IsVerified       bool       // whether the account of the user is verified
//	PhoneVerifiedAt  *time.Time // nil if the phone is not verified
//	ReasonCode       string     // "ok" is documented; "not_found", "unreachable" and "unverified" are assumed
//	RecipientID      *int64     // the user on TGO Connect; nil if there is none
type Contact = gen.Contact

var opLookup = operation{id: "lookupContact", name: "look up contact"}

// Lookup asks whether a phone can receive messages from this sender. For a phone that no user has, the result is a Contact with
// Exists false, not an error. Lookup needs the scope contacts.lookup. It is assumed that the API requires a sender.
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
