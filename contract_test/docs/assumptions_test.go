package docs_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// assumptions are the places in openapi.yaml that assume something, each with the words for it on the page of the contract tests.
var assumptions = map[string]string{
	"/messages get":                      "`links` and `meta`",
	"/messages get parameters 0":         "read by `page`",
	"/contacts/lookup get":               "a sender must be named",
	"/usage get":                         "everything in an entry",
	"Phone":                              "at least 7 digits",
	"TextMessage content":                "must not be only white space",
	"TextMessage":                        "null counts as absent",
	"RegisterSenderNumberRequest":        "null counts as absent",
	"CreateApiKeyRequest":                "null counts as absent",
	"SentMessage status":                 "`status` is `sent`",
	"MessageLogEntry status":             "`status` is `sent`",
	"MessageLogEntry content":            "its `content` and its `sent_at` may be null",
	"MessageLogEntry sent_at":            "its `content` and its `sent_at` may be null",
	"MessageLogEntry id":                 "the `id` that sending returned",
	"MessageLogPage data":                "comes in `data` and is read by `page`, newest first",
	"PageLinks":                          "`links`",
	"PageMeta":                           "`meta`",
	"/contacts/lookup get responses 200": "is a 200",
	"CreateApiKeyRequest scopes":         "at least one scope, none of them twice",
	"Contact reason_code":                "`reason_code`s but `ok`",
	"UsageReport data":                   "everything in an entry",
	"SenderNumberUsage":                  "`sender_number_id`, `sender_phone`, `messages_sent`",
	"CreateApiKeyRequest name":           "a key needs a name that is not blank",
	"CurrentApiKey":                      "the `api_key` in `/me`",
	"User":                               "`user`",
	"Subscription status":                "the status `active`",
	"UnknownTenantOrKey":                 "is a 404",
	"InvalidPage":                        "a page that is not a number is refused",
	"MessageRefused":                     "422",
	"TooManyRequests":                    "429",
	"ServerError":                        "5XX",
}

// TestAssumptions compares the list of assumptions on the page with openapi.yaml.
func TestAssumptions(t *testing.T) {
	t.Parallel()
	list := strings.ToLower(strings.Join(strings.Fields(section(t, contractPage, "## What is assumed")), " "))
	contract, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		t.Fatal(err)
	}
	b, err := contract.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Paths      map[string]any            `json:"paths"`
		Components map[string]map[string]any `json:"components"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, components := range doc.Components {
		for name, component := range components {
			findAssumed(found, component, name)
		}
	}
	for name, operations := range doc.Paths {
		findAssumed(found, operations, name)
	}
	for place := range found {
		words, listed := assumptions[place]
		switch {
		case !listed:
			t.Errorf("openapi.yaml assumes something at %s: describe it in contract_test/README.md, and add the words to assumptions", place)
		case !strings.Contains(list, strings.ToLower(words)):
			t.Errorf("the list in contract_test/README.md has no %q, for %s in openapi.yaml", words, place)
		}
	}
	for place := range assumptions {
		if !found[place] {
			t.Errorf("openapi.yaml no longer assumes anything at %s: remove it from contract_test/README.md and from assumptions", place)
		}
	}
}

// findAssumed finds the places where a part of openapi.yaml says that it assumes something.
func findAssumed(found map[string]bool, node any, place string) {
	switch n := node.(type) {
	case map[string]any:
		description, _ := n["description"].(string)
		whole := n["x-source"] == "assumed" || n["x-source"] == "framework"
		if whole || strings.Contains(description, "assumed") {
			found[place] = true
		}
		if whole {
			return // everything in it is assumed
		}
		for key, child := range n {
			if key == "properties" {
				findAssumed(found, child, place)
			} else {
				findAssumed(found, child, place+" "+key)
			}
		}
	case []any:
		for i, child := range n {
			findAssumed(found, child, fmt.Sprintf("%s %d", place, i))
		}
	}
}
