package tgo_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// kinds are the Err variables that a response may be a case of.
var kinds = map[string]error{
	"unauthenticated": tgo.ErrUnauthenticated, "scope": tgo.ErrScope, "tenant": tgo.ErrTenant, "not found": tgo.ErrNotFound, "validation": tgo.ErrValidation,
	"rate": tgo.ErrRateLimited, "server": tgo.ErrServer, "inactive": tgo.ErrSenderInactive, "unverified": tgo.ErrSenderUnverified,
}

// A refusal of the sender is recognized by both wordings with any 4xx, and is no other case. With a 5xx it is a server error.
func TestRefusalsOfTheSender(t *testing.T) {
	t.Parallel()
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

// Error texts for other failures of Laravel, PHP and nginx.
func TestErrorsOfTheServersBehind(t *testing.T) {
	nginx := func(status string) string {
		return "<html>\r\n<head><title>" + status + "</title></head>\r\n<body>\r\n<center><h1>" + status + "</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	}
	for _, c := range []struct {
		status     int
		body, says string
	}{
		{413, "{\n    \"message\": \"\"\n}", "413 Request Entity Too Large; the request is too large for the server: send less in one request, such as a smaller file"},
		{413, nginx("413 Request Entity Too Large"), "413 Request Entity Too Large; the request is too large for the server: send less in one request, such as a smaller file"},
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

// A missing scope is a 403 according to the vendor's guides, and a 401 according to its OpenAPI document.
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

// The error for any status and body shows the body.
func TestErrorsWithAnyBody(t *testing.T) {
	t.Parallel()
	bodies := []struct{ contentType, body, says string }{
		{"application/json", `{"message": "No way.", "errors": {"to_phone": ["Bad."]}}`, "No way; to_phone: Bad"},
		{"application/json", `{"message": "No.", "errors": {"a": "one", "b": [1], "c": {"d": 1}, "e": null}}`, `b: [1]; c: {"d": 1}`},
		{"application/json", `{"errors": {"a": ["one"]}}`, "a: one"},
		{"application/json", `{"message": "No.", "errors": ["One.", "two"]}`, "No; One. two"},
		{"application/json", `{"message": "No.", "errors": "one"}`, "No; one"},
		{"application/json", `{"message": ["One.", "two."], "errors": []}`, " One. two"},
		{"application/json", `{"message": 5, "errors": false}`, " 5"},
		{"application/json", `{"message": {"a": 1}}`, `{"message": {"a": 1}}`},
		{"application/json", `{"error": "other shape"}`, "other shape"},
		{"application/json", "", ""},
		{"application/json", `{"message": `, "{"},
		{"text/html", "<html><head><title>502 Bad Gateway</title></head><body><script>x()</script>nginx", "502 Bad Gateway"},
		{"text/html", "<h1>Oops</h1><style>a{}</style> &amp; more", "Oops & more"},
		{"text/plain", "upstream \xff timed out", "upstream ? timed out"},
	}
	for _, status := range []int{400, 401, 403, 404, 418, 422, 429, 500, 503} {
		for _, b := range bodies {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", b.contentType)
				w.WriteHeader(status)
				_, _ = io.WriteString(w, b.body)
			}, tgo.WithReadRetries())
			for _, read := range reads {
				err := read.call(t.Context(), client)
				var apiError *tgo.APIError
				if !errors.As(err, &apiError) || apiError.Status != status || !strings.Contains(err.Error(), fmt.Sprint(status)) {
					t.Fatalf("%d %q, %s: %v", status, b.body, read.name, err)
				}
				if !strings.Contains(err.Error(), b.says) || string(apiError.Body) != b.body && b.contentType != "text/plain" {
					t.Errorf("%d %q, %s: %v", status, b.body, read.name, err)
				}
			}
		}
	}
}

// A refusal is also recognized if PHP wrote its errors as a list.
func TestRefusalWithAListOfErrors(t *testing.T) {
	for message, want := range map[string]error{
		"The sender number is not active.":                tgo.ErrSenderInactive,
		"Tenant could not be identified for this domain.": tgo.ErrTenant,
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			answer(w, 404, `{"message": "`+message+`", "errors": []}`)
		})
		if _, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello"); !errors.Is(err, want) {
			t.Errorf("%v is no %v", err, want)
		}
	}
}

// The error for a 403 gives the scope as the reason only if the server does, and never for an HTML page of a firewall.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		contentType, body, says string
		scope                   bool
	}{
		{"application/json", `{"message": "This API key does not have the required scope."}`, "use a key with the scope messages.send", true},
		{"application/json", `{"message": "Your subscription has expired."}`, "the key may lack the scope messages.send", true},
		{"text/html", "<html><title>Attention Required!</title>", "403 Attention Required! (rejected)", false},
	} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.contentType)
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, c.body)
		})
		_, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		var apiError *tgo.APIError
		if !errors.As(err, &apiError) || errors.Is(err, tgo.ErrScope) != c.scope || (apiError.RequiredScope != "") != c.scope || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v", err)
		}
	}
}
