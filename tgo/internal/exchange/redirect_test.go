package exchange

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

func TestInvariant9(t *testing.T) {
	var paths []string
	status := http.StatusTemporaryRedirect
	base, _ := counting(t, func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.Method+" "+r.URL.Path)
		if n, _ := strconv.Atoi(strings.Trim(r.URL.Path, "/")); n > 0 {
			http.Redirect(w, r, "/"+strconv.Itoa(n-1), status)
		}
	})
	engine := engineOf(t, func(c *Config) { c.Reads = nil; c.Attempts = 1 })
	for hops, want := range map[int]int{0: 1, 1: 2, 9: 10} {
		paths = nil
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/"+strconv.Itoa(hops), "")})
		if o.Verdict != Answered || o.Answer.Status != 200 || len(paths) != want {
			t.Errorf("%d redirects: %v, %v, %v", hops, o.Verdict, o.Err, paths)
		}
	}
	paths = nil
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/10", "")}); o.Err == nil || len(paths) > 10 {
		t.Errorf("10 redirects: %v, %v", o.Answer.Status, paths)
	}
	// If the transport is not of net/http, a write uses an http.Client.
	plain := &http.Transport{}
	t.Cleanup(plain.CloseIdleConnections)
	wrapped := engineOf(t, through(plain.RoundTrip))
	for _, call := range []Call{
		{Request: request(t, http.MethodPost, base+"/1", ""), JSON: []byte("{}")},
		{Request: request(t, http.MethodDelete, base+"/1", "")},
	} {
		for i := range 10 {
			engine := []*Engine{engine, wrapped}[i%2]
			status = []int{301, 302, 303, 307, 308}[i/2]
			paths = nil
			if o := engine.Do(t.Context(), call); o.Answer.Status != status || len(paths) != 1 {
				t.Errorf("%s: %d, %v", call.Request.Method, o.Answer.Status, paths)
			}
		}
	}
	// TestRedirectMatrix of package tgo tests redirects to other origins.
}
