package tgo_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
)

// kinds are the errors that an answer may be.
var kinds = map[string]error{
	"unauthenticated": tgo.ErrUnauthenticated, "scope": tgo.ErrScope, "tenant": tgo.ErrTenant, "not found": tgo.ErrNotFound, "validation": tgo.ErrValidation,
	"rate": tgo.ErrRateLimited, "server": tgo.ErrServer, "inactive": tgo.ErrSenderInactive, "unverified": tgo.ErrSenderUnverified,
}

// A refusal of the sender is known by both wordings, under any 4xx, and is nothing else; under a 5xx it is a server error.
func TestRefusalsOfTheSender(t *testing.T) {
	for message, want := range map[string]string{
		"The sender number is not active.": "inactive",
		"Sender number is not active.":     "inactive",
		"يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال.":             "unverified",
		"The sender number owner must be verified in Sinjapp before using the messaging API.": "unverified",
	} {
		for _, body := range []string{
			`{"message": "%s"}`, `{"message": "  %s\n "}`, `{"message": "The given data was invalid.", "errors": {"sender_phone": ["%s"]}}`,
			`{"message": "The given data was invalid.", "errors": {"sender_phone": {"1": "%s"}}}`, `{"errors": {"x": "%s"}}`,
			`{"message": "x", "errors": ["y", "%s"]}`, `{"message": "x", "errors": "%s"}`, `{"message": ["%s"]}`,
		} {
			for _, text := range []string{message, strings.TrimSuffix(message, ".")} {
				for _, status := range []int{400, 401, 402, 403, 404, 409, 422, 423, 429, 500, 503} {
					want := want
					if status >= 500 {
						want = "server"
					}
					body := strings.Replace(strings.Replace(body, "%s", text, 1), "\n", `\n`, 1)
					_, err := always(t, status, body).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
					for name, kind := range kinds {
						if errors.Is(err, kind) != (name == want) {
							t.Errorf("%d %s is %s: %v", status, body, name, errors.Is(err, kind))
						}
					}
					if hinted := strings.Contains(err.Error(), "see the number's status"); hinted != (status < 500) || strings.Contains(err.Error(), "code") {
						t.Errorf("%d: %v", status, err)
					}
				}
			}
		}
	}
	_, err := always(t, 422, `{"message": "The sender number is not active today."}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
	if errors.Is(err, tgo.ErrSenderInactive) || !errors.Is(err, tgo.ErrValidation) {
		t.Error(err)
	}
}

// What Laravel, PHP and nginx answer besides refusals, and what the error says of it.
func TestErrorsOfTheServersBehind(t *testing.T) {
	nginx := func(status string) string {
		return "<html>\r\n<head><title>" + status + "</title></head>\r\n<body>\r\n<center><h1>" + status + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	}
	for _, c := range []struct {
		status     int
		body, says string
	}{
		{413, "{\n    \"message\": \"\"\n}", "413 Request Entity Too Large; the server takes no request of this size"},
		{413, nginx("413 Request Entity Too Large"), "413 Request Entity Too Large; the server takes no request of this size"},
		{404, `{"message": ""}`, "404 Not Found; the server has no such path; check the base URL"},
		{404, `{"message": "API key not found."}`, "404 API key not found"},
		{502, nginx("502 Bad Gateway"), "502 Bad Gateway"},
		{500, `{"message": "Server Error"}`, "500 Server Error"},
		{500, `{"message": "SQLSTATE[HY000] (SQL: insert into messages values (+201010000000, Hello))", "exception": "Illuminate\\Database\\QueryException", "trace": []}`,
			`500 Illuminate\Database\QueryException`},
		{422, `{"message": "No.", "exception": "Symfony\\HttpException"}`, "422 No"},
		{500, `{"error": "trouble"}`, `500 {"error": "trouble"}`},
		{500, `{"message": {"text": "trouble"}}`, `500 {"message": {"text": "trouble"}}`},
	} {
		_, err := always(t, c.status, c.body).Me(t.Context())
		if want := "tgo: read me: " + c.says; err == nil || err.Error() != want {
			t.Errorf("%d %s:\n got %v\nwant %v", c.status, c.body, err, want)
		}
	}
}

// A key that is not there is no wrong base URL.
func TestRevokingWhatIsNotThere(t *testing.T) {
	err := always(t, 404, `{"message": ""}`).RevokeAPIKey(t.Context(), 7)
	if !errors.Is(err, tgo.ErrNotFound) || strings.Contains(err.Error(), "base URL") {
		t.Error(err)
	}
}

// A missing scope is a 403 by the vendor's guides, and a 401 by its OpenAPI document.
func TestMissingScope(t *testing.T) {
	for _, status := range []int{401, 403} {
		for _, message := range []string{"This API key does not have the required scope.", "This API key does not have the required scope"} {
			_, err := always(t, status, `{"message": "`+message+`"}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
			var refused *tgo.APIError
			if !errors.Is(err, tgo.ErrScope) || errors.Is(err, tgo.ErrUnauthenticated) || !errors.As(err, &refused) || refused.RequiredScope != "messages.send" ||
				!strings.Contains(err.Error(), "use a key with the scope messages.send") {
				t.Errorf("%d: %v", status, err)
			}
		}
	}
	if _, err := always(t, 401, `{"message": "Unauthenticated."}`).Me(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) || errors.Is(err, tgo.ErrScope) {
		t.Error(err)
	}
}

// A number is ready where both conditions hold. Otherwise it says which does not.
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
