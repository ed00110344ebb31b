package tgo

import (
	"errors"
)

// Errors to compare with by errors.Is. Each doc comment says what to do.
var (
	// ErrNotSent: the server certainly did not get the request, or declared that it did not process it. An InputError is one case
	// of it: correct the input. After any other, try again. The errors of all calls can be compared with it.
	ErrNotSent = errors.New("not sent")
	// ErrUnauthenticated: the key is missing, wrong, revoked or expired; use another.
	ErrUnauthenticated = errors.New("the API key is not accepted")
	// ErrScope: the key works but lacks the scope that the operation needs; APIError.RequiredScope names it.
	ErrScope = errors.New("the API key lacks a scope")
	// ErrTenant: no workspace has this domain; mend the tenant given to New.
	ErrTenant = errors.New("no tenant has this domain")
	// ErrNotFound: what the request names does not exist. ErrTenant is one case of it.
	ErrNotFound = errors.New("not found")
	// ErrValidation: a field is wrong. Found here before sending it is an InputError, by the server an APIError with Fields.
	ErrValidation = errors.New("a field is invalid")
	// ErrRateLimited: too many requests; wait APIError.RetryAfter. That the API answers so is assumed.
	ErrRateLimited = errors.New("too many requests")
	// ErrServer: the server is in trouble (a 5xx).
	ErrServer = errors.New("server error")
	// ErrSenderInactive: the sender number is pending, rejected, suspended or removed; SenderNumber.Ready says what to do.
	ErrSenderInactive = errors.New("the sender number is not active")
	// ErrSenderUnverified: the owner of the sender number must have their TGO Connect account verified.
	ErrSenderUnverified = errors.New("the owner of the sender number is not verified")
	// ErrSenderUnknown: the organization has no such sender number.
	ErrSenderUnknown = errors.New("the organization has no such sender number")
	// ErrUnreadable: the server answered something that is not what the contract describes; the APIError shows what came.
	ErrUnreadable = errors.New("the answer cannot be read")
)
