package tgo

import (
	"context"

	"github.com/tgo-business/tgo-go/gen"
)

// Me says who a key acts for. APIKey is nil where the request was not made with one. The fields inside User and APIKey are
// assumed. What is inside Subscription is not documented, so it comes as it is; it is null where there is none.
//
// Its fields:
//
//	APIKey        *APIKey          // the key that the request was made with
//	Organization  gen.Organization // ID, Name, Slug, PrimaryDomain, Status, BillingEmail, EmailVerified
//	Subscription  json.RawMessage
//	User          gen.User         // ID, Name
type Me = gen.Me

var opMe = operation{id: "getMe", name: "read me"}

// Me asks whose key this is; it is a cheap test of a key. It needs no scope.
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
