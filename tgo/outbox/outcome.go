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

// outcome is the result of an attempt, and what it does to the message and the queue.
type outcome struct {
	state   State
	code    string
	reason  string
	receipt *tgo.Receipt
	retry   time.Duration // if the state is Waiting: how long until the next attempt
	hold    time.Duration // if not 0: how long no machine may begin another attempt
	pause   bool          // whether to pause the queue, with the reason
}

// The values of Record.Code. The other values are the HTTP statuses of refusals.
const (
	codeInput   = "input"   // found invalid before anything was sent
	codeFile    = "file"    // the file is gone, or has changed
	codeNetwork = "network" // no response, or an unreadable one
	codeWorker  = "worker"  // the worker died
	codePerson  = "person"  // a person decided
	codeKey     = "key"     // another message has the key
	codeJob     = "job"     // its River job was cancelled or deleted
)

// outcomeBefore is the outcome of a problem that was found before an attempt began. It rejects the message, unless its file cannot be opened at
// the moment. If another worker could read the message, it pauses the queue, because this worker would reject valid messages.
func outcomeBefore(err error, job *rivertype.JobRow) outcome {
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

// outcomeOf maps the result of a send to an outcome. This table is the one place to change what a result does to a message:
//
//	accepted                                    sent
//	not sent, because the message is invalid    rejected
//	not sent                                    waiting, longer each time
//	too many requests                           waiting; no machine begins another attempt before the time that the API asks for
//	a refusal that every message would get      waiting; the queue is paused
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
		case concernsAll(err):
			o.state, o.pause = Waiting, true
		}
	default:
		o.state = Unknown
	}
	return o
}

// How long to hold the queue back after a 429 without a Retry-After, and the limit with one.
const (
	holdDefault = 5 * time.Second
	holdLongest = time.Hour
)

// concernsAll reports whether a refusal is not about the message itself: every other message would be refused too.
func concernsAll(err error) bool {
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

// backoff returns the wait after an attempt that did not send: 1 s, then twice as long each time, up to 5 minutes.
func backoff(number int) time.Duration {
	return min(time.Second<<min(max(number-1, 0), 9), 5*time.Minute)
}

// clean prepares a reason for storing and showing: without phones, on one line, and not too long.
func clean(reason string) string {
	const longest = 500
	reason = strings.ReplaceAll(strings.ToValidUTF8(reason, "\ufffd"), "\x00", "\ufffd") // PostgreSQL cannot store them
	reason = strings.Join(strings.Fields(redact.Phones(reason)), " ")
	if runes := []rune(reason); len(runes) > longest {
		reason = string(runes[:longest]) + "..."
	}
	return reason
}
