package exchange

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
)

func TestInvariant11(t *testing.T) {
	base, _ := counting(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	post := func() *http.Request { return request(t, http.MethodPost, base, "") }
	for name, do := range map[string]func(fail func()){
		"in the transport": func(fail func()) {
			engineOf(t, through(func(*http.Request) (*http.Response, error) { fail(); return nil, nil })).
				Do(t.Context(), Call{Request: post(), JSON: []byte("{}")})
		},
		"in a reader": func(fail func()) {
			source := reader(func([]byte) (int, error) { fail(); return 0, nil })
			engineOf(t, func(*Config) {}).Do(t.Context(), Call{Request: post(), File: file{length: 10, open: func() io.Reader { return source }}})
		},
		"midway in a reader": func(fail func()) {
			source := io.MultiReader(strings.NewReader("some"), reader(func([]byte) (int, error) { fail(); return 0, nil }))
			engineOf(t, func(*Config) {}).Do(t.Context(), Call{Request: post(), File: file{length: 10, open: func() io.Reader { return source }}})
		},
		"in open": func(fail func()) {
			_, _ = Await(t.Context(), func() int { fail(); return 0 }, func(int) {})
		},
	} {
		if v := caught(func() { do(func() { panic("boom") }) }); v != "boom" {
			t.Errorf("a panic %s became %v", name, v)
		}
		if v := caught(func() { do(runtime.Goexit) }); v != exited {
			t.Errorf("runtime.Goexit %s became %v", name, v)
		}
	}
}
