// Package exchange makes HTTP requests and says with certainty what became of them. It knows nothing of messages and reads no
// JSON. A call of [Engine.Do] makes one attempt, or more where a failure may be repeated, and returns one [Outcome]. An attempt
// is one request, unless net/http repeats a read by itself.
//
// These are its invariants. Each has a test that carries its number.
//
//  1. The transport gets the content of a write once, and has no way to get it again. So net/http cannot repeat a write.
//  2. When an attempt has ended, nothing more of its content is handed over, whatever a transport still does with the request.
//     (JSON goes to this package's own transport without a guard, because that transport obeys the context.)
//  3. NotSent is said only where not one byte of the content was handed over, or where net/http or the server declared that the
//     request was not processed. Where there is no guard, no connection must have been obtained. Any other failure is Unknown.
//  4. A request is repeated only after a failure that Config.Reads or Config.Writes names.
//  5. A call makes no more requests than Config.Attempts. Those that net/http makes by itself count; those that follow a
//     redirect do not.
//  6. The limiter is asked before each attempt. Where it refuses, no request is made.
//  7. The outcome of an attempt that may have reached the server is not replaced by that of one that did not.
//  8. An attempt ends when the call's context ends, and when for Config.Timeout no content has been handed over and no answer has
//     come: at once where the limiter, the transport and the file obey, otherwise within a second.
//  9. No redirect of a write is followed. One of a read is followed within the same origin, nine times at most.
//  10. Of an answer no more is read than the limit and one byte, and of one with a status below 200 nothing.
//  11. A panic in RoundTrip of the caller's transport or in the caller's file, and runtime.Goexit there, surface on the caller's
//     goroutine, unless the call has returned by then.
//  12. A log line holds no key and no phone. Of the server's text it holds the request id only, apart from what redact.Log
//     cannot tell from net/http's own words.
package exchange
