package tgo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/htmltext"
	"github.com/tgo-business/tgo-go/tgo/internal/phpjson"
)

// APIError is a response of the server that is not a success: a refusal, a failure, or a response that cannot be read. The API key
// is masked wherever the server echoes it.
type APIError struct {
	// Op is the call, such as "send voice".
	Op string
	// Status is the HTTP status. It is a 2xx if the response could not be read (ErrUnreadable).
	Status int
	// Message is the reason that the server gave, or empty. If the response is not JSON, it is a short piece of its text. If the
	// response is from a Laravel application in debug mode that failed, it is the name of the exception, because the message of the
	// exception may contain what was sent.
	Message string
	// Fields has the server's messages for each field that it found invalid. Under "" are messages about no field.
	Fields map[string][]string
	// RequiredScope is the scope that the operation needs according to the contract. It is set only with ErrScope.
	RequiredScope string
	// RetryAfter is how long the server asked to wait; 0 if it did not ask.
	RetryAfter time.Duration
	// RequestID is the id that the server or its proxy gave the request, for questions to the vendor. It is often empty.
	RequestID string
	// ContentType is the Content-Type header of the response.
	ContentType string
	// Body is the body of the response, cut at 64 KiB.
	Body []byte
	// Err is the reason why the response could not be read. It is nil if the server refused the request or failed.
	Err error

	host string
	page bool // the response is an HTML page
}

// Error says what happened and what to do about it.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tgo: %s: %d", e.Op, e.Status)
	if e.Message != "" {
		said := strings.TrimPrefix(e.Message, strconv.Itoa(e.Status)+" ") // nginx has the status in the title of its page
		b.WriteString(" " + strings.TrimSuffix(said, "."))
	} else if text := http.StatusText(e.Status); text != "" {
		b.WriteString(" " + text)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, " (%v)", e.Err)
	}
	names := make([]string, 0, len(e.Fields))
	for name := range e.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		b.WriteString("; ")
		if name != "" {
			b.WriteString(name + ": ")
		}
		b.WriteString(strings.TrimSuffix(strings.Join(e.Fields[name], " "), "."))
	}
	if hint := e.hint(); hint != "" {
		b.WriteString("; " + hint)
	}
	if e.RequestID != "" {
		b.WriteString(" [request " + e.RequestID + "]")
	}
	return b.String()
}

// hint returns what to do next, or "".
func (e *APIError) hint() string {
	switch {
	case errors.Is(e, ErrSenderInactive), errors.Is(e, ErrSenderUnverified):
		return "see the number's status with Client.SenderNumbers or tgo senders, which says what to do"
	case errors.Is(e, ErrUnauthenticated):
		return "check the API key: it may be mistyped, revoked or expired"
	case errors.Is(e, ErrScope) && e.RequiredScope != "" && e.said(messageMissingScope):
		return "use a key with the scope " + e.RequiredScope
	case errors.Is(e, ErrScope) && e.RequiredScope != "":
		return "the key may lack the scope " + e.RequiredScope
	case errors.Is(e, ErrTenant):
		return "check the tenant domain, " + e.host
	case e.Status == http.StatusNotFound && e.Message == "" && len(e.Fields) == 0 && e.Op != opRevokeAPIKey.name:
		return "the server has no such path; check the base URL"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "the request is too large for the server: send less in one request, such as a smaller file"
	case errors.Is(e, ErrRateLimited) && e.RetryAfter > 0:
		return "wait " + e.RetryAfter.String()
	case e.Status >= 300 && e.Status < 400:
		return "only redirects of a read to the same server are followed; check the base URL"
	}
	return ""
}

// said reports whether one of these texts is the server's message, or its message about a field. White space at the ends and
// the last full stop are ignored.
func (e *APIError) said(texts ...string) bool {
	plain := func(text string) string { return strings.TrimSuffix(strings.TrimSpace(text), ".") }
	isOne := func(message string) bool {
		return slices.ContainsFunc(texts, func(text string) bool { return plain(message) == plain(text) })
	}
	if isOne(e.Message) {
		return true
	}
	for _, messages := range e.Fields {
		if slices.ContainsFunc(messages, isOne) {
			return true
		}
	}
	return false
}

// Is reports whether the response is a case of target, one of the Err variables. A refusal of the sender is recognized by its text
// with any 4xx status, because the documentation of the API names none. It is then not what the status alone would mean. A
// missing scope may have the status 401 too.
func (e *APIError) Is(target error) bool {
	inactive := e.Status/100 == 4 && e.said(messagesSenderInactive...)
	unverified := e.Status/100 == 4 && e.said(messagesSenderUnverified...)
	switch target {
	case ErrSenderInactive:
		return inactive
	case ErrSenderUnverified:
		return unverified
	case ErrServer:
		return e.Status >= 500
	case ErrUnreadable:
		return e.Err != nil
	}
	if inactive || unverified {
		return false
	}
	scope := e.Status == http.StatusUnauthorized && e.said(messageMissingScope)
	switch target {
	case ErrUnauthenticated:
		return e.Status == http.StatusUnauthorized && !scope
	case ErrScope:
		return scope || e.Status == http.StatusForbidden && !e.page
	case ErrTenant:
		return e.Status == http.StatusNotFound && e.said(messageUnknownTenant)
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrValidation:
		return e.Status == http.StatusUnprocessableEntity
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	}
	return false
}

func (e *APIError) delivery() Delivery { return deliveryOf(e.Status, false) }

// Unwrap returns the reason why the response could not be read.
func (e *APIError) Unwrap() error { return e.Err }

// The server's messages for cases that have the same status. For the refusals of a sender, the older and the newer pages of the
// vendor have different wordings.
const messageMissingScope = "This API key does not have the required scope."

const messageUnknownTenant = "Tenant could not be identified for this domain."

var (
	messagesSenderInactive   = []string{"The sender number is not active.", "Sender number is not active."}
	messagesSenderUnverified = []string{
		"يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال.",
		"The sender number owner must be verified in Sinjapp before using the messaging API.",
	}
)

// unreadable returns the error for a 2xx response that is not what the contract describes.
func (c *Client) unreadable(op operation, a exchange.Answer, err error) *APIError {
	e := c.newAPIError(op, a)
	e.Err = c.notRead(err)
	return e
}

// refusal returns the error for a response that is not a 2xx.
func (c *Client) refusal(op operation, a exchange.Answer) *APIError {
	e := c.newAPIError(op, a)
	body, _ := phpjson.Parse(trimJSON(a.Body)) // the valid part of an invalid body is used
	said := body.Members("message", "errors", "exception")
	message, exception := said[0], said[2]
	switch {
	case a.Status >= http.StatusInternalServerError && isText(exception): // Laravel in debug mode: its message may contain what was sent
		e.Message = strings.Join(c.messages(exception), " ")
	case !message.IsFalse() && !message.IsObject():
		e.Message = strings.Join(c.messages(message), " ")
	case message.Exists() && message.IsFalse(): // null, false or "": there is no message
	default:
		e.Message = c.mask.Text(snippet(a, e.Body))
	}
	var fields map[string]json.RawMessage
	switch errs := said[1]; {
	case errs.IsFalse():
	case errs.IsObject():
		_ = errs.Read(&fields)
	default: // messages about no field
		fields = map[string]json.RawMessage{"": errs.Raw()}
	}
	for name, raw := range fields {
		if e.Fields == nil {
			e.Fields = map[string][]string{}
		}
		value, _ := phpjson.Parse(raw) // cannot fail: it is a part of what was parsed
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

// messages reads a list of texts. Any other value is one message, as it is.
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

// snippet returns a short piece of a body for an error message: the title of an HTML page, or the text without the tags. The body
// must be masked before, because a key that is cut would not be recognized.
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
