package tgo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// script is a server whose response the fuzzer sets.
type script struct {
	mu     sync.Mutex
	status int
	header http.Header
	body   []byte
}

func (s *script) set(status int, header http.Header, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, values := range header { // replace characters that are not allowed in a header
		for i := range values {
			values[i] = strings.Map(func(r rune) rune {
				if r < ' ' || r == 0x7f {
					return ' '
				}
				return r
			}, values[i])
		}
	}
	s.status, s.header, s.body = status, header, body
}

func scripted(f *testing.F) (*script, *tgo.Client) {
	f.Helper()
	s := &script{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for name, values := range s.header {
			w.Header()[name] = values
		}
		w.WriteHeader(s.status)
		_, _ = w.Write(s.body)
	}))
	f.Cleanup(server.Close)
	client, err := tgo.New("", tgo.NewKey(testKey), tgo.WithBaseURL(server.URL), tgo.WithReadRetries())
	if err != nil {
		f.Fatal(err)
	}
	return s, client
}

// FuzzErrorBody checks that a response with any error status and body is an APIError with that status that does not show the key.
func FuzzErrorBody(f *testing.F) {
	for _, body := range []string{"", "{", `{"message": "No.", "errors": {"a": ["b"]}}`, "<html><title>x", "\xff\xfe", `{"errors": 1}`, testKey, "null", strings.Repeat("ا", 300)} {
		f.Add(422, "application/json", []byte(body))
		f.Add(502, "text/html", []byte(body))
	}
	s, client := scripted(f)
	f.Fuzz(func(t *testing.T, status int, contentType string, body []byte) {
		status = 400 + abs(status)%200
		s.set(status, http.Header{"Content-Type": {contentType}}, body)
		_, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		var apiError *tgo.APIError
		if !errors.As(err, &apiError) || apiError.Status != status {
			t.Fatalf("%v", err)
		}
		if shown := err.Error() + string(apiError.Body) + fmt.Sprint(apiError.Fields); strings.Contains(shown, testKey) {
			t.Errorf("the key shows: %s", shown)
		}
		gatewayGaveUp := status == http.StatusRequestTimeout || status == 460 || status == 499
		rejected := status < 500 && !gatewayGaveUp
		if got := tgo.DeliveryOf(err); (got == tgo.DeliveryRejected) != rejected || got == tgo.DeliveryAccepted || got == tgo.DeliveryNotSent {
			t.Errorf("%d is %v", status, got)
		}
	})
}

func abs(n int) int {
	if n < 0 {
		return -(n + 1)
	}
	return n
}

// FuzzReceipt checks that a success with any body is either a receipt with an id, or an error that is neither "not sent" nor
// "rejected".
func FuzzReceipt(f *testing.F) {
	for _, body := range []string{sent(1), "", "{", `{"data": null}`, `{"data": {"id": "1"}}`, `{"id": 5}`, "<html>", `{"data": {"id": 1, "sent_at": "2025-01-10 08:00:00"}}`} {
		f.Add("application/json", []byte(body))
	}
	s, client := scripted(f)
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		s.set(201, http.Header{"Content-Type": {contentType}}, body)
		receipt, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		switch d := tgo.DeliveryOf(err); {
		case err == nil && receipt.ID == 0:
			t.Errorf("a receipt without an id for %q", body)
		case err != nil && (d == tgo.DeliveryNotSent || d == tgo.DeliveryRejected):
			t.Errorf("%v for %q", d, body)
		}
	})
}

// FuzzRetryAfter checks that with any header the wait is not negative and no send is repeated.
func FuzzRetryAfter(f *testing.F) {
	for _, header := range []string{"", "0", "30", "-1", "1e9", "99999999999999999999", "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", " 5 "} {
		f.Add(header)
	}
	s, client := scripted(f)
	f.Fuzz(func(t *testing.T, header string) {
		s.set(429, http.Header{"Retry-After": {header}}, []byte(`{"message": "Too Many Attempts."}`))
		_, err := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
		var failed *tgo.SendError
		var apiError *tgo.APIError
		if !errors.As(err, &failed) || !errors.As(err, &apiError) {
			t.Fatalf("%v", err)
		}
		if apiError.RetryAfter < 0 || failed.Attempts != 1 {
			t.Errorf("%q: wait %v, %d attempts", header, apiError.RetryAfter, failed.Attempts)
		}
	})
}

// FuzzLogPage checks that reading any page ends, with an error, or with entries that have an id or an Err.
func FuzzLogPage(f *testing.F) {
	for _, body := range []string{
		`{"data": ` + entries(1, 2) + `, "links": {"next": "https://x/?page=2"}, "meta": {"last_page": 9}}`, entries(3), "[]", "{}", "[null]",
		`{"data": [{}]}`, `{"data": [{"id": 1}], "meta": null, "links": []}`, `{"data": {"1": {"id": "1", "sent_at": "soon"}, "3": 5}}`, `{"data": [{"id": 1}], "meta": {"last_page": 1e99}}`,
	} {
		f.Add([]byte(body))
	}
	s, client := scripted(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		s.set(200, http.Header{"Content-Type": {"application/json"}}, body)
		begun, seen := time.Now(), 0
		for entry, err := range client.Messages(t.Context(), tgo.MessageQuery{}) {
			if err == nil && (entry.ID < 1 && entry.Err == nil || !json.Valid(entry.Raw)) {
				t.Errorf("an entry without an id, %+v, in %q", entry, body)
			}
			if seen++; seen > 10_000 || time.Since(begun) > 10*time.Second {
				t.Fatalf("reading %q does not end", body)
			}
		}
	})
}
