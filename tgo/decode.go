package tgo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/htmltext"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// decode reads the JSON of a success into v: what is in data, or all of it where there is no data, for of some answers the
// documentation does not say. An answer that cannot be read is an *APIError that shows what came, and v then holds what could
// be read of it. Each property in required must be there and not be null: without it, the answer would read as something that
// it is not.
func (c *Client) decode(op operation, a exchange.Answer, v any, required ...string) error {
	body, err := parse(a)
	if err == nil {
		err = readObject(withoutEnvelope(body), v, required...)
	}
	if err != nil {
		return c.unreadable(op, a, err)
	}
	return nil
}

// readObject reads an object that has the required properties.
func readObject(object phpjson.Value, v any, required ...string) error {
	if err := object.Read(v); err != nil {
		return err
	}
	for _, name := range required {
		if !object.Member(name).Exists() {
			return fmt.Errorf("it has no %q", name)
		}
	}
	return nil
}

// parse reads an answer that has come whole.
func parse(a exchange.Answer) (phpjson.Value, error) {
	if err := cmp.Or(a.Err, whyNotJSON(a)); err != nil {
		return phpjson.Value{}, err
	}
	return phpjson.Parse(trimJSON(a.Body))
}

// withoutEnvelope is what is in data, or all of the body where there is no data.
func withoutEnvelope(body phpjson.Value) phpjson.Value {
	if data := body.Member("data"); data.Exists() {
		return data
	}
	return body
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

// unreadable is the error of a success that is not what the contract describes.
func (c *Client) unreadable(op operation, a exchange.Answer, err error) *APIError {
	e := c.newAPIError(op, a)
	e.Err = c.notRead(err)
	return e
}

// notRead is the error of JSON that cannot be read. Of the value in it, the error shows the beginning. The value is masked before
// that: in so short a piece, a key would no longer be known.
func (c *Client) notRead(err error) error {
	if wrong := (*phpjson.Error)(nil); errors.As(err, &wrong) {
		wrong.Value = c.mask.Text(wrong.Value)
	}
	return fmt.Errorf("%w: %w", ErrUnreadable, cause{c.mask.Error(err)})
}

// refusal is the error of an answer other than a success.
func (c *Client) refusal(op operation, a exchange.Answer) *APIError {
	e := c.newAPIError(op, a)
	body, _ := phpjson.Parse(trimJSON(a.Body)) // what can be read of it counts
	said := body.Members("message", "errors", "exception")
	message, exception := said[0], said[2]
	switch {
	case a.Status >= http.StatusInternalServerError && isText(exception): // Laravel in debug mode: its message may hold what was sent
		e.Message = strings.Join(c.messages(exception), " ")
	case !message.IsFalse() && !message.IsObject():
		e.Message = strings.Join(c.messages(message), " ")
	case message.Exists() && message.IsFalse(): // it says that there is none
	default:
		e.Message = c.mask.Text(snippet(a, e.Body))
	}
	var fields map[string]json.RawMessage
	switch errs := said[1]; {
	case errs.IsFalse():
	case errs.IsObject():
		_ = errs.Read(&fields)
	default: // texts that are of no field
		fields = map[string]json.RawMessage{"": errs.Raw()}
	}
	for name, raw := range fields {
		if e.Fields == nil {
			e.Fields = map[string][]string{}
		}
		value, _ := phpjson.Parse(raw) // it is a part of what was parsed
		e.Fields[c.mask.Text(name)] = c.messages(value)
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

// messages reads a list of texts, or whatever stands in its place.
func (c *Client) messages(value phpjson.Value) []string {
	list, err := value.Elements()
	if err != nil || slices.ContainsFunc(list, func(v phpjson.Value) bool { return !isText(v) }) {
		list = []phpjson.Value{value}
	}
	messages := make([]string, len(list))
	for i, message := range list {
		messages[i] = string(message.Raw())
		if isText(message) {
			_ = message.Read(&messages[i])
		}
		messages[i] = c.mask.Text(messages[i])
	}
	return messages
}

func isText(v phpjson.Value) bool { return bytes.HasPrefix(v.Raw(), []byte(`"`)) }

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

// isHTML reports whether an answer is a page, as proxies and login forms send.
func isHTML(a exchange.Answer) bool {
	mediaType, _, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	return mediaType == "text/html" || mediaType == "application/xhtml+xml" || bytes.HasPrefix(trimJSON(a.Body), []byte("<"))
}
