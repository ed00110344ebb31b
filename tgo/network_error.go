package tgo

import (
	"errors"
	"fmt"
)

// networkError is the error of a call without an answer.
type networkError struct {
	op, host string
	err      error
	notSent  bool
}

func (e *networkError) Error() string { return fmt.Sprintf("tgo: %s: %s: %v", e.op, e.host, e.err) }

func (e *networkError) Unwrap() error { return e.err }

// Is reports whether target is ErrNotSent and nothing was sent.
func (e *networkError) Is(target error) bool { return target == ErrNotSent && e.notSent }

func (e *networkError) delivery() Delivery {
	if e.notSent {
		return DeliveryNotSent
	}
	return DeliveryUnknown
}

// cause is an error that did not arise here: of the network, of a file, or of a context, whose cause may be the error of another
// call. It hides what that says by ErrNotSent, and has no Unwrap for that reason.
type cause struct{ error }

// Is reports whether the error is target, which is not ErrNotSent.
func (c cause) Is(target error) bool { return target != ErrNotSent && errors.Is(c.error, target) }

// As finds an error of target's type.
func (c cause) As(target any) bool { return errors.As(c.error, target) }
