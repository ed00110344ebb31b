package tgotest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"go.yaml.in/yaml/v3"

	openapi "github.com/tgo-business/tgo-go"
)

// problem is something that was wrong with a request, or that a server may refuse, and where the contract says so.
type problem struct {
	Field   string `json:"field"` // empty where no field is to blame
	Message string `json:"message"`
	Place   *place `json:"contract"`
	Warning bool   `json:"warning"` // the request worked all the same

	againstContract bool // and not only against what the workspace has
}

// place is a place in openapi.yaml.
type place struct {
	Pointer string `json:"pointer"`
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
}

// spot is a key of a YAML document with its value, or an item of a list. A nil spot has nothing below it.
type spot struct {
	doc     *document
	pointer string
	line    int
	value   *yaml.Node
}

// document is a YAML text as a tree with line numbers, and its lines.
type document struct {
	root  *spot
	lines []string
}

func parseDocument(text []byte) *document {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		panic(err) // it is embedded
	}
	d := &document{lines: strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
	d.root = &spot{d, "#", 1, node.Content[0]}
	return d
}

var contractDocument = sync.OnceValue(func() *document { return parseDocument(openapi.Document) })

// children are the values below a spot, in their order.
func (s *spot) children() (all []*spot) {
	if s == nil {
		return nil
	}
	node := s.value
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := strings.NewReplacer("~", "~0", "/", "~1").Replace(node.Content[i].Value)
			all = append(all, &spot{s.doc, s.pointer + "/" + key, node.Content[i].Line, node.Content[i+1]})
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			all = append(all, &spot{s.doc, fmt.Sprintf("%s/%d", s.pointer, i), item.Line, item})
		}
	}
	return all
}

// key is the last part of the pointer.
func (s *spot) key() string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(s.pointer[strings.LastIndexByte(s.pointer, '/')+1:])
}

func (s *spot) child(key string) *spot {
	all := s.children()
	if i := slices.IndexFunc(all, func(c *spot) bool { return c.key() == key }); i >= 0 {
		return all[i]
	}
	return nil
}

// resolved follows references.
func (s *spot) resolved() *spot {
	for ref := s.child("$ref"); ref != nil; ref = s.child("$ref") {
		s = s.doc.root
		for key := range strings.SplitSeq(strings.TrimPrefix(ref.value.Value, "#/"), "/") {
			s = s.child(key)
		}
	}
	return s
}

// at goes to what is below, through references; nil where there is nothing.
func (s *spot) at(keys ...string) *spot {
	for _, key := range keys {
		s = s.resolved().child(key)
	}
	return s
}

func (s *spot) text() string {
	if s == nil {
		return ""
	}
	return s.value.Value
}

func (s *spot) place() *place {
	if s == nil {
		return nil
	}
	return &place{s.pointer, s.line, excerpt(s.doc.lines, s.line)}
}

// excerptLines is how much of the contract is shown at a place.
const excerptLines = 16

// excerpt is the block of lines that begins at a line: as long as what follows is further in, and to a blank line.
func excerpt(lines []string, line int) string {
	first := lines[line-1]
	indent := indentation(first)
	block := []string{first[indent:]}
	for _, l := range lines[line:] {
		if indentation(l) <= indent || len(block) == excerptLines {
			break
		}
		block = append(block, l[indent:])
	}
	return strings.Join(block, "\n")
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// refusedAnswer is an answer in the API's error form.
type refusedAnswer struct {
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors"`
}

// explainRefusal says of everything that an answer complains of where in the contract the rule stands that was broken. It
// reads the answer, as a client does, and the request where a message is of two rules. route is nil for a path or a method that
// the contract does not have.
func explainRefusal(route *routers.Route, e *exchange, contentType string, answer []byte) []problem {
	var refused refusedAnswer
	_ = json.Unmarshal(answer, &refused) // an answer that is none says nothing
	if route == nil {
		return []problem{{Message: refused.Message, Place: pathPlace(e.Path)}}
	}
	r := refusedRequest{route, operationSpot(route), e, contentType}
	var found []problem
	for field, messages := range refused.Errors {
		for _, m := range messages {
			rule := r.rule(field, m)
			at := cmp.Or(rule, r.response(m))
			found = append(found, problem{Field: field, Message: m, Place: at.place(), againstContract: rule != nil})
		}
	}
	slices.SortFunc(found, func(a, b problem) int { return strings.Compare(a.Field+a.Message, b.Field+b.Message) })
	if len(found) > 0 {
		return found
	}
	at := r.response(refused.Message)
	if refused.Message == messageMissingScope {
		at = r.operation.at("x-required-scopes")
	}
	return []problem{{Message: refused.Message, Place: at.place()}}
}

// explainWarning says where the contract speaks of what was warned of: null in a body, or, in the query, a plus that is none.
func explainWarning(route *routers.Route, field, message string) problem {
	operation := operationSpot(route)
	if null := operation.at("requestBody", "content", "application/json", "schema", "x-assumed", "null-is-absent"); null != nil {
		return problem{Field: field, Message: message, Place: null.place(), Warning: true}
	}
	at := *operation.at("description")
	for i, line := range at.doc.lines[at.line:] {
		if strings.Contains(line, "%2B") {
			at.line += i + 1
			break
		}
	}
	return problem{Field: field, Message: message, Place: at.place(), Warning: true}
}

func operationSpot(route *routers.Route) *spot {
	return contractDocument().root.at("paths", route.Path, strings.ToLower(route.Method))
}

// pathPlace is where the contract has the path of a request; or all paths, if none is like it.
func pathPlace(escaped string) *place {
	paths := contractDocument().root.at("paths")
	escaped, _, _ = strings.Cut(escaped, "?")
	given := strings.Split(escaped, "/")
	for _, path := range paths.children() {
		parts := strings.Split(basePath+path.key(), "/")
		if slices.EqualFunc(given, parts, func(g, p string) bool { return g == p || g != "" && strings.HasPrefix(p, "{") }) {
			return path.place()
		}
	}
	return paths.place()
}

// refusedRequest is a request to an operation of the contract.
type refusedRequest struct {
	route       *routers.Route
	operation   *spot
	exchange    *exchange
	contentType string
}

// rule is where the contract has the rule that a message about a field is of; nil where it has none, so that the request was good
// and the workspace refuses it.
func (r refusedRequest) rule(field, message string) *spot {
	if saysProhibits(field, r.others(field)...) == message || saysRequiredWithout(field, r.others(field)...) == message {
		if rule := r.operation.at("x-exactly-one-of"); rule != nil {
			return rule
		}
	}
	if r.route.Operation.RequestBody == nil {
		return r.parameterRule(field, message)
	}
	return r.bodyRule(field, message)
}

// others are the query parameters of which one excludes the field.
func (r refusedRequest) others(field string) (names []string) {
	for _, name := range r.operation.at("x-exactly-one-of").children() {
		if name.text() != field {
			names = append(names, name.text())
		}
	}
	return names
}

func (r refusedRequest) parameterRule(field, message string) *spot {
	for i, parameter := range r.operation.at("parameters").children() {
		if parameter.at("name").text() != field {
			continue
		}
		if message == saysRequired(field) {
			return parameter.at("required")
		}
		schema := schemaSpot{parameter.at("schema"), r.route.Operation.Parameters[i].Value.Schema.Value}
		return schema.rule(parameter, field, message, r.exchange.valueOf(field))
	}
	return r.operation.at("parameters") // the query as a whole
}

func (r refusedRequest) bodyRule(field, message string) *spot {
	body := r.operation.at("requestBody")
	content := body.at("content")
	kinds := mediaTypes(r.route.Operation.RequestBody.Value)
	sent, _, err := mime.ParseMediaType(r.contentType)
	known := err == nil && slices.Contains(kinds, sent)
	if known { // the body that was meant comes first; a rule that only the other one states holds for it too
		kinds = slices.Insert(slices.DeleteFunc(kinds, func(k string) bool { return k == sent }), 0, sent)
	}
	if field == bodyField {
		switch {
		case message == messageNoBody:
			return body.at("required")
		case !known:
			return content
		case message == messageNoObject:
			return content.at(sent, "schema", "type")
		}
		return content.at(sent)
	}
	for _, kind := range kinds {
		if rule := content.at(kind, "schema").sentence(field, message); rule != nil {
			return rule
		}
	}
	for _, kind := range kinds {
		schema := schemaSpot{content.at(kind, "schema"), r.route.Operation.RequestBody.Value.Content[kind].Schema.Value}
		if message == saysUnknownField(field) {
			return schema.at("additionalProperties")
		}
		if property, of := schema.field(field); property.spot != nil {
			switch message {
			case saysRequired(field):
				return of.at("required")
			case saysDuplicate(field):
				return of.at("uniqueItems")
			}
			return property.rule(property.spot, field, message, r.exchange.valueOf(field))
		}
	}
	return content.at(kinds[0], "schema", "additionalProperties") // such as an unknown field that is given twice
}

// sentence finds the rule below a schema whose x-rule says a message of a field.
func (s *spot) sentence(field, message string) *spot {
	s = s.resolved()
	if s.at("x-rule", field).text() == message {
		return s
	}
	for _, child := range s.children() {
		if child.key() == "properties" || child.key() == "x-rule" {
			continue
		}
		if found := child.sentence(field, message); found != nil {
			return found
		}
	}
	return nil
}

// response is where the contract has the answer that was given: an example with the same message, where its summary says
// when it comes, or else all of that status.
func (r refusedRequest) response(message string) *spot {
	all := r.operation.at("responses")
	status := cmp.Or(all.at(strconv.Itoa(r.exchange.Status)), all.at(fmt.Sprintf("%dXX", r.exchange.Status/100)))
	for _, response := range slices.Insert(all.children(), 0, status) { // a variant of the fake may say the same with another status
		for _, content := range response.at("content").children() {
			for _, example := range content.at("examples").children() {
				if example.at("summary") != nil && example.at("value", "message").text() == message {
					return example
				}
			}
		}
	}
	return cmp.Or(status.resolved(), all)
}

// schemaSpot is a schema, and where it stands.
type schemaSpot struct {
	*spot
	schema *openapi3.Schema
}

// field finds a field such as scopes.0, and what it is in; a zero schemaSpot where there is none.
func (s schemaSpot) field(name string) (field, of schemaSpot) {
	field = s
	for part := range strings.SplitSeq(name, ".") {
		of = field
		if property := of.schema.Properties[part]; property != nil {
			field = schemaSpot{of.at("properties", part), property.Value}
		} else if items := of.schema.Items; items != nil {
			field = schemaSpot{of.at("items"), items.Value}
		} else {
			return schemaSpot{}, s
		}
	}
	return field, of
}

// rule is where a schema has the rule that a message is of: the keyword itself, or given for a field that was there in a way that
// the contract does not speak of; nil for what no schema says. value is what the request has for the field.
func (s schemaSpot) rule(given *spot, field, message, value string) *spot {
	keyword := func(name string) *spot {
		if at := s.at(name); at != nil {
			return at
		}
		return given
	}
	switch message {
	case saysFormat(field):
		return keyword("pattern")
	case saysNoFile(field):
		return keyword("format")
	case saysTooFew(field, s.schema):
		return keyword("minItems")
	case saysType(field, s.schema), saysNoText(field):
		if _, err := strconv.ParseInt(value, 10, 64); errors.Is(err, strconv.ErrRange) {
			return keyword("format")
		}
		return keyword("type")
	case saysGivenTwice(field), saysNotUTF8(field):
		return given
	case saysInvalid(field):
		return s.at("enum") // or nil: it is the workspace that does not have the value
	}
	if (s.schema.Min != nil || s.schema.Max != nil) && message == saysRange(field, s.schema) {
		number, err := strconv.ParseFloat(value, 64)
		if s.schema.Min == nil || err == nil && s.schema.Max != nil && number > *s.schema.Max {
			return keyword("maximum")
		}
		return keyword("minimum")
	}
	return nil
}

// valueOf is what a request has for a field of its body or its query, as it is written there; empty where that is not known.
func (e *exchange) valueOf(field string) string {
	for _, part := range e.Form {
		if part.Name == field {
			return part.Value
		}
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(e.Body), &fields) == nil && fields[field] != nil {
		return string(fields[field])
	}
	_, query, _ := strings.Cut(e.Path, "?")
	values, _ := url.ParseQuery(query) // what cannot be read has no values
	return values.Get(field)
}
