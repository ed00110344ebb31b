package tgotest

import (
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

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
}

// place is a place in openapi.yaml.
type place struct {
	Pointer string `json:"pointer"`
	Line    int    `json:"line"`
	Excerpt string `json:"excerpt"`
}

// contractText is openapi.yaml as a tree with line numbers, and its lines.
var contractText = sync.OnceValue(func() (t struct {
	root  *yaml.Node
	lines []string
}) {
	t.root = &yaml.Node{}
	if err := yaml.Unmarshal(openapi.Document, t.root); err != nil {
		panic(err) // the same text has been loaded before
	}
	t.lines = strings.Split(string(openapi.Document), "\n")
	return t
})

// excerptLines is how much of the contract is shown at a place.
const excerptLines = 12

// find follows a path of keys, through references, and returns the place it leads to.
func find(path ...string) *place {
	t := contractText()
	node, line := t.root.Content[0], 1
	var pointer []string
	for i := 0; i < len(path); i++ {
		if ref := child(node, "$ref"); ref != nil {
			path = append(strings.Split(strings.TrimPrefix(ref.value.Value, "#/"), "/"), path[i:]...)
			i, pointer, node = 0, nil, t.root.Content[0]
		}
		next := child(node, path[i])
		if next == nil {
			return nil
		}
		node, line = next.value, next.key.Line
		pointer = append(pointer, strings.ReplaceAll(strings.ReplaceAll(path[i], "~", "~0"), "/", "~1"))
	}
	if ref := child(node, "$ref"); ref != nil {
		return find(strings.Split(strings.TrimPrefix(ref.value.Value, "#/"), "/")...)
	}
	return &place{Pointer: "#/" + strings.Join(pointer, "/"), Line: line, Excerpt: excerpt(t.lines, line)}
}

type pair struct{ key, value *yaml.Node }

func child(node *yaml.Node, key string) *pair {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return &pair{node.Content[i], node.Content[i+1]}
		}
	}
	return nil
}

// excerpt is the block of lines that begins at a line: as long as what follows is further in.
func excerpt(lines []string, line int) string {
	first := lines[line-1]
	indent := len(first) - len(strings.TrimLeft(first, " "))
	block := []string{first[indent:]}
	for _, l := range lines[line:] {
		if strings.TrimSpace(l) == "" || len(l)-len(strings.TrimLeft(l, " ")) <= indent || len(block) == excerptLines {
			break
		}
		block = append(block, l[indent:])
	}
	return strings.Join(block, "\n")
}

// explainRefusal says where in the contract stands what an answer complains of.
func explainRefusal(route *routers.Route, contentType string, status int, answer []byte) []problem {
	var refused struct {
		Message string              `json:"message"`
		Errors  map[string][]string `json:"errors"`
	}
	_ = json.Unmarshal(answer, &refused) // an answer that is none says nothing
	var found []problem
	if route == nil {
		return []problem{{Message: refused.Message, Place: find("paths")}}
	}
	operation := []string{"paths", route.Path, strings.ToLower(route.Method)}
	at := func(path ...string) *place { return find(append(slices.Clone(operation), path...)...) }
	for field, messages := range refused.Errors {
		for _, m := range messages {
			found = append(found, problem{Field: field, Message: m, Place: placeOf(operation, route, contentType, field, m)})
		}
	}
	slices.SortFunc(found, func(a, b problem) int { return strings.Compare(a.Field+a.Message, b.Field+b.Message) })
	if len(found) > 0 {
		return found
	}
	p := problem{Message: refused.Message}
	if p.Place = at("responses", strconv.Itoa(status)); status == http.StatusForbidden {
		p.Place = at("x-required-scopes")
	}
	return []problem{p}
}

// placeOf is where the contract describes a field of a request, or the rule between fields that a message is of.
func placeOf(operation []string, route *routers.Route, contentType, field, message string) *place {
	at := func(path ...string) *place { return find(append(slices.Clone(operation), path...)...) }
	if route.Operation.RequestBody == nil {
		if place := parameterPlace(operation, field); place != nil {
			return place
		}
		return at()
	}
	// The body that was meant comes first; a rule that only the other one states holds for it too.
	bodies := mediaTypes(route.Operation.RequestBody.Value)
	described := bodies
	if sent, _, err := mime.ParseMediaType(contentType); err == nil && slices.Contains(bodies, sent) {
		described = []string{sent}
		bodies = slices.Concat(described, bodies)
	}
	for _, body := range bodies {
		schema := append(slices.Clone(operation), "requestBody", "content", body, "schema")
		if place := rulePlace(schema, field, message); place != nil {
			return place
		}
	}
	name, _, _ := strings.Cut(field, ".")
	for _, body := range described {
		if place := at("requestBody", "content", body, "schema", "properties", name); place != nil {
			return place
		}
	}
	return at("requestBody")
}

// nodeAt is find for a node.
func nodeAt(path []string) *yaml.Node {
	node := contractText().root.Content[0]
	for i := 0; i < len(path); i++ {
		if ref := child(node, "$ref"); ref != nil {
			return nodeAt(append(strings.Split(strings.TrimPrefix(ref.value.Value, "#/"), "/"), path[i:]...))
		}
		next := child(node, path[i])
		if next == nil {
			return nil
		}
		node = next.value
	}
	if ref := child(node, "$ref"); ref != nil {
		return nodeAt(strings.Split(strings.TrimPrefix(ref.value.Value, "#/"), "/"))
	}
	return node
}

func parameterPlace(operation []string, field string) *place {
	list := nodeAt(append(slices.Clone(operation), "parameters"))
	if list == nil {
		return nil
	}
	for i, parameter := range list.Content {
		if name := child(parameter, "name"); name != nil && name.value.Value == field {
			return &place{
				Pointer: fmt.Sprintf("#/paths/%s/%s/parameters/%d", strings.ReplaceAll(operation[1], "/", "~1"), operation[2], i),
				Line:    parameter.Line, Excerpt: excerpt(contractText().lines, parameter.Line),
			}
		}
	}
	return nil
}

// rulePlace finds the rule between the fields of a body whose x-rule says this message of the field.
func rulePlace(schema []string, field, message string) *place {
	rules := nodeAt(append(slices.Clone(schema), "not", "not", "allOf"))
	if rules == nil {
		return nil
	}
	for i, rule := range rules.Content {
		words := child(rule, "x-rule")
		if words == nil {
			continue
		}
		if says := child(words.value, field); says != nil && says.value.Value == message {
			return &place{
				Pointer: fmt.Sprintf("%s/not/not/allOf/%d", find(schema...).Pointer, i),
				Line:    rule.Line, Excerpt: excerpt(contractText().lines, rule.Line),
			}
		}
	}
	return nil
}
