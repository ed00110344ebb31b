package tgo_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// always is a client of a server that gives one answer to everything.
func always(t *testing.T, status int, body string) *tgo.Client {
	t.Helper()
	return serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, status, body) })
}

// Answers as PHP servers write them, with nulls where the API may have none, are read.
func TestAnswersAsPHPWritesThem(t *testing.T) {
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

	for _, body := range []string{
		`{"user": [], "api_key": null, "organization": {"id": "3", "email_verified": 1}, "subscription": null}`,
		`{"data": {"user": {"id": "4"}, "api_key": {"id": "5", "scopes": {"1": "*"}, "expires_at": ""}, "organization": {"id": 3, "email_verified": true}, "subscription": {}}}`,
	} {
		me, err := always(t, 200, body).Me(t.Context())
		if err != nil || me.Organization.ID != 3 || !me.Organization.EmailVerified || (me.APIKey != nil && (me.APIKey.ID != 5 || me.APIKey.Scopes[0] != "*")) {
			t.Errorf("%s: %+v, %v", body, me, err)
		}
	}

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

	for _, body := range []string{
		`{"data": {"id": "7", "recipient_user_id": null, "conversation_id": null, "message_id": null, "sent_at": null, "content": null}}`,
		`{"data": {"id": 7.0, "recipient_user_id": "0", "sent_at": ""}}`,
	} {
		receipt, err := always(t, 201, body).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if err != nil || !reflect.DeepEqual(receipt, tgo.Receipt{ID: 7}) {
			t.Errorf("%s: %+v, %v", body, receipt, err)
		}
	}

	usage, err := always(t, 200, `{"data": {"3": {"sender_number_id": "3", "messages_sent": "12"}}}`).Usage(t.Context())
	if err != nil || len(usage.Senders) != 1 || usage.Senders[0].SenderNumberID != 3 || usage.Senders[0].MessagesSent != 12 {
		t.Errorf("%+v, %v", usage, err)
	}
}

// A false success in any form is none, whatever is beside it.
func TestReceiptsWithoutSuccess(t *testing.T) {
	deny := []string{}
	for _, no := range []string{"false", "0", "0.0", "-0", "[]", "{}", `""`, `"0"`, `"false"`, `"FALSE"`} {
		deny = append(deny, `"success": `+no)
	}
	for _, fault := range []string{"true", "1", `"no credit"`, "[1]", `{"code": 0}`, `"00"`} {
		deny = append(deny, `"error": `+fault, `"errors": `+fault)
	}
	for _, flag := range deny {
		receipt, err := always(t, 201, `{"data": {"id": 77}, `+flag+`}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if !reflect.DeepEqual(receipt, tgo.Receipt{}) || tgo.DeliveryOf(err) != tgo.DeliveryUnknown || !strings.Contains(fmt.Sprint(err), "a message with the id 77") {
			t.Errorf("%s: %+v, %v", flag, receipt, err)
		}
	}
	allow := []string{}
	for _, yes := range []string{"null", "true", "1", `"1"`, `"true"`, `"yes"`, `"ok"`, "[1]"} {
		allow = append(allow, `"success": `+yes)
	}
	for _, none := range []string{"null", "false", "0", `"0"`, `""`, "[]", "{}", "[ ]", `"false"`} {
		allow = append(allow, `"error": `+none, `"errors": `+none)
	}
	for _, flag := range allow {
		receipt, err := always(t, 201, `{"data": {"id": 77}, `+flag+`}`).FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if receipt.ID != 77 || err != nil {
			t.Errorf("%s: %+v, %v", flag, receipt, err)
		}
	}
}

// An error names the field that cannot be read, and what stands there in short.
func TestErrorsNameTheField(t *testing.T) {
	long := strings.Repeat("x", 1<<19)
	for body, says := range map[string]string{
		`{"user": {}, "organization": {"id": 1, "email_verified": "maybe"}}`:                         `organization.email_verified: "maybe" is no boolean`,
		`{"data": {"api_key": {"scopes": [{}]}, "organization": {}}}`:                                `data.api_key.scopes[0]: {} is no text`,
		`{"organization": {"id": "` + long + `"}}`:                                                   `organization.id: "` + long[:39] + `... is no integer`,
		`{"organization": {"id": ["aaaaaaaaaaaaaaaaaaaaaaaaa", "` + testKey + `", "` + long + `"]}}`: `organization.id: ["aaaaaaaaaaaaaaaaaaaaaaaaa", "tgo_****"`,
	} {
		me, err := always(t, 200, body).Me(t.Context())
		if !errors.Is(err, tgo.ErrUnreadable) || !strings.Contains(err.Error(), says) || len(err.Error()) > 1000 || strings.Contains(err.Error(), testKey[:12]) {
			t.Errorf("%.80s: %.1000v", body, err)
		}
		if strings.Contains(body, "maybe") && me.Organization.ID != 1 {
			t.Errorf("%s: what can be read is not: %+v", body, me)
		}
	}
	_, err := always(t, 200, `{"data": [{"id": 1}, {"id": 2, "verified_at": "soon"}]}`).SenderNumbers(t.Context())
	if err == nil || !strings.Contains(err.Error(), `data[1].verified_at: "soon" is no time`) {
		t.Error(err)
	}
}

// A new key comes back whole in each form that is published, and never shows in an error.
func TestFormsOfANewKey(t *testing.T) {
	const plain = "newkey+of/another=form"
	const written = `"plain_text_key": "newkey+of\/another=form"`
	const fields = `"id": "7", "name": "x", "prefix": "tgo_", "scopes": ["*"], "status": "active", "expires_at": "2026-07-24 00:00:00", "last_used_at": null`
	create := func(body string) (tgo.CreatedAPIKey, error) {
		return always(t, 201, body).CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
	}
	for _, body := range []string{
		`{"data": {` + fields + `}, ` + written + `}`, `{` + fields + `, ` + written + `}`, `{` + written + `, ` + fields + `}`,
		`{"data": {` + fields + `, ` + written + `}}`, `{"plain_text_key": null, "data": {` + written + `, ` + fields + `}}`,
	} {
		created, err := create(body)
		if err != nil || created.Key.Reveal() != plain || created.ID != 7 || created.Status != "active" || created.Scopes[0] != "*" || created.ExpiresAt == nil {
			t.Errorf("%s: %+v, %v", body, created, err)
		}
	}
	for _, body := range []string{
		`{"data": {"id": "x"}, ` + written + `}`, `{"plain_text_key": null, "data": {"id": {}, ` + written + `}}`,
		`{"PLAIN_TEXT_KEY": "` + plain + `", "id": []}`, `{"id": {` + written + `}, "plain_text_key": 5}`, `{"plain_text_key": ["` + plain + `"]}`,
		`{"id": 1, "plain_text_key": "newkey+of`, `{"data": {"id": {}}, "plain\u005ftext_key": "` + plain + `"}`,
		`{` + written + `, "prefix": ["` + plain + `"]}`, `{"prefix": {"k": "` + plain + `"}, ` + written + `}`,
		`{"prefix": ["\u006e\u0065wkey+of/another=form"], "plain\u005ftext_key": "` + plain + `"}`, `{"id": {}, "plain\u005ftext_key": "newkey"}`,
		`{"id": {}, "plain\u005ftext_key": "newkey of another é"}`,
	} {
		created, err := create(body)
		var shown *tgo.APIError
		if !errors.As(err, &shown) || !errors.Is(err, tgo.ErrUnreadable) {
			t.Fatalf("%s: %+v, %v", body, created, err)
		}
		if all := fmt.Sprintf("%v %s %s", err, shown.Body, shown.Message); strings.Contains(all, "newkey") {
			t.Errorf("the new key shows: %s", all)
		}
	}
}

// Where the answer about a new key has come whole, and only the connection broke after it, the key is not lost.
func TestNewKeyOfABrokenAnswer(t *testing.T) {
	const body = `{"data": {"id": 7, "name": "x"}, "plain_text_key": "newkey-abcdefgh-1234"}`
	for _, missing := range []int{-20, -1, 2} { // bytes of the JSON, or after it
		client := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", strconv.Itoa(len(body)+max(missing, 0)))
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, body[:len(body)+min(missing, 0)])
		})
		created, err := client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
		if missing < 0 {
			if !errors.Is(err, tgo.ErrUnreadable) || strings.Contains(err.Error(), "newkey") {
				t.Errorf("%d: %v", missing, err)
			}
			continue
		}
		if err != nil || created.ID != 7 || created.Key.Reveal() != "newkey-abcdefgh-1234" {
			t.Errorf("%d: %+v, %v", missing, created, err)
		}
	}
}
