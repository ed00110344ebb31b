package exchange

import (
	"errors"
	"fmt"
	"regexp"
)

// Verdict is what became of a request.
type Verdict int

// The verdicts.
const (
	// Unknown means that the server may have received the request.
	Unknown Verdict = iota
	// NotSent means that the server did not receive the request, or declared that it did not process it.
	NotSent
	// Answered means that an answer has come, with any status.
	Answered
)

// verdict decides what became of a request that ended with err. begun is whether the server may have received any of it: whether a
// byte of its content was handed over (content.end), or, for content without a guard, whether a connection was obtained
// (connections.begun). judge asks them.
func (a *attempt) verdict(err error, begun bool) Verdict {
	switch {
	case err == nil:
		return Answered
	case !begun:
		return NotSent
	case a.ctx.Err() != nil:
		return Unknown // err may be the cause of the caller's context, with any text
	case unprocessed(err, a.engine.ours):
		return NotSent
	}
	return Unknown
}

// unprocessed reports that net/http or the server declared that a request was not processed:
//
//   - The server reset the stream with REFUSED_STREAM, or sent a GOAWAY for streams before it (RFC 9113, section 8.7).
//     net/http tries to repeat such a request, and reports that it cannot, because it cannot get the body again.
//   - The HTTP/1 connection, kept from an earlier request, was closed before anything was written to it. The type of net/http's
//     error shows that, or an error that net/http uses for nothing else.
//   - The HTTP/2 connection was closed before the request had a stream. net/http then looks for another one, and may find that
//     it has already closed the body ("cannot rewind body"). That counts only for our transport: a protocol that a caller has
//     registered with another transport may have read the body before.
//
// net/http does not export these errors, so they are recognized by their texts. An error that is not recognized is Unknown: if a text
// changes, some verdicts become less certain, but no message is sent twice. The tests run with both supported releases of Go.
func unprocessed(err error, ours bool) bool {
	if own := (*contentError)(nil); errors.As(err, &own) {
		return false // a file's error may have any text
	}
	for ; err != nil; err = errors.Unwrap(err) {
		text := err.Error()
		switch {
		case fmt.Sprintf("%T", err) == "http.nothingWrittenError", declaration.MatchString(text):
			return true
		case ours && text == "net/http: cannot rewind body after connection loss":
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
	`|^http2: client conn could not be established$` +
	`|^http: server closed idle connection$` +
	`|^readLoopPeekFailLocked: `)
