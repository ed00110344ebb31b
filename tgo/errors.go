package tgo

import (
	"errors"
)

// Errors to compare with, using errors.Is. Each comment says what to do.
var (
	// ErrNotSent: the server certainly did not get the request, or declared that it did not process it. Every InputError is an
	// ErrNotSent: fix the input. In all other cases try again. The errors of all calls can be compared with it.
	ErrNotSent = errors.New("not sent")
	// ErrUnauthenticated: the key is missing, wrong, revoked or expired; use another.
	ErrUnauthenticated = errors.New("the API key is not accepted")
	// ErrScope: the key is valid but lacks the scope that the operation needs. Use a key with the scope APIError.RequiredScope.
	ErrScope = errors.New("the API key lacks a scope")
	// ErrTenant: no workspace has this domain; fix the tenant given to New.
	ErrTenant = errors.New("no tenant has this domain")
	// ErrNotFound: what the request names does not exist; check its id. Every ErrTenant is an ErrNotFound.
	ErrNotFound = errors.New("not found")
	// ErrValidation: a field is invalid; fix it. The error is an InputError if this package found it before sending, and an APIError
	// with Fields if the server did.
	ErrValidation = errors.New("a field is invalid")
	// ErrRateLimited: too many requests; wait APIError.RetryAfter. It is assumed that the API returns a 429.
	ErrRateLimited = errors.New("too many requests")
	// ErrServer: the server failed (a 5xx); a read can be repeated later.
	ErrServer = errors.New("server error")
	// ErrSenderInactive: the sender number is pending, rejected, suspended or removed; SenderNumber.Ready says what to do.
	ErrSenderInactive = errors.New("the sender number is not active")
	// ErrSenderUnverified: the owner of the sender number must verify their TGO Connect account.
	ErrSenderUnverified = errors.New("the owner of the sender number is not verified")
	// ErrSenderUnknown: the organization has no such sender number; Client.SenderNumbers lists those it has.
	ErrSenderUnknown = errors.New("the organization has no such sender number")
	// ErrUnreadable: the response is not what the contract describes; the APIError shows it.
	ErrUnreadable = errors.New("the response cannot be read")
)
