package exchange

import (
	"errors"
	"io"
	"sync"
	"time"
)

// content guards the content of a request. It hands the source over to the transport until the attempt ends, and knows whether
// it has handed over anything.
//
// The transport reads it on goroutines of its own, possibly after the request is over. The attempt owns it: it alone calls
// end, which closes the source.
type content struct {
	attempt *attempt
	source  io.ReadCloser

	mu      sync.Mutex // guards the rest
	ended   bool
	handed  bool          // at least one byte was handed over
	reading int           // how many calls of Read use the source
	idle    chan struct{} // made by end, and closed when no call uses the source any more
	failed  *abnormalEnd  // the source's panic or runtime.Goexit
}

var (
	errEnded  = errors.New("the request is over")
	errReader = errors.New("the reader failed")
)

// Read hands over a piece. What the source gives after the end is dropped.
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

// finish decides what of a read reaches the transport. By the lock that it shares with end, a byte is handed over before the
// end and counted, or never.
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
	if err != nil && err != io.EOF { //nolint:errorlint // a reader returns it as it is
		err = &contentError{err}
	}
	return n, err
}

// contentError is an error of the source.
type contentError struct{ err error }

func (e *contentError) Error() string { return e.err.Error() }
func (e *contentError) Unwrap() error { return e.err }

// Close does nothing, because end does it. net/http closes a body also where it has not begun to read it, and may read it
// after that.
func (c *content) Close() error { return nil }

// end ends the handing over, closes the source, and reports whether anything was handed over. A panic in the source, and
// runtime.Goexit, surface here. Only the first call does anything. returned is false where the transport still runs.
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

// close closes the source when no call uses it any more: the file is the caller's again. A read that hangs is not waited
// for longer than a second; what it gives later is dropped. Where the transport has been waited for, nothing else is.
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
			case <-timer.C: // to close it may end the read
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

// maxEmptyReads is how many reads in a row may give nothing, as in package bufio.
const maxEmptyReads = 100

// readSome is r.Read, but never returns nothing without an error.
func readSome(r io.Reader, p []byte) (int, error) {
	for range maxEmptyReads {
		if n, err := r.Read(p); n > 0 || err != nil || len(p) == 0 {
			return n, err
		}
	}
	return 0, io.ErrNoProgress
}
