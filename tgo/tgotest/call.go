package tgotest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/contract"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/traffic"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// call is one request to an operation of the contract.
type call struct {
	*http.Request
	w      http.ResponseWriter
	route  *routers.Route
	key    workspace.Key
	form   *contract.Form
	body   []byte
	values map[string]any        // the JSON of the body, if it is an object
	query  contract.Problems     // of the query, for which the contract has no rule
	blank  []*openapi3.Parameter // of the query, without a value

	unknown  bool // responses carry a field that the contract does not have
	coverage *Coverage
	cfg      *Config // nil if there is no operation
}

// covered notes what a request that succeeded contained.
func (c *call) covered() {
	var query url.Values
	if c.URL.RawQuery != "" {
		query = c.URL.Query()
	}
	if c.form != nil {
		c.coverage.accepted(c.route, query, c.form.Fields, c.form.File != nil, nil)
		return
	}
	c.coverage.accepted(c.route, query, nil, false, c.values)
}

// refusal is a response other than success.
type refusal struct {
	status  int
	message string
	errors  contract.Problems
}

func invalid(errors contract.Problems) *refusal {
	return &refusal{status: contract.StatusInvalid, message: contract.MessageInvalid, errors: errors}
}

// notFound refuses a path that names nothing, in the words that the contract has for the operation.
func (c *call) notFound() *refusal {
	return &refusal{status: http.StatusNotFound, message: contract.MessageNotFound(c.route)}
}

// readQuery checks what the contract has no rule for in a query. A parameter that is blank is refused, as the contract has it, but
// does not count as given, since Laravel treats it as absent. A parameter that is given twice is refused, as in a form: PHP takes the
// last, other servers the first, and the response would be about another person than the one who was meant.
func (c *call) readQuery() *refusal {
	parameter := func(name string) *openapi3.Parameter {
		return c.route.Operation.Parameters.GetByInAndName("query", name)
	}
	if c.URL.RawQuery == "" || !slices.ContainsFunc(c.route.Operation.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" }) {
		return nil
	}
	c.query = contract.Problems{}
	given := map[string]bool{}
	var pairs []string
	for pair := range strings.SplitSeq(c.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name, nameErr := url.QueryUnescape(name)
		value, valueErr := url.QueryUnescape(value)
		p := parameter(name)
		switch {
		case strings.Contains(pair, ";"): // Go drops the pair, and PHP takes the semicolon for a part of the value
			return invalid(contract.Problems{contract.QueryField: {"The query is not well formed: & separates parameters, and a semicolon is written as %3B."}})
		case nameErr != nil || valueErr != nil:
			return invalid(contract.Problems{contract.QueryField: {"The query is not well formed: a % has no two hexadecimal digits after it."}})
		case p == nil:
			pairs = append(pairs, pair)
			continue
		case given[name]:
			c.query.Add(name, contract.SaysGivenTwice(name))
		case contract.IsBlank(value):
			c.blank = append(c.blank, p)
		case p.Schema.Value.Type.Is("integer") && !contract.IsInteger(value):
			c.query.Add(name, contract.SaysType(name, p.Schema.Value))
		}
		given[name] = true
		if !contract.IsBlank(value) {
			pairs = append(pairs, pair)
		}
	}
	c.URL.RawQuery = strings.Join(pairs, "&")
	return nil
}

// readBarePlus reads a plus that begins a phone in the query as a plus. In a query it is a space, but the API's own page
// writes it so, and its examples must work. Other servers may read a space, so a warning says so.
func (s *Server) readBarePlus(c *call) {
	if !strings.Contains(c.URL.RawQuery, "=+") {
		return
	}
	pairs := strings.Split(c.URL.RawQuery, "&")
	for i, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		parameter := c.route.Operation.Parameters.GetByInAndName("query", name)
		if !strings.HasPrefix(value, "+") || parameter == nil || !strings.HasPrefix(parameter.Schema.Value.Pattern, `^\+`) {
			continue
		}
		pairs[i] = name + "=%2B" + value[1:]
		message := name + " contains a bare plus, which is a space in a query: write %2B"
		s.warnOf(c, name, message)
	}
	c.URL.RawQuery = strings.Join(pairs, "&")
}

// check validates the request with all of the contract.
func (c *call) check() *refusal {
	params := c.pathParams()
	values := c.values
	if mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type")); mediaType != "application/json" {
		values = nil // for the validator to refuse
	}
	found := contract.CheckRequest(c.Request, c.route, params, c.form, values)
	found.AddAll(c.query)
	for _, p := range c.blank {
		switch name, schema := p.Name, p.Schema.Value; {
		case found[name] != nil: // it was missed already
		case schema.Type.Is("integer"):
			found.Add(name, contract.SaysType(name, schema))
		default:
			found.Add(name, contract.SaysFormat(name))
		}
	}
	for name := range params {
		if found[name] != nil { // the router of the API knows no such path
			return c.notFound()
		}
	}
	if len(found) > 0 {
		return invalid(found)
	}
	return nil
}

// readBody reads the body of an operation that has one: a form as it streams in, everything else whole.
func (s *Server) readBody(c *call) *refusal {
	spec := c.route.Operation.RequestBody
	if spec == nil {
		return nil
	}
	mediaType, _, _ := mime.ParseMediaType(c.Header.Get("Content-Type"))
	if mediaType == "multipart/form-data" && spec.Value.Content[mediaType] != nil {
		c.form = contract.ReadForm(c.Request, s.cfg.KeepMedia)
		c.form.DropBlank(spec.Value.Content[mediaType].Schema.Value)
		traffic.NoteForm(c.Request, c.form)
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(c.Body, contract.MaxText+1))
	switch {
	case err != nil:
		return invalid(contract.Problems{contract.BodyField: {"The body is cut short."}})
	case len(body) > contract.MaxText:
		return invalid(contract.Problems{contract.BodyField: {fmt.Sprintf("The body is larger than %d bytes.", contract.MaxText)}})
	case !utf8.Valid(body):
		return invalid(contract.Problems{contract.BodyField: {"The body is not UTF-8."}})
	case mediaType == "application/json" && contract.HasHalfPair(body):
		return invalid(contract.Problems{contract.BodyField: {`The body is not well formed: one \u of a surrogate pair is there without the other.`}})
	}
	c.setBody(body)
	return nil
}

func (c *call) setBody(body []byte) {
	c.body = body
	c.Body = io.NopCloser(bytes.NewReader(body))
}

// readValues decodes a JSON object, without the fields that Laravel treats as absent. check refuses any other body.
func (s *Server) readValues(c *call) {
	spec := c.route.Operation.RequestBody
	if spec == nil || c.form != nil || spec.Value.Content["application/json"] == nil || json.Unmarshal(c.body, &c.values) != nil {
		return
	}
	refuseNulls := s.cfg.has(VariantNullRefused)
	left, nulls := contract.WithoutBlanks(c.body, c.values, spec.Value.Content, refuseNulls)
	if len(left) != len(c.body) {
		c.setBody(left)
	}
	for _, name := range nulls {
		if !refuseNulls {
			s.warnOf(c, name, name+" is null; it is an assumption that null counts as absent: leave the field out")
		}
	}
}

func (c *call) pathParams() map[string]string {
	params := map[string]string{}
	for _, p := range c.route.Operation.Parameters {
		if p.Value.In == "path" {
			params[p.Value.Name] = c.PathValue(p.Value.Name)
		}
	}
	return params
}

func (c *call) refuse(r *refusal) {
	// Clients read the response only after the whole body went out; an unread rest would cut them off.
	_, _ = io.CopyN(io.Discard, c.Body, maxDrain)
	answer := struct {
		Message string            `json:"message"`
		Errors  contract.Problems `json:"errors,omitempty"`
	}{r.message, r.errors}
	c.answer(r.status, answer)
}

// answer writes a response, after validating it with the contract.
func (c *call) answer(status int, v any) {
	var b bytes.Buffer
	varied := false
	if c.cfg != nil {
		status, v, varied = c.cfg.vary(c, status, v)
	}
	c.w.Header().Set("Content-Type", "application/json")
	if v != nil {
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		err := e.Encode(v)
		if err == nil && c.unknown {
			var decoded any
			err = json.Unmarshal(b.Bytes(), &decoded)
			b.Reset()
			err = errors.Join(err, e.Encode(withUnknown(decoded)))
		}
		if err != nil {
			panic(err) // the types of the responses are our own
		}
	} else {
		c.w.Header().Del("Content-Type")
	}
	if c.route != nil && !varied {
		if err := contract.CheckResponse(c.Request, c.route, status, c.w.Header(), b.Bytes()); err != nil {
			status = http.StatusInternalServerError
			b.Reset()
			fmt.Fprintf(&b, `{"message": %q}`, "tgotest sent a response that violates the contract; please report this: "+err.Error())
		}
	}
	if c.route != nil && status/100 == 2 {
		c.covered()
	}
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes())
}

// withUnknown is a JSON value with a field that no client can know in each of its objects; but not in errors, which is a
// list of fields itself.
func withUnknown(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if name != "errors" {
				v[name] = withUnknown(inner)
			}
		}
		v["x_unknown"] = map[string]any{"since": "tomorrow"}
	case []any:
		for i := range v {
			v[i] = withUnknown(v[i])
		}
	}
	return v
}
