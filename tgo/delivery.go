package tgo

import (
	"errors"
	"net/http"
)

// Delivery says what happened to a message.
type Delivery int

const (
	// DeliveryUnknown means that the message may have arrived. The connection was lost or the timeout expired when a part of the
	// message may have been sent, or the response does not decide it: a 408, a 460, a 499, a 5xx, a redirect, another protocol,
	// or a success without a readable receipt. Do not send the message again before a person has checked.
	DeliveryUnknown Delivery = iota
	// DeliveryNotSent means that the server does not have the message: no part of it was handed to the network, or the server
	// declared that it did not process it. The message may be sent again.
	DeliveryNotSent
	// DeliveryRejected means that the server refused the message. Sending the same message again fails again, except after
	// ErrRateLimited.
	DeliveryRejected
	// DeliveryAccepted means that the server accepted the message: its response has a receipt. Do not send the message again, even
	// if the rest of the response could not be read.
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

// deliveryOf decides what the server's response to a message means for the message:
//
//	status                delivery   why
//	below 200             unknown    the server switched to another protocol
//	2xx, a receipt        accepted
//	2xx, no receipt       unknown    the response may be of a proxy or a login form, or incomplete
//	3xx                   unknown    a server that redirects may have forwarded the message
//	408, 460, 499         unknown    the response of a gateway that gave up; the server behind it may still process the message
//	other 4xx             rejected
//	5xx and above         unknown    the server may fail after it accepted the message
//
// Without a response, package exchange decides, in verdict.go.
func deliveryOf(status int, receipt bool) Delivery {
	const clientClosedEarly, clientClosedRequest = 460, 499 // of the AWS load balancer and of nginx
	switch status {
	case http.StatusRequestTimeout, clientClosedEarly, clientClosedRequest:
		return DeliveryUnknown
	}
	switch {
	case status/100 == 2 && receipt:
		return DeliveryAccepted
	case status/100 == 4:
		return DeliveryRejected
	}
	return DeliveryUnknown
}

// DeliveryOf returns what happened to a message, from the error of the send: DeliveryAccepted for nil, and DeliveryUnknown for an
// error that is not of this package. For the error of any other call it returns the same for the request; a read changes nothing
// in any case.
func DeliveryOf(err error) Delivery {
	if err == nil {
		return DeliveryAccepted
	}
	var e interface{ delivery() Delivery }
	if errors.As(err, &e) {
		return e.delivery()
	}
	return DeliveryUnknown
}
