// Package exchange makes HTTP requests and decides what became of them: whether a request was answered, was certainly not sent, or
// may have been sent. It knows nothing about messages and reads no JSON. A call of [Engine.Do] makes one attempt, or more if a
// failure may be repeated, and returns one [Outcome]. An attempt is one request, unless net/http repeats a read automatically.
//
// These are its invariants. The name of a test has the number of the invariant that it checks.
//
//  1. The transport gets the content of a write once, and cannot get it again. So net/http cannot repeat a write.
//  2. When an attempt has ended, no more of its content is handed over, even if a transport still uses the request. (JSON goes to
//     this package's own transport without a guard, because that transport obeys the context.)
//  3. The verdict is NotSent only if not one byte of the content was handed over, or if net/http or the server declared that the
//     request was not processed. Without a guard, it also requires that no connection was obtained. Any other failure is Unknown.
//  4. A request is repeated only after a failure that Config.Reads or Config.Writes contains.
//  5. A call makes at most Config.Attempts requests. Requests that net/http repeats automatically count; requests that follow a
//     redirect do not.
//  6. The limiter is asked before each attempt. If it refuses, no request is made.
//  7. If an attempt may have reached the server, the outcome of a later attempt that did not reach it does not replace its outcome.
//  8. An attempt ends when the call's context ends, or when for Config.Timeout no content has been handed over and no answer has
//     come. It ends at once if the limiter, the transport and the file obey the context, otherwise within a second.
//  9. No redirect of a write is followed. Redirects of a read are followed within the same origin, at most nine times.
//  10. No more of an answer is read than the limit and one byte. Nothing is read of an answer with a status below 200.
//  11. A panic or runtime.Goexit in RoundTrip of the caller's transport or in the caller's file surfaces on the caller's goroutine,
//     unless the call has returned by then.
//  12. A log line has no key and no phone. Of the server's text it has only the request id, except for text that redact.Log cannot
//     distinguish from net/http's own.
package exchange
