package tgo

import "errors"

// Delivery says what became of a message.
type Delivery int

const (
	// DeliveryUnknown means that the message may have arrived. The connection was lost or the time was up after it was obtained, or
	// the server's answer leaves it open (a 408, a 5xx, a redirect, a page that is not from the API). Do not send again
	// without a person having looked.
	DeliveryUnknown Delivery = iota
	// DeliveryNotSent means that no byte of the message left this machine. It may be sent again.
	DeliveryNotSent
	// DeliveryRejected means that the server answered that it did not take the message. Sending it again unchanged fails again,
	// except after ErrRateLimited.
	DeliveryRejected
	// DeliveryAccepted means that the server took the message. Do not send it again, even where the answer could not be read.
	DeliveryAccepted
)

// String returns "unknown", "not sent", "rejected" or "accepted".
func (d Delivery) String() string {
	switch d {
	case DeliveryNotSent:
		return "not sent"
	case DeliveryRejected:
		return "rejected"
	case DeliveryAccepted:
		return "accepted"
	default:
		return "unknown"
	}
}

// SendError is the error of every failed send.
type SendError struct {
	// Delivery says whether the message may have arrived.
	Delivery Delivery
	// Attempts counts how often the request was tried; 0 where the input kept it from being tried.
	Attempts int
	// Err is what went wrong: an *InputError, an *APIError, or the error of the network, the file or the context.
	Err error
}

// Error says what went wrong and what became of the message.
func (e *SendError) Error() string {
	switch e.Delivery {
	case DeliveryNotSent:
		return e.Err.Error() + " (not sent)"
	case DeliveryRejected:
		return e.Err.Error() + " (rejected)"
	case DeliveryAccepted:
		return e.Err.Error() + " (accepted all the same: do not send again)"
	default:
		return e.Err.Error() + " (it may have arrived: do not send again unseen)"
	}
}

// Unwrap returns Err.
func (e *SendError) Unwrap() error { return e.Err }

// DeliveryOf tells from the error of a send what became of the message: DeliveryAccepted for nil, and DeliveryUnknown for
// an error that is not from a send.
func DeliveryOf(err error) Delivery {
	if err == nil {
		return DeliveryAccepted
	}
	var e *SendError
	if errors.As(err, &e) {
		return e.Delivery
	}
	return DeliveryUnknown
}
