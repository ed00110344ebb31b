package tgo_test

import (
	"testing"
)

// A subscription is read in each form that a PHP server may write it in, with nulls too.
func TestFormsOfASubscription(t *testing.T) {
	for body, status := range map[string]string{
		`{"plan": null, "status": null, "limits": [], "usage_snapshot": []}`:        "",
		`{"status": null, "limits": [{}]}`:                                          "",
		`{"plan": {"name": "x"}, "status": "active"}`:                               "active",
		`{"data": {"plan": null, "status": "past_due", "limits": null}, "x": null}`: "past_due",
	} {
		subscription, err := always(t, 200, body).Subscription(t.Context())
		if err != nil || subscription.Status != status {
			t.Errorf("%s: %+v, %v", body, subscription, err)
		}
	}
}
