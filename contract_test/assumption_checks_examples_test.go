package contract_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// answered returns an exchange: a method and a target with a JSON body or none, and the status and body of the response.
func answered(method, target, request string, status int, body string) exchange {
	x := exchange{Method: method, Target: target, Status: status, Body: []byte(body)}
	x.Header = http.Header{"Content-Type": {jsonType}}
	if request != "" {
		x.ContentType, x.RequestBody = jsonType, []byte(request)
	}
	if u, err := url.Parse(target); err == nil {
		x.Query = u.Query()
		if route, _, err := contract.FindRoute(method, basePath+u.Path); err == nil {
			x.Operation = route.Operation.OperationID
		}
	}
	return x
}

// TestAssumptionChecks runs each check on exchanges for which the assumption holds and which refute it, because the fake refutes
// only assumptions that it has a variant for.
func TestAssumptionChecks(t *testing.T) {
	t.Parallel()
	get := func(target string, body ...string) []exchange {
		var list []exchange
		for _, b := range body {
			list = append(list, answered("GET", target, "", 200, b))
		}
		return list
	}
	pages := func(first, second string) []exchange {
		return append(get("/messages", first), get("/messages?page=2", second)...)
	}
	log := func(times ...string) []exchange {
		return get("/messages", `{"data":[{"id":1,"sent_at":`+strings.Join(times, `},{"id":2,"sent_at":`)+`}]}`)
	}
	one := func(method, target, request string, status int, body string) []exchange {
		return []exchange{answered(method, target, request, status, body)}
	}
	send := func(change map[string]any, status int, body string) []exchange {
		return one("POST", "/messages", string(textOf(change)), status, body)
	}
	key := func(request string, status int, body string) []exchange {
		return one("POST", "/api-keys", request, status, body)
	}
	gone := func(status int) []exchange { return one("DELETE", "/api-keys/31", "", status, "") }
	headed := func(header, value string, all []exchange) []exchange {
		all[0].Header.Set(header, value)
		return all
	}
	const (
		early, late = `"2026-11-24T07:00:01Z"`, `"2026-11-24T07:00:01.5Z"`
		made        = `{"data":{"id":31,"status":"active","expires_at":null,"last_used_at":null}}`
		entry       = `{"id":5,"sender_number_id":12,"message_type":"text","content":"a"}`
		another     = `{"id":6,"sender_number_id":12,"message_type":"text","content":"a"}`
		lookup      = "/contacts/lookup?phone=%2B201010000000"
		both        = "&sender_number_id=12&sender_phone=%2B201001187188"
		form        = `{"phone":"+201001187188"}`
	)
	sent := func(log string) []exchange {
		before, after := get("/messages", `{"data":[]}`), get("/messages", `{"data":[`+log+`]}`)
		return slices.Concat(before, send(nil, 201, `{"data":`+entry+`}`), after)
	}
	sentences, _ := contract.Assumptions()
	table := map[string][]struct {
		want verdict
		all  []exchange
	}{
		"log-pages": {
			{held, get("/messages", `{"links":{"next":null},"meta":{"last_page":1,"total":0}}`)},
			{refuted, get("/messages", `{"links":{"next":null},"meta":{"last_page":1}}`)},
			{refuted, get("/messages", `[]`)},
		},
		"log-links": {
			{held, get("/messages", `{"links":{"first":"","last":"","prev":null,"next":null}}`)},
			{refuted, get("/messages", `{"links":{"first":"","prev":null,"next":null}}`)},
			{refuted, get("/messages", `{}`)},
		},
		"log-meta": {
			{held, get("/messages", `{"meta":{"current_page":1,"last_page":1,"per_page":15,"total":0}}`)},
			{refuted, get("/messages", `{"meta":{"current_page":1,"last_page":1,"total":0}}`)},
			{refuted, get("/messages", `{}`)},
		},
		"log-page-parameter": {
			{held, get("/messages?page=2", `{"meta":{"current_page":2}}`, `{"current_page":2}`)},
			{refuted, get("/messages?page=2", `{"meta":{"current_page":1}}`)},
			{notSeen, pages(`{"data":[{"id":2}]}`, `{"data":[{"id":1}]}`)},
			{notSeen, pages(`{"data":[{"id":2}]}`, `{"data":[]}`)},
			{notSeen, pages(`{"data":[]}`, `{"data":[]}`)},
			{refuted, pages(`{"data":[{"id":2}]}`, `{"data":[{"id":2}]}`)},
			{refuted, pages(`[{"id":2}]`, `[{"id":2}]`)},
		},
		"log-page-refused": {
			{held, one("GET", "/messages?page=0", "", 422, "")},
			{refuted, one("GET", "/messages?page=abc", "", 200, `{"data":[]}`)},
			{notSeen, get("/messages?page=2", `{"data":[]}`)},
			{notSeen, get("/messages", `{"data":[]}`)},
		},
		"log-data": {
			{held, get("/messages", `{"data":[]}`)},
			{refuted, get("/messages", `[]`)},
			{refuted, get("/messages", `{"data":{}}`)},
		},
		"log-newest-first": {
			{held, log(late, early)},
			{held, log(late, late, early, "null")},
			{refuted, log(early, late)},
			{refuted, log(late, early, late)},
			{notSeen, log(early, early)}, // whatever their ids
			{notSeen, log(late, "null")},
			{refuted, get("/messages", `[{"sent_at":`+early+`},{"sent_at":`+late+`}]`)},
		},
		"log-id": {
			{held, sent(entry)},
			{held, sent(another + "," + entry)},
			{refuted, sent(another)},
			{notSeen, sent("")},
			{notSeen, sent(`{"id":6,"sender_number_id":12,"message_type":"text","content":"b"}`)}, // someone else sent it
			{notSeen, sent(entry)[1:2]},
			{notSeen, slices.Concat(get("/messages", `{"data":[`+another+`]}`), sent(another)[1:])},
		},
		"log-nulls": {
			{held, log("null")},
			{held, get("/messages", `{"data":[{"content":null,"sent_at":`+early+`}]}`)},
			{notSeen, log(early)},
		},
		"message-status": {
			{held, send(nil, 201, `{"data":{"status":"sent"}}`)},
			{refuted, get("/messages", `{"data":[{"status":"sent"},{"status":"queued"}]}`)},
		},
		"lookup-needs-sender": {
			{held, one("GET", lookup, "", 422, "")}, {refuted, one("GET", lookup, "", 200, "")},
			{notSeen, one("GET", lookup, "", 401, "")}, {notSeen, one("GET", "/contacts/lookup", "", 422, "")},
		},
		"lookup-one-sender": {
			{held, one("GET", lookup+both, "", 422, "")},
			{refuted, one("GET", lookup+both, "", 200, "")},
			{notSeen, one("GET", lookup, "", 422, "")},
		},
		"unknown-phone-200": {
			{held, get(lookup, `{"exists":false}`)},
			{refuted, one("GET", lookup, "", 404, `{"message":"Contact not found."}`)},
			{notSeen, one("GET", lookup, "", 404, `{"message":"`+textUnknownTenant+`"}`)},
			{notSeen, get(lookup, `{"exists":true}`)},
		},
		"phone-seven-digits": {
			{held, send(map[string]any{"to_phone": "+201012"}, 422, "")},
			{refuted, send(map[string]any{"to_phone": "+201012"}, 201, "")},
			{notSeen, send(nil, 422, "")},
		},
		"text-required": {
			{held, send(map[string]any{"content": nil}, 422, "")}, {refuted, send(map[string]any{"content": nil}, 201, "")},
			{refuted, send(map[string]any{"content": null}, 201, "")},
			{notSeen, send(map[string]any{"content": nil}, 403, "")},
			{notSeen, send(nil, 422, "")},
		},
		"null-is-absent": {
			{held, send(map[string]any{"sender_number_id": null}, 201, `{"data":`+entry+`}`)},
			{held, key(`{"name":"a","scopes":null}`, 201, made)},
			{refuted, send(map[string]any{"sender_number_id": null}, 422, `{"errors":{"sender_number_id":["x"]}}`)},
			{notSeen, send(map[string]any{"sender_number_id": null}, 422, `{"errors":{"to_phone":["x"]}}`)},
			{notSeen, send(map[string]any{"sender_number_id": null}, 403, "")},
			{notSeen, send(map[string]any{"content": null}, 422, `{"errors":{"content":["x"]}}`)},
			{notSeen, send(nil, 201, "")},
		},
		"text-not-blank": {
			{held, send(map[string]any{"content": " \n"}, 422, "")},
			{refuted, send(map[string]any{"content": ""}, 201, "")},
			{notSeen, send(map[string]any{"content": nil}, 422, "")},
		},
		"reason-codes": {
			{held, get(lookup, `{"reason_code":"not_found"}`)},
			{refuted, get(lookup, `{"reason_code":"no_such_user"}`)},
			{notSeen, get(lookup, `{"reason_code":"ok"}`)},
		},
		"usage-entries": {{held, get("/usage", `{"data":[]}`)}, {refuted, get("/usage", `{"data":{}}`)}},
		"usage-fields": {
			{held, get("/usage", `{"data":[{"sender_number_id":12,"sender_phone":"","messages_sent":0}]}`)},
			{refuted, get("/usage", `{"data":[{"sender_number_id":12,"sender_phone":"","sent":0}]}`)},
			{notSeen, get("/usage", `{"data":[]}`)},
		},
		"key-name-not-blank": {
			{held, key(`{"name":" "}`, 422, "")},
			{refuted, key(`{"name":" "}`, 201, made)},
			{notSeen, key(`{}`, 422, "")},
		},
		"key-scopes-once": {
			{held, key(`{"name":"a","scopes":[]}`, 422, "")},
			{refuted, key(`{"name":"a","scopes":["*","*"]}`, 201, made)},
			{refuted, key(`{"name":"a","scopes":[]}`, 201, made)},
			{notSeen, key(`{"name":"a","scopes":["*"]}`, 422, "")}, {notSeen, key(`{"name":"a"}`, 201, made)},
		},
		"unknown-key-404": {
			{held, slices.Concat(gone(204), gone(404))},
			{refuted, slices.Concat(gone(204), gone(204))},
			{notSeen, gone(404)},
		},
		"me-key-fields": {
			{held, get("/me", `{"api_key":{"id":7,"name":"a","prefix":"tgo_","scopes":[]}}`)},
			{refuted, get("/me", `{"data":{"api_key":{"id":7,"name":"a"}}}`)},
			{notSeen, get("/me", `{"api_key":null}`)},
		},
		"user-fields": {
			{held, get("/me", `{"data":{"user":{"id":1,"name":"a"}}}`)},
			{refuted, get("/me", `{"user":{"id":1}}`)},
		},
		"subscription-active": {
			{held, get("/subscription", `{"data":{"status":"active"}}`)},
			{refuted, get("/subscription", `{"status":"trialing"}`)},
			{notSeen, get("/subscription", `{"status":null}`)},
		},
		"sender-refused-422": {
			{held, send(nil, 422, `{"message":"`+textSenderInactive+`"}`)},
			{refuted, send(nil, 403, `{"message":"`+textSenderUnverified+`"}`)},
			{notSeen, send(nil, 422, `{"message":"`+textInvalid+`"}`)},
		},
		"rate-limit": {
			{held, headed("Retry-After", "1", one("GET", "/me", "", 429, ""))},
			{refuted, one("GET", "/me", "", 429, "")},
			{notSeen, get("/me", "")},
		},
		"server-error": {
			{held, one("GET", "/me", "", 500, `{"message":"a"}`)},
			{held, headed("Content-Type", "text/html", one("GET", "/me", "", 502, ""))},
			{refuted, one("GET", "/me", "", 500, `{"error":"a"}`)},
			{refuted, headed("Content-Type", "text/plain", one("GET", "/me", "", 502, ""))},
		},
	}
	for id := range sentences {
		seen := map[verdict]bool{}
		for i, row := range table[id] {
			seen[row.want] = true
			if got := assumptionReport(row.all)[id].Verdict; got != row.want {
				t.Errorf("%s: row %d is %s, want %s", id, i+1, got, row.want)
			}
		}
		// Nothing refutes that something may be absent.
		if mayBe := id == "log-nulls"; !seen[held] || seen[refuted] == mayBe {
			t.Errorf("%s: there must be an exchange for which it holds and one that refutes it", id)
		}
	}
}
