package sparse_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/languages/sparse"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestProxy(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	handler, err := sparse.Proxy(fake.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(handler)
	t.Cleanup(proxy.Close)

	for _, c := range []struct {
		name, method, path, body, key string
		status                        int
		answer                        string
	}{
		{
			"a created message", "POST", "/api/v1/messages",
			`{"sender_number_id":1,"to_phone":"` + string(fake.RecipientPhone) + `","type":"text","content":"Hello"}`,
			fake.Key.Reveal(), http.StatusAccepted,
			`{"data":{"content":null,"conversation_id":null,"id":1,"message_id":null,"message_type":"text",` +
				`"recipient_user_id":null,"sender_number_id":1,"sent_at":null,"status":"sent"}}`,
		},
		{
			"a page", "GET", "/api/v1/messages", "", fake.Key.Reveal(), http.StatusOK,
			`{"data":[{"content":null,"id":1,"message_type":"text","sender_number_id":1,"sent_at":null,"status":"sent"}]}`,
		},
		{
			"an object that is null", "GET", "/api/v1/me", "", fake.Key.Reveal(), http.StatusOK,
			`{"api_key":null,"organization":{},"subscription":null,"user":{}}`,
		},
		{"no body", "DELETE", "/api/v1/api-keys/1", "", fake.Key.Reveal(), http.StatusNoContent, ""},
		{"a refusal", "GET", "/api/v1/me", "", fake.Key.Reveal(), http.StatusUnauthorized, `{"message":"Unauthenticated."}`},
		{"a request to the admin API", "DELETE", "/_fake/faults", "", "", http.StatusNoContent, ""},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, proxy.URL+c.path, strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-Api-Key", c.key)
		r.Header.Set("Content-Type", "application/json")
		answer, err := proxy.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		_ = answer.Body.Close()
		if err != nil || answer.StatusCode != c.status || strings.TrimSpace(string(body)) != c.answer {
			t.Errorf("%s: %d %s (%v), want %d %s", c.name, answer.StatusCode, body, err, c.status, c.answer)
		}
	}
}
