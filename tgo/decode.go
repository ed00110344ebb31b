package tgo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/gen"
)

// decode reads the JSON of a success into v. An answer that cannot be read is an *APIError that shows what came, and v
// then holds what could be read of it. Each name in required must be there and not be null.
func (c *Client) decode(op operation, a answer, v any, required ...string) error {
	return c.decodePart(op, a, a.body, v, required)
}

// decodeData is decode for what comes in a data envelope, or without one: for several answers the documentation does not
// say.
func (c *Client) decodeData(op operation, a answer, v any, required ...string) error {
	return c.decodePart(op, a, dataOf(a.body), v, required)
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

func (c *Client) decodePart(op operation, a answer, part []byte, v any, required []string) error {
	err := a.readErr
	switch {
	case err != nil:
	case len(trimJSON(a.body)) == 0:
		err = errors.New("it is empty")
	case a.isHTML():
		err = errors.New("it is an HTML page, not JSON")
	default:
		err = unmarshal(part, v)
		if err == nil && len(required) > 0 {
			err = mustHave(part, required)
		}
	}
	if err != nil {
		return c.unreadable(op, a, err)
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
func (c *Client) unreadable(op operation, a answer, err error) *APIError {
	e := c.newAPIError(op, a)
	e.Err = fmt.Errorf("%w: %w", ErrUnreadable, c.redactor.maskError(err))
	return e
}

// refusal is the error of an answer other than a success.
func (c *Client) refusal(op operation, a answer) *APIError {
	e := c.newAPIError(op, a)
	var said struct {
		Message string                     `json:"message"`
		Errors  map[string]json.RawMessage `json:"errors"`
	}
	_ = json.Unmarshal(trimJSON(a.body), &said) // PHP writes no errors as a list; the message counts all the same
	if said.Message != "" {
		e.Message = c.redactor.mask(said.Message)
	} else {
		e.Message = c.redactor.mask(snippet(a, e.Body))
	}
	for name, raw := range said.Errors {
		if e.Fields == nil {
			e.Fields = map[string][]string{}
		}
		e.Fields[c.redactor.mask(name)] = c.fieldMessages(raw)
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
		list[i] = c.redactor.mask(list[i])
	}
	return list
}

func (c *Client) newAPIError(op operation, a answer) *APIError {
	e := &APIError{
		Op:          op.name,
		Status:      a.status,
		RetryAfter:  retryAfter(a.header.Get("Retry-After"), time.Now()),
		ContentType: c.redactor.mask(a.header.Get("Content-Type")),
		Body:        []byte(c.redactor.maskCut(string(a.body[:min(len(a.body), maxErrorAnswer)]))),
		host:        c.host,
		page:        a.isHTML(),
	}
	id := c.redactor.mask(requestID(a.header))
	e.RequestID = id[:min(len(id), 128)]
	if a.status/100 == 2 {
		e.Message = c.redactor.mask(snippet(a, e.Body))
	}
	return e
}

// requestID is the id that the server, or a proxy before it, gave the request.
func requestID(header http.Header) string {
	for _, name := range []string{"X-Request-Id", "Request-Id", "X-Correlation-Id", "Cf-Ray"} {
		if id := header.Get(name); id != "" {
			return id
		}
	}
	return ""
}

// snippet is a short piece of an answer's body for an error message: of a page its title, or the text without its tags. The
// body is masked already: in what is cut off here, a key would no longer be known.
func snippet(a answer, body []byte) string {
	s := string(trimJSON(body[:min(len(body), 4<<10)]))
	if a.isHTML() {
		if title := titleOf(s); strings.TrimSpace(title) != "" {
			s = title
		} else {
			s = withoutTags(s)
		}
		s = html.UnescapeString(s)
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
		if fixed := mendTimes(body); !bytes.Equal(fixed, body) {
			return json.Unmarshal(fixed, v)
		}
	}
	return err
}

// retryAfter reads the header's two forms. A date in the past, or nonsense, is 0.
func retryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if seconds, err := strconv.ParseInt(header, 10, 64); err == nil {
		const most = int64(1<<63-1) / int64(time.Second)
		return time.Duration(max(0, min(seconds, most))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
