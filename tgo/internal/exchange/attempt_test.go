package exchange

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"
)

func TestInvariant1(t *testing.T) {
	for _, call := range []Call{
		{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")},
		{Request: request(t, http.MethodPost, "https://example.com", "as net/http makes it, with a GetBody"), JSON: []byte("{}")},
		{Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile("hello")},
		{Request: request(t, http.MethodDelete, "https://example.com", "")},
	} {
		engineOf(t, through(func(r *http.Request) (*http.Response, error) {
			if r.GetBody != nil {
				t.Errorf("%s: the request has a GetBody, so net/http can repeat it", r.Method)
			}
			if r.Body == nil || r.Body == http.NoBody {
				t.Errorf("%s: the request has no body, so net/http can repeat it", r.Method)
			}
			return ok(r), nil
		})).Do(t.Context(), call)
	}
}

// net/http replays a request without a body, or with a body that it can get again, if a header says that the request is idempotent and
// a kept connection breaks.
func TestInvariant1IdempotencyKey(t *testing.T) {
	for name, call := range map[string]Call{
		"JSON":   {Request: request(t, http.MethodPost, "", ""), JSON: []byte("{}")},
		"file":   {Request: request(t, http.MethodPost, "", ""), File: textFile("hello")},
		"delete": {Request: request(t, http.MethodDelete, "", "")},
	} {
		base, requests := counting(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			if r.Method != http.MethodGet {
				panic(http.ErrAbortHandler)
			}
		})
		engine := engineOf(t, func(c *Config) {
			header := c.Header
			c.Header = func(h http.Header) { header(h); h.Set("Idempotency-Key", "4821") }
		})
		engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, base, "")})
		call.Request.URL = parse(t, base)
		if o := engine.Do(t.Context(), call); o.Verdict != Unknown || o.Requests != 1 || requests.Load() != 2 {
			t.Errorf("%s: %v after %d requests; the server got %d", name, o.Verdict, o.Requests, requests.Load()-1)
		}
	}
}

// A transport that changes its request does not change the next one.
func TestInvariant1Request(t *testing.T) {
	post := request(t, http.MethodPost, "https://example.com/path", "")
	engineOf(t, through(func(r *http.Request) (*http.Response, error) {
		r.URL.Path = "/prefix" + r.URL.Path
		r.Header.Set("Accept", "nothing")
		return nil, errors.New("dial")
	})).Do(t.Context(), Call{Request: post, JSON: []byte("{}")})
	if post.URL.Path != "/path" || len(post.Header) > 0 {
		t.Errorf("%v, %v", post.URL, post.Header)
	}
}

func TestInvariant6(t *testing.T) {
	asked, requests := 0, 0
	refuse := errors.New("no budget")
	engine := engineOf(t, func(c *Config) {
		c.Limiter = limiter(func(context.Context) error {
			if asked++; asked > 2 {
				return refuse
			}
			return nil
		})
		through(func(*http.Request) (*http.Response, error) { requests++; return nil, errors.New("dial") })(c)
	})
	o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
	if o.Verdict != NotSent || o.Requests != 2 || requests != 2 || asked != 3 || !errors.Is(o.Err, refuse) {
		t.Errorf("%v after %d requests, %d of them real, %d asked for: %v", o.Verdict, o.Requests, requests, asked, o.Err)
	}
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")}); o.Requests != 0 || requests != 2 {
		t.Errorf("the limiter refused, but %d requests were counted and %d were made", o.Requests, requests-2)
	}
}

func TestInvariant8(t *testing.T) {
	hang := hangs(t)
	for name, call := range map[string]Call{
		"JSON":   {Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")},
		"file":   {Request: request(t, http.MethodPost, "https://example.com", ""), File: textFile("hello")},
		"read":   {Request: request(t, http.MethodGet, "https://example.com", "")},
		"delete": {Request: request(t, http.MethodDelete, "https://example.com", "")},
	} {
		want := Unknown // a request without content may still be sent
		if call.JSON != nil || call.File != nil {
			want = NotSent
		}
		t.Run(name+", timeout", func(t *testing.T) {
			t.Parallel()
			engine := engineOf(t, func(c *Config) { c.Timeout, c.Attempts = 10*time.Millisecond, 1; through(hang)(c) })
			if o := engine.Do(t.Context(), call); o.Verdict != want || !errors.Is(o.Err, context.DeadlineExceeded) {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
		t.Run(name+", cancelled", func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			why := errors.New("changed my mind")
			engine := engineOf(t, through(func(r *http.Request) (*http.Response, error) { cancel(why); return hang(r) }))
			if o := engine.Do(ctx, call); o.Verdict != want || !errors.Is(o.Err, why) {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
	}
}

// There are other places where the caller's code may ignore the context.
func TestInvariant8CallersCode(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	slow := textFile("hello")
	slow.closed = func() { <-over }
	text := Call{JSON: []byte("{}")}
	for name, c := range map[string]struct {
		call   Call
		change func(*Config)
	}{
		"proxy": {text, func(c *Config) {
			c.Client = &http.Client{Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { <-over; return nil, io.EOF }}}
		}},
		"cookies": {text, func(c *Config) { c.Client = &http.Client{Jar: jar(func() { <-over })} }},
		"limiter": {text, func(c *Config) { c.Limiter = limiter(func(context.Context) error { <-over; return nil }) }},
		"close":   {Call{File: slow}, through(takes(0, errors.New("dial")))},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			c.call.Request = request(t, http.MethodPost, "https://example.com", "")
			if o := engineOf(t, c.change).Do(ctx, c.call); o.Verdict != NotSent {
				t.Errorf("%v, %v", o.Verdict, o.Err)
			}
		})
	}
}
