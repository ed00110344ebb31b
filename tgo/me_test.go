package tgo_test

import (
	"testing"
)

// Me is read in each form that a PHP server may write it in, with nulls too.
func TestFormsOfMe(t *testing.T) {
	for _, body := range []string{
		`{"user": [], "api_key": null, "organization": {"id": "3", "email_verified": 1}, "subscription": null}`,
		`{"data": {"user": {"id": "4"}, "api_key": {"id": "5", "scopes": {"1": "*"}, "expires_at": ""}, "organization": {"id": 3, "email_verified": true}, "subscription": {}}}`,
	} {
		me, err := always(t, 200, body).Me(t.Context())
		if err != nil || me.Organization.ID != 3 || !me.Organization.EmailVerified || (me.APIKey != nil && (me.APIKey.ID != 5 || me.APIKey.Scopes[0] != "*")) {
			t.Errorf("%s: %+v, %v", body, me, err)
		}
	}
}
