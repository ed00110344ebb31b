package tgo_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// A 200 with any body never results in a zero value without an error. The error shows the body.
func TestSuccessesThatAreNone(t *testing.T) {
	t.Parallel()
	bodies := []struct{ name, contentType, body, says string }{
		{"empty", "application/json", "", "empty"},
		{"white space", "application/json", " \r\n ", "empty"},
		{"HTML", "text/html; charset=utf-8", "<html><title>Sign in</title></html>", "Sign in"},
		{"HTML called JSON", "application/json", "<!DOCTYPE html><p>Down for <b>maintenance</b>", "maintenance"},
		{"cut", "application/json", `{"data": {"id": 1, "sta`, `{"data": {"id": 1`},
		{"text", "text/plain", "OK", "OK"},
		{"no type", "", "OK", "OK"},
		{"null", "application/json", "null", "null"},
		{"a number", "application/json", "42", "42"},
		{"a text", "application/json", `"fine"`, "fine"},
		{"a list of nulls", "application/json", `[null]`, "null"},
		{"nulls", "application/json", `{"data": null, "exists": null, "can_receive": null, "plain_text_key": null}`, "null"},
		{"nulls inside", "application/json", `{"data": {"id": null, "status": null, "organization": null}, "exists": null}`, "null"},
		{"an error", "application/json", `{"message": "Something went wrong"}`, "Something went wrong"},
		{"wrong types", "application/json", `{"data": "sent", "exists": "yes"}`, "sent"},
		{"a list for an object", "application/json", `{"data": [1, 2], "exists": []}`, "[1, 2]"},
		{"UTF-16", "application/json; charset=utf-16", "\xff\xfe{\x00}\x00", "?"},
		{"an id beyond 64 bits", "application/json", `{"data": {"id": 99999999999999999999}, "exists": 1}`, "99999999999999999999"},
		{"deep", "application/json", strings.Repeat("[", 20_000), "["},
	}
	for _, b := range bodies {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = nil
			if b.contentType != "" {
				w.Header().Set("Content-Type", b.contentType)
			}
			_, _ = io.WriteString(w, b.body)
		}, tgo.WithReadRetries())
		for _, read := range reads {
			err := read.call(t.Context(), client)
			if read.name == "usage" && strings.HasPrefix(b.contentType, "application/json") && !strings.Contains(b.says, "empty") {
				continue // the form of a usage is not documented: any JSON is valid, and Raw has it
			}
			var apiError *tgo.APIError
			if !errors.As(err, &apiError) || !errors.Is(err, tgo.ErrUnreadable) {
				t.Errorf("%s, %s: %v", b.name, read.name, err)
				continue
			}
			if !strings.Contains(err.Error(), b.says) || apiError.Status != 200 || string(apiError.Body) != b.body {
				t.Errorf("%s, %s: the error does not show what came: %v", b.name, read.name, err)
			}
		}
	}
}

// Times are read in every form that Laravel writes, with and without a byte order mark before the JSON.
func TestFormsOfTimes(t *testing.T) {
	want := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, form := range []string{
		"2025-01-10T08:00:00Z", "2025-01-10T08:00:00.000000Z", "2025-01-10T08:00:00+00:00", "2025-01-10T10:00:00.000+02:00",
		"2025-01-10 08:00:00", "2025-01-10 08:00:00.000", "2025-01-10T08:00:00", "2025-01-10T10:00:00+0200", "2025-01-10 08:00:00 UTC",
		"2025-01-10 10:00:00 +0200", "2025-01-10 10:00:00 +02:00",
	} {
		for _, mark := range []string{"", "\ufeff"} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				// A message text that looks like a field must not be changed.
				answer(w, 200, mark+`{"data": [{"id": 1, "sender_number_id": 1, "message_type": "text", "status": "sent", "sent_at": "`+form+`",
					"content": "\"sent_at\": \"2025-01-10 08:00:00\""}]}`)
			})
			page, err := client.MessagePage(t.Context(), tgo.MessageQuery{})
			if err != nil {
				t.Errorf("%q: %v", form, err)
				continue
			}
			if entry := page.Entries[0]; !entry.SentAt.Equal(want) || entry.Content != `"sent_at": "2025-01-10 08:00:00"` {
				t.Errorf("%q became %v, %q", form, entry.SentAt, entry.Content)
			}
		}
	}
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, 200, `{"data": [{"id": 1, "sent_at": "yesterday"}]}`)
	})
	page, err := client.MessagePage(t.Context(), tgo.MessageQuery{})
	if err != nil || !errors.Is(page.Entries[0].Err, tgo.ErrUnreadable) || page.Entries[0].SentAt != nil {
		t.Errorf("%+v, %v", page, err)
	}
}

func TestLargeIDsAreExact(t *testing.T) {
	const id = 1<<63 - 1
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 201, sent(id)) })
	receipt, err := client.FromNumber(id).SendText(t.Context(), testRecipient, "hello")
	if err != nil || receipt.ID != id {
		t.Errorf("%d, %v", receipt.ID, err)
	}
}

// Unknown fields, statuses and codes are not errors.
func TestUnknownThingsAreTolerated(t *testing.T) {
	for _, status := range []int{200, 201, 202, 203, 299} {
		client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			answer(w, status, `{"data": {"id": 7, "status": "teleported", "sent_at": "2025-01-10T08:00:00Z", "reactions": [{"x": null}]}, "meta": 1}`)
		})
		receipt, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		if err != nil || receipt.ID != 7 || receipt.Status != "teleported" {
			t.Errorf("%d: %+v, %v", status, receipt, err)
		}
	}
}

// An error names the field that cannot be read, and shows the beginning of its value.
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
			t.Errorf("%s: a field that can be read is not set: %+v", body, me)
		}
	}
	_, err := always(t, 200, `{"data": [{"id": 1}, {"id": 2, "verified_at": "soon"}]}`).SenderNumbers(t.Context())
	if err == nil || !strings.Contains(err.Error(), `data[1].verified_at: "soon" is no time`) {
		t.Error(err)
	}
}
