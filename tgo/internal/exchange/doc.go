// Package exchange makes HTTP requests and says with certainty what became of them. It knows nothing of messages, phones or
// JSON. A call of [Engine.Do] makes one request, or more where a failure may be repeated, and returns one [Outcome].
//
// These are its invariants. Each has a test that carries its number.
//
//  1. The transport gets the content of a write once. It has no way to get it again, so it cannot repeat a write.
//  2. When an attempt has ended, nothing more of its content is handed over, whatever a transport still does with the request.
//  3. NotSent is said where not one byte of the content was handed over (of a request without content: where no connection was
//     obtained), or where net/http or the server declared that the request was not processed. Otherwise a failure is Unknown.
//  4. A request is repeated only after a failure that Config.Reads or Config.Writes names.
//  5. A call makes no more requests than Config.Attempts, those included that net/http makes by itself. Redirects are apart.
//  6. The limiter is asked before each attempt. Where it refuses, no request is made.
//  7. What an attempt said that may have reached the server is not replaced by one that did not.
//  8. A call ends when its context ends, and when nothing of its content has been handed over and no answer has come for
//     Config.Timeout: at once where the transport obeys the context, otherwise within a second.
//  9. No redirect of a write is followed. One of a read is followed within the same origin, ten times at most.
//  10. Of an answer no more is read than the limit, and of one with a status below 200 nothing.
//  11. A panic in the caller's code, and runtime.Goexit, surface on the caller's goroutine.
//  12. A log line holds no key, no phone and no text of the server's.
package exchange
