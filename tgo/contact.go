package tgo

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/tgo-business/tgo-go/gen"
)

// Contact is what the API knows of a phone. CanReceive decides; ReasonCode says why not, and may be one that is not
// documented.
type Contact = gen.Contact

var opLookup = operation{id: "lookupContact", name: "look up contact", read: true}

// Lookup asks whether a phone can receive messages from this sender. A phone that nobody has is an answer, not an error.
// It needs the scope contacts.lookup. That the API wants a sender is assumed.
//
// Errors are an [*InputError], an [*APIError], or the network's or the context's.
func (s *Sender) Lookup(ctx context.Context, phone Phone) (Contact, error) {
	if err := inputError(opLookup.name, s.validate(), phone.validate("phone")); err != nil {
		return Contact{}, err
	}
	query := "phone=" + url.QueryEscape(string(phone))
	if s.byNumber {
		query += "&sender_number_id=" + strconv.FormatInt(int64(s.id), 10)
	} else {
		query += "&sender_phone=" + url.QueryEscape(string(s.phone))
	}
	req, err := s.client.lookup.of(func() (*http.Request, error) {
		return gen.NewLookupContactRequest(s.client.api.Server, nil)
	})
	if err != nil {
		return Contact{}, err
	}
	a, err := s.client.do(ctx, opLookup, func(ctx context.Context, _ gen.RequestEditorFn) (*http.Response, error) {
		return s.client.get(ctx, req, query)
	})
	if err != nil {
		return Contact{}, err
	}
	if contact, ok := a.contact(); ok {
		return contact, nil
	}
	var contact Contact // in an unusual form, or something else altogether
	if err := s.client.decodeData(opLookup, a, &contact, "exists", "can_receive"); err != nil {
		return Contact{}, err
	}
	return contact, nil
}

// contact reads the usual forms of a contact in one go, and reports whether this is one.
func (a answer) contact() (Contact, bool) {
	type checked struct {
		Exists     *bool `json:"exists"` // not there is not the same as false
		CanReceive *bool `json:"can_receive"`
		Contact
	}
	var said struct {
		Data *checked `json:"data"`
		checked
	}
	if a.readErr != nil || a.isHTML() || unmarshal(a.body, &said) != nil {
		return Contact{}, false
	}
	found := &said.checked
	if said.Data != nil {
		found = said.Data
	}
	if found.Exists == nil || found.CanReceive == nil {
		return Contact{}, false
	}
	found.Contact.Exists, found.Contact.CanReceive = *found.Exists, *found.CanReceive
	return found.Contact, true
}
