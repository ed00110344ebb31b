package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// InvalidRequest is a generated request that breaks one keyword of the document.
type InvalidRequest struct {
	Request
	Keyword string
	Status  int
	// DocumentCannot says why the document, or its validator, accepts it all the same.
	DocumentCannot string
}

// generator makes values and requests that break the document. It knows nothing of the API but the document.
type generator struct {
	*rand.Rand
	t    testing.TB
	list []InvalidRequest
}

// newGenerator returns a generator that makes the same for the same seed.
func newGenerator(t testing.TB, seed uint64) *generator {
	return &generator{Rand: rand.New(rand.NewPCG(seed, 4821)), t: t}
}

// InvalidRequests generates requests to all operations, each of which breaks one rule of the document.
func InvalidRequests(t testing.TB, seed uint64) []InvalidRequest {
	t.Helper()
	g := newGenerator(t, seed)
	for _, op := range Operations() {
		g.parameters(op)
		if op.RequestBody == nil {
			continue
		}
		for _, mediaType := range slices.Sorted(maps.Keys(op.RequestBody.Value.Content)) {
			content := op.RequestBody.Value.Content[mediaType]
			for _, e := range ExamplesOf(content) {
				fields, _ := e.Value.(map[string]any)
				if mediaType == FormType {
					g.form(op, content.Schema.Value, exampleParts(t, e))
				} else {
					g.object(op, content.Schema.Value, fields)
				}
			}
		}
		g.mediaTypes(op)
	}
	return g.list
}

// add adds a request that must be refused with 422.
func (g *generator) add(keyword, name string, op Operation, target, contentType string, body []byte) {
	g.list = append(g.list, InvalidRequest{
		Request: Request{Name: op.OperationID + " " + name, Method: op.Method, Target: target, ContentType: contentType, Body: body},
		Keyword: keyword, Status: http.StatusUnprocessableEntity,
	})
}

// text returns a random text, of characters that no pattern is likely to accept.
func (g *generator) text() string {
	letters := []rune("abcXYZ012+-_ .é\u0660ن🎉")
	b := make([]rune, 1+g.IntN(12))
	for i := range b {
		b[i] = letters[g.IntN(len(letters))]
	}
	return string(b)
}

// breaks returns values that a schema must refuse, as JSON, by the keyword that they break.
func (g *generator) breaks(schema *openapi3.Schema) map[string][]string {
	bad := map[string][]string{}
	add := func(keyword string, values ...string) { bad[keyword] = append(bad[keyword], values...) }
	quote := func(s string) string { return string(ToJSON(g.t, s)) }
	others := map[string]string{
		"string": quote(g.text()), "integer": strconv.Itoa(1 + g.IntN(200)), "boolean": strconv.FormatBool(g.IntN(2) == 0),
		"array": `[` + quote(g.text()) + `]`, "object": `{"a":` + strconv.Itoa(g.IntN(9)) + `}`,
	}
	for kind, value := range others {
		if !schema.Type.Is(kind) {
			add("type", value)
		}
	}
	if !schema.Nullable {
		add("nullable", "null")
	}
	if schema.Type.Is("integer") {
		add("type", strconv.Itoa(1+g.IntN(200))+"."+strconv.Itoa(1+g.IntN(9)))
		if schema.Min != nil {
			add("minimum", strconv.Itoa(int(*schema.Min)-1), strconv.Itoa(int(*schema.Min)-1-g.IntN(1_000_000)))
		}
		if schema.Max != nil {
			add("maximum", strconv.Itoa(int(*schema.Max)+1), strconv.Itoa(int(*schema.Max)+1+g.IntN(1_000_000)))
		}
		switch schema.Format {
		case "int64":
			add("format", "9223372036854775808", "1"+strconv.FormatUint(g.Uint64()|1<<63, 10))
		case "int32":
			add("format", "2147483648", "4294967295")
		}
	}
	for _, v := range schema.Enum {
		word := fmt.Sprint(v)
		for _, s := range []string{strings.ToUpper(word), word + g.text(), " " + word, g.text()} {
			if !slices.Contains(schema.Enum, any(s)) {
				add("enum", quote(s))
			}
		}
	}
	if schema.Pattern != "" {
		pattern := regexp.MustCompile(schema.Pattern)
		for range 4 {
			if s := g.text(); !pattern.MatchString(s) {
				add("pattern", quote(s))
			}
			// An example with something inserted at a random place.
			good := []rune(fmt.Sprint(schema.Example))
			i := g.IntN(len(good) + 1)
			if s := string(good[:i]) + g.text() + string(good[i:]); schema.Example != nil && !pattern.MatchString(s) {
				add("pattern", quote(s))
			}
		}
		if !pattern.MatchString(" ") {
			add("pattern", quote(strings.Repeat(" ", g.IntN(4))))
		}
	}
	if schema.MinLength > 0 {
		add("minLength", quote(strings.Repeat("a", int(schema.MinLength)-1)))
	}
	if schema.MaxLength != nil {
		add("maxLength", quote(strings.Repeat("a", int(*schema.MaxLength)+1)))
	}
	if schema.Type.Is("array") {
		if schema.MinItems > 0 {
			add("minItems", "[]")
		}
		items := schema.Items.Value
		if schema.UniqueItems && len(items.Enum) > 0 {
			one := quote(fmt.Sprint(items.Enum[g.IntN(len(items.Enum))]))
			add("uniqueItems", "["+one+","+one+"]")
		}
		for keyword, values := range g.breaks(items) {
			for _, v := range values {
				add(keyword, "["+v+"]")
			}
		}
	}
	return bad
}

// object adds requests with an invalid JSON body.
func (g *generator) object(op Operation, schema *openapi3.Schema, good map[string]any) {
	fields := map[string]json.RawMessage{}
	for name, v := range good {
		fields[name] = ToJSON(g.t, v)
	}
	body := func(change func(map[string]json.RawMessage)) []byte {
		m := maps.Clone(fields)
		change(m)
		return ToJSON(g.t, m)
	}
	add := func(keyword, name string, b []byte) { g.add(keyword, name, op, op.Path, JSONType, b) }
	for _, name := range schema.Required {
		add("required", "without "+name, body(func(m map[string]json.RawMessage) { delete(m, name) }))
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		bad := g.breaks(schema.Properties[name].Value)
		if !slices.Contains(schema.Required, name) {
			delete(bad, "nullable") // null-is-absent
		}
		for _, keyword := range slices.Sorted(maps.Keys(bad)) {
			for _, v := range bad[keyword] {
				add(keyword, name+" "+keyword+" "+v, body(func(m map[string]json.RawMessage) {
					if strings.HasPrefix(name, "sender_") { // one sender at a time: that is another rule
						delete(m, "sender_phone")
						delete(m, "sender_number_id")
					}
					m[name] = json.RawMessage(v)
				}))
				if v == "9223372036854775808" {
					g.list[len(g.list)-1].DocumentCannot = "kin-openapi decodes numbers as floats, and as a float this is the largest int64"
				}
			}
		}
	}
	for _, rule := range g.rules(schema) {
		add("not", rule.name, body(func(m map[string]json.RawMessage) {
			for _, name := range rule.without {
				delete(m, name)
			}
			for _, name := range rule.with {
				m[name] = ToJSON(g.t, g.goodValue(schema.Properties[name].Value))
			}
		}))
	}
	add("additionalProperties", "with one more", body(func(m map[string]json.RawMessage) { m["x"+g.text()] = ToJSON(g.t, g.text()) }))
	whole := body(func(map[string]json.RawMessage) {})
	for range 4 {
		cut := whole[:g.IntN(len(whole))]
		add("malformed JSON", fmt.Sprintf("cut at %d", len(cut)), bytes.Clone(cut))
		i := g.IntN(len(whole))
		broken := slices.Concat(whole[:i], []byte{`{}[]",:`[g.IntN(7)]}, whole[i:])
		if !json.Valid(broken) {
			add("malformed JSON", fmt.Sprintf("broken at %d", i), broken)
			var first any
			if json.NewDecoder(bytes.NewReader(broken)).Decode(&first) == nil && schema.VisitJSON(first, openapi3.VisitAsRequest()) == nil {
				g.list[len(g.list)-1].DocumentCannot = "kin-openapi's decoder stops where the first JSON value ends"
			}
		}
	}
}

// rule is a rule between the fields of a body: the fields to add and to remove to break it.
type rule struct {
	name          string
	with, without []string
}

// rules returns the rules of a schema about which fields must be present.
func (g *generator) rules(schema *openapi3.Schema) []rule {
	if schema.Not == nil {
		return nil
	}
	var list []rule
	for _, one := range schema.Not.Value.Not.Value.AllOf {
		text := fmt.Sprint(one.Value.Extensions["x-rule"])
		switch broken := one.Value.Not.Value; {
		case len(broken.AllOf) > 0:
			var names []string
			for _, absent := range broken.AllOf {
				names = append(names, absent.Value.Not.Value.Required...)
			}
			list = append(list, rule{name: text, without: names})
		case len(broken.Properties) == 0:
			list = append(list, rule{name: text, with: broken.Required})
		}
	}
	return list
}

// goodValue returns a value that a schema accepts.
func (g *generator) goodValue(schema *openapi3.Schema) any {
	switch {
	case schema.Example != nil:
		return schema.Example
	case schema.Type.Is("integer"):
		return 12
	}
	return "a"
}

// form adds requests with an invalid form.
func (g *generator) form(op Operation, schema *openapi3.Schema, good []Part) {
	add := func(keyword, name string, parts []Part) {
		contentType, body := FormBody(parts...)
		g.add(keyword, name, op, op.Path, contentType, body)
	}
	for _, name := range schema.Required {
		add("required", "without the part "+name, Without(good, name))
	}
	for _, name := range slices.Sorted(maps.Keys(schema.Properties)) {
		property := schema.Properties[name].Value
		if property.Format == "binary" {
			continue // its content can be anything
		}
		bad := g.breaks(property)
		for _, keyword := range slices.Sorted(maps.Keys(bad)) {
			for _, v := range bad[keyword] {
				text := v
				if json.Unmarshal([]byte(v), &text) != nil && (property.Type.Is("string") && len(property.Enum) == 0 && property.Pattern == "") {
					continue // in a form everything is a text
				}
				if property.Type.Is("string") && len(property.Enum) == 0 && property.Pattern == "" {
					continue
				}
				parts := good
				if strings.HasPrefix(name, "sender_") {
					parts = Without(Without(parts, "sender_phone"), "sender_number_id")
				}
				if property.Type.Is("integer") && keyword == "type" {
					if _, err := strconv.Atoi(text); err == nil {
						continue // a random text that is a number
					}
					if strings.TrimSpace(text) == "" {
						continue // a field that is not there, to the fake as to Laravel
					}
				}
				add(keyword, "part "+name+" "+keyword+" "+v, With(parts, Field(name, text)))
			}
		}
	}
	for _, rule := range g.rules(schema) {
		parts := good
		for _, name := range rule.without {
			parts = Without(parts, name)
		}
		for _, name := range rule.with {
			parts = With(parts, Field(name, fmt.Sprint(g.goodValue(schema.Properties[name].Value))))
		}
		add("not", rule.name, parts)
	}
	add("additionalProperties", "with one more part", append(slices.Clone(good), Field("x"+strconv.Itoa(g.IntN(1000)), g.text())))
	contentType, body := FormBody(good...)
	_, params, _ := mime.ParseMediaType(contentType)
	end := len(body) - len("\r\n--"+params["boundary"]+"--\r\n")
	for range 4 {
		g.add("malformed boundary", "cut", op, op.Path, contentType, bytes.Clone(body[:g.IntN(end)]))
		g.add("malformed boundary", "another", op, op.Path, FormType+"; boundary=x"+strconv.Itoa(g.IntN(1_000_000)), body)
	}
	g.add("malformed boundary", "none", op, op.Path, FormType, body)
}

// mediaTypes adds requests with a valid body under a content type that the operation does not have.
func (g *generator) mediaTypes(op Operation) {
	for _, r := range ExampleRequests(g.t, op) {
		for _, wrong := range []string{"", "text/plain", "application/xml", "application/x-www-form-urlencoded", "application/json-patch+json", "multipart/mixed; boundary=a", "image/png", "a/" + strconv.Itoa(g.IntN(1000))} {
			g.add("media type", "as "+wrong, op, r.Target, wrong, r.Body)
		}
	}
}

// parameters adds requests with an invalid query or path.
func (g *generator) parameters(op Operation) {
	requests := ExampleRequests(g.t, op)
	u, err := url.Parse(requests[0].Target)
	if err != nil {
		g.t.Fatal(err)
	}
	body := requests[0].Body
	add := func(keyword, name string, query url.Values) {
		g.add(keyword, name, op, u.Path+"?"+query.Encode(), "", body)
	}
	for _, ref := range op.Parameters {
		p := ref.Value
		good := u.Query()
		group := op.ExactlyOneOf()
		if slices.Contains(group, p.Name) {
			for _, name := range group {
				good.Del(name)
			}
		}
		if p.In == "query" && p.Required {
			q := maps.Clone(good)
			q.Del(p.Name)
			add("required", "without the parameter "+p.Name, q)
		}
		bad := g.breaks(p.Schema.Value)
		for _, keyword := range slices.Sorted(maps.Keys(bad)) {
			for _, v := range bad[keyword] {
				text := v
				_ = json.Unmarshal([]byte(v), &text)
				if _, err := strconv.Atoi(text); keyword == "type" && err == nil && p.Schema.Value.Type.Is("integer") {
					continue
				}
				if p.In == "path" {
					escaped := url.PathEscape(text)
					if strings.Trim(text, "./") == "" {
						continue // another path
					}
					g.add(keyword, "path "+keyword+" "+v, op, strings.ReplaceAll(op.Path, "{"+p.Name+"}", escaped), "", nil)
					g.list[len(g.list)-1].Status = http.StatusNotFound
					continue
				}
				q := maps.Clone(good)
				q.Set(p.Name, text)
				add(keyword, "parameter "+p.Name+" "+keyword+" "+v, q)
			}
		}
	}
	if group := op.ExactlyOneOf(); len(group) > 0 {
		none, both := u.Query(), u.Query()
		for _, name := range group {
			none.Del(name)
			both.Set(name, fmt.Sprint(g.goodValue(op.Parameters.GetByInAndName("query", name).Schema.Value)))
		}
		for name, q := range map[string]url.Values{"none": none, "both": both} {
			add("exactly one of", name, q)
			g.list[len(g.list)-1].DocumentCannot = "OpenAPI cannot express it"
		}
	}
}
