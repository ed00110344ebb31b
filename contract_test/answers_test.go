package contract_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestEveryAnswerConforms makes every operation respond with its success and with every error that the document declares for it,
// validates the responses, and then checks that none was left out.
func TestEveryAnswerConforms(t *testing.T) {
	t.Parallel()
	j := suite.NewValidator()
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.PageSize = 2 })
	client := j.Client(t, fake, fake.Key)
	for _, c := range calls(t) {
		if _, err := c.do(t.Context(), client); err != nil && (c.method != "Client.RevokeAPIKey" || !errors.Is(err, tgo.ErrNotFound)) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	driveRefusals(t, j, fake)
	j.Report(t)

	for _, op := range contract.Operations() {
		for status := range op.ByStatus() {
			switch {
			case status == "2XX":
				continue // the fake responds with the documented status, except in a variant
			case status == "5XX":
				status = "503"
			case status == "403" && len(op.RequiredScopes()) == 0:
				continue // the document allows it, because the vendor names no scope
			}
			if !j.Answered(op.OperationID, status) {
				t.Errorf("%s never returned %s", op.OperationID, status)
			}
		}
	}
}

// driveRefusals sends the document's examples with something wrong in each.
func driveRefusals(t *testing.T, j *suite.Validator, fake *tgotest.Server) {
	t.Helper()
	noScopes := fake.NewKey().Reveal()
	key := fake.Key.Reveal()
	said := func(a suite.Answer, status int, want string) {
		t.Helper()
		where := a.Request.Method + " " + a.Request.URL.Path
		if a.Status != status {
			t.Errorf("%s returned %d %s, want %d", where, a.Status, a.Body, status)
			return
		}
		if got := a.Error(t); got.Message != want || got.Errors != nil {
			t.Errorf("%s says %q %v, want %q", where, got.Message, got.Errors, want)
		}
	}
	for _, op := range contract.Operations() {
		for _, r := range contract.ExampleRequests(t, op) {
			said(suite.RoundTrip(t, j, r.HTTP(t, fake.URL, "")), http.StatusUnauthorized, textUnauthenticated)
			said(suite.RoundTrip(t, j, r.HTTP(t, fake.URL, "tgo_wrong")), http.StatusUnauthorized, textUnauthenticated)
			if len(op.RequiredScopes()) > 0 {
				said(suite.RoundTrip(t, j, r.HTTP(t, fake.URL, noScopes)), http.StatusForbidden, textMissingScope)
			}
			// The tenant is looked up before the key is checked.
			for _, k := range []string{key, noScopes, "tgo_wrong", ""} {
				stranger := r.HTTP(t, fake.URL, k)
				stranger.Host = "unknown.tgo-eg.com"
				said(suite.RoundTrip(t, j, stranger), http.StatusNotFound, textUnknownTenant)
			}
			for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
				fault, err := fake.Inject(tgotest.Fault{Operation: op.OperationID, Kind: tgotest.FaultStatus, Status: status, RetryAfter: "30", Times: 1})
				if err != nil {
					t.Fatal(err)
				}
				if a := suite.RoundTrip(t, j, r.HTTP(t, fake.URL, key)); a.Status != status || a.Header.Get("Retry-After") != "30" {
					t.Errorf("%s returned %d, want %d with a Retry-After", op.OperationID, a.Status, status)
				}
				fault.Remove()
			}
		}
	}
	for _, bad := range []request{
		{Method: "POST", Target: "/messages", ContentType: jsonType, Body: []byte(`{}`)},
		{Method: "GET", Target: "/messages?page=0"},
		{Method: "GET", Target: "/contacts/lookup"},
		{Method: "POST", Target: "/sender-numbers", ContentType: jsonType, Body: []byte(`{}`)},
		{Method: "POST", Target: "/api-keys", ContentType: jsonType, Body: []byte(`{}`)},
	} {
		a := suite.RoundTrip(t, j, bad.HTTP(t, fake.URL, key))
		if a.Status != http.StatusUnprocessableEntity || a.Error(t).Message != textInvalid || len(a.Error(t).Errors) == 0 {
			t.Errorf("%s %s returned %d %s", bad.Method, bad.Target, a.Status, a.Body)
		}
	}
	said(suite.RoundTrip(t, j, request{Method: "DELETE", Target: "/api-keys/99999"}.HTTP(t, fake.URL, key)), http.StatusNotFound, "API key not found.")
	// It is revoked already.
	said(suite.RoundTrip(t, j, request{Method: "DELETE", Target: "/api-keys/7"}.HTTP(t, fake.URL, key)), http.StatusNotFound, "API key not found.")
}

// TestInvalidIDsInAPath: there can be anything in a path, and the response must be one that the operation declares.
func TestInvalidIDsInAPath(t *testing.T) {
	t.Parallel()
	fake := suite.NewFake(t)
	for _, id := range []string{"abc", "0", "-1", "1.5", "99999999999999999999", "%20", "7a"} {
		a := suite.Send(t, request{Method: http.MethodDelete, Target: "/api-keys/" + id}.HTTP(t, fake.URL, fake.Key.Reveal()))
		if a.Status/100 != 4 {
			t.Errorf("DELETE /api-keys/%s returned %d %s", id, a.Status, a.Body)
		}
	}
}

// TestAnswersHaveTheValuesOfTheWorkspace compares the values in responses with those that the fake was started with.
func TestAnswersHaveTheValuesOfTheWorkspace(t *testing.T) {
	t.Parallel()
	j := suite.NewValidator()
	now := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	fake := suite.NewFake(t, func(c *tgotest.Config) { c.Now = func() time.Time { return now } })
	client := j.Client(t, fake, fake.Key)
	ctx := t.Context()

	registered, err := client.RegisterSenderNumber(ctx, "+201001187190", "")
	if err != nil {
		t.Fatal(err)
	}
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(numbers) != 2 || numbers[1] != registered || numbers[0].ID != senderID || numbers[0].Phone != senderPhone || registered.DisplayName != "" || registered.Status != "pending_verification" {
		t.Errorf("numbers are %+v", numbers)
	}

	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "reader", Scopes: []tgo.Scope{tgo.ScopeMessagesRead}})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(created.Key.Reveal(), "tgo_") || !strings.HasPrefix(created.Key.Reveal(), created.Prefix) {
		t.Errorf("the key does not begin with tgo_ and its prefix %s", created.Prefix)
	}
	if created.ExpiresAt == nil || !created.ExpiresAt.Equal(now.AddDate(0, 0, 90)) {
		t.Errorf("a key without a number of days expires at %v, want after 90 days", created.ExpiresAt)
	}
	me, err := j.Client(t, fake, created.Key).Me(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if me.APIKey == nil || me.APIKey.ID != created.ID || me.APIKey.Name != "reader" || !slices.Equal(me.APIKey.Scopes, []string{"messages.read"}) || me.APIKey.Status != "active" {
		t.Errorf("the key says it is %+v", me.APIKey)
	}
	j.Report(t)
}

// TestChangedAnswersAreValidated: responses may have new fields and values, and must be as the document says in all else.
func TestChangedAnswersAreValidated(t *testing.T) {
	t.Parallel()
	verdicts := map[bool]int{}
	for _, op := range contract.Operations() {
		contract.EachChangedAnswer(t, *negativesSeed, op, func(c contract.ChangedAnswer, r *http.Request, status int, contentType string) {
			verdicts[c.Bad]++
			err := contract.ValidateResponse(r, status, http.Header{"Content-Type": {contentType}}, c.Body)
			if (err != nil) != (c.Bad != (c.DocumentCannot != "")) {
				t.Errorf("%s: the document says %v of %s", c.What, err, c.Body)
			}
		})
	}
	if verdicts[true] < 1000 || verdicts[false] < 100 {
		t.Errorf("only %v: is something left out?", verdicts)
	}
}
