package tgo

import (
	"context"

	"github.com/tgo-business/tgo-go/gen"
)

// Me says who a key acts for. APIKey is nil where the request was not made with one. The fields inside User and
// Organization are assumed.
type Me = gen.Me

// Subscription is the organization's plan. What is inside Plan, Limits and UsageSnapshot is not documented, so they come
// as they are.
type Subscription = gen.Subscription

var (
	opMe           = operation{id: "getMe", name: "read me"}
	opSubscription = operation{id: "getSubscription", name: "read subscription"}
)

// Me asks whose key this is; it is a cheap test of a key. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Me(ctx context.Context) (me Me, err error) {
	req, err := gen.NewGetMeRequest(c.baseURL)
	a, err := c.do(ctx, opMe, req, err)
	if err != nil {
		return Me{}, err
	}
	err = c.decodeData(opMe, a, &me, "organization")
	return me, err
}

// Subscription reads the organization's plan. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Subscription(ctx context.Context) (s Subscription, err error) {
	req, err := gen.NewGetSubscriptionRequest(c.baseURL)
	a, err := c.do(ctx, opSubscription, req, err)
	if err != nil {
		return Subscription{}, err
	}
	err = c.decodeData(opSubscription, a, &s, "status")
	return s, err
}
