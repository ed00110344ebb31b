package contract_test

import (
	"errors"
	"net/http"
	"reflect"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestLookupsAgreeWithSends looks up a contact in each state and then sends to it: a lookup must not promise what a send refuses.
func TestLookupsAgreeWithSends(t *testing.T) {
	t.Parallel()
	states := map[tgotest.ContactState]tgo.Contact{
		tgotest.ContactReachable:   {Exists: true, CanReceive: true, ReasonCode: "ok", IsVerified: true},
		tgotest.ContactUnreachable: {Exists: true, ReasonCode: "unreachable", IsVerified: true},
		tgotest.ContactUnverified:  {Exists: true, ReasonCode: "unverified"},
		tgotest.ContactUnknown:     {ReasonCode: "not_found"},
	}
	for state, want := range states {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			j := suite.NewValidator()
			now := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
			fake := suite.NewFake(t, func(c *tgotest.Config) {
				c.Strangers = state
				c.Contacts = append(c.Contacts, tgotest.Contact{Phone: "+201010000001", State: state})
				c.Now = func() time.Time { return now }
			})
			fake.SetContact("+201010000002", state)
			client := j.Client(t, fake, fake.Key)
			for _, phone := range []tgo.Phone{"+201010000001", "+201010000002", "+201010000003"} {
				for _, f := range bothSenders {
					got, err := f.of(client).Lookup(t.Context(), phone)
					if err != nil {
						t.Fatal(err)
					}
					if (got.RecipientID != nil) != want.Exists || (got.PhoneVerifiedAt != nil) != want.IsVerified {
						t.Errorf("%s: recipient %v, verified at %v", phone, got.RecipientID, got.PhoneVerifiedAt)
					}
					got.RecipientID, got.PhoneVerifiedAt = nil, nil
					if !reflect.DeepEqual(got, want) {
						t.Errorf("%s: %+v, want %+v", phone, got, want)
					}
					before := suite.CountsOf(t, fake)
					_, err = f.of(client).SendText(t.Context(), phone, "a")
					if want.CanReceive {
						if err != nil || suite.CountsOf(t, fake) != before.Plus(1) {
							t.Errorf("%s can receive, but: %v", phone, err)
						}
						continue
					}
					var refusal *tgo.APIError
					if !errors.As(err, &refusal) || refusal.Status != http.StatusUnprocessableEntity || refusal.Message != textInvalid || len(refusal.Fields["to_phone"]) == 0 {
						t.Errorf("%s cannot receive, but: %v", phone, err)
					}
					if suite.CountsOf(t, fake) != before {
						t.Errorf("%s: the refused message was counted", phone)
					}
				}
			}
			j.Report(t)
		})
	}
}
