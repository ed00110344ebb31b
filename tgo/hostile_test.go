package tgo_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// reads are the calls that read, for servers that answer all of them badly.
var reads = []struct {
	name string
	call func(context.Context, *tgo.Client) error
}{
	{"lookup", func(ctx context.Context, c *tgo.Client) error {
		contact, err := c.FromNumber(1).Lookup(ctx, testRecipient)
		return zeroWithNil(contact == tgo.Contact{}, err)
	}},
	{"log", func(ctx context.Context, c *tgo.Client) error {
		page, err := c.MessagePage(ctx, tgo.MessageQuery{})
		return zeroWithNil(page.Entries == nil, err)
	}},
	{"usage", func(ctx context.Context, c *tgo.Client) error {
		usage, err := c.Usage(ctx)
		return zeroWithNil(usage.Raw == nil, err)
	}},
	{"sender numbers", func(ctx context.Context, c *tgo.Client) error {
		numbers, err := c.SenderNumbers(ctx)
		return zeroWithNil(numbers == nil, err)
	}},
	{"register", func(ctx context.Context, c *tgo.Client) error {
		number, err := c.RegisterSenderNumber(ctx, testSender, "")
		return zeroWithNil(number.ID == 0, err)
	}},
	{"create key", func(ctx context.Context, c *tgo.Client) error {
		created, err := c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
		return zeroWithNil(created.Key.Reveal() == "", err)
	}},
	{"me", func(ctx context.Context, c *tgo.Client) error {
		me, err := c.Me(ctx)
		return zeroWithNil(me.Organization.ID == 0, err)
	}},
	{"subscription", func(ctx context.Context, c *tgo.Client) error {
		s, err := c.Subscription(ctx)
		return zeroWithNil(s.Status == "", err)
	}},
	{"send", func(ctx context.Context, c *tgo.Client) error {
		receipt, err := c.FromNumber(1).SendText(ctx, testRecipient, "hello")
		return zeroWithNil(receipt.ID == 0, err)
	}},
}

var errZeroWithNil = errors.New("a zero value came with a nil error")

func zeroWithNil(zero bool, err error) error {
	if zero && err == nil {
		return errZeroWithNil
	}
	return err
}

// Whatever comes with a 200, nobody gets a zero value and no error; the error shows what came.
func TestSuccessesThatAreNone(t *testing.T) {
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
				continue // of a usage nothing is documented: any JSON is one, and Raw shows it
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

// An error with any body is an error that shows it.
func TestErrorsWithAnyBody(t *testing.T) {
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

// A refusal is known for what it is also where PHP wrote its errors as a list.
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

// A 403 names the scope as the reason only where the server does, and not at all for a firewall's page.
func TestForbidden(t *testing.T) {
	for _, c := range []struct {
		contentType, body, says string
		scope                   bool
	}{
		{"application/json", `{"message": "This API key does not have the required scope."}`, "use a key with the scope messages.send", true},
		{"application/json", `{"message": "Your subscription has expired."}`, "it may be that the key lacks the scope messages.send", true},
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

// A byte order mark, and times in every form that Laravel writes, are read.
func TestFormsOfTimes(t *testing.T) {
	want := time.Date(2025, 1, 10, 8, 0, 0, 0, time.UTC)
	for _, form := range []string{
		"2025-01-10T08:00:00Z", "2025-01-10T08:00:00.000000Z", "2025-01-10T08:00:00+00:00", "2025-01-10T10:00:00.000+02:00",
		"2025-01-10 08:00:00", "2025-01-10 08:00:00.000", "2025-01-10T08:00:00", "2025-01-10T10:00:00+0200", "2025-01-10 08:00:00 UTC",
		"2025-01-10 10:00:00 +0200", "2025-01-10 10:00:00 +02:00",
	} {
		for _, mark := range []string{"", "\ufeff"} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				// The text of a message that looks like a field must stay as it is.
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

// An answer of a GiB costs little, however it comes.
func TestEndlessAnswers(t *testing.T) {
	const gib = 1 << 30
	chunk := []byte(strings.Repeat("x", 64<<10))
	endless := func(w io.Writer) {
		for n := 0; n < gib; n += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	var member bytes.Buffer // gzip files may be joined
	z := gzip.NewWriter(&member)
	for range 64 {
		_, _ = z.Write(chunk)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Repeat(member.Bytes(), gib/(64*len(chunk)))
	kinds := map[string]http.HandlerFunc{
		"with its length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", fmt.Sprint(gib))
			endless(w)
		},
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data": "`)
			endless(w)
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			endless(w)
		},
		"a gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
		"deflate, which was not asked for": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "deflate")
			endless(w)
		},
	}
	for name, handler := range kinds {
		client := serve(t, handler, tgo.WithReadRetries())
		for _, read := range reads {
			var err error
			cost := allocated(func() { err = read.call(t.Context(), client) })
			var apiError *tgo.APIError
			if !errors.As(err, &apiError) {
				t.Errorf("%s, %s: %v", name, read.name, err)
			}
			if cost > 2<<20 { // the server's part, in this process too, included
				t.Errorf("%s, %s: %d bytes were allocated", name, read.name, cost)
			}
		}
	}
}

func TestHeadersWithoutEnd(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 2000 {
			w.Header().Set(fmt.Sprintf("X-Header-%d", i), strings.Repeat("x", 1000))
		}
		answer(w, 200, "{}")
	}, tgo.WithReadRetries())
	for _, read := range reads {
		if err := read.call(t.Context(), client); err == nil || errors.Is(err, errZeroWithNil) {
			t.Errorf("%s: %v", read.name, err)
		}
	}
}

// Fields, statuses and codes that nobody has heard of break nothing.
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
