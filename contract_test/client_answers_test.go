package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// changed returns an example of the document as a later version of the API may send it: each object has a new field, and each
// string with an x-extensible-enum is a new value. It adds the number of these strings to news.
func changed(schema *openapi3.Schema, value any, news *int) any {
	switch v := value.(type) {
	case map[string]any:
		object := map[string]any{"brand_new": map[string]any{"deep": []any{1, nil, "a"}}}
		for name, property := range v {
			object[name] = property
			if p := schema.Properties[name]; p != nil {
				object[name] = changed(p.Value, property, news)
			}
		}
		return object
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = v[i]
			if schema.Items != nil {
				list[i] = changed(schema.Items.Value, v[i], news)
			}
		}
		return list
	case string:
		if _, extensible := schema.Extensions["x-extensible-enum"]; extensible {
			*news++
			return newValue
		}
	}
	return value
}

const newValue = "value_of_tomorrow"

// TestClientReadsNewFieldsAndValues: with new fields, new values and other 2xx statuses, the client reads what it knows.
func TestClientReadsNewFieldsAndValues(t *testing.T) {
	t.Parallel()
	totalNews := 0
	for _, c := range onePerMethod(t) {
		op := contract.OperationByID(t, c.op)
		_, examples := op.SuccessExamples(t)
		if len(examples) == 0 {
			examples = []example{{Name: "no body"}}
		}
		// What methods with several requests read first: the list of sender numbers, before the log.
		others := map[string][]byte{}
		for _, id := range []string{"listSenderNumbers", "listMessages"} {
			_, e := contract.OperationByID(t, id).SuccessExamples(t)
			others[id] = e[0].JSON(t)
		}
		for _, e := range examples {
			value := e.Value
			news := 0
			if e.Value != nil {
				schema := successSchema(t, op)
				value = changed(schema, e.Value, &news)
				if err := schema.VisitJSON(value, openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
					t.Fatalf("%s %s: the change broke the contract: %v", c.op, e.Name, err)
				}
			}
			totalNews += news
			for _, status := range []int{200, 201, 202, 206, 226, 299} {
				t.Run(fmt.Sprintf("%s/%s %d", c.method, e.Name, status), func(t *testing.T) {
					t.Parallel()
					s := suite.ScriptedServer{Status: status, Bodies: map[string][]byte{}}
					for id, body := range others {
						s.Bodies[id] = body
					}
					s.Bodies[c.op] = toJSON(t, value)
					if e.Value == nil {
						s.Bodies[c.op] = nil
					}
					got, err := c.do(t.Context(), s.Client(t))
					if c.method == "Sender.Check" {
						// It reads the response, and a status that is not known is not "active".
						if !errors.Is(err, tgo.ErrSenderInactive) || !strings.Contains(err.Error(), newValue) {
							t.Errorf("check says %v", err)
						}
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if n := strings.Count(string(toJSON(t, got)), newValue); c.method != "Sender.Candidates" && (n > 0) != (news > 0) {
						t.Errorf("%d values were new, and %s shows %d", news, toJSON(t, got), n)
					}
				})
			}
		}
	}
	if totalNews < 20 {
		t.Errorf("only %d values were new: is something left out?", totalNews)
	}
}

// successSchema returns the schema of an operation's success.
func successSchema(t *testing.T, op operation) *openapi3.Schema {
	t.Helper()
	_, response := op.Success(t)
	return response.Content[jsonType].Schema.Value
}

// TestClientReadsWholeExamples: the caller gets every property of a response. Their names are those of the contract, so the results
// can be compared as JSON.
func TestClientReadsWholeExamples(t *testing.T) {
	t.Parallel()
	for _, c := range onePerMethod(t) {
		op := contract.OperationByID(t, c.op)
		status, examples := op.SuccessExamples(t)
		for _, e := range examples {
			t.Run(c.method+"/"+e.Name, func(t *testing.T) {
				t.Parallel()
				got, err := c.do(t.Context(), suite.ScriptedServer{Status: status, AnyBody: e.JSON(t)}.Client(t))
				if err != nil {
					if c.thenOp != "" && c.op != c.thenOp {
						return // its second request is to another operation
					}
					t.Fatal(err)
				}
				want := e.Value
				if object, ok := want.(map[string]any); ok && object["data"] != nil {
					want = object["data"]
				}
				switch r := got.(type) {
				case tgo.MessagePage:
					got = r.Entries
				case tgo.Usage:
					got = r.Senders
				case tgo.CreatedAPIKey:
					if key := e.Value.(map[string]any)["plain_text_key"]; r.Key.Reveal() != key {
						t.Errorf("the key is %q, want %q", r.Key.Reveal(), key)
					}
					got = r.APIKey
				}
				switch c.method {
				case "Sender.Check": // one of the list
					want = want.([]any)[0]
				case "Sender.Candidates": // none of the list
					return
				}
				if !sameJSON(t, nullsAsEmpty(t, want), nullsAsEmpty(t, got)) {
					t.Errorf("read %s, want %s", toJSON(t, got), toJSON(t, want))
				}
			})
		}
	}
}

// nullsAsEmpty replaces null with an empty string where the client does. No example has an empty status.
func nullsAsEmpty(t *testing.T, v any) any {
	t.Helper()
	var plain any
	if err := json.Unmarshal(toJSON(t, v), &plain); err != nil {
		t.Fatal(err)
	}
	var empty func(any) any
	empty = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				v[name] = empty(value)
				if value == nil && (name == "content" || name == "display_name" || name == "status") {
					v[name] = ""
				}
			}
		case []any:
			for i := range v {
				v[i] = empty(v[i])
			}
		}
		return v
	}
	return empty(plain)
}
