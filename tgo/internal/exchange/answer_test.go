package exchange

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
)

func TestInvariant10(t *testing.T) {
	endless := reader(func(p []byte) (int, error) { return len(p), nil })
	for status, limit := range map[int]int{200: MaxSuccess, 404: MaxOther, 500: MaxOther} {
		read := 0
		engine := engineOf(t, func(c *Config) {
			c.Reads = nil
			through(func(r *http.Request) (*http.Response, error) {
				body := reader(func(p []byte) (int, error) { n, err := endless(p); read += n; return n, err })
				return &http.Response{StatusCode: status, Body: io.NopCloser(body), ContentLength: -1, Request: r}, nil
			})(c)
		})
		o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")})
		if o.Verdict != Answered || read > limit+1 || len(o.Answer.Body) > limit || (status == 200) != (o.Answer.Err != nil) {
			t.Errorf("%d: %d bytes read, %d kept, %v", status, read, len(o.Answer.Body), o.Answer.Err)
		}
	}
	// Reading a body that returns nothing and no error ends.
	engine := engineOf(t, func(c *Config) {
		c.Reads = nil
		through(func(r *http.Request) (*http.Response, error) {
			nothing := reader(func([]byte) (int, error) { return 0, nil })
			return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(nothing), ContentLength: -1, Request: r}, nil
		})(c)
	})
	if o := engine.Do(t.Context(), Call{Request: request(t, http.MethodGet, "https://example.com", "")}); !errors.Is(o.Answer.Err, io.ErrNoProgress) {
		t.Errorf("%v", o.Answer.Err)
	}
}

// With a 101 the body is the connection itself, and no context ends reading it.
func TestInvariant10SwitchingProtocols(t *testing.T) {
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	base := rawServer(t, func(_ int, r *bufio.Reader, conn net.Conn) {
		readHead(r)
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: silence\r\n\r\n")
		select {
		case <-over:
		case <-gone(r): // the client has closed the connection
		}
	})
	for name, call := range map[string]Call{
		"JSON": {Request: request(t, http.MethodPost, base, ""), JSON: []byte("{}")},
		"file": {Request: request(t, http.MethodPost, base, ""), File: textFile("hello")},
		"read": {Request: request(t, http.MethodGet, base, "")},
	} {
		o := engineOf(t, func(*Config) {}).Do(t.Context(), call)
		if o.Verdict != Answered || o.Answer.Status != http.StatusSwitchingProtocols || len(o.Answer.Body) > 0 || o.Requests != 1 {
			t.Errorf("%s: %v, %d, %q after %d requests", name, o.Verdict, o.Answer.Status, o.Answer.Body, o.Requests)
		}
	}
}
