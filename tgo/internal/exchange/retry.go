package exchange

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Failure is a reason to repeat a request.
type Failure int

// The failures.
const (
	FailureNone Failure = iota
	FailureNotSent
	FailureConnectionLost
	FailureRateLimited
	FailureBadGateway
	FailureUnavailable
	FailureGatewayTimeout
)

// failure returns the failure of an outcome; FailureNone if it is none of the other constants.
func (o *Outcome) failure() Failure {
	switch {
	case o.Verdict == NotSent:
		return FailureNotSent
	case o.Verdict == Unknown:
		return FailureConnectionLost
	case o.Answer.Status/100 == 2 && o.Answer.Err != nil && !errors.Is(o.Answer.Err, errTooLarge):
		return FailureConnectionLost
	}
	switch o.Answer.Status {
	case http.StatusTooManyRequests:
		return FailureRateLimited
	case http.StatusBadGateway:
		return FailureBadGateway
	case http.StatusServiceUnavailable:
		return FailureUnavailable
	case http.StatusGatewayTimeout:
		return FailureGatewayTimeout
	}
	return FailureNone
}

// repeat decides whether to make another request, and how long to wait before it.
func (e *Engine) repeat(call *Call, last Outcome) (time.Duration, bool) {
	once := call.File != nil && call.File.Once()
	failures := e.Writes
	if call.read() {
		failures = e.Reads
	}
	if once || last.final || last.Requests >= e.Attempts || !slices.Contains(failures, last.failure()) {
		return 0, false
	}
	wait := min(backoff(last.Requests), e.MaxWait)
	if asked := RetryAfter(last.Answer.Header, time.Now()); asked > 0 {
		wait = asked
	}
	return wait, wait <= e.MaxWait
}

// backoff returns a wait that starts at a quarter of a second and doubles up to eight seconds, minus up to half of it at random.
func backoff(attempt int) time.Duration {
	full := 250 * time.Millisecond << min(attempt-1, 5)
	return full - rand.N(full/2) //nolint:gosec // need not be unpredictable
}

// sleep waits for d. It returns false immediately if the deadline of ctx is before the end of the wait, and as soon as ctx ends.
func sleep(ctx context.Context, d time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= d {
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// RetryAfter reads the two forms of the header: a number of seconds, which is rounded up, and a date. A number that is too large is
// the longest possible duration. A date in the past, and any other text, is 0.
func RetryAfter(header http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value != "" && strings.Trim(value, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(value, 64)
		switch {
		case seconds >= math.MaxInt64/float64(time.Second): // ParseFloat returns infinity with an error of the range
			return math.MaxInt64
		case err == nil:
			return time.Duration(math.Ceil(seconds)) * time.Second
		}
	}
	if date, err := http.ParseTime(value); err == nil {
		return max(0, date.Sub(now))
	}
	return 0
}
