package exchange

import (
	"context"
	"runtime"
	"time"
)

// grace is how long the caller's code may take to notice that a context has ended. A transport may take this long, and then its file.
const grace = time.Second

// Await runs f on its own goroutine and returns the result of f. After ctx has ended, it waits at most a second. Then it returns
// false, f continues to run, and late gets its result. A panic or runtime.Goexit in f surfaces here.
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

// abnormalEnd is how a function ended that did not return: by a panic, or, if panicked is nil, by runtime.Goexit.
type abnormalEnd struct{ panicked any }

// surface ends the calling goroutine in the same way.
func (f *abnormalEnd) surface() {
	if f.panicked == nil {
		runtime.Goexit()
	}
	panic(f.panicked)
}
