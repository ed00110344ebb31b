package tgo_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A new key is read in each form that is published, and no error shows it.
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

// The new key is returned if the JSON of the response is complete and the connection broke after it.
func TestNewKeyOfABrokenAnswer(t *testing.T) {
	const body = `{"data": {"id": 7, "name": "x"}, "plain_text_key": "newkey-abcdefgh-1234"}`
	for _, missing := range []int{-20, -1, 2} { // number of bytes that are missing: of the JSON if negative, else after it
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

// If the rest of the response cannot be read, the new key is returned and the error does not show it.
func TestCreatedKeyIsNotLost(t *testing.T) {
	for _, plain := range []string{"tgo_NewlyMadeSecret1234567890", "sk_live_abcdefghijklmnop"} {
		whole := `{"data": {"id": "not a number"}, "plain_text_key": "` + plain + `"}`
		for _, body := range []string{whole, whole[:len(whole)-6]} {
			client := serve(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, 201, body) })
			created, err := client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
			if !errors.Is(err, tgo.ErrUnreadable) {
				t.Fatal(err)
			}
			if body == whole && created.Key.Reveal() != plain {
				t.Errorf("the key is lost: %v", created.Key)
			}
			var apiError *tgo.APIError
			if errors.As(err, &apiError); strings.Contains(err.Error()+string(apiError.Body), plain[:12]) {
				t.Errorf("the key shows in %v, %s", err, apiError.Body)
			}
		}
	}
}

// The error for a key that does not exist does not blame the base URL.
func TestRevokingWhatIsNotThere(t *testing.T) {
	err := always(t, 404, `{"message": ""}`).RevokeAPIKey(t.Context(), 7)
	if !errors.Is(err, tgo.ErrNotFound) || strings.Contains(err.Error(), "base URL") {
		t.Error(err)
	}
}
