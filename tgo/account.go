package tgo

import (
	"context"
	"net/http"

	"github.com/tgo-business/tgo-go/gen"
)

// Me says who a key acts for. APIKey is nil where the request was not made with one. The fields inside User and
// Organization are assumed.
type Me = gen.Me

// Subscription is the organization's plan. What is inside Plan, Limits and UsageSnapshot is not documented, so they come
// as they are.
type Subscription = gen.Subscription

var (
	opMe           = operation{id: "getMe", name: "read me", read: true}
	opSubscription = operation{id: "getSubscription", name: "read subscription", read: true}
)

// Me asks whose key this is; it is a cheap test of a key. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Me(ctx context.Context) (Me, error) {
	a, err := c.do(ctx, opMe, func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error) {
		return c.api.GetMe(ctx, edit)
	})
	if err != nil {
		return Me{}, err
	}
	var me Me
	err = c.decodeData(opMe, a, &me, "organization")
	return me, err
}

// Subscription reads the organization's plan. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Subscription(ctx context.Context) (Subscription, error) {
	a, err := c.do(ctx, opSubscription, func(ctx context.Context, edit gen.RequestEditorFn) (*http.Response, error) {
		return c.api.GetSubscription(ctx, edit)
	})
	if err != nil {
		return Subscription{}, err
	}
	var s Subscription
	err = c.decodeData(opSubscription, a, &s, "status")
	return s, err
}
