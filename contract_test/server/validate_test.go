package main

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// TestRefusalNamesAllFields checks that a refusal names every wrong field, not only the first.
func TestRefusalNamesAllFields(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	handler, err := validated(doc, func(string) ([]string, bool) { return []string{"*"}, true }, http.NotFoundHandler())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, target, body string
		want                 []string
	}{
		{http.MethodPost, "/messages", `{"type":"text","to_phone":"1","x":1}`, []string{"content", "sender_number_id", "sender_phone", "to_phone", "x"}},
		{http.MethodPost, "/messages", `{"type":`, []string{"body"}},
		{http.MethodPost, "/api-keys", `{"scopes":["a","*"],"expires_in_days":0}`, []string{"expires_in_days", "name", "scopes.0"}},
		{http.MethodGet, "/contacts/lookup?sender_number_id=0", "", []string{"phone", "sender_number_id"}},
		{http.MethodGet, "/contacts/lookup", "", []string{"phone", "sender_number_id", "sender_phone"}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), c.method, basePath+c.target, strings.NewReader(c.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if got := fields(t, w.Body.Bytes()); w.Code != http.StatusUnprocessableEntity || !slices.Equal(got, c.want) {
			t.Errorf("%s %s %s: %d, %v, want %v", c.method, c.target, c.body, w.Code, got, c.want)
		}
	}
}
