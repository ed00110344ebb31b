package tgo_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A sender is found with its phone in each form, also if other entries or later pages cannot be read.
func TestSendersAreFound(t *testing.T) {
	const rest = `"status": "active", "verification_status": "active"`
	for _, phone := range []string{`"+201001187188"`, `201001187188`, `"201001187188"`, `"+20 100 118 7188"`, `"+201001187188 "`, `"00201001187188"`, `"\u200e20-100-118-7188"`} {
		client := always(t, 200, `{"data": [7, {"id": 1, "phone": "+201001187189", "verified_at": "soon"}, {"phone": `+phone+`},
			{"id": 2, "phone": "1001187188"}, {"id": 3, "phone": `+phone+`, "verified_at": "0000-00-00 00:00:00", `+rest+`}, {"id": "x"}], "has_more": true}`)
		shown, err := strconv.Unquote(phone)
		if err != nil { // a JSON number
			shown = phone
		}
		for _, sender := range []*tgo.Sender{client.FromPhone(testSender), client.FromNumber(3)} {
			if n, err := sender.Check(t.Context()); err != nil || n.ID != 3 || n.Phone != shown {
				t.Errorf("%s: %+v, %v", phone, n, err)
			}
		}
		if _, err := client.FromNumber(4).Check(t.Context()); !errors.Is(err, tgo.ErrUnreadable) || !strings.Contains(err.Error(), "data[0]: 7 is no object") {
			t.Errorf("%s: %v", phone, err)
		}
	}
	requests := 0
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		requests++
		answer(w, 200, fmt.Sprintf(`{"data": [%s], "last_page": 9}`, number(pageAsked(r))))
	})
	if n, err := client.FromPhone("+201000000003").Check(t.Context()); err != nil || n.ID != 3 || requests != 3 {
		t.Errorf("%+v, %v, %d requests", n, err, requests)
	}
}

// A phone that was removed and registered again is in the list twice. A message may have been sent from either number.
func TestPhonesThatAreListedTwice(t *testing.T) {
	const numbers = `{"data": [
		{"id": 3, "phone": "+201001187188", "status": "removed", "verification_status": "active"},
		{"id": 9, "phone": "+201001187188", "status": "active", "verification_status": "active"}]}`
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/messages") {
			answer(w, 200, `{"data": [
				{"id": 78, "sender_number_id": 9, "message_type": "text", "content": "x"},
				{"id": 77, "sender_number_id": 3, "message_type": "text", "content": "x"},
				{"id": 76, "sender_number_id": 4, "message_type": "text", "content": "x"}]}`)
			return
		}
		answer(w, 200, numbers)
	})
	sender := client.FromPhone("+201001187188")
	if n, err := sender.Check(t.Context()); err != nil || n.ID != 9 {
		t.Errorf("%d, %v", n.ID, err)
	}
	if found, err := sender.Candidates(t.Context(), tgo.Lost{Type: "text", Content: "x"}); err != nil || len(found) != 2 {
		t.Errorf("%+v, %v", found, err)
	}
	if n, err := client.FromNumber(3).Check(t.Context()); !errors.Is(err, tgo.ErrSenderInactive) || n.ID != 3 {
		t.Errorf("%d, %v", n.ID, err)
	}
}

// An entry that cannot be read does not hide why the rest of a list cannot be read.
func TestChecksTellWhyAListEnds(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if pageAsked(r) == 1 {
			answer(w, 200, `{"data": [{"id": 1, "phone": "+201000000001", "status": "active", "verification_status": "active", "verified_at": 5}], "last_page": 2}`)
			return
		}
		answer(w, 401, `{"message": "Unauthenticated."}`)
	})
	if _, err := client.FromNumber(7).Check(t.Context()); !errors.Is(err, tgo.ErrUnauthenticated) {
		t.Error(err)
	}
}
