package contract

import (
	"net/http"
	"strings"
	"testing"
)

// TestValidationFindsWrongAnswers shows that ValidateResponse accepts valid responses and refuses invalid ones.
func TestValidationFindsWrongAnswers(t *testing.T) {
	t.Parallel()
	const contact = `{"exists":true,"can_receive":true,"reason_code":"ok","recipient_id":1,"is_verified":true,"phone_verified_at":"2025-01-10T08:00:00Z"}`
	req := Request{Method: http.MethodGet, Target: "/contacts/lookup"}.HTTP(t, "http://tenant"+BasePath, "")
	header := http.Header{"Content-Type": {JSONType}}
	if err := ValidateResponse(req, http.StatusOK, header, []byte(contact)); err != nil {
		t.Error("a valid response is refused:", err)
	}
	if err := ValidateResponse(req, http.StatusOK, header, []byte(strings.Replace(contact, "{", `{"brand":{"new":1},`, 1))); err != nil {
		t.Error("a response with an unknown property is refused:", err)
	}
	for name, bad := range map[string]struct {
		status      int
		contentType string
		body        string
	}{
		"a status that is not declared": {http.StatusTeapot, JSONType, `{"message":"a"}`},
		"another success":               {http.StatusCreated, JSONType, contact},
		"no JSON":                       {http.StatusOK, "text/html", contact},
		"a property is missing":         {http.StatusOK, JSONType, strings.Replace(contact, `"exists":true,`, "", 1)},
		"a property of another type":    {http.StatusOK, JSONType, strings.Replace(contact, `"exists":true`, `"exists":"yes"`, 1)},
		"null where it may not be":      {http.StatusOK, JSONType, strings.Replace(contact, `"ok"`, `null`, 1)},
		"not a time":                    {http.StatusOK, JSONType, strings.Replace(contact, "T08", " 08", 1)},
		"an envelope":                   {http.StatusOK, JSONType, `{"data":` + contact + `}`},
		"an error without a message":    {http.StatusUnauthorized, JSONType, `{"error":"a"}`},
		"field errors that are no list": {http.StatusUnprocessableEntity, JSONType, `{"message":"a","errors":{"phone":"bad"}}`},
		"an empty body":                 {http.StatusOK, JSONType, ``},
	} {
		if ValidateResponse(req, bad.status, http.Header{"Content-Type": {bad.contentType}}, []byte(bad.body)) == nil {
			t.Errorf("%s passes", name)
		}
	}
	if d := Published.Disagreements(); len(d) > 0 {
		t.Errorf("the editions of the contract disagree: %q", d)
	}
}
