package tgo

import (
	"fmt"
	"strings"
	"unicode"
)

// Phone is a phone number in E.164 form, such as +201010000000: a plus sign, the country code, and 7 to 15 digits in all (that
// fewer than 7 are refused is assumed).
// Literals can be given as they are. [ParsePhone] makes one of what a person typed.
type Phone string

// ParsePhone reads a phone number as people and their programs write it. Spaces, dashes, dots, slashes, brackets, invisible
// characters, a "tel:" and an apostrophe at the beginning are dropped; a leading 00 stands for the plus sign; Arabic and
// full-width digits are read as digits. The country code is never guessed: a number without one is an [*InputError], and so is
// one that may be two ("1234/5"), or that has a (0) for calls within the country. Another character is named in the error, by its
// code point and its position.
func ParsePhone(s string) (Phone, error) {
	refuse := func(rule string) (Phone, error) {
		return "", &InputError{Op: "parse phone", Fields: []FieldError{{Field: "phone", Rule: rule}}}
	}
	text := strings.TrimLeftFunc(s, func(r rune) bool { return ignored(r) || r == '\'' || r == '\u2019' })
	if len(text) >= len("tel:") && strings.EqualFold(text[:len("tel:")], "tel:") {
		text = text[len("tel:"):]
	}
	begun := len([]rune(s)) - len([]rune(text)) // characters left out
	var b strings.Builder
	brackets, afterSlash := "", -1 // what stands in brackets, and the digits after a slash
	for i, r := range []rune(text) {
		digit := digitOf(r)
		switch {
		case digit != 0:
			b.WriteRune(digit)
			brackets += string(digit)
			if afterSlash >= 0 {
				afterSlash++
			}
		case r == '+', r == '\uff0b':
			b.WriteByte('+')
		case r == '(':
			brackets = ""
		case r == ')' && brackets == "0":
			return refuse("has a (0), which is dialed within the country only: leave it out")
		case r == '/':
			afterSlash = 0
		case r == '.', r == ')', r == '\u2212', unicode.Is(unicode.Pd, r), ignored(r):
		default:
			return refuse(fmt.Sprintf("has %q (%U) as character %d, which is not part of a phone number", r, r, begun+i+1))
		}
	}
	if afterSlash == 1 || afterSlash == 2 {
		return refuse("may be two numbers: it has a slash before its last digits")
	}
	p := b.String()
	if strings.HasPrefix(p, "00") {
		p = "+" + p[2:]
	}
	if err := Phone(p).validate("phone"); err != nil {
		return "", &InputError{Op: "parse phone", Fields: []FieldError{*err}}
	}
	return Phone(p), nil
}

// isWritten reports whether a text is this phone, as people and programs write it, or without the plus sign.
func (p Phone) isWritten(text string) bool {
	if text == string(p) {
		return true
	}
	read, err := ParsePhone(text)
	if err != nil {
		read, err = ParsePhone("+" + text)
	}
	return err == nil && read == p
}

// digitOf is the ASCII form of a digit: of an ASCII, an Arabic-Indic, an Eastern Arabic-Indic or a full-width one. It is 0 for
// anything else.
func digitOf(r rune) rune {
	for _, zero := range []rune{'0', '\u0660', '\u06f0', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return 0
}

// ignored reports a space, or a character that cannot be seen: zero-width ones and marks of direction, as spreadsheets and
// messengers leave them behind.
func ignored(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || r == '\u061c' || r == '\ufeff' ||
		(r >= '\u200b' && r <= '\u200f') || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2060' && r <= '\u2069')
}

// validate holds the number against the contract's pattern.
func (p Phone) validate(field string) *FieldError {
	const form = "must be in E.164 form, such as +201010000000: "
	switch {
	case p == "":
		return fieldError(field, form+"it is empty")
	case p[0] != '+':
		return fieldError(field, form+"it has no plus sign and country code at its start")
	}
	for _, c := range []byte(p[1:]) {
		if c < '0' || c > '9' {
			return fieldError(field, form+"after the plus sign only the digits 0 to 9 may follow")
		}
	}
	switch digits := len(p) - 1; {
	case digits > 0 && p[1] == '0':
		return fieldError(field, form+"no country code begins with 0")
	case digits < 7:
		return fieldError(field, form+"it has fewer than 7 digits")
	case digits > 15:
		return fieldError(field, form+"it has more than 15 digits")
	}
	return nil
}
