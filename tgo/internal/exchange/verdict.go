package exchange

import (
	"errors"
	"fmt"
	"regexp"
)

// verdict decides what became of a request that ended with err. begun says whether the server may have got any of it: whether
// a byte of its content was handed over (content.end), or where nothing guards the content, whether a connection was obtained
// (connections.begun). judge asks them.
func verdict(err error, begun bool) Verdict {
	switch {
	case err == nil:
		return Answered
	case !begun, unprocessed(err):
		return NotSent
	}
	return Unknown
}

// unprocessed reports that net/http or the server declared that a request was not processed:
//
//   - The server reset the stream with REFUSED_STREAM, or sent a GOAWAY for streams before it (RFC 9113, section 8.7).
//     net/http would repeat such a request and says that it cannot, because it has no second body to repeat it with.
//   - The connection, kept from an earlier request, was closed before anything was written to it. net/http says so by the
//     type of its error, or by an error that it uses for nothing else.
//
// net/http has no names for these errors, only texts. An error that is not recognized is Unknown, so a text that changes costs
// certainty, and never causes a second message. The tests run with both supported releases of Go.
func unprocessed(err error) bool {
	if own := (*contentError)(nil); errors.As(err, &own) {
		return false // a file's error may have any text
	}
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "http.nothingWrittenError" || declaration.MatchString(err.Error()) {
			return true
		}
	}
	return false
}

var declaration = regexp.MustCompile(`^http2: Transport: cannot retry err \[(` +
	`stream error: stream ID \d+; REFUSED_STREAM; received from peer` +
	`|http2: Transport received Server's graceful shutdown GOAWAY` +
	`)\] after Request\.Body was written` +
	`|^http2: Transport received GOAWAY from server ErrCode:` +
	`|^http: server closed idle connection$`)
