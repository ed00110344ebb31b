package contract_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo"
)

var sources = []string{"page", "spec", "later", "ref", "framework", "assumed"}

// fact is what the vendor's pages say of an operation.
type fact struct {
	method, path string
	scopes       []string
	success      []string // 2XX stands beside the code of what creates something, for clients must take any
	source       string
}

var facts = map[string]fact{
	"sendMessage":          {"POST", "/messages", []string{"messages.send"}, []string{"201", "2XX"}, "page"},
	"listMessages":         {"GET", "/messages", []string{"messages.read"}, []string{"200"}, "page"},
	"lookupContact":        {"GET", "/contacts/lookup", []string{"contacts.lookup"}, []string{"200"}, "page"},
	"getUsage":             {"GET", "/usage", []string{"usage.read"}, []string{"200"}, "page"},
	"listSenderNumbers":    {"GET", "/sender-numbers", []string{}, []string{"200"}, "spec"},
	"registerSenderNumber": {"POST", "/sender-numbers", []string{"messages.send"}, []string{"201", "2XX"}, "spec"},
	"createApiKey":         {"POST", "/api-keys", []string{}, []string{"201", "2XX"}, "spec"},
	"revokeApiKey":         {"DELETE", "/api-keys/{apiKey}", []string{}, []string{"204"}, "spec"},
	"getMe":                {"GET", "/me", []string{}, []string{"200"}, "spec"},
	"getSubscription":      {"GET", "/subscription", []string{}, []string{"200"}, "spec"},
}

// rawDocument is the document as plain YAML values, anchors resolved, without OpenAPI's view of it.
func rawDocument() map[string]any {
	v, err := openapi3filter.YamlBodyDecoder(bytes.NewReader(openapi.Document), nil, nil, nil)
	if err != nil {
		panic(err) // it is embedded
	}
	doc, ok := v.(map[string]any)
	if !ok {
		panic(fmt.Sprintf("openapi.yaml is a %T and not an object", v))
	}
	return doc
}

// walk visits every key of a YAML tree.
func walk(path string, v any, visit func(path, key string, value any)) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			visit(path, key, value)
			walk(path+"/"+key, value, visit)
		}
	case []any:
		for i, value := range v {
			walk(path+"/"+strconv.Itoa(i), value, visit)
		}
	}
}

func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := contract().Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation(), openapi3.EnableMultiError()); err != nil {
		t.Error(err)
	}
	if v := contract().OpenAPI; v != "3.0.3" {
		t.Errorf("openapi: %s, want 3.0.3: several generators read nothing newer", v)
	}
}

func TestTheTenantIsAServerVariable(t *testing.T) {
	t.Parallel()
	servers := contract().Servers
	if len(servers) != 2 || servers[0].URL != "https://{tenant_domain}/api/v1" || servers[1].URL != "http://127.0.0.1:8080"+basePath {
		t.Fatalf("servers: %+v", servers)
	}
	if v := servers[0].Variables["tenant_domain"]; v == nil || v.Default == "" || v.Description == "" {
		t.Errorf("tenant_domain: %+v", v)
	}
	for _, op := range operations() {
		if op.Servers != nil || op.item.Servers != nil {
			t.Errorf("%s has servers of its own", op.OperationID)
		}
	}
}

func TestOperationsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	found := map[string]fact{}
	for _, op := range operations() {
		f := fact{method: op.method, path: op.path, scopes: op.requiredScopes()}
		f.source, _ = op.Extensions["x-source"].(string)
		for status := range op.responses() {
			if strings.HasPrefix(status, "2") {
				f.success = append(f.success, status)
			}
		}
		slices.Sort(f.success)
		found[op.OperationID] = f
	}
	for _, id := range slices.Sorted(maps.Keys(facts)) {
		if !reflect.DeepEqual(found[id], facts[id]) {
			t.Errorf("%s is %+v, want %+v", id, found[id], facts[id])
		}
	}
	for id := range found {
		if _, ok := facts[id]; !ok {
			t.Errorf("nothing is known of an operation %s", id)
		}
	}
}

func TestScopesAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	want := []any{"messages.send", "messages.read", "contacts.lookup", "usage.read", "*"}
	scope := contract().Components.Schemas["Scope"].Value
	if !reflect.DeepEqual(scope.Enum, want) {
		t.Errorf("scopes are %v, want %v", scope.Enum, want)
	}
	// Of * openapi-generator makes an empty name in Ruby.
	names := []any{"MessagesSend", "MessagesRead", "ContactsLookup", "UsageRead", "All"}
	if got := scope.Extensions["x-enum-varnames"]; !reflect.DeepEqual(got, names) {
		t.Errorf("the scopes are called %v in code, want %v", got, names)
	}
}

// TestFieldsAreTheDocumentedOnes names what the vendor's pages name, so that nothing of it is lost or renamed.
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
		got := slices.Sorted(maps.Keys(contract().Components.Schemas[schema].Value.Properties))
		if strings.Join(got, " ") != want {
			t.Errorf("%s has %v, want %s", schema, got, want)
		}
	}
	duration := contract().Components.Schemas["MessageForm"].Value.Properties["duration"].Value
	if *duration.Min != 1 || *duration.Max != 300 {
		t.Errorf("duration is %v to %v, want 1 to 300", *duration.Min, *duration.Max)
	}
	days := contract().Components.Schemas["CreateApiKeyRequest"].Value.Properties["expires_in_days"].Value
	if *days.Min != 1 || *days.Max != 365 || fmt.Sprint(days.Default) != "90" {
		t.Errorf("expires_in_days is %v to %v, default %v, want 1 to 365, default 90", *days.Min, *days.Max, days.Default)
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	tags := map[string]bool{}
	for _, tag := range contract().Tags {
		tags[tag.Name] = true
	}
	for _, op := range operations() {
		where := op.method + " " + op.path
		if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) == 0 {
			t.Errorf("%s lacks one of operationId, summary, description, tags", where)
		}
		for _, tag := range op.Tags {
			if !tags[tag] {
				t.Errorf("%s: the tag %q is not declared", where, tag)
			}
		}
		security := contract().Security
		if op.Security != nil {
			security = *op.Security
		}
		if !reflect.DeepEqual(security, openapi3.SecurityRequirements{{"ApiKeyAuth": {}}}) {
			t.Errorf("%s: security is %v, want ApiKeyAuth", where, security)
		}
		scopes, ok := op.Extensions["x-required-scopes"].([]any)
		if !ok {
			t.Errorf("%s: x-required-scopes is no list", where)
		}
		for _, s := range scopes {
			if !slices.Contains(contract().Components.Schemas["Scope"].Value.Enum, s) || s == "*" {
				t.Errorf("%s: there is no scope %v to require", where, s)
			}
			if !strings.Contains(op.Description, fmt.Sprintf("`%v`", s)) {
				t.Errorf("%s: the description does not say that it needs %v", where, s)
			}
		}
		if s, _ := op.Extensions["x-source"].(string); !slices.Contains(sources, s) {
			t.Errorf("%s: x-source is %q", where, s)
		}
	}
	scheme := contract().Components.SecuritySchemes["ApiKeyAuth"].Value
	if scheme.Type != "apiKey" || scheme.In != "header" || scheme.Name != "X-Api-Key" {
		t.Errorf("ApiKeyAuth is %+v", scheme)
	}
}

// TestEverySchemaIsPlain: each is described, unless a reference stands there, which says it all; an integer tells how wide it is,
// for generators that would cut it short; and nothing is written in a way that only some readers of YAML know.
func TestEverySchemaIsPlain(t *testing.T) {
	t.Parallel()
	seen := 0
	var check func(where string, ref *openapi3.SchemaRef)
	check = func(where string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Ref != "" {
			return
		}
		seen++
		s := ref.Value
		if s.Description == "" {
			t.Errorf("%s is not described", where)
		}
		if s.Type.Is("integer") != slices.Contains([]string{"int32", "int64"}, s.Format) {
			t.Errorf("%s is a %v of the format %q", where, s.Type, s.Format)
		}
		check(where+"[]", s.Items)
		check(where+".*", s.AdditionalProperties.Schema)
		for name, p := range s.Properties {
			check(where+"."+name, p)
		}
	}
	for name, s := range contract().Components.Schemas {
		check(name, s)
	}
	for _, op := range operations() {
		for _, p := range op.Parameters {
			schema := *p.Value.Schema.Value
			schema.Description = p.Value.Description
			check(op.OperationID+" "+p.Value.Name, &openapi3.SchemaRef{Value: &schema})
		}
		for status, response := range op.responses() {
			for mediaType, content := range response.Content {
				check(op.OperationID+" "+status+" "+mediaType, content.Schema)
			}
		}
	}
	if seen < 100 {
		t.Errorf("looked at only %d schemas: is the walk complete?", seen)
	}
	if m := regexp.MustCompile(`(?m)^.*: [&*]\w.*$`).Find(openapi.Document); m != nil {
		t.Errorf("an anchor or an alias: %s", m)
	}
}

func TestEveryOperationHasItsErrors(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		want := []string{"401", "403", "404", "429", "5XX"}
		if op.takesInput() {
			want = append(want, "422")
		}
		for _, status := range want {
			response := op.responses()[status]
			if response == nil {
				t.Errorf("%s has no %s", op.OperationID, status)
				continue
			}
			content := response.Content[jsonType]
			if content == nil || content.Schema.Ref != "#/components/schemas/Error" {
				t.Errorf("%s: the %s is no Error", op.OperationID, status)
			}
			if _, ok := response.Extensions["x-source"]; !ok {
				t.Errorf("%s: the %s has no x-source", op.OperationID, status)
			}
		}
		if op.responses()["default"] != nil {
			t.Errorf("%s has a default response, which would hide undeclared statuses", op.OperationID)
		}
	}
	if page := contract().Components.Responses["ServerError"].Value.Content["text/html"]; page == nil || !page.Schema.Value.Type.Is("string") {
		t.Error("server trouble is no page: generators that read what is declared alone then lose its status")
	}
	if h := contract().Components.Responses["TooManyRequests"].Value.Headers["Retry-After"]; h == nil || h.Value.Example == nil {
		t.Error("the 429 does not show a Retry-After")
	}
}

// TestErrorTextsAreTheDocumentedOnes holds the examples of the errors against the vendor's words.
func TestErrorTextsAreTheDocumentedOnes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Unauthenticated":    {textMissingScope, textUnauthenticated},
		"MissingScope":       {textMissingScope},
		"UnknownTenant":      {textUnknownTenant},
		"UnknownTenantOrKey": {"API key not found.", textUnknownTenant}, // the first is assumed
		"InvalidRequest":     {textInvalid},
		"MessageRefused":     {textInvalid, textSenderInactive, textSenderInactiveLater, textSenderUnverified, textSenderUnverifiedLater},
	} {
		var got []string
		for _, e := range examplesOf(contract().Components.Responses[name].Value.Content[jsonType]) {
			message, _ := e.value.(map[string]any)["message"].(string)
			got = append(got, message)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s says %q, want %q", name, got, want)
		}
	}
}

func TestEverySourceIsKnown(t *testing.T) {
	t.Parallel()
	found := map[string]int{}
	walk("", rawDocument(), func(path, key string, value any) {
		if key != "x-source" {
			return
		}
		s, _ := value.(string)
		if !slices.Contains(sources, s) {
			t.Errorf("%s: x-source is %v", path, value)
		}
		found[s]++
	})
	if len(found) != len(sources) {
		t.Errorf("found only %v: is the walk complete?", found)
	}
	explained, _ := rawDocument()["x-sources"].(map[string]any)
	if !slices.Equal(slices.Sorted(maps.Keys(explained)), slices.Sorted(slices.Values(sources))) {
		t.Errorf("explained are %v, want %v", explained, sources)
	}
}

func TestEveryExtensionIsExplained(t *testing.T) {
	t.Parallel()
	explained, used := map[string]bool{"x-source": true}, map[string]bool{} // x-source by x-sources
	for _, name := range at(rawDocument()["x-extensions"], "name") {
		explained[fmt.Sprint(name)] = true
	}
	walk("", rawDocument(), func(path, key string, _ any) {
		if strings.HasPrefix(key, "x-") && path != "" {
			used[key] = true
		}
	})
	if !maps.Equal(explained, used) {
		t.Errorf("explained are %v, and there are %v", explained, used)
	}
}

func TestNothingInTheDocumentIsForGoOnly(t *testing.T) {
	t.Parallel()
	walk("", rawDocument(), func(path, key string, _ any) {
		if strings.HasPrefix(strings.ToLower(key), "x-go") || strings.HasPrefix(key, "x-oapi-codegen") {
			t.Errorf("%s/%s belongs into gen/overlay.yaml", path, key)
		}
	})
	// The walk sees no comments, and would not see a key that a merge overwrote.
	if m := regexp.MustCompile(`\bx-go\b.*`).Find(openapi.Document); m != nil {
		t.Errorf("openapi.yaml has %q", m)
	}
}

// TestNoGeneratorMakesTypesOfRules: a choice, and an allOf that is not under a not, becomes a type in some generators, and in
// others takes the type of the body away.
func TestNoGeneratorMakesTypesOfRules(t *testing.T) {
	t.Parallel()
	rules := 0
	walk("", rawDocument(), func(path, key string, _ any) {
		switch key {
		case "oneOf", "anyOf":
			t.Errorf("%s has %s", path, key)
		case "allOf":
			if !strings.HasSuffix(path, "/not") {
				t.Errorf("%s has an allOf that is not under a not", path)
			}
			rules++
		}
	})
	if rules == 0 {
		t.Error("found no rules: is the walk complete?")
	}
}

// TestNoNameCollidesInGeneratedCode: generators make names of the document's names, and some of them then have two things of
// one name.
func TestNoNameCollidesInGeneratedCode(t *testing.T) {
	t.Parallel()
	schemas := contract().Components.Schemas
	taken := map[string]string{}
	for name := range schemas {
		taken["New"+name] = "the constructor of " + name + " in openapi-generator's Go"
	}
	for name := range contract().Components.SecuritySchemes {
		taken[name] = "the security scheme in ogen"
	}
	for name := range contract().Components.Responses {
		taken[name] = "the response in oapi-codegen"
	}
	for _, op := range operations() {
		id := strings.ToUpper(op.OperationID[:1]) + op.OperationID[1:]
		for _, suffix := range []string{"Result", "Response"} {
			taken[id+suffix] = "what orval and others make of the operation " + op.OperationID
		}
	}
	for name := range schemas {
		if other := taken[name]; other != "" {
			t.Errorf("the schema %s is called as %s", name, other)
		}
	}
}

func TestBothFormsOfAKeyAreTheSame(t *testing.T) {
	t.Parallel()
	schemas := rawDocument()["components"].(map[string]any)["schemas"].(map[string]any)
	key, current := schemas["ApiKey"].(map[string]any), schemas["CurrentApiKey"].(map[string]any)
	for _, part := range []string{"properties", "type"} {
		if key[part] == nil || !reflect.DeepEqual(key[part], current[part]) {
			t.Errorf("%s of ApiKey and of CurrentApiKey differ: %v and %v", part, key[part], current[part])
		}
	}
	if current["nullable"] != true || key["nullable"] != nil {
		t.Error("CurrentApiKey, and it alone, may be null")
	}
}

// TestEveryPhoneOfARequestIsAPhone makes sure that one pattern judges all phones that a client can send.
func TestEveryPhoneOfARequestIsAPhone(t *testing.T) {
	t.Parallel()
	const phone = "#/components/schemas/Phone"
	found := 0
	check := func(where, name string, schema *openapi3.SchemaRef) {
		if !strings.Contains(name, "phone") {
			if schema.Ref == phone {
				t.Errorf("%s.%s is a Phone by another name", where, name)
			}
			return
		}
		found++
		if schema.Ref != phone {
			t.Errorf("%s.%s is not the schema Phone", where, name)
		}
	}
	for _, op := range operations() {
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
		t.Errorf("looked at %d phones, want 7: two in either message, two in the lookup, one in the registration", found)
	}
}

// TestRequestsAreClosed: a misspelt field must be refused and not be dropped.
func TestRequestsAreClosed(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		if op.RequestBody == nil {
			continue
		}
		if !op.RequestBody.Value.Required {
			t.Errorf("%s: its body is not required", op.OperationID)
		}
		for mediaType, content := range op.RequestBody.Value.Content {
			if has := content.Schema.Value.AdditionalProperties.Has; has == nil || *has {
				t.Errorf("%s %s lets unknown fields through", op.OperationID, mediaType)
			}
			if len(content.Encoding) > 0 {
				t.Errorf("%s %s has an encoding, which would refuse files of other types", op.OperationID, mediaType)
			}
		}
	}
}

// TestAnswersAreOpen: what the vendor adds must not break anybody.
func TestAnswersAreOpen(t *testing.T) {
	t.Parallel()
	seen := map[*openapi3.Schema]bool{}
	var check func(where string, ref *openapi3.SchemaRef)
	check = func(where string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		if has := s.AdditionalProperties.Has; has != nil && !*has {
			t.Errorf("%s refuses unknown properties", where)
		}
		if len(s.Enum) > 0 {
			t.Errorf("%s has an enum: use x-extensible-enum", where)
		}
		check(where+"[]", s.Items)
		check(where+".*", s.AdditionalProperties.Schema)
		for name, p := range s.Properties {
			check(where+"."+name, p)
		}
	}
	for _, op := range operations() {
		for status, response := range op.responses() {
			for _, content := range response.Content {
				check(op.OperationID+" "+status, content.Schema)
			}
		}
	}
}

// TestEverythingHasAnExampleThatConforms validates the examples once more: kin-openapi's own validation leaves some out
// where others stand beside them.
func TestEverythingHasAnExampleThatConforms(t *testing.T) {
	t.Parallel()
	conforms := func(where string, schema *openapi3.SchemaRef, value any, opts ...openapi3.SchemaValidationOption) {
		if err := schema.Value.VisitJSON(value, append(opts, openapi3.MultiErrors())...); err != nil {
			t.Errorf("%s: the example does not conform: %v", where, err)
		}
	}
	content := func(where string, c openapi3.Content, opt openapi3.SchemaValidationOption) {
		for mediaType, m := range c {
			examples := examplesOf(m)
			if len(examples) == 0 {
				t.Errorf("%s has no example of %s", where, mediaType)
			}
			for _, e := range examples {
				conforms(where+" "+e.name, m.Schema, e.value, opt)
			}
		}
	}
	for _, op := range operations() {
		if op.RequestBody != nil {
			content(op.OperationID+" request", op.RequestBody.Value.Content, openapi3.VisitAsRequest())
		}
		for status, response := range op.responses() {
			if status == "2XX" { // the content is that of the documented success
				if _, documented := op.documentedSuccess(t); !reflect.DeepEqual(response.Content[jsonType].Schema, documented.Content[jsonType].Schema) {
					t.Errorf("%s: the 2XX is not the documented success", op.OperationID)
				}
				continue
			}
			content(op.OperationID+" "+status, response.Content, openapi3.VisitAsResponse())
			if len(response.Content) == 0 && status != strconv.Itoa(http.StatusNoContent) {
				t.Errorf("%s %s has no content", op.OperationID, status)
			}
			for name, h := range response.Headers {
				conforms(op.OperationID+" "+status+" "+name, h.Value.Schema, h.Value.Example)
			}
		}
		exampleOfGroup := 0
		for _, p := range op.Parameters {
			where := op.OperationID + " " + p.Value.Name
			e := parameterExample(p.Value)
			if slices.Contains(op.exactlyOneOf(), p.Value.Name) {
				// Tools put the examples of all parameters into one request, so of these exactly one may have its own.
				if p.Value.Example != nil {
					exampleOfGroup++
				}
				if e == nil {
					continue
				}
			}
			if e == nil {
				t.Errorf("%s has no example", where)
				continue
			}
			conforms(where, p.Value.Schema, e, openapi3.VisitAsRequest())
		}
		if len(op.exactlyOneOf()) > 0 && exampleOfGroup != 1 {
			t.Errorf("%s: %d parameters of %v have an example, want 1", op.OperationID, exampleOfGroup, op.exactlyOneOf())
		}
	}
	for name, schema := range contract().Components.Schemas {
		for property, s := range schema.Value.Properties {
			if s.Value.Example != nil {
				conforms(name+"."+property, s, s.Value.Example)
			}
		}
		if schema.Value.Example != nil {
			conforms(name, schema, schema.Value.Example)
		}
	}
}

// TestExampleRequestsConform sends nothing: it makes HTTP of the examples and validates that.
func TestExampleRequestsConform(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		for _, r := range exampleRequests(t, op) {
			if _, err := validateRequest(r.request(t, "http://tenant"+basePath, "tgo_key"), r.body); err != nil {
				t.Errorf("%s %s: %v", op.OperationID, r.name, err)
			}
		}
	}
}

func TestGeneratedScopesAgreeWithTheDocument(t *testing.T) {
	t.Parallel()
	for _, op := range operations() {
		generated := []string{}
		for _, s := range gen.RequiredScopes(op.OperationID) {
			generated = append(generated, string(s))
			if !s.Valid() {
				t.Errorf("%s: %q is no scope", op.OperationID, s)
			}
		}
		if !slices.Equal(generated, op.requiredScopes()) {
			t.Errorf("%s: generated %v, the document says %v", op.OperationID, generated, op.requiredScopes())
		}
	}
	if s := gen.RequiredScopes("noSuchOperation"); s != nil {
		t.Errorf("an unknown operation needs %v", s)
	}
}

// TestVersionsAreInStep: the document, the package and the changelog speak of the same version.
func TestVersionsAreInStep(t *testing.T) {
	t.Parallel()
	version := contract().Info.Version
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) {
		t.Fatalf("the document's version is %q", version)
	}
	if tgo.Version != version {
		t.Errorf("the document is %s and the package %s", version, tgo.Version)
	}
	// A version under way is announced in the changelog, one that is out has its section.
	changelog := string(readFile(t, "../CHANGELOG.md"))
	announced := regexp.MustCompile(`(?m)^## \[Unreleased\]\s+To become (\d+\.\d+\.\d+)\b`).FindStringSubmatch(changelog)
	released := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\]`).FindStringSubmatch(changelog)
	switch {
	case announced != nil:
		if announced[1] != version {
			t.Errorf("the changelog announces %s, and the document is %s", announced[1], version)
		}
	case released == nil || released[1] != version:
		t.Errorf("the changelog neither announces %s nor has it as its newest", version)
	}
}
