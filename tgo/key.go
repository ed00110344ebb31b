package tgo

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Key is an API key. It can be printed, logged, marshalled and dumped without harm: none of that shows more than a mask.
// The zero Key is no key. A Key equals its copies only: to compare two keys by their text, use [Key.Reveal].
type Key struct {
	secret *secret
}

// secret holds a text in a function, where reflection cannot see it: fmt shows unexported fields, and some dumps, such as
// testify's, follow pointers too. It stands behind a pointer since functions are not comparable, and a Key is.
type secret struct {
	reveal func() string
}

// NewKey makes a Key of the plain text that the API showed when the key was created. [New] reports a key that cannot be
// one.
func NewKey(plainText string) Key {
	return Key{secret: &secret{reveal: func() string { return plainText }}}
}

// Reveal returns the key in plain text, for the rare place that has to have it.
func (k Key) Reveal() string {
	if k.secret == nil {
		return ""
	}
	return k.secret.reveal()
}

// String returns a mask.
func (k Key) String() string {
	switch s := k.Reveal(); {
	case s == "":
		return "(no key)"
	case strings.HasPrefix(s, keyPrefix):
		return keyPrefix + "****"
	default:
		return "****"
	}
}

// Format writes the mask, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue returns the mask.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns the mask; JSON shows it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// keyPrefix begins every key, as the API reference says. A key without it is let through: prefixes change.
const keyPrefix = "tgo_"

// minKeyLength keeps a typing error from being used as a key, and a mask from blotting out ordinary words.
const minKeyLength = 8

func (k Key) validate() *FieldError {
	s := k.Reveal()
	if s == "" {
		return fieldError("key", "is empty; is the environment variable set?")
	}
	if strings.ContainsAny(s[:1]+s[len(s)-1:], "\"'`") {
		return fieldError("key", "stands in quotation marks: leave them out")
	}
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return fieldError("key", "holds white space or a character that no header can carry; is there a line break at its end?")
		}
	}
	if len(s) < minKeyLength {
		return fieldError("key", "is too short to be an API key")
	}
	return nil
}
