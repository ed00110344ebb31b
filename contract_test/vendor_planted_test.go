package contract_test

import (
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
)

// planted is one change of a document, and all differences that must come of it.
type planted struct {
	name   string
	change func(doc *openapi3.T)
	want   []difference
}

// The places that the changes are made at: each is used once in the document, so that a change there is one difference.

// schemaOf is a component's schema, or that of one of its properties.
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
	content["application/x-www-form-urlencoded"] = content[multipartType]
	delete(content, multipartType)
}

func retryAfter(doc *openapi3.T) *openapi3.Header {
	return doc.Components.Responses["TooManyRequests"].Value.Headers["Retry-After"].Value
}

// onAll is a difference of each operation, as the header of an answer that all share makes it.
func onAll(aspect, ours, theirs string) []difference {
	var list []difference
	for _, name := range slices.Sorted(maps.Keys(operationsOf(contract()))) {
		list = append(list, difference{name + aspect, ours, theirs})
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
	one := func(key, ours, theirs string) []difference { return []difference{{key, ours, theirs}} }
	servers := func(theirs string) []difference { return one("document: servers", "https://{}/api/v1", theirs) }
	text := func(name, property string, change func(s *openapi3.Schema), want []difference) planted {
		return planted{name, func(doc *openapi3.T) { change(schemaOf(doc, "TextMessage", property)) }, want}
	}
	contact := func(name, property string, change func(s *openapi3.Schema), want []difference) planted {
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
		}, []difference{{"GET /usage: present", "yes", "no"}, {"GET /v2/usage: present", "no", "yes"}}},
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
		}, []difference{
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
		{"parameter elsewhere", func(doc *openapi3.T) { senderIDOf(doc).In = "cookie" }, []difference{
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
		{"media type gone", func(doc *openapi3.T) { delete(sendOf(doc).RequestBody.Value.Content, multipartType) }, one(sendForm+": present", "yes", "no")},
		{"media type new", func(doc *openapi3.T) { sendOf(doc).RequestBody.Value.Content["text/csv"] = openapi3.NewMediaType() }, one("POST /messages request text/csv: present", "no", "yes")},
		{"media type renamed", renameForm, []difference{
			{"POST /messages request application/x-www-form-urlencoded: present", "no", "yes"},
			{sendForm + ": present", "yes", "no"},
		}},
		{"part's header new", func(doc *openapi3.T) {
			sendOf(doc).RequestBody.Value.Content[multipartType].Encoding = openapi3.Encodings{"media": {
				Headers: openapi3.Headers{"X-Digest": {Value: &openapi3.Header{Parameter: openapi3.Parameter{Required: true}}}},
			}}
		}, one(sendForm+" encoding media: present", "no", "yes")},
		{"stream of items", func(doc *openapi3.T) {
			sendOf(doc).RequestBody.Value.Content[multipartType].ItemSchema = openapi3.NewSchema().NewRef()
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
			sendOf(doc).RequestBody.Value.Content[multipartType].Schema = (&openapi3.Schema{AllOf: openapi3.SchemaRefs{form.NewRef(), media.NewRef()}}).NewRef()
		}, nil},

		// Answers.
		{"status gone", func(doc *openapi3.T) { lookupOf(doc).Responses.Delete("422") }, one("GET /contacts/lookup response 422: present", "yes", "no")},
		{"status new", func(doc *openapi3.T) { lookupOf(doc).AddResponse(409, openapi3.NewResponse()) }, one("GET /contacts/lookup response 409: present", "no", "yes")},
		{"answer's media type gone", func(doc *openapi3.T) { delete(lookupOf(doc).Responses.Value("200").Value.Content, jsonType) }, one(lookup200+": present", "yes", "no")},
		{"answer's header new", func(doc *openapi3.T) {
			lookupOf(doc).Responses.Value("200").Value.Headers = openapi3.Headers{"X-Remaining": {Value: &openapi3.Header{}}}
		}, one("GET /contacts/lookup response 200 header X-Remaining: present", "no", "yes")},
		{"answer's header required", func(doc *openapi3.T) { retryAfter(doc).Required = true }, onAll(" response 429 header Retry-After: required", "no", "yes")},
		{"answer's header of another type", func(doc *openapi3.T) { retryAfter(doc).Schema = openapi3.NewIntegerSchema().NewRef() }, onAll(" response 429 header Retry-After: type", "string", "integer")},
		{"answer's header in small letters", func(doc *openapi3.T) {
			tooMany := doc.Components.Responses["TooManyRequests"].Value
			tooMany.Headers = openapi3.Headers{"retry-after": tooMany.Headers["Retry-After"]}
		}, nil},
		{"link new", func(doc *openapi3.T) {
			lookupOf(doc).Responses.Value("200").Value.Links = openapi3.Links{"send": {Value: &openapi3.Link{OperationID: "sendMessage"}}}
		}, one("GET /contacts/lookup response 200 link send: present", "no", "yes")},
		{"an envelope", func(doc *openapi3.T) {
			content := lookupOf(doc).Responses.Value("200").Value.Content[jsonType]
			content.Schema = openapi3.NewObjectSchema().WithProperty("data", content.Schema.Value).NewRef()
		}, []difference{
			{lookup200 + " can_receive: present", "yes, required", "no"},
			{lookup200 + " data: present", "no", "yes"},
			{lookup200 + " exists: present", "yes, required", "no"},
			{lookup200 + " is_verified: present", "yes, required", "no"},
			{lookup200 + " phone_verified_at: present", "yes, required", "no"},
			{lookup200 + " reason_code: present", "yes, required", "no"},
			{lookup200 + " recipient_id: present", "yes, required", "no"},
		}},
		contact("answer's field gone", "", func(s *openapi3.Schema) { delete(s.Properties, "exists") }, one(lookup200+" exists: present", "yes, required", "no")),
		contact("answer's field new", "", func(s *openapi3.Schema) { s.WithProperty("locale", openapi3.NewStringSchema()) }, one(lookup200+" locale: present", "no", "yes")),
		contact("answer's field not required", "", func(s *openapi3.Schema) { s.Required = s.Required[1:] }, one(lookup200+" exists: required", "yes", "no")),
		contact("answer's field of another type", "exists", func(s *openapi3.Schema) { s.Type = &openapi3.Types{"string"} }, one(lookup200+" exists: type", "boolean", "string")),
		contact("answer's field of any type", "exists", func(s *openapi3.Schema) { s.Type = nil }, one(lookup200+" exists: type", "boolean", "any")),
		contact("answer's format", "phone_verified_at", func(s *openapi3.Schema) { s.Format = "date" }, one(lookup200+" phone_verified_at: format", "date-time", "date")),
		contact("answer's null", "recipient_id", func(s *openapi3.Schema) { s.Nullable = false }, one(lookup200+" recipient_id: nullable", "yes", "no")),
		contact("the same null by oneOf", "", func(s *openapi3.Schema) {
			id := *s.Properties["recipient_id"].Value
			id.Nullable = false
			s.WithProperty("recipient_id", &openapi3.Schema{OneOf: openapi3.SchemaRefs{id.NewRef(), (&openapi3.Schema{Type: &openapi3.Types{"null"}}).NewRef()}})
		}, nil),
		contact("answer's words closed", "reason_code", func(s *openapi3.Schema) {
			s.Enum, s.Extensions = s.Extensions["x-extensible-enum"].([]any), nil
		}, nil),
		contact("answer's word gone", "reason_code", func(s *openapi3.Schema) {
			s.Enum, s.Extensions = []any{"ok", "not_found", "unreachable"}, nil
		}, one(lookup200+" reason_code: enum unverified", "yes", "no")),
		{"values of a map", func(doc *openapi3.T) {
			// The component is in several answers; one of them gets its own.
			bad := *schemaOf(doc, "Error", "")
			errs := *bad.Properties["errors"].Value
			errs.AdditionalProperties = openapi3.AdditionalProperties{Schema: openapi3.NewStringSchema().NewRef()}
			bad.Properties = maps.Clone(bad.Properties)
			bad.Properties["errors"] = errs.NewRef()
			lookupOf(doc).Responses.Set("422", &openapi3.ResponseRef{Value: openapi3.NewResponse().WithJSONSchema(&bad)})
		}, one("GET /contacts/lookup response 422 application/json errors{}: type", "array", "string")},
	}
}

// loadContract is the contract, not shared with other tests: it may be changed.
func loadContract() *openapi3.T {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.Document)
	if err != nil {
		panic(err) // it is embedded
	}
	return doc
}

// TestVendorDifferencesAreSeen plants differences of each kind, one at a time, and sees each told once and nothing else.
func TestVendorDifferencesAreSeen(t *testing.T) {
	t.Parallel()
	for _, p := range plantedDifferences() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			theirs := loadContract()
			p.change(theirs)
			if got := compare(contract(), theirs).differences; !slices.Equal(got, p.want) {
				t.Errorf("told %q, want %q", got, p.want)
			}
		})
	}
}

// TestVendorComparisonEnds where a schema is part of itself.
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
	if c := compare(docs[0], docs[1]); len(c.differences) > 0 || c.agreed["GET /a"] == 0 {
		t.Errorf("told %v, and %v agree", c.differences, c.agreed)
	}
}

// TestVendorReasons: a reason explains the differences that it names, and no other.
func TestVendorReasons(t *testing.T) {
	t.Parallel()
	found := []difference{
		{"GET /me response 403: present", "yes", "no"},
		{"GET /usage response 403: present", "yes", "no"},
		{"POST /messages request application/json duration: maximum", "300", "120"},
	}
	const duration = "POST /messages request application/json duration: maximum"
	for name, c := range map[string]struct {
		table []explanation
		want  []string
	}{
		"all explained": {[]explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, nil},
		"without a reason": {[]explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}}, []string{
			"new: " + duration + ": ours 300, the vendor's 120",
		}},
		"another value": {[]explanation{{"GET {/me,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "200", "b"}}, []string{
			"new: " + duration + ": ours 300, the vendor's 120",
			"no longer so: " + duration + ": ours 300, the vendor's 200 (b)",
		}},
		"one more": {[]explanation{{"GET /me response 403: present\n" + duration, "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"new: GET /usage response 403: present: ours yes, the vendor's no",
			"no longer so: " + duration + ": ours yes, the vendor's no (a)",
		}},
		"one less": {[]explanation{{"GET {/me,/messages,/usage} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"no longer so: GET /messages response 403: present: ours yes, the vendor's no (a)",
		}},
		"another of as many": {[]explanation{{"GET {/me,/messages} response 403: present", "yes", "no", "a"}, {duration, "300", "120", "b"}}, []string{
			"new: GET /usage response 403: present: ours yes, the vendor's no",
			"no longer so: GET /messages response 403: present: ours yes, the vendor's no (a)",
		}},
		"what is gone with all that is in it": {[]explanation{
			{"GET /me response 403 application/json{: closed, errors: type, errors[].id: format}", "yes", "no", "a"},
			{"GET {/usage response 403: present,/me response 4030: present}", "yes", "no", "a"},
			{duration, "300", "120", "b"},
		}, []string{
			"new: GET /me response 403: present: ours yes, the vendor's no",
			"no longer so: GET /me response 4030: present: ours yes, the vendor's no (a)",
		}},
		"what is of another type with all that is in it": {[]explanation{
			{"GET {/me,/usage} response 403: present", "yes", "no", "a"},
			{duration, "300", "120", "b"},
			{"GET /me a{.b: format,: required}", "yes", "no", "c"},
		}, []string{
			"new: GET /me a: type: ours object, the vendor's string",
			"no longer so: GET /me a: required: ours yes, the vendor's no (c)",
		}},
	} {
		differences := found
		if strings.HasPrefix(name, "what is of another type") {
			differences = append(slices.Clone(found), difference{"GET /me a: type", "object", "string"})
		}
		r := vendorReport{table: c.table}
		r.explain(differences)
		if got := r.failures(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestVendorKeys(t *testing.T) {
	t.Parallel()
	e := explanation{"{DELETE /a/{},GET /b} response 200 x{,.y}[]: required\n\tGET /c errors{}: type", "yes", "no", "a reason"}
	want := []difference{
		{"DELETE /a/{} response 200 x[]: required", "yes", "no"},
		{"DELETE /a/{} response 200 x.y[]: required", "yes", "no"},
		{"GET /b response 200 x[]: required", "yes", "no"},
		{"GET /b response 200 x.y[]: required", "yes", "no"},
		{"GET /c errors{}: type", "yes", "no"},
	}
	if got := e.differences(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestVendorDifferencesAreOfTheContract: a reason for something that openapi.yaml no longer says is no reason.
func TestVendorDifferencesAreOfTheContract(t *testing.T) {
	t.Parallel()
	said, reasons := compare(contract(), contract()).said, map[string]string{}
	for _, e := range vendorDifferences {
		for _, d := range e.differences() {
			if e.reason == "" || reasons[d.key] != "" {
				t.Errorf("%s has the reasons %q and %q", d.key, reasons[d.key], e.reason)
			}
			reasons[d.key] = e.reason
			if says := said[d.key]; says != d.ours && (says != "" || d.ours != "no") && says != d.ours+", required" {
				t.Errorf("%s: the contract says %q, and the reason is for %q", d.key, says, d.ours)
			}
		}
	}
}

// TestVendorTraffic: what the fake answers and what the client sends is held against the vendor's document, and what the
// contract alone refuses is listed.
func TestVendorTraffic(t *testing.T) {
	t.Parallel()
	theirs := loadContract()
	schema := func(name string) *openapi3.Schema { return theirs.Components.Schemas[name].Value }
	schema("Contact").Properties["is_verified"].Value.Type = &openapi3.Types{"string"}
	schema("SenderNumberList").Properties["data"].Value.Items = (&openapi3.Schema{Type: &openapi3.Types{"object"}, Required: []string{"colour"}}).NewRef()
	schema("MessageForm").Properties["duration"].Value.Max = new(120.0)
	schema("MessageForm").AdditionalProperties.Has = nil
	subscription := theirs.Paths.Value("/subscription").Get.Responses.Value("200").Value.Content[jsonType]
	subscription.Schema = openapi3.NewObjectSchema().WithProperty("data", subscription.Schema.Value).NewRef()
	text := schema("TextMessage")
	text.Required = []string{"to_phone", "type"}
	text.Properties["content"].Value.Nullable = true
	doc := vendorReportOf(t, theirs, nil)

	compared := doc.comparison.differences
	want := []difference{
		{"GET /contacts/lookup answer 200 is_verified: type", "answered", "refused"},
		{"GET /sender-numbers answer 200 data[].colour: required", "answered", "refused"},
		{"GET /subscription answer 200 limits: present", "answered", "no"},
		{"GET /subscription answer 200 plan: present", "answered", "no"},
		{"GET /subscription answer 200 status: present", "answered", "no"},
		{"GET /subscription answer 200 usage_snapshot: present", "answered", "no"},
		{"POST /messages request multipart/form-data duration: maximum, sent", "sent", "refused"},
	}
	if got := doc.unknown[len(compared):]; !slices.Equal(got, want) {
		t.Errorf("the traffic told %q, want %q", got, want)
	}
	for _, kind := range []string{"GET /me 200", "POST /messages 201", "POST /messages 401", "GET /usage 403", "GET /usage 404", "POST /api-keys 422"} {
		if doc.judged[kind] == 0 {
			t.Errorf("no answer was judged of %s", kind)
		}
	}

	listed := map[string][]string{}
	for _, l := range doc.lenient {
		if l.cannot == "" {
			listed[strings.Join(l.rules, ", ")] = l.names
		}
	}
	for rule, name := range map[string]string{
		"POST /messages request application/json content: nullable": "JSON: content is null",
		"POST /messages request application/json content: required": "JSON: no content",
		"POST /messages request multipart/form-data: closed":        "form: unknown field",
	} {
		if !slices.Contains(listed[rule], name) {
			t.Errorf("%q is not listed by %q: %q", name, rule, listed)
		}
		delete(listed, rule)
	}
	for rule, names := range listed {
		if !strings.Contains(rule, "POST /messages request application/json content: ") && !strings.HasSuffix(rule, ": a rule of the fake") {
			t.Errorf("listed although both refuse it: %s %q", rule, names)
		}
	}
}

// TestVendorTrafficOfARenamedMediaType: that each of many requests is refused says no more than that the type is gone.
func TestVendorTrafficOfARenamedMediaType(t *testing.T) {
	t.Parallel()
	theirs := loadContract()
	content := theirs.Paths.Value("/messages").Post.RequestBody.Value.Content
	content["application/x-www-form-urlencoded"] = content[multipartType]
	delete(content, multipartType)
	r := vendorReportOf(t, theirs, nil)
	if !slices.Equal(r.unknown, r.comparison.differences) {
		t.Errorf("the traffic told %q", r.unknown[len(r.comparison.differences):])
	}
	for _, l := range r.lenient {
		if slices.ContainsFunc(l.rules, func(rule string) bool { return strings.Contains(rule, "Content-Type") }) {
			t.Errorf("a rule of a single request: %q", l.rules)
		}
	}
}

// TestVendorDocumentOnAFile runs the suite as a pipeline does, on a small document.
func TestVendorDocumentOnAFile(t *testing.T) {
	t.Parallel()
	const lookup = "GET /contacts/lookup response 200 application/json"
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"testdata/vendor/planted.yaml", "contract_test/testdata/vendor/planted.yaml"} {
		out, err := exec.CommandContext(t.Context(), program, "-test.run=^TestVendorDocument$", "-test.v", "-vendor="+name).CombinedOutput()
		if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != 1 {
			t.Fatalf("%v\n%s", err, out)
		}
		said := map[string]int{}
		for line := range strings.Lines(string(out)) {
			said[strings.TrimSpace(line)]++
		}
		for _, want := range []string{
			"new: GET /templates: present: ours no, the vendor's yes",
			"new: GET /me: present: ours yes, the vendor's no",
			"new: GET /contacts/lookup query locale: present: ours no, the vendor's yes, required",
			"new: GET /contacts/lookup query sender_phone: present: ours yes, the vendor's no",
			"new: GET /contacts/lookup response 422: present: ours yes, the vendor's no",
			"new: " + lookup + " exists: type: ours boolean, the vendor's string",
			"new: " + lookup + " locale: present: ours no, the vendor's yes",
			"new: " + lookup + " can_receive: present: ours yes, required, the vendor's no",
			"new: GET /contacts/lookup answer 200 exists: type: ours answered, the vendor's refused",
			"new: GET /contacts/lookup answer 200 can_receive: present: ours answered, the vendor's no",
			"new: GET /contacts/lookup query locale: required, sent: ours sent, the vendor's refused",
			"new: document: version: ours 1.0.0, the vendor's 2.0.0",
		} {
			if said[want] != 1 {
				t.Errorf("said %d times: %s", said[want], want)
			}
		}
		for line := range said {
			for _, same := range []string{"document: se", "GET /contacts/lookup: ", lookup + " recipient_id: nullable", lookup + " phone_verified_at: "} {
				if strings.HasPrefix(line, "new: "+same) {
					t.Error("not new:", line)
				}
			}
		}
		if t.Failed() {
			t.Logf("%s", out)
		}
	}
}

func TestVendorDocumentsThatAreNone(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for name, c := range map[string]struct{ text, says string }{
		"page.html":     {"\n<!DOCTYPE html><title>Not found</title>", "is not an OpenAPI document but HTML or XML"},
		"notfound.txt":  {"404: Not Found", `is not an OpenAPI document but something that begins with "404: Not Found"`},
		"notes.yaml":    {"openapi is a standard", `something that begins with "openapi is a standard"`},
		"other.json":    {`{"message":"Not found"}`, "something that begins with \"{\\\"message"},
		"list.yaml":     {"- openapi", "something that begins with \"- openapi\""},
		"long.txt":      {strings.Repeat("é", 1000), "begins with \"" + strings.Repeat("é", 40) + "\":"},
		"swagger.yaml":  {"swagger: '2.0'\npaths: {}", "is not an OpenAPI document but a Swagger 2.0 document"},
		"swagger.json":  {`{"swagger":"2.0","info":{"title":"a"}}`, "is not an OpenAPI document but a Swagger 2.0 document"},
		"postman.json":  {`{"info":{"_postman_id":"1","name":"a"},"item":[]}`, "is not an OpenAPI document but a Postman collection"},
		"postman2.json": {`{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}`, "but a Postman collection"},
		"empty.yaml":    {"", "is not an OpenAPI document but an empty file"},
		"blank.yaml":    {"\ufeff \n", "is not an OpenAPI document but an empty file"},
		"broken.yaml":   {"openapi: 3.0.3\npaths: [", "cannot be read as an OpenAPI document"},
		"future.yaml":   {"openapi: 4.0.0\npaths: {}", "is of OpenAPI 4.0.0, and only 3 can be read"},
		"pathless.yaml": {"openapi: 3.0.3\ninfo: {title: a, version: '1'}\npaths: {}", "has no paths"},
		"external.yaml": {"openapi: 3.0.3\npaths:\n  /a:\n    $ref: 'http://127.0.0.1:1/secret.yaml'", "disallowed external reference"},
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := loadVendor(file); err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: %v, want one that says %q", name, err, c.says)
		}
	}
	for _, name := range []string{"no-such-file.yaml", filepath.Join(folder, "no-such-file.yaml")} {
		if _, err := loadVendor(name); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "relative name") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestVendorSchemaOfAnAllOf: what the schema itself says stands before what its parts say.
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
