package outbox

// State is the state of a message.
type State string

// The states. States lists them.
const (
	// Waiting: the message waits for its time, its turn or another attempt.
	Waiting State = "waiting"
	// Sending: an attempt is in progress.
	Sending State = "sending"
	// Sent: the API accepted the message.
	Sent State = "sent"
	// Rejected: the API refused the message, the message is invalid, or its file is missing or has changed.
	Rejected State = "rejected"
	// Unknown: an attempt began and its outcome is not known. A person decides.
	Unknown State = "unknown"
	// Cancelled: by Cancel or GiveUp, because its River job was cancelled or deleted, or because another message had its key.
	Cancelled State = "cancelled"
)

// States returns all states, in the order in which a message goes through them.
func States() []State {
	return []State{Waiting, Sending, Sent, Rejected, Unknown, Cancelled}
}
