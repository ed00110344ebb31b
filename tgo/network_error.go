package tgo

import (
	"errors"
	"fmt"
)

// networkError is the error of a call without a response.
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

// cause is an error from outside this package: of the network, of a file, or of a context, whose cause may be the error of another
// call. Another call's ErrNotSent says nothing about this one, so cause hides it. Therefore it has no Unwrap.
type cause struct{ error }

// Is reports whether the error is target. It is never ErrNotSent.
func (c cause) Is(target error) bool { return target != ErrNotSent && errors.Is(c.error, target) }

// As finds an error of the type of target.
func (c cause) As(target any) bool { return errors.As(c.error, target) }
