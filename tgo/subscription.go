package tgo

import (
	"context"
	"errors"

	"github.com/tgo-business/tgo-go/gen"
)

// Subscription is the organization's plan. Status may be empty, and Plan may be null. The content of Plan, Limits and
// UsageSnapshot is not documented, so they are returned unchanged.
//
// Its fields:
//
//	Limits         json.RawMessage // the limits of the plan
//	Plan           json.RawMessage // the plan; may be null
//	Status         string          // such as "active" (assumed); may be empty
//	UsageSnapshot  json.RawMessage // how much of the limits is used
type Subscription = gen.Subscription

var opSubscription = operation{id: "getSubscription", name: "read subscription"}

// Subscription reads the organization's plan. It needs no scope.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Subscription(ctx context.Context) (s Subscription, err error) {
	req, err := gen.NewGetSubscriptionRequest(c.baseURL)
	a, err := c.do(ctx, opSubscription, req, err)
	if err != nil {
		return Subscription{}, err
	}
	body, err := parse(a)
	object := withoutEnvelope(body)
	if err == nil {
		err = object.Read(&s)
	}
	if err == nil && !object.Member("status").Exists() && !object.Has("plan") && !object.Has("limits") && !object.Has("usage_snapshot") {
		err = errors.New(`it has no "status"`) // a null status is valid, but only beside the other fields
	}
	if err != nil {
		err = c.unreadable(opSubscription, a, err)
	}
	return s, err
}
