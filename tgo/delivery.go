package tgo

import (
	"errors"
	"net/http"
)

// Delivery says what became of a message.
type Delivery int

const (
	// DeliveryUnknown means that the message may have arrived. The connection was lost or the time was up when some of the message
	// may have gone out, or the server's answer leaves it open: a 408, a 460, a 499, a 5xx, a redirect, another protocol, or a success
	// without a readable receipt. Do not send again before a person has looked.
	DeliveryUnknown Delivery = iota
	// DeliveryNotSent means that the server does not have the message: nothing of it was handed to the network, or the server
	// declared that it did not process it. It may be sent again.
	DeliveryNotSent
	// DeliveryRejected means that the server answered that it did not take the message. Sending it again unchanged fails again,
	// except after ErrRateLimited.
	DeliveryRejected
	// DeliveryAccepted means that the server took the message: its answer has a receipt. Do not send it again, even where
	// the rest of the answer could not be read.
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

// deliveryOf decides what the server's answer to a message says of it:
//
//	status                delivery   why
//	below 200             unknown    the server speaks another protocol from here on
//	2xx, a receipt        accepted
//	2xx, none             unknown    a proxy, a login form, a part of an answer: the message may be lost
//	3xx                   unknown    a server that redirects may have passed the message on
//	408, 460, 499         unknown    a gateway that gives up answers so, and the server behind it may go on
//	the rest of 4xx       rejected
//	5xx and above         unknown    the server may fail after it took the message
//
// Where there is no answer, package exchange decides, in verdict.go.
func deliveryOf(status int, receipt bool) Delivery {
	const clientClosedEarly, clientClosedRequest = 460, 499 // those of AWS's load balancer and of nginx
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

// DeliveryOf tells from the error of a send what became of the message: DeliveryAccepted for nil, and DeliveryUnknown for an
// error that is not of this package. For other calls it tells the same of the request; a read changes nothing in any case.
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
