package tgo

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Key is an API key. It is safe to print, log, marshal and dump: all of these show only a mask. The zero Key has no text. A Key is
// equal only to its copies. To compare the text of two keys, use [Key.Reveal].
type Key struct {
	secret *secret
}

// secret has a text in a function, where reflection cannot see it: fmt shows unexported fields, and some dumps, such as those of
// testify, follow pointers too. A Key has a pointer to it, because functions are not comparable and a Key is.
type secret struct {
	reveal func() string
}

// NewKey returns a Key with the plain text that the API showed when the key was created. [New] returns an error if the text cannot
// be a key.
func NewKey(plainText string) Key {
	return Key{secret: &secret{reveal: func() string { return plainText }}}
}

// Reveal returns the key in plain text, for the few places that need it.
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

// Format writes the mask for any verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, k.String()) }

// LogValue returns the mask.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalText returns the mask. encoding/json uses it too.
func (k Key) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// keyPrefix is the prefix of every key according to the API reference. A key without it is allowed, because prefixes may change.
const keyPrefix = "tgo_"

// minKeyLength keeps a typing error from being used as a key, and masking from hiding ordinary words.
const minKeyLength = 8

func (k Key) validate() *FieldError {
	s := k.Reveal()
	if s == "" {
		return fieldError("key", "is empty: check that the environment variable is set")
	}
	if strings.ContainsAny(s[:1]+s[len(s)-1:], "\"'`") {
		return fieldError("key", "is in quotation marks: remove them")
	}
	for _, r := range s {
		if r <= ' ' || r > '~' {
			return fieldError("key", "contains white space or a character that is not allowed in a header: check for a line break at its end")
		}
	}
	if len(s) < minKeyLength {
		return fieldError("key", "is too short to be an API key: copy the whole key")
	}
	return nil
}
