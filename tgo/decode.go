package tgo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/htmltext"
)

// decode reads the JSON of a success into v. An answer that cannot be read is an *APIError that shows what came, and v
// then holds what could be read of it. Each name in required must be there and not be null.
func (c *Client) decode(op operation, a exchange.Answer, v any, required ...string) error {
	return c.decodePart(op, a, a.Body, v, required)
}

// decodeData is decode for what comes in a data envelope, or without one: for several answers the documentation does not
// say.
func (c *Client) decodeData(op operation, a exchange.Answer, v any, required ...string) error {
	return c.decodePart(op, a, dataOf(a.Body), v, required)
}

// dataOf is what the envelope holds, or all of the body where there is none.
func dataOf(body []byte) []byte {
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(trimJSON(body), &envelope) == nil && len(envelope.Data) > 0 && string(envelope.Data) != "null" {
		return envelope.Data
	}
	return body
}

func (c *Client) decodePart(op operation, a exchange.Answer, part []byte, v any, required []string) error {
	err := cmp.Or(a.Err, whyNotJSON(a))
	if err == nil {
		err = unmarshal(part, v)
	}
	if err == nil && len(required) > 0 {
		err = mustHave(part, required)
	}
	if err != nil {
		return c.unreadable(op, a, err)
	}
	return nil
}

// whyNotJSON says what an answer is that is plainly not JSON; nil where it may be.
func whyNotJSON(a exchange.Answer) error {
	switch {
	case len(trimJSON(a.Body)) == 0:
		return errors.New("it is empty")
	case isHTML(a):
		return errors.New("it is an HTML page, not JSON")
	}
	return nil
}

// mustHave checks that an object has properties without which it would read as something it is not.
func mustHave(object []byte, required []string) error {
	var properties map[string]json.RawMessage
	if err := json.Unmarshal(trimJSON(object), &properties); err != nil {
		return err
	}
	for _, name := range required {
		if raw, ok := properties[name]; !ok || string(raw) == "null" {
			return fmt.Errorf("it has no %q", name)
		}
	}
	return nil
}

// unreadable is the error of a success that is not what the contract describes.
func (c *Client) unreadable(op operation, a exchange.Answer, err error) *APIError {
	e := c.newAPIError(op, a)
	e.Err = fmt.Errorf("%w: %w", ErrUnreadable, cause{c.mask.Error(err)})
	return e
}

// refusal is the error of an answer other than a success.
func (c *Client) refusal(op operation, a exchange.Answer) *APIError {
	e := c.newAPIError(op, a)
	var said struct {
		Message string                     `json:"message"`
		Errors  map[string]json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(trimJSON(a.Body), &said) // PHP writes no errors as a list; the message counts all the same
	if said.Message != "" {
		e.Message = c.mask.Text(said.Message)
	} else {
		e.Message = c.mask.Text(snippet(a, e.Body))
	}
	for name, raw := range said.Errors {
		if e.Fields == nil {
			e.Fields = map[string][]string{}
		}
		e.Fields[c.mask.Text(name)] = c.fieldMessages(raw)
	}
	if errors.Is(e, ErrScope) {
		var scopes []string
		for _, s := range gen.RequiredScopes(op.id) {
			scopes = append(scopes, string(s))
		}
		e.RequiredScope = strings.Join(scopes, " ")
	}
	return e
}

// fieldMessages reads a list of texts, or whatever stands in its place.
func (c *Client) fieldMessages(raw json.RawMessage) []string {
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		var one string
		if json.Unmarshal(raw, &one) != nil {
			one = string(raw)
		}
		list = []string{one}
	}
	for i := range list {
		list[i] = c.mask.Text(list[i])
	}
	return list
}

func (c *Client) newAPIError(op operation, a exchange.Answer) *APIError {
	e := &APIError{
		Op:          op.name,
		Status:      a.Status,
		RetryAfter:  exchange.RetryAfter(a.Header, time.Now()),
		ContentType: c.mask.Text(a.Header.Get("Content-Type")),
		Body:        []byte(c.mask.Text(string(a.Body[:min(len(a.Body), exchange.MaxOther)]))),
		host:        c.host,
		page:        isHTML(a),
	}
	id := c.mask.Text(exchange.RequestID(a.Header))
	e.RequestID = id[:min(len(id), 128)]
	if a.Status/100 == 2 {
		e.Message = c.mask.Text(snippet(a, e.Body))
	}
	return e
}

// snippet is a short piece of an answer's body for an error message: of a page its title, or the text without its tags. The
// body is masked already: in what is cut off here, a key would no longer be known.
func snippet(a exchange.Answer, body []byte) string {
	s := string(trimJSON(body[:min(len(body), 4<<10)]))
	if isHTML(a) {
		s = htmltext.Snippet(s)
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	const most = 200
	if len(s) > most {
		cut := most
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "..."
	}
	return s
}

// trimJSON takes off the white space and the byte order mark that may stand before JSON.
func trimJSON(b []byte) []byte {
	return bytes.TrimSpace(bytes.TrimPrefix(b, []byte("\ufeff")))
}

// unmarshal reads JSON as the server may write it. Times without a zone are read as UTC (assumed).
func unmarshal(body []byte, v any) error {
	body = trimJSON(body)
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	var timeErr *time.ParseError
	if errors.As(err, &timeErr) {
		return json.Unmarshal(databaseTime.ReplaceAll(body, []byte(`${1}T${2}Z"`)), v)
	}
	return err
}

// databaseTime is a field of the API with a time in the form of a database, which RFC 3339 does not know. In the text of a
// message the quotes would be escaped, so texts do not match.
var databaseTime = regexp.MustCompile(
	`("(?:sent_at|phone_verified_at|expires_at|last_used_at)"\s*:\s*"\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)"`)

// isHTML reports whether an answer is a page, as proxies and login forms send.
func isHTML(a exchange.Answer) bool {
	mediaType, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" || bytes.HasPrefix(trimJSON(a.Body), []byte("<"))
}
