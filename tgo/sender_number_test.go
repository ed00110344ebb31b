package tgo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
)

// A number is ready if both conditions are met. Otherwise the error says which is not.
func TestReady(t *testing.T) {
	for _, c := range []struct {
		status, verification string
		want                 error
		says                 string
	}{
		{"active", "active", nil, ""},
		{"pending_verification", "active", tgo.ErrSenderInactive, "one-time code"},
		{"pending_verification", "pending_account_verification", tgo.ErrSenderInactive, "one-time code"},
		{"pending_account_verification", "active", tgo.ErrSenderUnverified, "account verified"},
		{"suspended", "active", tgo.ErrSenderInactive, "it is suspended"},
		{"rejected", "active", tgo.ErrSenderInactive, "it was rejected"},
		{"removed", "active", tgo.ErrSenderInactive, "it was removed"},
		{"asleep", "active", tgo.ErrSenderInactive, `its status is "asleep"`},
		{"", "", tgo.ErrSenderInactive, `its status is ""`},
		{"active", "pending_verification", tgo.ErrSenderUnverified, "one-time code"},
		{"active", "pending_account_verification", tgo.ErrSenderUnverified, "account verified"},
		{"active", "rejected", tgo.ErrSenderUnverified, "verification was rejected"},
		{"active", "verified", tgo.ErrSenderUnverified, `its verification_status is "verified"`},
		{"active", "", tgo.ErrSenderUnverified, `its verification_status is ""`},
	} {
		n := tgo.SenderNumber{SenderNumber: gen.SenderNumber{ID: 13, Status: c.status, VerificationStatus: c.verification}}
		err := n.Ready()
		if !errors.Is(err, c.want) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%q, %q: %v", c.status, c.verification, err)
		}
		if err != nil && (errors.Is(err, tgo.ErrSenderInactive) == errors.Is(err, tgo.ErrSenderUnverified) || strings.Contains(err.Error(), "code") != (c.says == "one-time code")) {
			t.Errorf("%q, %q: %v", c.status, c.verification, err)
		}
	}
}

// Sender numbers are read in each form that a PHP server may write them in. An empty list is not an error.
func TestFormsOfSenderNumbers(t *testing.T) {
	for _, body := range []string{
		`{"data": {"0": {"id": "1", "phone": "+201001187188"}, "2": {"id": 2, "phone": 201001187189, "daily_limit_override": "5", "verified_at": ""}}}`,
		`[{"id": "1", "phone": "+201001187188"}, {"id": "2", "phone": "201001187189", "daily_limit_override": 5, "verified_at": null}]`,
	} {
		numbers, err := always(t, 200, body).SenderNumbers(t.Context())
		if err != nil || len(numbers) != 2 || numbers[0].ID != 1 || numbers[1].ID != 2 || numbers[1].Phone != "201001187189" || *numbers[1].DailyLimitOverride != 5 {
			t.Errorf("%s: %+v, %v", body, numbers, err)
		}
	}
	for _, body := range []string{`{"data": []}`, `{"data": {}}`, `[]`} {
		if numbers, err := always(t, 200, body).SenderNumbers(t.Context()); err != nil || numbers == nil || len(numbers) > 0 {
			t.Errorf("%s: %+v, %v", body, numbers, err)
		}
	}
}
