package outbox

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"github.com/tgo-business/tgo-go/tgo"
)

// Migrate makes the tables of River and of the outbox, or brings them up to date. It may be run at any time, by any number of programs.
func (b *Box[TTx]) Migrate(ctx context.Context) error { panic("stub") }

// Add adds a message in a transaction of its own. See AddTx.
func (b *Box[TTx]) Add(ctx context.Context, message Message) (Added, error) { panic("stub") }

// AddTx adds a message in the caller's transaction: it is sent if the transaction is committed, and does not exist if it is not.
// A message that the API would refuse for its form is an *tgo.InputError, and nothing is added.
func (b *Box[TTx]) AddTx(ctx context.Context, tx TTx, message Message) (Added, error) { panic("stub") }

// AddMany adds messages in a transaction of its own, all of them or none. See AddTx.
func (b *Box[TTx]) AddMany(ctx context.Context, messages []Message) ([]Added, error) { panic("stub") }

// AddManyTx adds messages in the caller's transaction, in few statements. The results are in the order of the messages.
// The error about a message is an *InvalidError, which names its index.
func (b *Box[TTx]) AddManyTx(ctx context.Context, tx TTx, messages []Message) ([]Added, error) {
	panic("stub")
}

// Workers configures how a process sends. Its zero value is fine.
type Workers struct {
	// Concurrency is how many messages this process sends at once; 16 by default.
	Concurrency int
	// Rate is how many messages a second all workers of the queue together may begin; 0 is without limit. All should have the same.
	Rate float64
	// SenderRate is the same for the messages of one sender number.
	SenderRate float64
	// Windows are the hours in which messages of a priority may begin. A priority without one may begin at any time.
	Windows map[Priority]Window
	// PauseUnknown is how many messages in a row may end as unknown before the queue is paused; 5 by default, -1 for never.
	PauseUnknown int
	// PauseRejected is how many messages in a row may be rejected for the same reason before the queue is paused; 20 by default, -1 for never.
	PauseRejected int
	// Lease is how long a worker that shows no sign of life counts as alive; one minute by default. What it had under way is set
	// aside as unknown after that.
	Lease time.Duration
	// Retention is how long River keeps ended jobs, and with them texts and phones; 24 hours by default. The records stay. It is
	// for Work; a river.Client of your own has its own retention.
	Retention time.Duration
	// OnEnd is called after an attempt was recorded, for metrics. It must not block.
	OnEnd func(ctx context.Context, record Record)
}

// Window is a part of each day, such as from 9 to 21 o'clock. From after Until is a night.
type Window struct {
	// From and Until are times of the day.
	From, Until time.Duration
	// Location is the time zone; UTC where it is nil.
	Location *time.Location
}

// Work sends messages until the context ends. Then nothing new begins, and it returns when what is under way has ended.
// Any number of processes may work on one PostgreSQL database.
func (b *Box[TTx]) Work(ctx context.Context, client *tgo.Client, workers Workers) error { panic("stub") }

// Register adds the worker for messages to those of a river.Client that the program has already. Its Config must have the Box's queue
// among its Queues. The worker sends only while Worker.Run runs.
func (b *Box[TTx]) Register(bundle *river.Workers, client *tgo.Client, workers Workers) (*Worker[TTx], error) {
	panic("stub")
}

// Worker is a registered worker.
type Worker[TTx any] struct{}

// Run keeps the worker alive, for as long as the river.Client runs: it tells the other machines so, sets aside what dead workers had
// under way, and ends when ctx does. Stop the river.Client first.
func (w *Worker[TTx]) Run(ctx context.Context, client *river.Client[TTx]) error { panic("stub") }

// State is what has become of a message.
type State string

// The states.
const (
	Waiting   State = "waiting"   // for its time, its turn or another attempt
	Sending   State = "sending"   // an attempt is under way
	Sent      State = "sent"      // the API accepted it
	Rejected  State = "rejected"  // the API refused it, or it was found wrong before
	Unknown   State = "unknown"   // an attempt began and nobody knows how it ended; a person decides
	Cancelled State = "cancelled" // by Cancel, or its River job was cancelled
)

// Record is what is known of a message.
type Record struct {
	// ID is the message's.
	ID int64
	// Key is the message's.
	Key string
	// State is what has become of it.
	State State
	// Attempts is how many attempts have begun.
	Attempts int
	// AddedAt, BegunAt and EndedAt are when it was added, its last attempt began, and it came to its end; zero where that has not happened.
	// By the clock of the database.
	AddedAt, BegunAt, EndedAt time.Time
	// Code is the reason as a word: the HTTP status of a refusal ("422"), "worker" where the worker died, "person" where a person decided.
	Code string
	// Reason says why it is rejected, unknown or cancelled, or why the last attempt was not sent.
	Reason string
	// Receipt is the API's, of a message that was sent, without its content. Its ID is 0 where a person said that it was sent.
	Receipt tgo.Receipt
	// Message is the message itself; nil once its River job was purged. The Data of its media is left out.
	Message *Message
}

// Query says which records List returns. Its zero value is all of them.
type Query struct {
	// State is the state to list; empty for all.
	State State
	// After is an id: the records with greater ids are listed.
	After int64
	// Limit is how many at most; 100 by default.
	Limit int
}

// Get returns the record of a message, or ErrNotFound.
func (b *Box[TTx]) Get(ctx context.Context, id int64) (Record, error) { panic("stub") }

// List returns records by ascending id.
func (b *Box[TTx]) List(ctx context.Context, query Query) ([]Record, error) { panic("stub") }

// Status is the state of a queue.
type Status struct {
	// Messages counts the messages by state.
	Messages map[State]int64
	// PausedAt is when the queue was paused; zero when it is not.
	PausedAt time.Time
	// PauseReason says why.
	PauseReason string
	// HeldUntil is until when the API asked to wait (Retry-After); zero when it did not.
	HeldUntil time.Time
	// Workers are the processes that work on the queue.
	Workers []WorkerStatus
}

// WorkerStatus is a process that works on a queue.
type WorkerStatus struct {
	// ID is that of its river.Client.
	ID string
	// Host is the machine's name and PID the process's id.
	Host string
	PID  int
	// Since is when it began, and LeaseUntil until when it counts as alive.
	Since, LeaseUntil time.Time
	// Sending counts the messages that it has under way.
	Sending int64
}

// Status tells how the queue is. It counts all records, which takes about a second for ten million.
func (b *Box[TTx]) Status(ctx context.Context) (Status, error) { panic("stub") }

// Resolution is what a person found out about an unknown message.
type Resolution string

// The resolutions.
const (
	// WasSent: the message arrived. Its record becomes Sent.
	WasSent Resolution = "sent"
	// SendAgain: it did not arrive. It is attempted again.
	SendAgain Resolution = "again"
	// GiveUp: it is not to be sent, whether or not it arrived. Its record becomes Cancelled.
	GiveUp Resolution = "cancel"
)

// Resolve ends the doubt about an unknown message. It is ErrNotUnknown when the message is in another state, and ErrPurged when it is to
// be sent again and its job is gone.
func (b *Box[TTx]) Resolve(ctx context.Context, id int64, resolution Resolution) error { panic("stub") }

// Cancel cancels a message that waits. It is ErrNotWaiting when it is in another state.
func (b *Box[TTx]) Cancel(ctx context.Context, id int64) error { panic("stub") }

// Pause stops sending on all machines: no attempt begins any more. What is under way ends. The reason is for people.
func (b *Box[TTx]) Pause(ctx context.Context, reason string) error { panic("stub") }

// Resume ends a pause.
func (b *Box[TTx]) Resume(ctx context.Context) error { panic("stub") }

// Purge deletes the River jobs of messages that ended before a time, and with them texts and phones, and returns how many. The
// records stay. Unknown messages are kept until they are resolved.
func (b *Box[TTx]) Purge(ctx context.Context, before time.Time) (int64, error) { panic("stub") }
