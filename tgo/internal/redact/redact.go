// Package redact masks API keys and phone numbers in texts that go to people and to logs.
package redact

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
	"sync"
)

// Mask stands where a key stood.
const Mask = "tgo_****"

// lazily compiles an expression at its first use: a program whose calls all go well never needs one.
func lazily(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

var (
	// anyKey is a key of anyone's. The beginning of a key that the API shows is shorter. A backslash at the end does not
	// belong to it: it escapes the quote that follows.
	anyKey = lazily(`tgo_[A-Za-z0-9_|.~+/=\\-]{11,}[A-Za-z0-9_|.~+/=-]`)
	phone  = lazily(`(\+|%2B|%2b)[0-9]{7,15}`)
	quoted = lazily(`(?s)"([^"\\]|\\.)*("|\\?\z)`)
)

// Masker masks API keys: one that it knows, in many forms, and any other in its plain form. The zero Masker knows none. A
// Masker is safe for use by many goroutines.
type Masker struct {
	own func() *regexp.Regexp // a function, because a dump of an expression would show the key
}

// New makes a Masker that knows a key of printable ASCII characters.
func New(key string) Masker {
	if key == "" {
		return Masker{}
	}
	return Masker{own: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(keyExpression(key)) })}
}

// Text masks keys in s. It knows the Masker's own key where it stands as it is, where JSON, a URL or HTML escapes some or
// all of its characters, and where the text ends within it, after 8 characters or more.
func (m Masker) Text(s string) string {
	if m.own != nil {
		own := m.own()
		s = own.ReplaceAllLiteralString(s, Mask)
		if whole := cutEscape().ReplaceAllLiteralString(s, ""); whole != s { // a key may stand before what is left of an escape
			if masked := own.ReplaceAllLiteralString(whole, Mask); masked != whole {
				s = masked
			}
		}
	}
	return anyKey().ReplaceAllLiteralString(s, Mask)
}

// Error returns err with keys and phone numbers masked in its text. It unwraps to err; where there is nothing to mask, it is
// err itself.
func (m Masker) Error(err error) error {
	text := err.Error()
	masked := Phones(m.Text(text))
	if masked == text {
		return err
	}
	return &maskedError{text: masked, cause: func() error { return err }}
}

// maskedError shows an error of someone else's making without the key in it.
type maskedError struct {
	text  string
	cause func() error // a function, because a dump of the error would show the key
}

func (e *maskedError) Error() string { return e.text }
func (e *maskedError) Unwrap() error { return e.cause() }

// Phones masks phone numbers: a plus, as it is or as in a URL, and 7 to 15 digits.
func Phones(s string) string { return phone().ReplaceAllLiteralString(s, "+***") }

// Log returns the text of a transport's error for a log: without what the server said, and with phone numbers masked. It
// does not mask keys. Give it what [Masker.Error] returned: a key that holds digits like a phone number's would no longer be
// known afterwards.
//
// Package net/http quotes what a server said, and so does package net/textproto in newer releases of Go. In older ones it
// stands after a colon, up to the end. Two things look like net/http's own words, so they stay: the status text of a proxy
// that refuses to connect (see OnProxyConnectResponse of http.Transport), and the names in a certificate.
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
