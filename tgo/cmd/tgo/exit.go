package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/tgo-business/tgo-go/tgo"
)

// The exit codes. exitCodes below explains them in the help.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitValidation  = 3
	exitNotSent     = 4
	exitRejected    = 5
	exitUnknown     = 6
	exitUnreachable = 7
	exitNo          = 8
)

const exitCodes = `Exit codes:
  0  done; a message was accepted
  1  failed for another reason
  2  usage: the command line or the configuration is wrong, or a file of either is missing
  3  validation: a value or a file of the message is wrong or missing; nothing was sent
  4  not sent: the server does not have it
  5  rejected: the server refused the request
  6  unknown: the message may have arrived; do not resend it without checking
  7  unreachable: no connection to the tenant, or no tenant has the domain; nothing was sent
  8  negative result: the phone cannot receive, doctor found something to fix, or the outbox needs a person`

// exitError is an error with its exit code.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func withCode(code int, err error) error { return &exitError{code, err} }

func usageError(text string) error { return withCode(exitUsage, errors.New(text)) }

// errShown is an error that has been printed already.
var errShown = errors.New("shown")

// errInterrupted reports that a signal ended the command before it sent anything.
var errInterrupted = withCode(exitNotSent, fmt.Errorf("interrupted: %w", context.Canceled))

func codeOf(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &e):
		return e.code
	}
	return exitFailed
}

// writeCode returns the exit code of a call that changes something: it depends on what happened to the request.
func writeCode(err error) int {
	switch tgo.DeliveryOf(err) {
	case tgo.DeliveryAccepted:
		return exitOK
	case tgo.DeliveryNotSent:
		return notSentCode(err)
	case tgo.DeliveryRejected:
		if errors.Is(err, tgo.ErrTenant) || fromProxy(err) {
			return exitUnreachable
		}
		return exitRejected
	}
	return exitUnknown
}

// fromProxy reports a response that only a proxy gives, so the request did not reach the server.
func fromProxy(err error) bool {
	var refused *tgo.APIError
	return errors.As(err, &refused) && refused.Status == http.StatusProxyAuthRequired
}

// notSentCode returns the exit code of a request that the server does not have.
func notSentCode(err error) int {
	var (
		input *tgo.InputError
		path  *fs.PathError
	)
	switch {
	case errors.As(err, &input), errors.As(err, &path):
		return exitValidation
	case errors.Is(err, context.Canceled):
		return exitNotSent
	}
	return exitUnreachable
}

// readCode returns the exit code of a call that changes nothing: it does not matter whether it arrived.
func readCode(err error) int {
	code := writeCode(err)
	if code == exitUnknown {
		code = exitFailed
	}
	return code
}

// reading adds the exit code to the error of a call that changes nothing.
func reading(err error) error {
	if err == nil {
		return nil
	}
	return withCode(readCode(err), err)
}

// writing adds the exit code to the error of a call that changes something.
func writing(err error) error { return withCode(writeCode(err), err) }
