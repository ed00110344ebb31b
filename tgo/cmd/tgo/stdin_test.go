package main

import (
	"context"
	"testing"
)

// A signal ends every read from stdin.
func TestInterruptedStdin(t *testing.T) {
	t.Parallel()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1/api/v1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	for _, args := range [][]string{
		{"send", "text", "--to", "+201000000001"},
		{"send", "document", "--to", "+201000000001", "-"},
		{"me", "--key-file", "-"},
	} {
		ctx, interrupt := context.WithCancel(soon(t))
		in := silence{make(chan struct{})}
		go func() {
			<-in.read
			interrupt()
		}()
		var out, errs buffer
		ended := make(chan int, 1)
		go func() {
			ended <- run(ctx, args, streams{in: in, out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
		}()
		select {
		case code := <-ended:
			result{code, out.String(), errs.String()}.want(t, exitNotSent, "interrupted")
		case <-soon(t).Done():
			t.Fatalf("%v continues reading", args)
		}
	}
}
