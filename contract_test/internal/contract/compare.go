package contract

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Difference is one aspect in which two documents differ. If one of them says nothing, its value is "no".
type Difference struct {
	Key          string // "POST /messages request application/json content: nullable"
	Ours, Theirs string
}

func (d Difference) String() string {
	return fmt.Sprintf("%s: ours %s, the vendor's %s", d.Key, d.Ours, d.Theirs)
}

// operationOf returns the operation that a key starts with, or "document" if it is about the document as a whole.
func operationOf(key string) string {
	words := strings.Fields(strings.Replace(key, ": ", " ", 1))
	if len(words) > 1 && strings.HasPrefix(words[1], "/") {
		return words[0] + " " + words[1]
	}
	return "document"
}

// Comparison is the result of comparing two documents.
type Comparison struct {
	Differences []Difference
	agreed      map[string]int               // by operation
	Said        map[string]string            // what our document says, by key
	walking     map[[2]*openapi3.Schema]bool // the pairs of schemas that the comparison is inside of
}

// Compare compares two documents, operation by operation.
func Compare(ours, theirs *openapi3.T) *Comparison {
	c := &Comparison{agreed: map[string]int{}, Said: map[string]string{}, walking: map[[2]*openapi3.Schema]bool{}}
	c.same("document", "version", version(ours), version(theirs))
	ourOperations, theirOperations := operationsOf(ours), operationsOf(theirs)
	ourServers, theirServers := serversOf(ours, ourOperations), serversOf(theirs, theirOperations)
	ourUsual, theirUsual := usual(ourServers), usual(theirServers)
	c.same("document", "servers", ourUsual, theirUsual)
	ourSecurity, theirSecurity := security(ours, nil), security(theirs, nil)
	c.same("document", "security", ourSecurity, theirSecurity)
	presence(c, "webhook ", ours.Webhooks, theirs.Webhooks)
	each(c, "", ourOperations, theirOperations, nil, func(name string, a, b Operation) {
		c.same(name, "operationId", a.OperationID, b.OperationID)
		c.same(name, "deprecated", yes(a.Deprecated), yes(b.Deprecated))
		c.same(name, "scopes", scopes(ours, a), scopes(theirs, b))
		// A difference that all operations inherit is reported once.
		if x, y := ourServers[name], theirServers[name]; x != ourUsual || y != theirUsual {
			c.same(name, "servers", x, y)
		}
		if x, y := security(ours, a.Security), security(theirs, b.Security); x != ourSecurity || y != theirSecurity {
			c.same(name, "security", x, y)
		}
		presence(c, name+" callback ", a.Callbacks, b.Callbacks)
		required := func(p *openapi3.Parameter) bool { return p.Required }
		each(c, name+" ", parameters(a), parameters(b), required, c.parameter)
		bodyRequired := func(r *openapi3.RequestBody) bool { return r.Required }
		each(c, name+" ", requestBody(a), requestBody(b), bodyRequired, func(where string, a, b *openapi3.RequestBody) {
			c.same(where, "required", yes(a.Required), yes(b.Required))
			c.content(where, a.Content, b.Content)
		})
		each(c, name+" response ", a.ByStatus(), b.ByStatus(), nil, func(where string, a, b *openapi3.Response) {
			each(c, where+" header ", headers(a), headers(b), required, c.parameter)
			presence(c, where+" link ", a.Links, b.Links)
			c.content(where, a.Content, b.Content)
		})
	})
	return c
}

// same records what both documents say about one aspect.
func (c *Comparison) same(where, aspect, ours, theirs string) {
	if ours == "" {
		ours = "no"
	}
	if theirs == "" {
		theirs = "no"
	}
	key := where + ": " + aspect
	c.Said[key] = ours
	if ours == theirs {
		c.agreed[operationOf(key)]++
		return
	}
	c.Differences = append(c.Differences, Difference{key, ours, theirs})
}

// each visits what either document has under a name. If only one of them has it, that is one difference, whatever is in it.
func each[V any](c *Comparison, where string, ours, theirs map[string]V, required func(V) bool, both func(where string, ours, theirs V)) {
	names := maps.Clone(ours)
	if names == nil {
		names = map[string]V{}
	}
	maps.Copy(names, theirs)
	present := func(m map[string]V, name string) string {
		v, ok := m[name]
		if ok && required != nil && required(v) {
			return "yes, required"
		}
		return yes(ok)
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		a, inOurs := ours[name]
		b, inTheirs := theirs[name]
		if inOurs && inTheirs {
			c.Said[where+name+": present"] = present(ours, name)
			both(where+name, a, b)
			continue
		}
		c.same(where+name, "present", present(ours, name), present(theirs, name))
	}
}

// presence reports what only one of the documents has, for parts that are not compared in detail.
func presence[V any](c *Comparison, where string, ours, theirs map[string]V) {
	each(c, where, ours, theirs, nil, func(string, V, V) {})
}

// yes returns "yes" or "no".
func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

var pathParameter = regexp.MustCompile(`\{[^}]*\}`)

var versionInOurSources = regexp.MustCompile(`Sinjapp Business API ([0-9][0-9.]*[0-9])`)

// version returns the version of the vendor's document: in the contract, the version that it names as its source.
func version(doc *openapi3.T) string {
	sources, _ := doc.Extensions["x-sources"].(map[string]any)
	if named := versionInOurSources.FindStringSubmatch(fmt.Sprint(sources["spec"])); named != nil {
		return named[1]
	}
	if doc.Info == nil {
		return ""
	}
	return doc.Info.Version
}

// operationsOf returns a document's operations by method and path. The path is the one on the first server, without the base path
// of the contract. If it is not below that, it is the path in the document. The names of its parameters are left out: they make
// no difference on the wire.
func operationsOf(doc *openapi3.T) map[string]Operation {
	list := map[string]Operation{}
	paths := doc.Paths.Map()
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for method, op := range paths[path].Operations() {
			o := Operation{op, method, path, paths[path]}
			_, base := place(servers(doc, o)[0])
			name, below := strings.CutPrefix(base+path, BasePath+"/")
			if below {
				name = "/" + name
			} else {
				name = path
			}
			name = method + " " + pathParameter.ReplaceAllString(name, "{}")
			if _, taken := list[name]; taken {
				name += " again"
			}
			list[name] = o
		}
	}
	return list
}

// servers returns the servers of the operation, or else of its path, or else of the document.
func servers(doc *openapi3.T, op Operation) openapi3.Servers {
	for _, list := range []*openapi3.Servers{op.Servers, &op.Item.Servers, &doc.Servers} {
		if list != nil && len(*list) > 0 {
			return *list
		}
	}
	return openapi3.Servers{{URL: "/"}}
}

// serversOf returns the servers of each operation, with the part of the path that operationsOf leaves out.
func serversOf(doc *openapi3.T, operations map[string]Operation) map[string]string {
	all := map[string]string{}
	for name, op := range operations {
		called := strings.Fields(name)[1]
		var list []string
		for _, server := range servers(doc, op) {
			if server != nil && strings.HasPrefix(server.URL, "http://127.0.0.1") {
				continue // a fake
			}
			host, base := place(server)
			list = append(list, host+strings.TrimSuffix(pathParameter.ReplaceAllString(base+op.Path, "{}"), called))
		}
		all[name] = strings.Join(list, " or ")
	}
	return all
}

// usual returns what most operations say.
func usual(said map[string]string) string {
	times, most := map[string]int{}, ""
	for _, name := range slices.Sorted(maps.Keys(said)) {
		times[said[name]]++
		if times[said[name]] > times[most] {
			most = said[name]
		}
	}
	return most
}

var serverHost = regexp.MustCompile(`^(?:[a-z]+:)?(?://)?(?:\{[^}]*\}|[^/{])*`)

// place returns a server's scheme and host, and its base path. In the host, a variable is {} if it may have any value, {a b} if
// it has a list of values, and {https://} if it includes the scheme. In the base path it is replaced by its default.
func place(server *openapi3.Server) (host, base string) {
	if server == nil { // the document says null
		return "", ""
	}
	host, base = server.URL, server.URL
	for name, variable := range server.Variables {
		if variable == nil {
			variable = &openapi3.ServerVariable{}
		}
		scheme, _, whole := strings.Cut(variable.Default, "://")
		if whole {
			scheme += "://"
		} else {
			scheme = ""
		}
		host = strings.ReplaceAll(host, "{"+name+"}", "{"+scheme+strings.Join(variable.Enum, " ")+"}")
		base = strings.ReplaceAll(base, "{"+name+"}", variable.Default)
	}
	return serverHost.FindString(host), strings.TrimSuffix(serverHost.ReplaceAllString(base, ""), "/")
}

// security returns how requests are authenticated.
func security(doc *openapi3.T, own *openapi3.SecurityRequirements) string {
	requirements := doc.Security
	if own != nil {
		requirements = *own
	}
	var ways []string
	for _, requirement := range requirements {
		var schemes []string
		for _, name := range slices.Sorted(maps.Keys(requirement)) {
			scheme := "an unknown scheme"
			if doc.Components != nil && doc.Components.SecuritySchemes[name] != nil {
				s := doc.Components.SecuritySchemes[name].Value
				scheme = strings.Join(slices.DeleteFunc([]string{s.Type, s.Scheme, s.In, s.Name}, func(s string) bool { return s == "" }), " ")
			}
			schemes = append(schemes, scheme)
		}
		ways = append(ways, strings.Join(schemes, " and "))
	}
	return strings.Join(ways, " or ")
}

// scopes returns the scopes that an operation needs: those in x-required-scopes, or else those that its security names.
func scopes(doc *openapi3.T, op Operation) string {
	list := op.RequiredScopes()
	requirements := doc.Security
	if op.Security != nil {
		requirements = *op.Security
	}
	if op.Extensions["x-required-scopes"] == nil {
		for _, requirement := range requirements {
			for _, named := range requirement {
				list = append(list, named...)
			}
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), ", ")
}

// parameters returns the parameters of an operation and of its path. Those in a path are named by their position, as
// operationsOf leaves their names out.
func parameters(op Operation) map[string]*openapi3.Parameter {
	list := map[string]*openapi3.Parameter{}
	for _, ref := range slices.Concat(op.Item.Parameters, op.Parameters) {
		p := ref.Value
		name := p.Name
		if p.In == "path" {
			name = fmt.Sprint(slices.Index(pathParameter.FindAllString(op.Path, -1), "{"+p.Name+"}") + 1)
		}
		list[p.In+" "+name] = p
	}
	return list
}

// headers returns the headers of a response.
func headers(r *openapi3.Response) map[string]*openapi3.Parameter {
	list := map[string]*openapi3.Parameter{}
	for name, ref := range r.Headers {
		p := ref.Value.Parameter
		p.In = "header"
		list[http.CanonicalHeaderKey(name)] = &p
	}
	return list
}

// requestBody returns the body of an operation's requests, if they have one.
func requestBody(op Operation) map[string]*openapi3.RequestBody {
	if op.RequestBody == nil {
		return nil
	}
	return map[string]*openapi3.RequestBody{"request": op.RequestBody.Value}
}

// parameter compares two parameters or headers.
func (c *Comparison) parameter(where string, ours, theirs *openapi3.Parameter) {
	c.same(where, "required", yes(ours.Required), yes(theirs.Required))
	c.same(where, "deprecated", yes(ours.Deprecated), yes(theirs.Deprecated))
	c.same(where, "style", style(ours), style(theirs))
	c.same(where, "allowReserved", yes(ours.AllowReserved), yes(theirs.AllowReserved))
	c.same(where, "allowEmptyValue", yes(ours.AllowEmptyValue), yes(theirs.AllowEmptyValue))
	c.schema(where, "", ours.Schema, theirs.Schema)
	c.content(where, ours.Content, theirs.Content)
}

// style returns how a parameter with more than one value is written.
func style(p *openapi3.Parameter) string {
	method, err := p.SerializationMethod()
	switch {
	case err != nil:
		return err.Error()
	case method.Explode:
		return method.Style + ", exploded"
	}
	return method.Style
}

// content compares the media types of two bodies.
func (c *Comparison) content(where string, ours, theirs openapi3.Content) {
	each(c, where+" ", ours, theirs, nil, func(where string, a, b *openapi3.MediaType) {
		if b == nil { // the document says null
			b = openapi3.NewMediaType()
		}
		c.same(where, "itemSchema", yes(a.ItemSchema != nil), yes(b.ItemSchema != nil))
		presence(c, where+" encoding ", a.Encoding, b.Encoding)
		c.schema(where, " ", a.Schema, b.Schema)
	})
}

// schema compares two schemas and what is inside them. In keys, dot separates the name of a property from what it is in.
func (c *Comparison) schema(where, dot string, oursRef, theirsRef *openapi3.SchemaRef) {
	ours, theirs := flat(oursRef), flat(theirsRef)
	if oursRef != nil && theirsRef != nil {
		pair := [2]*openapi3.Schema{oursRef.Value, theirsRef.Value}
		if c.walking[pair] {
			return // a schema that contains itself
		}
		c.walking[pair] = true
		defer delete(c.walking, pair)
	}
	a, b := keywords(ours), keywords(theirs)
	if a["type"] != b["type"] {
		c.same(where, "type", a["type"], b["type"])
		return // nothing else can be compared
	}
	all := maps.Clone(a)
	maps.Copy(all, b)
	for _, keyword := range slices.Sorted(maps.Keys(all)) {
		c.same(where, keyword, a[keyword], b[keyword])
	}
	c.words(where, wordsOf(ours), wordsOf(theirs))
	if ours.Items != nil || theirs.Items != nil {
		c.schema(where+"[]", ".", ours.Items, theirs.Items)
	}
	if x, y := ours.AdditionalProperties.Schema, theirs.AdditionalProperties.Schema; x != nil || y != nil {
		c.schema(where+"{}", ".", x, y)
	}
	type property struct {
		schema   *openapi3.SchemaRef
		required bool
	}
	properties := func(s *openapi3.Schema) map[string]property {
		m := map[string]property{}
		for name, ref := range s.Properties {
			m[name] = property{ref, slices.Contains(s.Required, name)}
		}
		return m
	}
	each(c, where+dot, properties(ours), properties(theirs), func(p property) bool { return p.required }, func(where string, a, b property) {
		c.same(where, "required", yes(a.required), yes(b.required))
		c.schema(where, ".", a.schema, b.schema)
	})
}

// words compares lists of values: value by value, if both documents have a list.
func (c *Comparison) words(where string, ours, theirs []string) {
	if len(ours) == 0 || len(theirs) == 0 {
		if len(ours)+len(theirs) > 0 {
			c.same(where, "enum", strings.Join(ours, " "), strings.Join(theirs, " "))
		}
		return
	}
	c.Said[where+": enum"] = strings.Join(ours, " ")
	all := slices.Concat(ours, theirs)
	slices.Sort(all)
	for _, word := range slices.Compact(all) {
		c.same(where, "enum "+word, yes(slices.Contains(ours, word)), yes(slices.Contains(theirs, word)))
	}
}

// wordsOf returns the values in a schema's enum or x-extensible-enum.
func wordsOf(s *openapi3.Schema) []string {
	extensible, _ := s.Extensions["x-extensible-enum"].([]any)
	var list []string
	for _, v := range slices.Concat(s.Enum, extensible) {
		list = append(list, fmt.Sprint(v))
	}
	return list
}

// elsewhere are the keywords that are compared in another way, or not at all because they are for readers.
var elsewhere = []string{
	"type", "nullable", "enum", "properties", "required", "items", "additionalProperties",
	"title", "description", "example", "examples", "externalDocs", "xml", "$comment", "$defs",
}

// keywords returns what a schema says about a value: its type, whether it may be null, its format, limits and so on. For a
// keyword that has schemas in it, such as oneOf, it says only that it is present.
func keywords(s *openapi3.Schema) map[string]string {
	types := slices.DeleteFunc(slices.Clone(s.Type.Slice()), func(t string) bool { return t == "null" })
	said := map[string]string{"type": "any", "nullable": yes(s.Nullable || s.Type.IncludesNull())}
	if len(types) > 0 {
		said["type"] = strings.Join(types, " or ")
	}
	if has := s.AdditionalProperties.Has; has != nil && !*has {
		said["closed"] = "yes"
	}
	var all map[string]any
	if b, err := json.Marshal(s); err != nil || json.Unmarshal(b, &all) != nil {
		said["readable"] = "no"
	}
	for name, v := range all {
		if slices.Contains(elsewhere, name) || strings.HasPrefix(name, "x-") {
			continue
		}
		switch v := v.(type) {
		case map[string]any, []any:
			said[name] = "yes"
		case bool:
			said[name] = yes(v)
		default:
			said[name] = fmt.Sprint(v)
		}
	}
	return said
}

// flat returns a schema with the parts of its allOf merged into it, and with nullable instead of a choice between null and one
// other schema.
func flat(ref *openapi3.SchemaRef) *openapi3.Schema {
	if ref == nil || ref.Value == nil {
		return &openapi3.Schema{}
	}
	s := *ref.Value
	parts := s.AllOf
	s.AllOf = nil
	for _, choice := range []*openapi3.SchemaRefs{&s.OneOf, &s.AnyOf} {
		others := slices.DeleteFunc(slices.Clone(*choice), func(r *openapi3.SchemaRef) bool { return r.Value.Type.Is("null") })
		if len(*choice) == 2 && len(others) == 1 {
			s.Nullable, *choice = true, nil
			parts = append(slices.Clone(parts), others[0])
		}
	}
	s.Properties = maps.Clone(s.Properties)
	for _, part := range parts {
		p := flat(part)
		if s.Properties != nil {
			maps.Copy(s.Properties, p.Properties)
		}
		s.Required = slices.Concat(s.Required, p.Required)
		// The part says what the schema does not say itself.
		own, other := reflect.ValueOf(&s).Elem(), reflect.ValueOf(p).Elem()
		for i := range own.NumField() {
			if own.Field(i).IsZero() {
				own.Field(i).Set(other.Field(i))
			}
		}
	}
	return &s
}
