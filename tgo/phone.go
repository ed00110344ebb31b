package tgo

import (
	"fmt"
	"strings"
	"unicode"
)

// Phone is a phone number in E.164 form, such as +201010000000: a plus sign and 7 to 15 digits, of which the first are the country
// code. (It is assumed that the API refuses fewer than 7.) An untyped string constant can be used as a Phone. [ParsePhone] converts
// what a person typed.
type Phone string

// ParsePhone reads a phone number that a person typed or a program stored. It removes spaces, dashes, dots, slashes, brackets,
// invisible characters, and a "tel:" or an apostrophe at the beginning. It replaces a leading 00 with the plus sign, and Arabic and
// full-width digits with ASCII digits. It never guesses the country code. The error is an [*InputError] if there is no country code,
// if the text may be two numbers ("1234/5"), if it has a (0) for calls within the country, and if it has any other character. In the
// last case the error names the character, its code point and its position.
func ParsePhone(s string) (Phone, error) {
	refuse := func(rule string) (Phone, error) {
		return "", &InputError{Op: "parse phone", Fields: []FieldError{{Field: "phone", Rule: rule}}}
	}
	text := strings.TrimLeftFunc(s, func(r rune) bool { return ignored(r) || r == '\'' || r == '\u2019' })
	if len(text) >= len("tel:") && strings.EqualFold(text[:len("tel:")], "tel:") {
		text = text[len("tel:"):]
	}
	begun := len([]rune(s)) - len([]rune(text)) // number of characters removed
	var b strings.Builder
	brackets, afterSlash := "", -1 // the text in brackets, and the number of digits after a slash
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
			return refuse("has a (0), which is only for calls within the country: remove it")
		case r == '/':
			afterSlash = 0
		case r == '.', r == ')', r == '\u2212', unicode.Is(unicode.Pd, r), ignored(r):
		default:
			return refuse(fmt.Sprintf("has %q (%U) as character %d, which is not part of a phone number", r, r, begun+i+1))
		}
	}
	if afterSlash == 1 || afterSlash == 2 {
		return refuse("may be two numbers, because it has a slash before its last digits: give one")
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

// isWritten reports whether a text is this phone, in any form that ParsePhone reads, or without the plus sign.
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

// digitOf returns the ASCII form of a digit, which may be an ASCII, Arabic-Indic, Eastern Arabic-Indic or full-width digit. It returns
// 0 for any other character.
func digitOf(r rune) rune {
	for _, zero := range []rune{'0', '\u0660', '\u06f0', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return 0
}

// ignored reports whether a character is a space or invisible, such as the zero-width characters and direction marks that
// spreadsheets and messengers insert.
func ignored(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || r == '\u061c' || r == '\ufeff' ||
		(r >= '\u200b' && r <= '\u200f') || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2060' && r <= '\u2069')
}

// The number of digits of a phone number: by the contract the least (assumed), by E.164 the most.
const (
	minDigits = 7
	maxDigits = 15
)

// validate checks the number by the rules of the contract's pattern.
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
	case digits < minDigits:
		return fieldError(field, form+fmt.Sprintf("it has fewer than %d digits", minDigits))
	case digits > maxDigits:
		return fieldError(field, form+fmt.Sprintf("it has more than %d digits", maxDigits))
	}
	return nil
}
