package exchange

import (
	"errors"
	"io"
	"sync"
	"time"
)

// content is a guard for the content of a request. It hands the content of the source to the transport until the attempt ends, and
// records whether it has handed over anything.
//
// The transport reads it on its own goroutines, possibly after the request is over. The attempt owns it: only the attempt calls end,
// which closes the source.
type content struct {
	attempt *attempt
	source  io.ReadCloser

	mu      sync.Mutex // guards the rest
	ended   bool
	handed  bool          // whether at least one byte was handed over
	reading int           // number of calls of Read that use the source
	idle    chan struct{} // made by end, and closed when no call uses the source
	failed  *abnormalEnd  // the source's panic or runtime.Goexit
}

var (
	errEnded  = errors.New("the request is over")
	errReader = errors.New("the reader failed")
)

// Read hands over a piece of the content. What the source returns after the end is discarded.
func (c *content) Read(p []byte) (n int, err error) {
	if !c.begin() {
		return 0, errEnded
	}
	returned := false
	defer func() {
		var failed *abnormalEnd
		if !returned {
			failed = &abnormalEnd{recover()}
			n, err = 0, errReader
		}
		n, err = c.finish(n, err, failed)
	}()
	n, err = readSome(c.source, p)
	returned = true
	return n, err
}

func (c *content) begin() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.reading++
	}
	return !c.ended
}

// finish decides how much of a read reaches the transport. finish and end use the same lock, so a byte is either handed over before
// the end, and recorded, or never.
func (c *content) finish(n int, err error, failed *abnormalEnd) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reading--
	if c.reading == 0 && c.idle != nil {
		close(c.idle)
	}
	if c.ended {
		return 0, errEnded
	}
	if n > 0 {
		c.handed = true
		c.attempt.timer.Reset(c.attempt.engine.Timeout)
	}
	if failed != nil {
		c.failed = failed
		c.attempt.cancel(errReader)
	}
	if err != nil && err != io.EOF { //nolint:errorlint // a reader returns io.EOF itself
		err = &contentError{err}
	}
	return n, err
}

// contentError is an error of the source.
type contentError struct{ err error }

func (e *contentError) Error() string { return e.err.Error() }
func (e *contentError) Unwrap() error { return e.err }

// Close does nothing, because end closes the source. net/http also closes a body that it has not begun to read, and may read it
// after that.
func (c *content) Close() error { return nil }

// end stops handing over content, closes the source, and reports whether anything was handed over. A panic or runtime.Goexit in the
// source surfaces here. Only the first call does anything. returned is false if the transport is still running.
func (c *content) end(returned bool) (handed bool) {
	c.mu.Lock()
	if c.ended {
		defer c.mu.Unlock()
		return c.handed
	}
	c.ended = true
	if c.reading > 0 {
		c.idle = make(chan struct{})
	}
	idle, handed, failed := c.idle, c.handed, c.failed
	c.mu.Unlock()
	c.close(idle, returned)
	if failed != nil {
		failed.surface()
	}
	return handed
}

// close closes the source when no call uses it, so that the caller can use the file again. It waits at most a second for a read that
// hangs; what such a read returns later is discarded. If the transport did not return, close does not wait at all, because the call
// has already waited for the transport.
func (c *content) close(idle <-chan struct{}, returned bool) {
	if c.attempt.call.File == nil {
		return // in memory
	}
	closed := func() error {
		if idle != nil {
			timer := time.NewTimer(grace)
			defer timer.Stop()
			select {
			case <-idle:
			case <-timer.C: // closing the source may end the read
			}
		}
		return c.source.Close()
	}
	if returned {
		_, _ = Await(c.attempt.ctx, closed, func(error) {})
		return
	}
	go func() {
		defer func() { _ = recover() }()
		_ = closed()
	}()
}

// maxEmptyReads is how many reads in a row may return nothing, as in package bufio.
const maxEmptyReads = 100

// readSome calls r.Read until it returns at least one byte or an error.
func readSome(r io.Reader, p []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.Read(p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
