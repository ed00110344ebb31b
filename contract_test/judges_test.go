package contract_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// answered makes an exchange: a method and a target with a JSON body or none, and the status and body of the answer.
func answered(method, target, request string, status int, body string) exchange {
	x := exchange{method: method, target: target, status: status, header: http.Header{"Content-Type": {jsonType}}, body: []byte(body)}
	if request != "" {
		x.contentType, x.requestBody = jsonType, []byte(request)
	}
	if u, err := url.Parse(target); err == nil {
		x.query = u.Query()
		if route, _, err := findRoute(method, basePath+u.Path); err == nil {
			x.op = route.Operation.OperationID
		}
	}
	return x
}

// TestJudges shows each judge what it holds and what it refutes, for the fake refutes only what it has a variant for.
func TestJudges(t *testing.T) {
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
	const (
		early, late = `"2026-11-24T07:00:01Z"`, `"2026-11-24T07:00:01.5Z"`
		key         = `{"data":{"id":31,"status":"active","expires_at":null}}`
	)
	for id, rows := range map[string][]struct {
		want verdict
		all  []exchange
	}{
		"log-newest-first": {
			{held, log(late, early)},
			{held, log(late, late, early, "null")},
			{refuted, log(early, late)},
			{refuted, log(late, early, late)},
			{notSeen, log(early, early)}, // whatever their ids
			{notSeen, log(late, "null")},
			{refuted, get("/messages", `[{"sent_at":`+early+`},{"sent_at":`+late+`}]`)},
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
		"me-data": {
			{held, get("/me", `{"data":{"user":{},"api_key":null,"subscription":{}}}`)},
			{refuted, get("/me", `{"user":{}}`)},
			{notSeen, get("/me", `{"data":null}`)},
		},
		"subscription-data": {
			{held, get("/subscription", `{"data":{"plan":null}}`)},
			{refuted, get("/subscription", `{"status":"active"}`)},
			{notSeen, get("/subscription", `{"data":null}`)},
		},
		"key-status-words": {
			{held, []exchange{answered("POST", "/api-keys", `{"name":"a"}`, 201, key)}},
			{refuted, get("/me", `{"data":{"api_key":{"status":"enabled"}}}`)},
			{notSeen, get("/me", `{"data":{"api_key":null}}`)},
		},
	} {
		for i, row := range rows {
			if got := assumptionReport(row.all)[id].verdict; got != row.want {
				t.Errorf("%s: row %d is %s, want %s", id, i+1, got, row.want)
			}
		}
	}
}
