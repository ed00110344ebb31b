package tgo_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// A response of 1 GiB needs little memory, in each form that it may come in.
func TestEndlessAnswers(t *testing.T) {
	const gib = 1 << 30
	chunk := []byte(strings.Repeat("x", 64<<10))
	endless := func(w io.Writer) {
		for n := 0; n < gib; n += len(chunk) {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	var member bytes.Buffer // gzip files may be joined
	z := gzip.NewWriter(&member)
	for range 64 {
		_, _ = z.Write(chunk)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Repeat(member.Bytes(), gib/(64*len(chunk)))
	kinds := map[string]http.HandlerFunc{
		"with its length": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", fmt.Sprint(gib))
			endless(w)
		},
		"chunked": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"data": "`)
			endless(w)
		},
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			endless(w)
		},
		"a gzip bomb": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(bomb)
		},
		"deflate, which was not asked for": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Encoding", "deflate")
			endless(w)
		},
	}
	for name, handler := range kinds {
		client := serve(t, handler, tgo.WithReadRetries())
		for _, read := range reads {
			var err error
			cost := allocated(func() { err = read.call(t.Context(), client) })
			var apiError *tgo.APIError
			if !errors.As(err, &apiError) {
				t.Errorf("%s, %s: %v", name, read.name, err)
			}
			if cost > 2<<20 { // including the server, which is in the same process
				t.Errorf("%s, %s: %d bytes were allocated", name, read.name, cost)
			}
		}
	}
}

func TestHeadersWithoutEnd(t *testing.T) {
	client := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for i := range 2000 {
			w.Header().Set(fmt.Sprintf("X-Header-%d", i), strings.Repeat("x", 1000))
		}
		answer(w, 200, "{}")
	}, tgo.WithReadRetries())
	for _, read := range reads {
		if err := read.call(t.Context(), client); err == nil || errors.Is(err, errZeroWithNil) {
			t.Errorf("%s: %v", read.name, err)
		}
	}
}
