package tgo

// SendError is the error of every failed send.
type SendError struct {
	// Delivery says whether the message may have arrived.
	Delivery Delivery
	// Attempts is the number of requests up to and including the one that Err is about. Requests that got no connection count. It
	// is 0 if no request was made.
	Attempts int
	// Err is the reason: an *InputError, an *APIError, or the error of the network, the file or the context.
	Err error
}

// Error says what went wrong and what happened to the message.
func (e *SendError) Error() string {
	switch e.Delivery {
	case DeliveryNotSent:
		return e.Err.Error() + " (not sent)"
	case DeliveryRejected:
		return e.Err.Error() + " (rejected)"
	case DeliveryAccepted:
		return e.Err.Error() + " (accepted: do not send again)"
	default:
		return e.Err.Error() + " (it may have arrived: do not resend without checking)"
	}
}

// Unwrap returns Err.
func (e *SendError) Unwrap() error { return e.Err }

// Is reports whether target is ErrNotSent and the message was not sent.
func (e *SendError) Is(target error) bool {
	return target == ErrNotSent && e.Delivery == DeliveryNotSent
}

func (e *SendError) delivery() Delivery { return e.Delivery }
