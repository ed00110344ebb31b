// Package redact masks API keys and phone numbers in texts for people and logs.
package redact

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
	"sync"
)

// Mask replaces a key.
const Mask = "tgo_****"

// lazily compiles an expression when it is first used. A program whose calls all succeed never needs one.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

var (
	// anyKey matches any API key. It does not match the prefix of a key that the API shows, which is shorter. A backslash at the end does
	// not belong to the key: it escapes the quote that follows.
	anyKey = lazily(`tgo_[A-Za-z0-9_|.~+/=\\-]{11,}[A-Za-z0-9_|.~+/=-]`)
	phone  = lazily(`(\+|%2B|%2b)[0-9]{7,15}`)
	quoted = lazily(`(?s)"([^"\\]|\\.)*("|\\?\z)`)
)

// Masker masks API keys: the one that it knows in many forms, and all others in their plain form. The zero Masker knows no key. A Masker
// is safe for concurrent use.
type Masker struct {
	own func() *regexp.Regexp // a function, because a dump of an expression would show the key
}

// New makes a Masker that knows a key. The key must have only printable ASCII characters.
func New(key string) Masker {
	if key == "" {
		return Masker{}
	}
	return Masker{own: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(keyExpression(key)) })}
}

// Text masks the keys in s. It finds the Masker's own key in its plain form, with any of its characters escaped as in JSON, URLs or HTML,
// and if the text ends within the key, after 8 or more of its characters.
func (m Masker) Text(s string) string {
	if m.own != nil {
		own := m.own()
		s = own.ReplaceAllLiteralString(s, Mask)
		if whole := cutEscape().ReplaceAllLiteralString(s, ""); whole != s { // a key may come before the rest of an escape
			if masked := own.ReplaceAllLiteralString(whole, Mask); masked != whole {
				s = masked
			}
		}
	}
	return anyKey().ReplaceAllLiteralString(s, Mask)
}

// Error returns err with the keys and phone numbers in its text masked. The result unwraps to err. If there is nothing to mask, it is err
// itself.
func (m Masker) Error(err error) error {
	text := err.Error()
	masked := Phones(m.Text(text))
	if masked == text {
		return err
	}
	return &maskedError{text: masked, cause: func() error { return err }}
}

// maskedError is an error with a masked text.
type maskedError struct {
	text  string
	cause func() error // a function, because a dump of the error would show the key
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.cause() }

// Phones masks phone numbers: a plus, plain or escaped as in a URL, and 7 to 15 digits.
func Phones(s string) string { return phone().ReplaceAllLiteralString(s, "+***") }

// Log returns the text of a transport's error for a log: without the server's text, and with phone numbers masked. It does not mask keys,
// so pass it the result of [Masker.Error]. The order matters: a key with digits like those of a phone number could not be found
// afterwards.
//
// Package net/http quotes the server's text, and so does net/textproto in newer releases of Go. In older ones, the text comes after a
// colon, up to the end. Two texts cannot be distinguished from net/http's own, and stay: the status text of a proxy that refuses to
// connect (see OnProxyConnectResponse of http.Transport), and the names in a certificate.
func Log(err error) string {
	text := err.Error()
	var protocolError textproto.ProtocolError
	if errors.As(err, &protocolError) {
		what, _, _ := strings.Cut(protocolError.Error(), ":")
		if before, _, found := strings.Cut(text, what+":"); found {
			text = before + what
		}
	}
	return Phones(quoted().ReplaceAllLiteralString(text, `"..."`))
}
