package contract

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/getkin/kin-openapi/openapi3"
)

// The API's one documented field message, "The to phone field is required.", is a line of Laravel's English language file with
// the attribute filled in, so the API is taken for a Laravel application. The lines here are those of lang/en/validation.php
// as Laravel 9 has it; Laravel 10 says "The :attribute field must ..." in most of them. The version of the API is not known,
// but the documented "The given data was invalid." is what Laravel says up to 8.

// attribute is how Laravel writes the name of a field in a message.
func attribute(field string) string { return strings.ReplaceAll(field, "_", " ") }

// SaysRequired is the line of the rule required.
func SaysRequired(field string) string { return "The " + attribute(field) + " field is required." }

// SaysInvalid is the line of the rules in and exists.
func SaysInvalid(field string) string { return "The selected " + attribute(field) + " is invalid." }

// SaysFormat is the line of the rule regex.
func SaysFormat(field string) string { return "The " + attribute(field) + " format is invalid." }

// SaysNoFile is the line of the rule file.
func SaysNoFile(field string) string { return "The " + attribute(field) + " must be a file." }

// SaysNoText is the line of the rule string.
func SaysNoText(field string) string { return "The " + attribute(field) + " must be a string." }

// SaysTaken is the line of the rule unique.
func SaysTaken(field string) string { return "The " + attribute(field) + " has already been taken." }

// SaysDuplicate is the line of the rule distinct.
func SaysDuplicate(field string) string {
	return "The " + attribute(field) + " field has a duplicate value."
}

// SaysTooFew is the line of the rule min for a list.
func SaysTooFew(field string, s *openapi3.Schema) string {
	return fmt.Sprintf("The %s must have at least %d items.", attribute(field), s.MinItems)
}

// The next three belong to no rule of Laravel.

// SaysUnknownField refuses a field that the request does not have.
func SaysUnknownField(field string) string {
	return "The " + field + " is not a field of this request."
}

// SaysGivenTwice refuses a field that is given twice.
func SaysGivenTwice(field string) string { return "The " + field + " is given twice." }

// SaysNotUTF8 refuses a text in another encoding.
func SaysNotUTF8(field string) string { return "The " + field + " is not UTF-8." }

// SaysRequiredWithout is the line of the rule required_without.
func SaysRequiredWithout(field string, others ...string) string {
	return fmt.Sprintf("The %s field is required when %s is not present.", attribute(field), attributes(others))
}

// SaysProhibits is the line of the rule prohibits.
func SaysProhibits(field string, others ...string) string {
	return fmt.Sprintf("The %s field prohibits %s from being present.", attribute(field), attributes(others))
}

func attributes(fields []string) string {
	var names []string
	for _, f := range fields {
		names = append(names, attribute(f))
	}
	return strings.Join(names, " / ") // as Laravel joins them
}

// SaysNotInteger is the line of the rule integer.
func SaysNotInteger(field string) string { return "The " + attribute(field) + " must be an integer." }

// SaysType is the line of the rule for a type.
func SaysType(field string, s *openapi3.Schema) string {
	name := attribute(field)
	switch {
	case s.Type.Is("integer"):
		return SaysNotInteger(field)
	case s.Type.Is("number"):
		return "The " + name + " must be a number."
	case s.Type.Is("array"), s.Type.Is("object"):
		return "The " + name + " must be an array."
	case s.Type.Is("boolean"):
		return "The " + name + " field must be true or false."
	}
	return "The " + name + " must be a string."
}

// SaysRange is the line of between, min or max.
func SaysRange(field string, s *openapi3.Schema) string {
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	name := attribute(field)
	switch {
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf("The %s must be between %s and %s.", name, number(*s.Min), number(*s.Max))
	case s.Min != nil:
		return fmt.Sprintf("The %s must be at least %s.", name, number(*s.Min))
	}
	return fmt.Sprintf("The %s must not be greater than %s.", name, number(*s.Max))
}

// Trimmed is what Laravel's TrimStrings leaves of a text: it takes white space as PCRE and Unicode have it, and also four
// other characters, from both ends.
func Trimmed(text string) string {
	return strings.TrimFunc(text, func(r rune) bool {
		switch r {
		case '\ufeff', '\u200b', '\u200e', '\u180e', 0:
			return true
		}
		return unicode.IsSpace(r)
	})
}

// IsBlank reports whether nothing is left of a Trimmed text. ConvertEmptyStringsToNull makes a null of it.
func IsBlank(text string) bool { return Trimmed(text) == "" }

// IsInteger reports whether PHP's FILTER_VALIDATE_INT, and with it Laravel's rule integer, takes a text that reads as an
// integer: it may have a sign, but no zero before other digits.
func IsInteger(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return digits == "0" || !strings.HasPrefix(digits, "0")
}

// WithoutBlanks removes from a JSON object what Laravel treats as absent: the blank texts of the contract's schema, and null in
// each field that a body of the operation has, except files. A blank text in the place of a number stays, and is refused as the
// contract has it. values has the same fields, decoded. Most bodies have none of these and stay as they are.
//
// nulls are those fields with null for which the contract assumes that null is allowed; keepNulls leaves them in.
func WithoutBlanks(body []byte, values map[string]any, content openapi3.Content, keepNulls bool) (left []byte, nulls []string) {
	schema := content["application/json"].Schema.Value
	var blank []string
	for name, v := range values {
		text, isText := v.(string)
		property := schema.Properties[name]
		switch {
		case isText && IsBlank(text) && property != nil && property.Value.Type.Is("string"):
			blank = append(blank, name)
		case v == nil && property != nil && !slices.Contains(schema.Required, name):
			if nulls = append(nulls, name); !keepNulls {
				blank = append(blank, name)
			}
		case v == nil && isField(content, name):
			blank = append(blank, name)
		}
	}
	slices.Sort(nulls)
	if blank == nil {
		return body, nulls
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return body, nulls // it could be decoded before
	}
	for _, name := range blank {
		delete(fields, name)
		delete(values, name)
	}
	left, err := json.Marshal(fields)
	if err != nil {
		return body, nulls // it was JSON before
	}
	return left, nulls
}

// isField reports whether a body of an operation has a field of this name, other than a file. To Laravel all bodies have the same
// fields.
func isField(content openapi3.Content, name string) bool {
	for _, body := range content {
		if field := body.Schema.Value.Properties[name]; field != nil && field.Value.Format != "binary" {
			return true
		}
	}
	return false
}

// HasHalfPair reports whether an escape in JSON is half of a surrogate pair. Go reads it as U+FFFD; PHP's json_decode refuses
// the whole text.
func HasHalfPair(body []byte) bool {
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 || i+1 == len(body) {
			return false
		}
		body = body[i:]
		unit, ok := escapedUnit(body)
		switch {
		case !ok:
			body = body[2:] // another escape, such as \\
		case unit < 0xd800 || unit > 0xdfff:
			body = body[6:]
		default:
			second, _ := escapedUnit(body[6:])
			if unit > 0xdbff || second < 0xdc00 || second > 0xdfff {
				return true
			}
			body = body[12:]
		}
	}
}

// escapedUnit reads a \uXXXX at the beginning.
func escapedUnit(b []byte) (uint64, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return unit, err == nil
}
