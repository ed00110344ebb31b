package tgo_test

import (
	"testing"
	"time"
)

// A contact is read in each form that a PHP server may write it in.
func TestFormsOfAContact(t *testing.T) {
	noon := time.Date(2025, 1, 10, 12, 0, 0, 0, time.UTC)
	for _, body := range []string{
		`{"exists": 1, "can_receive": "1", "is_verified": "0", "recipient_id": "9", "reason_code": "ok", "phone_verified_at": "2025-01-10 12:00:00"}`,
		`{"data": {"exists": "true", "can_receive": true, "is_verified": 0, "recipient_id": 9.0, "reason_code": "ok", "phone_verified_at": "2025-01-10T14:00:00+0200"}}`,
	} {
		contact, err := always(t, 200, body).FromNumber(1).Lookup(t.Context(), testRecipient)
		if err != nil || !contact.Exists || !contact.CanReceive || contact.IsVerified || *contact.RecipientID != 9 || !contact.PhoneVerifiedAt.Equal(noon) {
			t.Errorf("%s: %+v, %v", body, contact, err)
		}
	}
}
