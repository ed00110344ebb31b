package tgo

import (
	"context"

	"github.com/tgo-business/tgo-go/gen"
)

// Me describes the owner of a key. APIKey is nil if the request was not made with a key. The fields of User and APIKey are
// assumed. The content of Subscription is not documented, so it is returned unchanged; it is null if there is no subscription.
//
// Its fields:
//
//	APIKey        *APIKey          // the key that the request was made with
//	Organization  gen.Organization // BillingEmail, EmailVerified, ID, Name, PrimaryDomain, Slug, Status
//	Subscription  json.RawMessage  // not documented; null if there is none
//	User          gen.User         // ID, Name
type Me = gen.Me

var opMe = operation{id: "getMe", name: "read me"}

// Me reads the owner of the key. It is a cheap test of a key. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Me(ctx context.Context) (me Me, err error) {
	req, err := gen.NewGetMeRequest(c.baseURL)
	a, err := c.do(ctx, opMe, req, err)
	if err != nil {
		return Me{}, err
	}
	err = c.decode(opMe, a, &me, "organization")
	return me, err
}
