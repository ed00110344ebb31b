package contract_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// TestEveryAssumptionIsNamed: everything that the document calls assumed has a name and a check, and every check a sentence.
func TestEveryAssumptionIsNamed(t *testing.T) {
	t.Parallel()
	sentences, problems := contract.Assumptions()
	for _, p := range problems {
		t.Error(p)
	}
	for id := range sentences {
		if (checks[id] == nil) == (historyChecks[id] == nil) {
			t.Errorf("%s must have one check, in checks or in historyChecks", id)
		}
	}
	for _, id := range slices.Concat(slices.Collect(maps.Keys(checks)), slices.Collect(maps.Keys(historyChecks))) {
		if sentences[id] == "" {
			t.Errorf("the document does not assume %s", id)
		}
	}
	places := 0
	check := func(path string, node map[string]any) {
		description, _ := node["description"].(string)
		says := node["x-source"] == "assumed" || node["x-source"] == "framework" || strings.Contains(description, "assumed")
		if _, named := node["x-assumed"]; says != named {
			t.Errorf("%s: says that it assumes something: %v, names it in x-assumed: %v", path, says, named)
		}
		if says {
			places++
		}
	}
	doc := contract.Raw()
	for _, part := range []string{"paths", "components"} {
		contract.Walk(part, doc[part], func(path, key string, value any) {
			if node, ok := value.(map[string]any); ok {
				check(path+"/"+key, node)
			}
		})
	}
	contract.Walk("paths", doc["paths"], func(path, key string, value any) {
		list, _ := value.([]any)
		for i, entry := range list {
			if node, ok := entry.(map[string]any); ok && key == "parameters" {
				check(path+"/parameters/"+strconv.Itoa(i), node)
			}
		}
	})
	if places < 25 {
		t.Errorf("only %d places assume something: is something left out?", places)
	}
}

// exerciseAssumptions sends requests to a fake whose responses show everything that the contract assumes.
func exerciseAssumptions(t *testing.T, configure ...func(*tgotest.Config)) []exchange {
	t.Helper()
	fake := suite.NewFake(t, append([]func(*tgotest.Config){suite.EachTimeLater, func(c *tgotest.Config) {
		c.PageSize = 2
		c.SenderNumbers = append(c.SenderNumbers, tgotest.SenderNumber{ID: 13, Phone: "+201001187189", Status: "suspended"})
		c.Contacts = append(c.Contacts,
			tgotest.Contact{Phone: "+201010000001", State: tgotest.ContactUnreachable},
			tgotest.Contact{Phone: "+201010000002", State: tgotest.ContactUnverified},
			tgotest.Contact{Phone: "+201010000003", State: tgotest.ContactUnknown})
	}}, configure...)...)
	w := &suite.Recorder{Next: http.DefaultTransport, Base: fake.URL}
	do := func(list ...request) {
		t.Helper()
		for _, r := range list {
			resp, err := w.RoundTrip(r.HTTP(t, fake.URL, fake.Key.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
	}
	for _, op := range contract.Operations() {
		do(contract.ExampleRequests(t, op)...)
		if op.Method == http.MethodPost {
			do(contract.ExampleRequests(t, op)...)
		}
	}
	get := func(target string) request { return request{Method: http.MethodGet, Target: target} }
	remove := request{Method: http.MethodDelete, Target: "/api-keys/7"}
	do(get("/messages"), get("/messages?page=2"), get("/messages?page=0"), get("/usage"), remove, remove, request{Method: http.MethodDelete, Target: "/api-keys/8"})
	do(post("", "/messages", jsonType, textOf(nil)), get("/messages"))
	do(get("/contacts/lookup?phone=%2B201010000000"))
	do(get("/contacts/lookup?phone=%2B201010000000&sender_number_id=12&sender_phone=%2B201001187188"))
	for i := range 4 {
		do(get("/contacts/lookup?phone=%2B20101000000" + strconv.Itoa(i) + "&sender_number_id=12"))
	}
	do(
		post("", "/messages", jsonType, textOf(map[string]any{"to_phone": "+2010"})),
		post("", "/messages", jsonType, textOf(map[string]any{"content": " "})),
		post("", "/messages", jsonType, textOf(map[string]any{"content": null})),
		post("", "/messages", jsonType, textOf(map[string]any{"sender_phone": "+201001187189"})),
		post("", "/api-keys", jsonType, []byte(`{"name":" "}`)),
		post("", "/api-keys", jsonType, []byte(`{"name":"a","scopes":[]}`)),
		post("", "/messages", jsonType, textOf(map[string]any{"sender_number_id": null})),
	)
	for _, f := range []tgotest.Fault{{Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "30", Times: 1}, {Kind: tgotest.FaultStatus, Times: 1}, {Kind: tgotest.FaultHTML, Times: 1}} {
		if _, err := fake.Inject(f); err != nil {
			t.Fatal(err)
		}
		do(get("/me"))
	}
	return w.Exchanges()
}

// TestTheFakeDoesWhatTheContractAssumes: all assumptions hold for the fake.
func TestTheFakeDoesWhatTheContractAssumes(t *testing.T) {
	t.Parallel()
	for id, f := range assumptionReport(exerciseAssumptions(t)) {
		if f.Verdict != held {
			t.Errorf("%s is %s (%s)", id, f.Verdict, f.By)
		}
	}
}
