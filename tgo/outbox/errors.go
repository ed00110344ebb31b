package outbox

import (
	"errors"
	"fmt"
)

// Errors for errors.Is.
var (
	// ErrNotFound: no message has this id.
	ErrNotFound = errors.New("outbox: there is no such message")
	// ErrNotUnknown: only an unknown message can be resolved.
	ErrNotUnknown = errors.New("outbox: the message is not unknown")
	// ErrNotWaiting: only a message that waits can be cancelled.
	ErrNotWaiting = errors.New("outbox: the message is not waiting")
	// ErrPurged: the message's text and phone have been purged.
	ErrPurged = errors.New("outbox: the message has been purged")
	// ErrNotMigrated: tables are missing in the database; run Migrate.
	ErrNotMigrated = errors.New("outbox: the database is not migrated: run Migrate, or tgo outbox migrate")
)

// InvalidError says which of several messages is invalid. It wraps a *tgo.InputError.
type InvalidError struct {
	// Index is the index of the message, from 0.
	Index int
	// Err says what is wrong with it.
	Err error
}

// Error returns the number of the message, counted from 1, and what is wrong with it.
func (e *InvalidError) Error() string { return fmt.Sprintf("message %d: %v", e.Index+1, e.Err) }

// Unwrap returns Err.
func (e *InvalidError) Unwrap() error { return e.Err }
