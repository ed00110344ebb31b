package tgo_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// Any JSON is a valid usage. If it does not have the assumed form, it is only in Raw.
func TestFormsOfUsage(t *testing.T) {
	written, err := always(t, 200, `{"data": {"3": {"sender_number_id": "3", "messages_sent": "12"}}}`).Usage(t.Context())
	if err != nil || len(written.Senders) != 1 || written.Senders[0].SenderNumberID != 3 || written.Senders[0].MessagesSent != 12 {
		t.Errorf("%+v, %v", written, err)
	}
	for _, body := range []string{`{"data": {"sent": 5}, "meta": {"last_page": ""}, "total": "many"}`, `{"data": [{"messages_sent": "many"}]}`, `{"limits": [{}]}`, `7`, `null`} {
		usage, err := always(t, 200, body).Usage(t.Context())
		if err != nil || usage.Senders != nil || string(usage.Raw) != body {
			t.Errorf("%s: %+v, %v", body, usage, err)
		}
	}
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		answer(w, 200, map[int]string{1: `{"data":[{"messages_sent":1}],"last_page":2}`, 2: `{"data":{"sent":1}}`}[pageAsked(r)])
	})
	usage, err := client.Usage(t.Context())
	if err != nil || usage.Senders != nil || string(usage.Raw) != `[{"data":[{"messages_sent":1}],"last_page":2},{"data":{"sent":1}}]` {
		t.Errorf("%+v, %v, %s", usage, err, usage.Raw)
	}
	elsewhere := func(page int) string { return fmt.Sprintf(`{"usage":[{"messages_sent":%d}],"last_page":5}`, page) }
	client = serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, elsewhere(pageAsked(r))) })
	var answers []json.RawMessage
	usage, err = client.Usage(t.Context())
	if err != nil || usage.Senders != nil || json.Unmarshal(usage.Raw, &answers) != nil || len(answers) != 5 || string(answers[4]) != elsewhere(5) {
		t.Errorf("%v, %s", err, usage.Raw)
	}
}

// Usage has all entries of all pages, because their ids may be of anything. It also reads all pages if the list has another name.
func TestUsageOnSeveralPages(t *testing.T) {
	for body, want := range map[string]int{
		`{"data": [{"id": 1, "sender_number_id": %d, "messages_sent": 5}, {"id": 2}], "last_page": 2}`: 4,
		`{"data": {"usage": [{"sender_number_id": %d}], "last_page": 2}}`:                              0,
	} {
		client := serve(t, func(w http.ResponseWriter, r *http.Request) { answer(w, 200, fmt.Sprintf(body, pageAsked(r))) })
		usage, err := client.Usage(t.Context())
		var pages []json.RawMessage
		if err != nil || len(usage.Senders) != want || json.Unmarshal(usage.Raw, &pages) != nil || len(pages) != 2 {
			t.Errorf("%s: %+v, %s, %v", body, usage.Senders, usage.Raw, err)
		}
	}
}
