package contract

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// planted is one change of a document, and all differences that must be found then.
type planted struct {
	name   string
	change func(doc *openapi3.T)
	want   []Difference
}

// The functions below return the places of the changes. Each place is used once in the document, so a change there is one
// difference.

// schemaOf returns a component's schema, or that of one of its properties.
func schemaOf(doc *openapi3.T, schema, property string) *openapi3.Schema {
	s := doc.Components.Schemas[schema].Value
	if property == "" {
		return s
	}
	return s.Properties[property].Value
}

func lookupOf(doc *openapi3.T) *openapi3.Operation { return doc.Paths.Value("/contacts/lookup").Get }

func sendOf(doc *openapi3.T) *openapi3.Operation { return doc.Paths.Value("/messages").Post }

func senderIDOf(doc *openapi3.T) *openapi3.Parameter {
	return lookupOf(doc).Parameters.GetByInAndName("query", "sender_number_id")
}

func renameForm(doc *openapi3.T) {
	content := sendOf(doc).RequestBody.Value.Content
	content["application/x-www-form-urlencoded"] = content[FormType]
	delete(content, FormType)
}

func retryAfter(doc *openapi3.T) *openapi3.Header {
	return doc.Components.Responses["TooManyRequests"].Value.Headers["Retry-After"].Value
}

// onAll returns a difference of each operation, for a change in a response that all of them share.
func onAll(aspect, ours, theirs string) []Difference {
	var list []Difference
	for _, name := range slices.Sorted(maps.Keys(operationsOf(Document()))) {
		list = append(list, Difference{name + aspect, ours, theirs})
	}
	return list
}

const (
	senderQuery = "GET /contacts/lookup query sender_number_id"
	lookup200   = "GET /contacts/lookup response 200 application/json"
	textJSON    = "POST /messages request application/json"
	sendForm    = "POST /messages request multipart/form-data"
	newKeyIn    = "POST /api-keys request application/json"
)

func plantedDifferences() []planted {
	one := func(key, ours, theirs string) []Difference { return []Difference{{key, ours, theirs}} }
	servers := func(theirs string) []Difference { return one("document: servers", "https://{}/api/v1", theirs) }
	text := func(name, property string, change func(s *openapi3.Schema), want []Difference) planted {
		return planted{name, func(doc *openapi3.T) { change(schemaOf(doc, "TextMessage", property)) }, want}
	}
	contact := func(name, property string, change func(s *openapi3.Schema), want []Difference) planted {
		return planted{name, func(doc *openapi3.T) { change(schemaOf(doc, "Contact", property)) }, want}
	}
	return []planted{
		{"nothing", func(*openapi3.T) {}, nil},

		// Operations.
		{"operation gone", func(doc *openapi3.T) { doc.Paths.Value("/usage").Get = nil }, one("GET /usage: present", "yes", "no")},
		{"operation new", func(doc *openapi3.T) { doc.Paths.Value("/me").Put = openapi3.NewOperation() }, one("PUT /me: present", "no", "yes")},
		{"webhook new", func(doc *openapi3.T) { doc.Webhooks = map[string]*openapi3.PathItem{"delivered": {}} }, one("webhook delivered: present", "no", "yes")},
		{"callback new", func(doc *openapi3.T) {
			sendOf(doc).Callbacks = openapi3.Callbacks{"delivered": {Value: openapi3.NewCallback()}}
		}, one("POST /messages callback delivered: present", "no", "yes")},
		{"version", func(doc *openapi3.T) { doc.Extensions, doc.Info.Version = nil, "1.1.0" }, one("document: version", "1.0.0", "1.1.0")},
		{"operationId", func(doc *openapi3.T) { lookupOf(doc).OperationID = "find" }, one("GET /contacts/lookup: operationId", "lookupContact", "find")},
		{"operation deprecated", func(doc *openapi3.T) { lookupOf(doc).Deprecated = true }, one("GET /contacts/lookup: deprecated", "no", "yes")},
		{"the base path moved into the paths", func(doc *openapi3.T) {
			doc.Servers[0].URL = "https://{tenant_domain}/api"
			moved := openapi3.NewPaths()
			for path, item := range doc.Paths.Map() {
				moved.Set("/v1"+path, item)
			}
			doc.Paths = moved
		}, nil},
		{"the base path moved into one path", func(doc *openapi3.T) {
			item := doc.Paths.Value("/usage")
			item.Servers = openapi3.Servers{{URL: "https://{tenant_domain}", Variables: doc.Servers[0].Variables}}
			doc.Paths.Delete("/usage")
			doc.Paths.Set("/api/v1/usage", item)
		}, nil},
		{"base path gone", func(doc *openapi3.T) { doc.Servers[0].URL = "https://{tenant_domain}" }, servers("https://{}")},
		{"base path and tenant gone", func(doc *openapi3.T) { doc.Servers = openapi3.Servers{{URL: "https://api.example.com"}} }, servers("https://api.example.com")},
		{"another base path", func(doc *openapi3.T) { doc.Servers[0].URL = "https://{tenant_domain}/api/v10/" }, servers("https://{}/api/v10")},
		{"another base path, in one path", func(doc *openapi3.T) {
			item := doc.Paths.Value("/usage")
			item.Servers = openapi3.Servers{{URL: "https://{tenant_domain}/api", Variables: doc.Servers[0].Variables}}
			doc.Paths.Delete("/usage")
			doc.Paths.Set("/v2/usage", item)
		}, []Difference{{"GET /usage: present", "yes", "no"}, {"GET /v2/usage: present", "no", "yes"}}},
		{"servers gone", func(doc *openapi3.T) { doc.Servers = nil }, servers("no")},
		{"server null", func(doc *openapi3.T) { doc.Servers = openapi3.Servers{nil} }, servers("no")},
		{"server's variable null", func(doc *openapi3.T) { doc.Servers[0].Variables["tenant_domain"] = nil }, nil},
		{"scheme", func(doc *openapi3.T) { doc.Servers[0].URL = "http://{tenant_domain}/api/v1" }, servers("http://{}/api/v1")},
		{"one host for all tenants", func(doc *openapi3.T) { doc.Servers[0].URL = "https://api.example.com/api/v1" }, servers("https://api.example.com/api/v1")},
		{"hosts listed", func(doc *openapi3.T) {
			doc.Servers[0].Variables["tenant_domain"].Enum = []string{"eu.example.com", "us.example.com"}
		}, servers("https://{eu.example.com us.example.com}/api/v1")},
		{"scheme in a variable", func(doc *openapi3.T) {
			doc.Servers[0].URL, doc.Servers[0].Variables["tenant_domain"].Default = "{tenant_domain}/api/v1", "http://acme.example.com"
		}, servers("{http://}/api/v1")},
		{"base path in a variable", func(doc *openapi3.T) {
			doc.Servers[0].URL = "https://{tenant_domain}/api/{version}"
			doc.Servers[0].Variables["version"] = &openapi3.ServerVariable{Default: "v1"}
		}, nil},
		{"server more", func(doc *openapi3.T) {
			doc.Servers = append(doc.Servers, &openapi3.Server{URL: "https://eu.example.com/api/v1"})
		}, servers("https://{}/api/v1 or https://eu.example.com/api/v1")},
		{"server of a path", func(doc *openapi3.T) {
			doc.Paths.Value("/usage").Servers = openapi3.Servers{{URL: "https://usage.example.com/api/v1"}}
		}, one("GET /usage: servers", "https://{}/api/v1", "https://usage.example.com/api/v1")},
		{"server of an operation", func(doc *openapi3.T) {
			sendOf(doc).Servers = &openapi3.Servers{{URL: "https://{tenant}/api/v2", Variables: openapi3.ServerVariables{"tenant": {Default: "a.example"}}}}
		}, one("POST /messages: servers", "https://{}/api/v1", "https://{}/api/v2")},
		{"two operations of one name", func(doc *openapi3.T) {
			doc.Servers[0].URL = "https://{tenant_domain}"
			doc.Paths.Set("/api/v1/usage", &openapi3.PathItem{Get: openapi3.NewOperation()})
			*doc.Paths.Value("/api/v1/usage").Get = *doc.Paths.Value("/usage").Get
		}, []Difference{
			{"document: servers", "https://{}/api/v1", "https://{}"},
			{"GET /usage again: present", "no", "yes"},
		}},
		{"path parameter renamed", func(doc *openapi3.T) {
			item := doc.Paths.Value("/api-keys/{apiKey}")
			item.Delete.Parameters[0].Value.Name = "id"
			doc.Paths.Delete("/api-keys/{apiKey}")
			doc.Paths.Set("/api-keys/{id}", item)
		}, nil},

		// Security.
		{"security header", func(doc *openapi3.T) { doc.Components.SecuritySchemes["ApiKeyAuth"].Value.Name = "X-Key" }, one("document: security", "apiKey header X-Api-Key", "apiKey header X-Key")},
		{"an operation without security", func(doc *openapi3.T) { lookupOf(doc).Security = &openapi3.SecurityRequirements{} }, one("GET /contacts/lookup: security", "apiKey header X-Api-Key", "no")},
		{"scope", func(doc *openapi3.T) { lookupOf(doc).Extensions["x-required-scopes"] = []any{"contacts.read"} }, one("GET /contacts/lookup: scopes", "contacts.lookup", "contacts.read")},
		{"the same scope in security", func(doc *openapi3.T) {
			delete(lookupOf(doc).Extensions, "x-required-scopes")
			lookupOf(doc).Security = &openapi3.SecurityRequirements{{"ApiKeyAuth": {"contacts.lookup"}}}
		}, nil},

		// Parameters.
		{"parameter gone", func(doc *openapi3.T) { lookupOf(doc).Parameters = lookupOf(doc).Parameters[:2] }, one(senderQuery+": present", "yes", "no")},
		{"parameter new", func(doc *openapi3.T) {
			lookupOf(doc).AddParameter(openapi3.NewHeaderParameter("X-Locale").WithRequired(true).WithSchema(openapi3.NewStringSchema()))
		}, one("GET /contacts/lookup header X-Locale: present", "no", "yes, required")},
		{"parameter elsewhere", func(doc *openapi3.T) { senderIDOf(doc).In = "cookie" }, []Difference{
			{"GET /contacts/lookup cookie sender_number_id: present", "no", "yes"},
			{senderQuery + ": present", "yes", "no"},
		}},
		{"parameter required", func(doc *openapi3.T) { senderIDOf(doc).Required = true }, one(senderQuery+": required", "no", "yes")},
		{"parameter deprecated", func(doc *openapi3.T) { senderIDOf(doc).Deprecated = true }, one(senderQuery+": deprecated", "no", "yes")},
		{"parameter type", func(doc *openapi3.T) { senderIDOf(doc).Schema.Value.Type = &openapi3.Types{"string"} }, one(senderQuery+": type", "integer", "string")},
		{"parameter enum", func(doc *openapi3.T) { senderIDOf(doc).Schema.Value.Enum = []any{1, 2} }, one(senderQuery+": enum", "no", "1 2")},
		{"parameter bound", func(doc *openapi3.T) { senderIDOf(doc).Schema.Value.Max = new(9.0) }, one(senderQuery+": maximum", "no", "9")},

		{"parameter style", func(doc *openapi3.T) { senderIDOf(doc).Style = "spaceDelimited" }, one(senderQuery+": style", "form, exploded", "spaceDelimited")},
		{"parameter exploded as it was", func(doc *openapi3.T) { senderIDOf(doc).Style, senderIDOf(doc).Explode = "form", new(true) }, nil},
		{"parameter not exploded", func(doc *openapi3.T) { senderIDOf(doc).Explode = new(false) }, one(senderQuery+": style", "form, exploded", "form")},
		{"parameter reserved", func(doc *openapi3.T) { senderIDOf(doc).AllowReserved = true }, one(senderQuery+": allowReserved", "no", "yes")},
		{"parameter empty", func(doc *openapi3.T) { senderIDOf(doc).AllowEmptyValue = true }, one(senderQuery+": allowEmptyValue", "no", "yes")},
		{"parameter as JSON", func(doc *openapi3.T) { senderIDOf(doc).Content = openapi3.NewContentWithJSONSchema(nil) }, one(senderQuery+" application/json: present", "no", "yes")},

		// Bodies of requests.
		{"body gone", func(doc *openapi3.T) { sendOf(doc).RequestBody = nil }, one("POST /messages request: present", "yes, required", "no")},
		{"body optional", func(doc *openapi3.T) { sendOf(doc).RequestBody.Value.Required = false }, one("POST /messages request: required", "yes", "no")},
		{"media type gone", func(doc *openapi3.T) { delete(sendOf(doc).RequestBody.Value.Content, FormType) }, one(sendForm+": present", "yes", "no")},
		{"media type new", func(doc *openapi3.T) { sendOf(doc).RequestBody.Value.Content["text/csv"] = openapi3.NewMediaType() }, one("POST /messages request text/csv: present", "no", "yes")},
		{"media type renamed", renameForm, []Difference{
			{"POST /messages request application/x-www-form-urlencoded: present", "no", "yes"},
			{sendForm + ": present", "yes", "no"},
		}},
		{"part's header new", func(doc *openapi3.T) {
			sendOf(doc).RequestBody.Value.Content[FormType].Encoding = openapi3.Encodings{"media": {
				Headers: openapi3.Headers{"X-Digest": {Value: &openapi3.Header{Parameter: openapi3.Parameter{Required: true}}}},
			}}
		}, one(sendForm+" encoding media: present", "no", "yes")},
		{"stream of items", func(doc *openapi3.T) {
			sendOf(doc).RequestBody.Value.Content[FormType].ItemSchema = openapi3.NewSchema().NewRef()
		}, one(sendForm+": itemSchema", "no", "yes")},
		text("field only read", "content", func(s *openapi3.Schema) { s.ReadOnly = true }, one(textJSON+" content: readOnly", "no", "yes")),
		text("field only written", "content", func(s *openapi3.Schema) { s.WriteOnly = true }, one(textJSON+" content: writeOnly", "no", "yes")),
		text("a comment and definitions", "content", func(s *openapi3.Schema) {
			s.Comment, s.Defs = "a comment", openapi3.Schemas{"a": openapi3.NewSchema().NewRef()}
		}, nil),
		text("discriminator", "", func(s *openapi3.Schema) { s.Discriminator = &openapi3.Discriminator{PropertyName: "type"} }, one(textJSON+": discriminator", "no", "yes")),
		text("field gone", "", func(s *openapi3.Schema) { delete(s.Properties, "content") }, one(textJSON+" content: present", "yes, required", "no")),
		text("field new", "", func(s *openapi3.Schema) { s.WithProperty("priority", openapi3.NewStringSchema()) }, one(textJSON+" priority: present", "no", "yes")),
		text("field new and required", "", func(s *openapi3.Schema) {
			s.WithProperty("priority", openapi3.NewStringSchema())
			s.Required = append(slices.Clone(s.Required), "priority")
		}, one(textJSON+" priority: present", "no", "yes, required")),
		text("field required", "", func(s *openapi3.Schema) { s.Required = []string{"to_phone", "type"} }, one(textJSON+" content: required", "yes", "no")),
		text("unknown fields let through", "", func(s *openapi3.Schema) { s.AdditionalProperties.Has = nil }, one(textJSON+": closed", "yes", "no")),
		text("rules gone", "", func(s *openapi3.Schema) { s.Not = nil }, one(textJSON+": not", "yes", "no")),
		text("rules new", "", func(s *openapi3.Schema) { s.OneOf = openapi3.SchemaRefs{openapi3.NewSchema().NewRef()} }, one(textJSON+": oneOf", "no", "yes")),
		text("type", "content", func(s *openapi3.Schema) { s.Type = &openapi3.Types{"integer"} }, one(textJSON+" content: type", "string", "integer")),
		text("nullable", "content", func(s *openapi3.Schema) { s.Nullable = true }, one(textJSON+" content: nullable", "no", "yes")),
		text("nullable by a list of types", "content", func(s *openapi3.Schema) { s.Type = &openapi3.Types{"string", "null"} }, one(textJSON+" content: nullable", "no", "yes")),
		text("pattern", "content", func(s *openapi3.Schema) { s.Pattern = "^a" }, one(textJSON+" content: pattern", `\S`, "^a")),
		text("longest text", "content", func(s *openapi3.Schema) { s.MaxLength = new(uint64(4096)) }, one(textJSON+" content: maxLength", "no", "4096")),
		text("field deprecated", "content", func(s *openapi3.Schema) { s.Deprecated = true }, one(textJSON+" content: deprecated", "no", "yes")),
		text("minimum", "sender_number_id", func(s *openapi3.Schema) { s.Min = new(10.0) }, one(textJSON+" sender_number_id: minimum", "1", "10")),
		text("format", "sender_number_id", func(s *openapi3.Schema) { s.Format = "int32" }, one(textJSON+" sender_number_id: format", "int64", "int32")),
		{"maximum", func(doc *openapi3.T) { schemaOf(doc, "MessageForm", "duration").Max = new(120.0) }, one(sendForm+" duration: maximum", "300", "120")},
		{"enum word new", func(doc *openapi3.T) {
			s := schemaOf(doc, "MessageForm", "type")
			s.Enum = append(slices.Clone(s.Enum), "video")
		}, one(sendForm+" type: enum video", "no", "yes")},
		{"enum word gone", func(doc *openapi3.T) {
			s := schemaOf(doc, "MessageForm", "type")
			s.Enum = slices.DeleteFunc(slices.Clone(s.Enum), func(v any) bool { return v == "voice" })
		}, one(sendForm+" type: enum voice", "yes", "no")},
		{"enum gone", func(doc *openapi3.T) { schemaOf(doc, "TextMessage", "type").Enum = nil }, one(textJSON+" type: enum", "text", "no")},
		{"default", func(doc *openapi3.T) { schemaOf(doc, "CreateApiKeyRequest", "expires_in_days").Default = 30 }, one(newKeyIn+" expires_in_days: default", "90", "30")},
		{"items", func(doc *openapi3.T) {
			schemaOf(doc, "CreateApiKeyRequest", "scopes").Items = openapi3.NewIntegerSchema().NewRef()
		}, one(newKeyIn+" scopes[]: type", "string", "integer")},
		{"the same by allOf", func(doc *openapi3.T) {
			form := *schemaOf(doc, "MessageForm", "")
			form.Properties = maps.Clone(form.Properties)
			media := openapi3.NewSchema().WithPropertyRef("media", form.Properties["media"])
			delete(form.Properties, "media")
			sendOf(doc).RequestBody.Value.Content[FormType].Schema = (&openapi3.Schema{AllOf: openapi3.SchemaRefs{form.NewRef(), media.NewRef()}}).NewRef()
		}, nil},

		// Responses.
		{"status gone", func(doc *openapi3.T) { lookupOf(doc).Responses.Delete("422") }, one("GET /contacts/lookup response 422: present", "yes", "no")},
		{"status new", func(doc *openapi3.T) { lookupOf(doc).AddResponse(409, openapi3.NewResponse()) }, one("GET /contacts/lookup response 409: present", "no", "yes")},
		{"response's media type gone", func(doc *openapi3.T) { delete(lookupOf(doc).Responses.Value("200").Value.Content, JSONType) }, one(lookup200+": present", "yes", "no")},
		{"response's header new", func(doc *openapi3.T) {
			lookupOf(doc).Responses.Value("200").Value.Headers = openapi3.Headers{"X-Remaining": {Value: &openapi3.Header{}}}
		}, one("GET /contacts/lookup response 200 header X-Remaining: present", "no", "yes")},
		{"response's header required", func(doc *openapi3.T) { retryAfter(doc).Required = true }, onAll(" response 429 header Retry-After: required", "no", "yes")},
		{"response's header of another type", func(doc *openapi3.T) { retryAfter(doc).Schema = openapi3.NewIntegerSchema().NewRef() }, onAll(" response 429 header Retry-After: type", "string", "integer")},
		{"response's header in small letters", func(doc *openapi3.T) {
			tooMany := doc.Components.Responses["TooManyRequests"].Value
			tooMany.Headers = openapi3.Headers{"retry-after": tooMany.Headers["Retry-After"]}
		}, nil},
		{"link new", func(doc *openapi3.T) {
			lookupOf(doc).Responses.Value("200").Value.Links = openapi3.Links{"send": {Value: &openapi3.Link{OperationID: "sendMessage"}}}
		}, one("GET /contacts/lookup response 200 link send: present", "no", "yes")},
		{"an envelope", func(doc *openapi3.T) {
			content := lookupOf(doc).Responses.Value("200").Value.Content[JSONType]
			content.Schema = openapi3.NewObjectSchema().WithProperty("data", content.Schema.Value).NewRef()
		}, []Difference{
			{lookup200 + " can_receive: present", "yes, required", "no"},
			{lookup200 + " data: present", "no", "yes"},
			{lookup200 + " exists: present", "yes, required", "no"},
			{lookup200 + " is_verified: present", "yes, required", "no"},
			{lookup200 + " phone_verified_at: present", "yes, required", "no"},
			{lookup200 + " reason_code: present", "yes, required", "no"},
			{lookup200 + " recipient_id: present", "yes, required", "no"},
		}},
		contact("response's field gone", "", func(s *openapi3.Schema) { delete(s.Properties, "exists") }, one(lookup200+" exists: present", "yes, required", "no")),
		contact("response's field new", "", func(s *openapi3.Schema) { s.WithProperty("locale", openapi3.NewStringSchema()) }, one(lookup200+" locale: present", "no", "yes")),
		contact("response's field not required", "", func(s *openapi3.Schema) { s.Required = s.Required[1:] }, one(lookup200+" exists: required", "yes", "no")),
		contact("response's field of another type", "exists", func(s *openapi3.Schema) { s.Type = &openapi3.Types{"string"} }, one(lookup200+" exists: type", "boolean", "string")),
		contact("response's field of any type", "exists", func(s *openapi3.Schema) { s.Type = nil }, one(lookup200+" exists: type", "boolean", "any")),
		contact("response's format", "phone_verified_at", func(s *openapi3.Schema) { s.Format = "date" }, one(lookup200+" phone_verified_at: format", "date-time", "date")),
		contact("response's null", "recipient_id", func(s *openapi3.Schema) { s.Nullable = false }, one(lookup200+" recipient_id: nullable", "yes", "no")),
		contact("the same null by oneOf", "", func(s *openapi3.Schema) {
			id := *s.Properties["recipient_id"].Value
			id.Nullable = false
			s.WithProperty("recipient_id", &openapi3.Schema{OneOf: openapi3.SchemaRefs{id.NewRef(), (&openapi3.Schema{Type: &openapi3.Types{"null"}}).NewRef()}})
		}, nil),
		contact("response's words closed", "reason_code", func(s *openapi3.Schema) {
			s.Enum, s.Extensions = s.Extensions["x-extensible-enum"].([]any), nil
		}, nil),
		contact("response's word gone", "reason_code", func(s *openapi3.Schema) {
			s.Enum, s.Extensions = []any{"ok", "not_found", "unreachable"}, nil
		}, one(lookup200+" reason_code: enum unverified", "yes", "no")),
		{"values of a map", func(doc *openapi3.T) {
			// The component is in several responses; one of them gets its own.
			bad := *schemaOf(doc, "Error", "")
			errs := *bad.Properties["errors"].Value
			errs.AdditionalProperties = openapi3.AdditionalProperties{Schema: openapi3.NewStringSchema().NewRef()}
			bad.Properties = maps.Clone(bad.Properties)
			bad.Properties["errors"] = errs.NewRef()
			lookupOf(doc).Responses.Set("422", &openapi3.ResponseRef{Value: openapi3.NewResponse().WithJSONSchema(&bad)})
		}, one("GET /contacts/lookup response 422 application/json errors{}: type", "array", "string")},
	}
}

// TestVendorDifferencesAreSeen makes one change of each kind, and expects Compare to report it once and nothing else.
func TestVendorDifferencesAreSeen(t *testing.T) {
	t.Parallel()
	for _, p := range plantedDifferences() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			theirs := NewDocument()
			p.change(theirs)
			if got := Compare(Document(), theirs).Differences; !slices.Equal(got, p.want) {
				t.Errorf("reported %q, want %q", got, p.want)
			}
		})
	}
}

// TestVendorComparisonEnds compares documents in which a schema contains itself.
func TestVendorComparisonEnds(t *testing.T) {
	t.Parallel()
	const within = `{"openapi":"3.0.3","paths":{"/a":{"get":{"responses":{"200":{"description":"","content":{"application/json":
		{"schema":{"$ref":"#/components/schemas/A"}}}}}}}},"components":{"schemas":{"A":{"type":"object","properties":{"b":
		{"type":"array","items":{"$ref":"#/components/schemas/A"}}}}}}}`
	var docs [2]*openapi3.T
	for i := range docs {
		doc, err := openapi3.NewLoader().LoadFromData([]byte(within))
		if err != nil {
			t.Fatal(err)
		}
		docs[i] = doc
	}
	if c := Compare(docs[0], docs[1]); len(c.Differences) > 0 || c.agreed["GET /a"] == 0 {
		t.Errorf("reported %v, and %v agree", c.Differences, c.agreed)
	}
}

// TestVendorSchemaOfAnAllOf: what the schema itself says takes precedence over what its parts say.
func TestVendorSchemaOfAnAllOf(t *testing.T) {
	t.Parallel()
	whole := flat((&openapi3.Schema{Format: "date", Required: []string{"a"}, AllOf: openapi3.SchemaRefs{
		(&openapi3.Schema{Type: &openapi3.Types{"string"}, Format: "date-time", Nullable: true, Required: []string{"b"}}).NewRef(),
	}}).NewRef())
	want := &openapi3.Schema{Type: &openapi3.Types{"string"}, Format: "date", Nullable: true, Required: []string{"a", "b"}}
	if !reflect.DeepEqual(whole, want) {
		t.Errorf("%+v, want %+v", whole, want)
	}
}
