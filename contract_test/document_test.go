package contract_test

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	openapi "github.com/tgo-business/tgo-go"
	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
	"github.com/tgo-business/tgo-go/tgo"
)

var sources = []string{"page", "spec", "later", "ref", "framework", "assumed"}

func TestDocumentIsValid(t *testing.T) {
	t.Parallel()
	if err := contract.Document().Validate(context.Background(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaFormatValidation(), openapi3.EnableMultiError()); err != nil {
		t.Error(err)
	}
	if v := contract.Document().OpenAPI; v != "3.0.3" {
		t.Errorf("openapi: %s, want 3.0.3: several generators do not read newer versions", v)
	}
}

func TestTheTenantIsAServerVariable(t *testing.T) {
	t.Parallel()
	servers := contract.Document().Servers
	if len(servers) != 2 || servers[0].URL != "https://{tenant_domain}/api/v1" || servers[1].URL != "http://127.0.0.1:8080"+basePath {
		t.Fatalf("servers: %+v", servers)
	}
	if v := servers[0].Variables["tenant_domain"]; v == nil || v.Default == "" || v.Description == "" {
		t.Errorf("tenant_domain: %+v", v)
	}
	for _, op := range contract.Operations() {
		if op.Servers != nil || op.Item.Servers != nil {
			t.Errorf("%s has servers of its own", op.OperationID)
		}
	}
}

func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	tags := map[string]bool{}
	for _, tag := range contract.Document().Tags {
		tags[tag.Name] = true
	}
	for _, op := range contract.Operations() {
		where := op.Method + " " + op.Path
		if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) == 0 {
			t.Errorf("%s lacks one of operationId, summary, description, tags", where)
		}
		for _, tag := range op.Tags {
			if !tags[tag] {
				t.Errorf("%s: the tag %q is not declared", where, tag)
			}
		}
		security := contract.Document().Security
		if op.Security != nil {
			security = *op.Security
		}
		if !reflect.DeepEqual(security, openapi3.SecurityRequirements{{"ApiKeyAuth": {}}}) {
			t.Errorf("%s: security is %v, want ApiKeyAuth", where, security)
		}
		scopes, ok := op.Extensions["x-required-scopes"].([]any)
		if !ok {
			t.Errorf("%s: x-required-scopes is not a list", where)
		}
		for _, s := range scopes {
			if !slices.Contains(contract.Document().Components.Schemas["Scope"].Value.Enum, s) || s == "*" {
				t.Errorf("%s: it requires the scope %v, which does not exist", where, s)
			}
			if !strings.Contains(op.Description, fmt.Sprintf("`%v`", s)) {
				t.Errorf("%s: the description does not say that it needs %v", where, s)
			}
		}
		if s, _ := op.Extensions["x-source"].(string); !slices.Contains(sources, s) {
			t.Errorf("%s: x-source is %q", where, s)
		}
	}
	scheme := contract.Document().Components.SecuritySchemes["ApiKeyAuth"].Value
	if scheme.Type != "apiKey" || scheme.In != "header" || scheme.Name != "X-Api-Key" {
		t.Errorf("ApiKeyAuth is %+v", scheme)
	}
}

// TestEverySchemaIsPlain: each schema has a description, unless it is a reference; each integer has its width, for generators
// that would truncate it; and there is no YAML that only some parsers read.
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
	for name, s := range contract.Document().Components.Schemas {
		check(name, s)
	}
	for _, op := range contract.Operations() {
		for _, p := range op.Parameters {
			schema := *p.Value.Schema.Value
			schema.Description = p.Value.Description
			check(op.OperationID+" "+p.Value.Name, &openapi3.SchemaRef{Value: &schema})
		}
		for status, response := range op.ByStatus() {
			for mediaType, content := range response.Content {
				check(op.OperationID+" "+status+" "+mediaType, content.Schema)
			}
		}
	}
	if seen < 100 {
		t.Errorf("looked at only %d schemas: is something left out?", seen)
	}
	if m := regexp.MustCompile(`(?m)^.*: [&*]\w.*$`).Find(openapi.Document); m != nil {
		t.Errorf("there is an anchor or an alias, which not all parsers read: %s", m)
	}
}

func TestEveryOperationHasItsErrors(t *testing.T) {
	t.Parallel()
	for _, op := range contract.Operations() {
		want := []string{"401", "403", "404", "429", "5XX"}
		if op.TakesInput() {
			want = append(want, "422")
		}
		for _, status := range want {
			response := op.ByStatus()[status]
			if response == nil {
				t.Errorf("%s has no %s", op.OperationID, status)
				continue
			}
			content := response.Content[jsonType]
			if content == nil || content.Schema.Ref != "#/components/schemas/Error" {
				t.Errorf("%s: the %s does not have the schema Error", op.OperationID, status)
			}
			if _, ok := response.Extensions["x-source"]; !ok {
				t.Errorf("%s: the %s has no x-source", op.OperationID, status)
			}
		}
		if op.ByStatus()["default"] != nil {
			t.Errorf("%s has a default response, which would hide undeclared statuses", op.OperationID)
		}
	}
	if page := contract.Document().Components.Responses["ServerError"].Value.Content["text/html"]; page == nil || !page.Schema.Value.Type.Is("string") {
		t.Error("a 5XX is not declared as HTML: generators that read only what is declared then lose its status")
	}
	if h := contract.Document().Components.Responses["TooManyRequests"].Value.Headers["Retry-After"]; h == nil || h.Value.Example == nil {
		t.Error("the 429 does not show a Retry-After")
	}
}

// TestErrorTextsAreTheDocumentedOnes compares the examples of errors with the vendor's texts.
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
		for _, e := range contract.ExamplesOf(contract.Document().Components.Responses[name].Value.Content[jsonType]) {
			message, _ := e.Value.(map[string]any)["message"].(string)
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
	contract.Walk("", contract.Raw(), func(path, key string, value any) {
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
		t.Errorf("found only %v: is something left out?", found)
	}
	explained, _ := contract.Raw()["x-sources"].(map[string]any)
	if !slices.Equal(slices.Sorted(maps.Keys(explained)), slices.Sorted(slices.Values(sources))) {
		t.Errorf("explained are %v, want %v", explained, sources)
	}
}

func TestEveryExtensionIsExplained(t *testing.T) {
	t.Parallel()
	explained, used := map[string]bool{"x-source": true}, map[string]bool{} // x-source by x-sources
	for _, name := range at(contract.Raw()["x-extensions"], "name") {
		explained[fmt.Sprint(name)] = true
	}
	contract.Walk("", contract.Raw(), func(path, key string, _ any) {
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
	contract.Walk("", contract.Raw(), func(path, key string, _ any) {
		if strings.HasPrefix(strings.ToLower(key), "x-go") || strings.HasPrefix(key, "x-oapi-codegen") {
			t.Errorf("%s/%s belongs in gen/overlay.yaml", path, key)
		}
	})
	// Walk sees no comments, nor a key that a merge overwrote.
	if m := regexp.MustCompile(`\bx-go\b.*`).Find(openapi.Document); m != nil {
		t.Errorf("openapi.yaml has %q", m)
	}
}

// TestNoGeneratorMakesTypesOfRules: some generators make a type of a oneOf, of an anyOf and of an allOf that is not under a not.
// With others the body then has no type.
func TestNoGeneratorMakesTypesOfRules(t *testing.T) {
	t.Parallel()
	rules := 0
	contract.Walk("", contract.Raw(), func(path, key string, _ any) {
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
		t.Error("found no rules: is something left out?")
	}
}

// TestNoNameCollidesInGeneratedCode: generators derive names from the document's names, and some of them then use a name twice.
func TestNoNameCollidesInGeneratedCode(t *testing.T) {
	t.Parallel()
	schemas := contract.Document().Components.Schemas
	taken := map[string]string{}
	for name := range schemas {
		taken["New"+name] = "the constructor of " + name + " in openapi-generator's Go"
	}
	for name := range contract.Document().Components.SecuritySchemes {
		taken[name] = "the security scheme in ogen"
	}
	for name := range contract.Document().Components.Responses {
		taken[name] = "the response in oapi-codegen"
	}
	for _, op := range contract.Operations() {
		id := strings.ToUpper(op.OperationID[:1]) + op.OperationID[1:]
		for _, suffix := range []string{"Result", "Response"} {
			taken[id+suffix] = "what orval and others make of the operation " + op.OperationID
		}
	}
	for name := range schemas {
		if other := taken[name]; other != "" {
			t.Errorf("the schema %s has the same name as %s", name, other)
		}
	}
}

// TestRequestsAreClosed: a misspelt field must be refused and not be ignored.
func TestRequestsAreClosed(t *testing.T) {
	t.Parallel()
	for _, op := range contract.Operations() {
		if op.RequestBody == nil {
			continue
		}
		if !op.RequestBody.Value.Required {
			t.Errorf("%s: its body is not required", op.OperationID)
		}
		for mediaType, content := range op.RequestBody.Value.Content {
			if has := content.Schema.Value.AdditionalProperties.Has; has == nil || *has {
				t.Errorf("%s %s accepts unknown fields", op.OperationID, mediaType)
			}
			if len(content.Encoding) > 0 {
				t.Errorf("%s %s has an encoding, which would refuse files of other types", op.OperationID, mediaType)
			}
		}
	}
}

// TestAnswersAreOpen: what the vendor adds must not break clients.
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
	for _, op := range contract.Operations() {
		for status, response := range op.ByStatus() {
			for _, content := range response.Content {
				check(op.OperationID+" "+status, content.Schema)
			}
		}
	}
}

// TestVersionsAgree: the document, the package and the changelog have the same version.
func TestVersionsAgree(t *testing.T) {
	t.Parallel()
	version := contract.Document().Info.Version
	if !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(version) {
		t.Fatalf("the document's version is %q", version)
	}
	if tgo.Version != version {
		t.Errorf("the document is %s and the package %s", version, tgo.Version)
	}
	// The changelog announces the next version, and has a section for a released one.
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
