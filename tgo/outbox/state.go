package outbox

// State is what has become of a message.
type State string

// The states.
const (
	Waiting   State = "waiting"   // for its time, its turn or another attempt
	Sending   State = "sending"   // an attempt is under way
	Sent      State = "sent"      // the API accepted it
	Rejected  State = "rejected"  // the API refused it, or it was found wrong before
	Unknown   State = "unknown"   // an attempt began and nobody knows how it ended; a person decides
	Cancelled State = "cancelled" // by Cancel or GiveUp; its River job was cancelled or deleted; or another message had its key
)
