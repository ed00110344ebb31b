package outbox

import (
	"errors"
	"io/fs"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// outcome is what an attempt came to. A message that is to wait again waits for retry.
type outcome struct {
	state   State
	code    string
	reason  string
	receipt *tgo.Receipt
	retry   time.Duration
	hold    time.Duration // how long no machine may begin another
	pause   bool          // the queue, for the reason
}

// What Record.Code says besides the status of a refusal.
const (
	codeInput   = "input"   // found wrong before anything was sent
	codeFile    = "file"    // the file is gone, or has changed
	codeNetwork = "network" // no answer, or none that can be read
	codeWorker  = "worker"  // the worker died
	codePerson  = "person"  // a person decided
	codeKey     = "key"     // another message has the key
	codeJob     = "job"     // its River job was cancelled or deleted
)

// beforehand is the outcome of what was found before an attempt began: it rejects the message, unless a file cannot be opened just now. Where
// another worker could read it, the queue is paused: this one would reject what is good.
func beforehand(err error, job *rivertype.JobRow) outcome {
	var input *tgo.InputError
	switch {
	case errors.Is(err, errWorker):
		return outcome{state: Waiting, code: codeInput, reason: err.Error(), retry: snoozePaused, pause: true}
	case errors.Is(err, errChanged), errors.Is(err, fs.ErrNotExist):
		return outcome{state: Rejected, code: codeFile, reason: err.Error()}
	case errors.As(err, &input) || strings.HasPrefix(err.Error(), "the job's arguments: "):
		return outcome{state: Rejected, code: codeInput, reason: err.Error()}
	}
	return outcome{state: Waiting, code: codeFile, reason: err.Error(), retry: backoff(snoozes(job))}
}

// outcomeOf tells from the result of a send what is to become of the message:
//
//	accepted                                    sent
//	not sent, for the message itself is wrong   rejected
//	not sent                                    waiting, for longer each time
//	too many requests                           waiting; no machine begins another before the time that the API asks for
//	a refusal that would meet every message     waiting; the queue is paused
//	any other refusal                           rejected
//	unknown                                     unknown
func outcomeOf(receipt tgo.Receipt, err error, number int) outcome {
	if err == nil {
		return outcome{state: Sent, receipt: &receipt}
	}
	var input *tgo.InputError
	var api *tgo.APIError
	code := codeNetwork
	if errors.As(err, &api) {
		code = strconv.Itoa(api.Status)
	}
	o := outcome{code: code, reason: err.Error()}
	switch tgo.DeliveryOf(err) {
	case tgo.DeliveryAccepted:
		o.state, o.receipt = Sent, &receipt
	case tgo.DeliveryNotSent:
		o.state, o.retry = Waiting, backoff(number)
		switch {
		case errors.Is(err, errChanged), errors.Is(err, fs.ErrNotExist):
			o.state, o.code = Rejected, codeFile
		case errors.As(err, &input) && input.Fields[0].Field != "media":
			o.state, o.code = Rejected, codeInput
		}
	case tgo.DeliveryRejected:
		o.state = Rejected
		switch {
		case errors.Is(err, tgo.ErrRateLimited):
			o.state = Waiting
			o.hold = holdDefault
			if api.RetryAfter > 0 {
				o.hold = min(api.RetryAfter, holdLongest)
			}
			o.retry = o.hold
		case meetsEveryone(err):
			o.state, o.pause = Waiting, true
		}
	default:
		o.state = Unknown
	}
	return o
}

// How long to hold back after a 429 that does not say, and at most.
const (
	holdDefault = 5 * time.Second
	holdLongest = time.Hour
)

// meetsEveryone reports a refusal that is not about the message: every other would meet it too.
func meetsEveryone(err error) bool {
	for _, target := range []error{
		tgo.ErrUnauthenticated, tgo.ErrScope, tgo.ErrTenant, tgo.ErrNotFound, tgo.ErrSenderInactive, tgo.ErrSenderUnverified,
	} {
		if errors.Is(err, target) {
			return true
		}
	}
	var api *tgo.APIError
	if !errors.As(err, &api) {
		return false
	}
	fields := slices.Collect(maps.Keys(api.Fields))
	ofSender := func(field string) bool { return field == "sender_phone" || field == "sender_number_id" }
	return api.Status == http.StatusPaymentRequired ||
		len(fields) > 0 && !slices.ContainsFunc(fields, func(field string) bool { return !ofSender(field) })
}

// backoff is the wait after an attempt that did not send: 1 s, then twice as long each time, up to 5 minutes.
func backoff(number int) time.Duration {
	return min(time.Second<<min(max(number-1, 0), 9), 5*time.Minute)
}

// clean makes a reason fit to be shown and kept: without phones, on one line, and not too long.
func clean(reason string) string {
	const longest = 500
	reason = strings.ReplaceAll(strings.ToValidUTF8(reason, "\ufffd"), "\x00", "\ufffd") // PostgreSQL cannot hold them
	reason = strings.Join(strings.Fields(redact.Phones(reason)), " ")
	if runes := []rune(reason); len(runes) > longest {
		reason = string(runes[:longest]) + "..."
	}
	return reason
}
