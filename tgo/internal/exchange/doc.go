// Package exchange makes HTTP requests and says whether they were sent. It never says NotSent of a request that may have arrived.
// It does not know about messages and does not read JSON. A call of [Engine.Do] makes one attempt, or more if a failure may be
// repeated, and returns one [Outcome]. An attempt is one request, unless net/http repeats a read automatically.
//
// These are its invariants. The tests of an invariant have its number in their names.
//
//  1. The transport gets the content of a write once, and has no way to get it again. So net/http cannot repeat a write.
//  2. After an attempt has ended, no more of its content is handed to the transport, even if the transport still uses the request.
//     (JSON goes to this package's own transport without a guard, because that transport obeys the context.)
//  3. The verdict is NotSent only if not one byte of the content was handed over, or if net/http or the server declared that the
//     request was not processed. Without a guard, it is NotSent only if no connection was obtained. After any other failure it is
//     Unknown.
//  4. A request is repeated only after a failure in Config.Reads or Config.Writes.
//  5. A call makes no more requests than Config.Attempts. Requests that net/http makes automatically count. Requests that follow a
//     redirect do not count.
//  6. The limiter is called before each attempt. If it returns an error, no request is made.
//  7. The outcome of an attempt that may have reached the server is not replaced by the outcome of an attempt that did not.
//  8. An attempt ends when the context of the call ends, and when no content was handed over and no response came for
//     Config.Timeout. It ends immediately if the limiter, the transport and the file obey the context, and otherwise within a second.
//  9. A redirect of a write is not followed. A redirect of a read is followed within the same origin, at most nine times.
//  10. At most the limit and one more byte of a response are read. If its status is below 200, nothing is read.
//  11. A panic or runtime.Goexit in RoundTrip of the caller's transport, or in the caller's file, surfaces on the goroutine of the
//     caller, unless the call has returned before.
//  12. A log line has no key and no phone. The only text of the server in it is the request id, except for text that redact.Log
//     cannot distinguish from the text of net/http.
package exchange
