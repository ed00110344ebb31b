package tgo

import (
	"fmt"
	"strings"
	"unicode/utf8"
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
