package outbox

import (
	"errors"
	"fmt"
)

// Errors to compare with by errors.Is.
var (
	// ErrNotFound: no message has this id.
	ErrNotFound = errors.New("outbox: no such message")
	// ErrNotUnknown: only an unknown message can be resolved.
	ErrNotUnknown = errors.New("outbox: the message is not unknown")
	// ErrNotWaiting: only a message that waits can be cancelled.
	ErrNotWaiting = errors.New("outbox: the message does not wait")
	// ErrPurged: the message's text and phone have been purged.
	ErrPurged = errors.New("outbox: the message has been purged")
	// ErrNotMigrated: the database has not all tables; run Migrate.
	ErrNotMigrated = errors.New("outbox: the database is not migrated: run Migrate, or tgo outbox migrate")
)

// InvalidError says which of several messages is wrong. It wraps an *tgo.InputError.
type InvalidError struct {
	// Index is the message's, from 0.
	Index int
	// Err is what is wrong.
	Err error
}

// Error says which message is wrong, counted from 1, and how.
func (e *InvalidError) Error() string { return fmt.Sprintf("message %d: %v", e.Index+1, e.Err) }

// Unwrap returns Err.
func (e *InvalidError) Unwrap() error { return e.Err }
