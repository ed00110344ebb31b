package tgo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// No way to print a key, or a value that contains one, shows the key.
func TestKeyIsMasked(t *testing.T) {
	key := tgo.NewKey(testKey)
	client := clientOf(t, "https://acme.tgo-eg.com")
	type holder struct {
		Key    tgo.Key
		hidden tgo.Key
	}
	held := holder{key, key}
	for _, v := range []any{key, &key, held, &held, []tgo.Key{key}, map[string]tgo.Key{"a": key}, client, *client, client.FromNumber(1), *client.FromNumber(1)} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			if text := fmt.Sprintf(verb, v); shows(text) {
				t.Errorf("%s of %T shows the key: %s", verb, v, text)
			}
		}
		var logged bytes.Buffer
		slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "value", v)
		slog.New(slog.NewJSONHandler(&logged, nil)).Info("x", "value", v)
		if shows(logged.String()) {
			t.Errorf("slog of %T shows the key: %s", v, logged.String())
		}
		if encoded, err := json.Marshal(v); err != nil || shows(string(encoded)) {
			t.Errorf("JSON of %T: %s, %v", v, encoded, err)
		}
	}
	if text := fmt.Sprint(key); text != "tgo_****" {
		t.Errorf("the mask is %q", text)
	}
	if key.Reveal() != testKey {
		t.Error("Reveal does not return the key")
	}
	var none tgo.Key
	if text := none.String(); text != "(no key)" || none.Reveal() != "" {
		t.Errorf("the zero key is %q", text)
	}
}

// shows reports whether a text contains the key, a part of it, or its hexadecimal form.
func shows(text string) bool {
	hexKey := fmt.Sprintf("%x", testKey)
	return strings.Contains(text, testKey) || strings.Contains(text, testKey[4:16]) || strings.Contains(text, hexKey)
}

// An error does not show the key if the server echoes it, in any form.
func TestKeyIsMaskedInErrors(t *testing.T) {
	t.Parallel()
	quoted, _ := json.Marshal(testKey)
	forms := []string{testKey, url.QueryEscape(testKey), url.PathEscape(testKey), strings.ReplaceAll(testKey, "/", `\/`), strings.Trim(string(quoted), `"`),
		escaped(`\u%04x`), escaped(`\u%04X`), escaped("%%%02x"), escaped("%%%02X"), escaped("&#%d;"), escaped("&#x%x;"), escaped("&#X%X;")}
	for _, form := range forms {
		for _, status := range []int{200, 401, 422, 500} {
			for contentType, body := range map[string]string{
				"application/json": `{"message": "bad key ` + form + `", "errors": {"key": ["` + form + `"], "other": "` + form + `", "` + form + `": []}}`,
				"text/html":        "<html><title>" + form + "</title></html>",
				"text/plain":       form,
			} {
				client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", contentType)
					w.Header().Set("X-Request-Id", testKey)
					w.WriteHeader(status)
					_, _ = w.Write([]byte(body))
				}, tgo.WithReadRetries())
				_, readErr := client.SenderNumbers(t.Context())
				_, sendErr := client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
				for _, err := range []error{readErr, sendErr} {
					var apiError *tgo.APIError
					if !errors.As(err, &apiError) {
						t.Fatalf("%v", err)
					}
					all := fmt.Sprintf("%v %+v %#v %s %q %s %v", err, apiError, apiError, apiError.Body, apiError.Fields, apiError.RequestID, apiError.Err)
					if shows(all) || strings.Contains(all, form) {
						t.Errorf("%d %s: the key shows as %s in %s", status, contentType, form, all)
					}
				}
			}
		}
	}
}

// If a text is cut, no part of the key shows in the error, and in the part of the response that the error has.
func TestKeyIsMaskedWhereItIsCut(t *testing.T) {
	t.Parallel()
	for _, key := range []string{testKey, "live_0123456789abcdefghij"} {
		for _, most := range []int{128, 200, 4 << 10, 64 << 10} { // the places where something is cut
			for shift := -len(key) - 1; shift < 2; shift++ {
				url := serveURL(t, func(w http.ResponseWriter, r *http.Request) {
					echo := strings.Repeat("x", most+shift) + r.Header.Get("X-Api-Key") + " and more"
					w.Header().Set("Content-Type", "text/plain; key="+key)
					w.Header().Set("X-Request-Id", strings.Repeat("x", 128+shift)+key)
					w.WriteHeader(http.StatusInternalServerError)
					_, _ = io.WriteString(w, echo)
				})
				client, err := tgo.New("", tgo.NewKey(key), tgo.WithBaseURL(url))
				if err != nil {
					t.Fatal(err)
				}
				_, err = client.FromNumber(1).SendText(t.Context(), testRecipient, "hello")
				var apiError *tgo.APIError
				if !errors.As(err, &apiError) {
					t.Fatal(err)
				}
				if all := fmt.Sprint(err, apiError.ContentType, apiError.RequestID, string(apiError.Body)); strings.Contains(all, key[:8]) {
					t.Fatalf("cut at %d, shifted by %d: the key shows", most, shift)
				}
			}
		}
	}
}

// escaped returns the key with each character formatted.
func escaped(form string) string {
	var b strings.Builder
	for _, c := range []byte(testKey) {
		fmt.Fprintf(&b, form, c)
	}
	return b.String()
}

// The error of a transport may contain the header of the request.
func TestKeyIsMaskedInTransportErrors(t *testing.T) {
	client := clientOf(t, "https://acme.tgo-eg.com", tgo.WithReadRetries(), tgo.WithHTTPClient(&http.Client{Transport: echoing{}}))
	_, err := client.Me(t.Context())
	if err == nil || shows(err.Error()) {
		t.Errorf("%v", err)
	}
	var cause *echoError
	if !errors.As(err, &cause) {
		t.Error("the transport's error is lost")
	}
}

type echoing struct{}

type echoError struct{ text string }

func (e *echoError) Error() string { return e.text }

func (echoing) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &echoError{fmt.Sprintf("cannot send %v", r.Header)}
}

func TestKeysThatCannotBe(t *testing.T) {
	for _, key := range []string{"", `"tgo_quoted-key"`, "'tgo_quoted-key'", `"`, "tgo_key\n", " tgo_key1", "tgo_k\u00e9y1", "tgo_ke\x00y", "tgo_", "abc12"} {
		_, err := tgo.New("acme.tgo-eg.com", tgo.NewKey(key))
		if err == nil || !strings.Contains(err.Error(), "key") || (len(key) > 4 && strings.Contains(err.Error(), strings.TrimSpace(key))) {
			t.Errorf("%q: %v", key, err)
		}
	}
}
