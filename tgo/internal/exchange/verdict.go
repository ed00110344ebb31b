package exchange

import (
	"errors"
	"fmt"
	"regexp"
)

// Verdict says what happened to a request.
type Verdict int

// The verdicts.
const (
	// Unknown means that the server may have got the request.
	Unknown Verdict = iota
	// NotSent means that the server did not get the request, or declared that it did not process it.
	NotSent
	// Answered means that there is a response, with any status.
	Answered
)

// verdict decides what happened to a request that ended with err. begun says whether the server may have received a part of it:
// whether a byte of its content was handed over (content.end), or if there is no guard, whether a connection was obtained
// (connections.begun). It is called by judge.
func (a *attempt) verdict(err error, begun bool) Verdict {
	switch {
	case err == nil:
		return Answered
	case !begun:
		return NotSent
	case a.ctx.Err() != nil:
		return Unknown // err may be the cause of the context, which the caller chose and which may have any text
	case unprocessed(err, a.engine.ours):
		return NotSent
	}
	return Unknown
}

// unprocessed reports whether net/http or the server declared that a request was not processed:
//
//   - The server reset the stream with REFUSED_STREAM, or sent a GOAWAY for streams before it (RFC 9113, section 8.7).
//     net/http would repeat such a request, and reports that it cannot, because it cannot get the body again.
//   - The HTTP/1 connection, kept from an earlier request, was closed before anything was written to it. net/http reports this with
//     an error of a special type, or with an error that it uses for nothing else.
//   - The HTTP/2 connection was closed before the request had a stream. net/http then tries another connection, and may find that it
//     has already closed the body ("cannot rewind body"). This is used only for our transport: with another one, a protocol that
//     the caller registered may have read the body before.
//
// net/http does not export these errors, so they are recognized by their texts. An error that is not recognized is Unknown. So if a
// text changes, some verdicts become less certain, but no message is sent twice. The tests run with both supported releases of Go.
func unprocessed(err error, ours bool) bool {
	if own := (*contentError)(nil); errors.As(err, &own) {
		return false // the error of a file may have any text
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
