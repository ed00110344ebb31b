package contract_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// TestFieldsAreTheDocumentedOnes lists the fields that the vendor's pages have, so that none of them is lost or renamed. Add a new
// field here.
func TestFieldsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	for schema, want := range map[string]string{
		"TextMessage":                 "content sender_number_id sender_phone to_phone type",
		"MessageForm":                 "content duration file_name file_size file_type media sender_number_id sender_phone to_phone type",
		"SentMessage":                 "content conversation_id id message_id message_type recipient_user_id sender_number_id sent_at status",
		"MessageLogEntry":             "content id message_type sender_number_id sent_at status",
		"Contact":                     "can_receive exists is_verified phone_verified_at reason_code recipient_id",
		"SenderNumber":                "daily_limit_override display_name id phone status verification_status verified_at",
		"RegisterSenderNumberRequest": "display_name phone",
		"CreateApiKeyRequest":         "expires_in_days name scopes",
		"ApiKey":                      "expires_at id last_used_at name prefix scopes status",
		"CreatedApiKey":               "data plain_text_key",
		"Me":                          "api_key organization subscription user",
		"Organization":                "billing_email email_verified id name primary_domain slug status",
		"Subscription":                "limits plan status usage_snapshot",
		"MessageLogPage":              "data links meta",
		"PageLinks":                   "first last next prev",
		"PageMeta":                    "current_page last_page per_page total",
		"Error":                       "errors message",
	} {
		got := slices.Sorted(maps.Keys(contract.Document().Components.Schemas[schema].Value.Properties))
		if strings.Join(got, " ") != want {
			t.Errorf("%s has %v, want %s", schema, got, want)
		}
	}
	duration := contract.Document().Components.Schemas["MessageForm"].Value.Properties["duration"].Value
	if *duration.Min != 1 || *duration.Max != 300 {
		t.Errorf("duration is %v to %v, want 1 to 300", *duration.Min, *duration.Max)
	}
	days := contract.Document().Components.Schemas["CreateApiKeyRequest"].Value.Properties["expires_in_days"].Value
	if *days.Min != 1 || *days.Max != 365 || fmt.Sprint(days.Default) != "90" {
		t.Errorf("expires_in_days is %v to %v, default %v, want 1 to 365, default 90", *days.Min, *days.Max, days.Default)
	}
}

// TestEveryPhoneOfARequestHasTheSchemaPhone: all phones that a client can send have the same pattern.
func TestEveryPhoneOfARequestHasTheSchemaPhone(t *testing.T) {
	t.Parallel()
	const phone = "#/components/schemas/Phone"
	found := 0
	check := func(where, name string, schema *openapi3.SchemaRef) {
		if !strings.Contains(name, "phone") {
			if schema.Ref == phone {
				t.Errorf("%s.%s has the schema Phone, but no phone in its name", where, name)
			}
			return
		}
		found++
		if schema.Ref != phone {
			t.Errorf("%s.%s does not have the schema Phone", where, name)
		}
	}
	for _, op := range contract.Operations() {
		for _, p := range op.Parameters {
			check(op.OperationID, p.Value.Name, p.Value.Schema)
		}
		if op.RequestBody == nil {
			continue
		}
		for mediaType, content := range op.RequestBody.Value.Content {
			for name, schema := range content.Schema.Value.Properties {
				check(op.OperationID+" "+mediaType, name, schema)
			}
		}
	}
	if found != 7 {
		t.Errorf("found %d phones, want 7: two in each kind of message, two in the lookup, one in the registration", found)
	}
}

func TestBothFormsOfAKeyAreTheSame(t *testing.T) {
	t.Parallel()
	schemas := contract.Raw()["components"].(map[string]any)["schemas"].(map[string]any)
	key, current := schemas["ApiKey"].(map[string]any), schemas["CurrentApiKey"].(map[string]any)
	for _, part := range []string{"properties", "type"} {
		if key[part] == nil || !reflect.DeepEqual(key[part], current[part]) {
			t.Errorf("%s of ApiKey and of CurrentApiKey differ: %v and %v", part, key[part], current[part])
		}
	}
	if current["nullable"] != true || key["nullable"] != nil {
		t.Error("only CurrentApiKey may be null")
	}
}
