package tgo

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// InputError says which arguments are invalid. Nothing was sent. It is an ErrValidation and an ErrNotSent.
type InputError struct {
	// Op is the call, such as "send voice".
	Op string
	// Fields are the invalid fields, by their names in the API. For New they are arguments and options.
	Fields []FieldError
}

// FieldError is an invalid field and the rule that its value breaks.
type FieldError struct {
	// Field is its name.
	Field string
	// Rule says what is wrong, as the rest of a sentence that begins with the name.
	Rule string

	err error // the underlying error, such as fs.ErrNotExist; may be nil
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

// Unwrap returns the underlying errors of the fields, such as an fs.ErrNotExist of "media".
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

// checkUTF8 refuses text that is not UTF-8. Encoding it as JSON would silently change it.
func checkUTF8(field, text string) *FieldError {
	if !utf8.ValidString(text) {
		return fieldError(field, "must be UTF-8 text")
	}
	return nil
}

// inputError returns an InputError of the problems that are not nil, or nil if there are none.
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
