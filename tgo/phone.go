package tgo

import (
	"strings"
)

// Phone is a phone number in E.164 form, such as +201010000000: a plus sign, the country code, and 7 to 15 digits in all (that
// fewer than 7 are refused is assumed).
// Literals can be given as they are. [ParsePhone] makes one of what a person typed.
type Phone string

// ParsePhone reads a phone number as people write it: spaces, hyphens, dots and brackets are dropped, a leading 00 stands
// for the plus sign, and Arabic digits are read as digits. The country code is never guessed: a number without one is an
// [*InputError].
func ParsePhone(s string) (Phone, error) {
	refuse := func(rule string) (Phone, error) {
		return "", &InputError{Op: "parse phone", Fields: []FieldError{{Field: "phone", Rule: rule}}}
	}
	if strings.Contains(s, "(0)") || strings.Contains(s, "(٠)") {
		return refuse("has a (0), which is dialed within the country only: leave it out")
	}
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9', r == '+':
			b.WriteRune(r)
		case r >= '٠' && r <= '٩': // Arabic-Indic
			b.WriteRune('0' + r - '٠')
		case r >= '۰' && r <= '۹': // Eastern Arabic-Indic
			b.WriteRune('0' + r - '۰')
		case strings.ContainsRune(" -.()\u00a0\u2009\u200e\u200f\u202a\u202c\u2010\u2011", r):
		default:
			return refuse("holds a character that is not part of a phone number")
		}
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
