package exchange

import (
	"context"
	"runtime"
	"time"
)

// grace is how long the caller's code may take to notice the end of a context: first the transport, and after it the file.
const grace = time.Second

// Await runs f on a new goroutine and returns the result of f. After ctx has ended it waits at most one more second: then it returns
// false, f continues to run, and its result is passed to late. A panic or runtime.Goexit in f surfaces on the goroutine that called
// Await.
func Await[T any](ctx context.Context, f func() T, late func(T)) (value T, returned bool) {
	type ending struct {
		value  T
		failed *abnormalEnd
	}
	done := make(chan ending, 1)
	go func() {
		e := ending{failed: &abnormalEnd{}}
		defer func() {
			if e.failed != nil {
				e.failed.panicked = recover()
			}
			done <- e
		}()
		e.value = f()
		e.failed = nil
	}()
	surface := func(e ending) (T, bool) {
		if e.failed != nil {
			e.failed.surface()
		}
		return e.value, true
	}
	select {
	case e := <-done:
		return surface(e)
	case <-ctx.Done():
	}
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case e := <-done:
		return surface(e)
	case <-timer.C:
	}
	go func() {
		if e := <-done; e.failed == nil {
			late(e.value)
		}
	}()
	return value, false
}

// abnormalEnd says how a function ended that did not return: with a panic, or with runtime.Goexit if panicked is nil.
type abnormalEnd struct{ panicked any }

// surface ends the calling goroutine in the same way.
func (f *abnormalEnd) surface() {
	if f.panicked == nil {
		runtime.Goexit()
	}
	panic(f.panicked)
}
