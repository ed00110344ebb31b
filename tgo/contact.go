package tgo

import (
	"context"
	"net/http"

	"github.com/tgo-business/tgo-go/gen"
)

// Contact is what the API knows of a phone. CanReceive decides; ReasonCode says why not, and may be one that is not
// documented.
type Contact = gen.Contact

var opLookup = operation{id: "lookupContact", name: "look up contact", read: true}

// Lookup asks whether a phone can receive messages from this sender. A phone that nobody has is an answer, not an error.
// It needs the scope contacts.lookup.
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (s *Sender) Lookup(ctx context.Context, phone Phone) (Contact, error) {
	if err := inputError(opLookup.name, s.validate(), phone.validate("phone")); err != nil {
		return Contact{}, err
	}
	params := gen.LookupContactParams{Phone: string(phone)}
	if s.byNumber {
		id := int64(s.id)
		params.SenderNumberID = &id
	} else {
		sender := string(s.phone)
		params.SenderPhone = &sender
	}
	a, err := s.client.do(ctx, opLookup, func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error) {
		return s.client.api.LookupContact(ctx, &params, edit)
	})
	if err != nil {
		return Contact{}, err
	}
	var contact Contact
	if err := s.client.decodeData(opLookup, a, &contact, "exists", "can_receive"); err != nil {
		return Contact{}, err
	}
	return contact, nil
}
