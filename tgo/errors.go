package tgo

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Errors to compare with by errors.Is. Each doc comment says what to do.
var (
	// ErrNotSent: the server certainly did not get the request, or declared that it did not process it. An InputError is one case
	// of it: correct the input. After any other, try again. The errors of all calls can be compared with it.
	ErrNotSent = errors.New("not sent")
	// ErrUnauthenticated: the key is missing, wrong, revoked or expired; use another.
	ErrUnauthenticated = errors.New("the API key is not accepted")
	// ErrScope: the key works but lacks the scope that the operation needs; APIError.RequiredScope names it.
	ErrScope = errors.New("the API key lacks a scope")
	// ErrTenant: no workspace has this domain; mend the tenant given to New.
	ErrTenant = errors.New("no tenant has this domain")
	// ErrNotFound: what the request names does not exist. ErrTenant is one case of it.
	ErrNotFound = errors.New("not found")
	// ErrValidation: a field is wrong. Found here before sending it is an InputError, by the server an APIError with Fields.
	ErrValidation = errors.New("a field is invalid")
	// ErrRateLimited: too many requests; wait APIError.RetryAfter. That the API answers so is assumed.
	ErrRateLimited = errors.New("too many requests")
	// ErrServer: the server is in trouble (a 5xx).
	ErrServer = errors.New("server error")
	// ErrSenderInactive: the sender number is pending, rejected, suspended or removed; SenderNumber.Ready says what to do.
	ErrSenderInactive = errors.New("the sender number is not active")
	// ErrSenderUnverified: the owner of the sender number must have their TGO Connect account verified.
	ErrSenderUnverified = errors.New("the owner of the sender number is not verified")
	// ErrSenderUnknown: the organization has no such sender number.
	ErrSenderUnknown = errors.New("the organization has no such sender number")
	// ErrUnreadable: the server answered something that is not what the contract describes; the APIError shows what came.
	ErrUnreadable = errors.New("the answer cannot be read")
)

// InputError says which arguments are wrong. Nothing was sent. It is an ErrValidation.
type InputError struct {
	// Op is the call, such as "send voice".
	Op string
	// Fields are what is wrong: fields by their names in the API; of New, the argument or the option.
	Fields []FieldError
}

// FieldError is one field and the rule that its value breaks.
type FieldError struct {
	// Field is its name.
	Field string
	// Rule is what does not hold, as the rest of a sentence that begins with the name.
	Rule string

	err error // what lies behind it, such as fs.ErrNotExist
}

// Error names the field and the rule.
func (e *FieldError) Error() string { return e.Field + " " + e.Rule }

// Error names every field and its rule.
func (e *InputError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tgo: %s: ", e.Op)
	for i := range e.Fields {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(e.Fields[i].Error())
	}
	return b.String()
}

// Unwrap returns the errors behind the fields, such as an fs.ErrNotExist behind "media".
func (e *InputError) Unwrap() []error {
	var errs []error
	for i := range e.Fields {
		if err := e.Fields[i].err; err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

// Is reports whether target is ErrValidation or ErrNotSent.
func (e *InputError) Is(target error) bool { return target == ErrValidation || target == ErrNotSent }

func (e *InputError) delivery() Delivery { return DeliveryNotSent }

func fieldError(field, rule string) *FieldError { return &FieldError{Field: field, Rule: rule} }

// checkUTF8 refuses text that JSON would silently change.
func checkUTF8(field, text string) *FieldError {
	if !utf8.ValidString(text) {
		return fieldError(field, "must be UTF-8 text")
	}
	return nil
}

// inputError gathers what is wrong; nil when nothing is.
func inputError(op string, problems ...*FieldError) error {
	var fields []FieldError
	for _, p := range problems {
		if p != nil {
			fields = append(fields, *p)
		}
	}
	if fields == nil {
		return nil
	}
	return &InputError{Op: op, Fields: fields}
}

// APIError is an answer of the server that is not the success asked for: a refusal, a failure, or something that cannot
// be read. The API key is masked wherever the server echoes it.
type APIError struct {
	// Op is the call, such as "send voice".
	Op string
	// Status is the HTTP status. It is a 2xx where the answer could not be read (ErrUnreadable).
	Status int
	// Message is the server's reason: for a page that is not JSON a short piece of its text, and for a Laravel in debug mode that
	// fails the name of the exception, since its text may hold what was sent. Empty where the server gave none.
	Message string
	// Fields holds, for each field that the server found wrong, what it said. Under "" is what it said of no field.
	Fields map[string][]string
	// RequiredScope is the scope that the contract names for the operation; set with ErrScope only.
	RequiredScope string
	// RetryAfter is how long the server asked to wait; 0 where it did not say.
	RetryAfter time.Duration
	// RequestID is the server's or its proxy's id of the request, for asking the vendor; often empty.
	RequestID string
	// ContentType is the Content-Type header of the answer.
	ContentType string
	// Body is the answer as it came, cut at 64 KiB.
	Body []byte
	// Err says why the answer could not be read; nil where the server simply refused.
	Err error

	host string
	page bool // it is HTML
}

// Error says what happened and what to do about it.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "tgo: %s: %d", e.Op, e.Status)
	if e.Message != "" {
		said := strings.TrimPrefix(e.Message, strconv.Itoa(e.Status)+" ") // nginx says the status in the title of its page
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

// hint is the next step for whoever reads the error.
func (e *APIError) hint() string {
	switch {
	case errors.Is(e, ErrSenderInactive), errors.Is(e, ErrSenderUnverified):
		return "see the number's status with Client.SenderNumbers or tgo senders, which says what to do"
	case errors.Is(e, ErrUnauthenticated):
		return "check the API key: it may be mistyped, revoked or expired"
	case errors.Is(e, ErrScope) && e.RequiredScope != "" && e.said(messageMissingScope):
		return "use a key with the scope " + e.RequiredScope
	case errors.Is(e, ErrScope) && e.RequiredScope != "":
		return "it may be that the key lacks the scope " + e.RequiredScope
	case errors.Is(e, ErrTenant):
		return "check the tenant domain, " + e.host
	case e.Status == http.StatusNotFound && e.Message == "" && len(e.Fields) == 0 && e.Op != opRevokeAPIKey.name:
		return "the server has no such path; check the base URL"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "the server takes no request of this size"
	case errors.Is(e, ErrRateLimited) && e.RetryAfter > 0:
		return "wait " + e.RetryAfter.String()
	case e.Status >= 300 && e.Status < 400:
		return "redirects are not followed to another place, nor for anything but reading; check the base URL"
	}
	return ""
}

// What the server says where its status does not tell the cases apart. Of the sender's refusals, the vendor's older and newer
// pages have a wording each.
const messageMissingScope = "This API key does not have the required scope."

const messageUnknownTenant = "Tenant could not be identified for this domain."

var (
	messagesSenderInactive   = []string{"The sender number is not active.", "Sender number is not active."}
	messagesSenderUnverified = []string{
		"يجب أن يكون صاحب الرقم موثقًا داخل TGO Connect قبل استخدام API الإرسال.",
		"The sender number owner must be verified in Sinjapp before using the messaging API.",
	}
)

// said reports whether the server gave one of these texts as its message or as that of a field. White space at the ends and
// the last full stop do not count.
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

// Is reports whether the answer is a case of target, one of the Err variables. A refusal of the sender is known by its text,
// under whatever 4xx it comes, for the API's documentation names none; it is then nothing of what the status would say. A
// missing scope may come as a 401 too.
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

// Unwrap returns the reason why the answer could not be read.
func (e *APIError) Unwrap() error { return e.Err }
