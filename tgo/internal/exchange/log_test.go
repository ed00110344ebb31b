package exchange

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"testing"
)

// After a panic there is no outcome to log.
func TestInvariant11Logger(t *testing.T) {
	var out bytes.Buffer
	do := func(fail func()) any {
		engine := engineOf(t, func(c *Config) {
			c.Logger = slog.New(slog.NewTextHandler(&out, nil))
			through(func(*http.Request) (*http.Response, error) { fail(); return nil, nil })(c)
		})
		return caught(func() {
			engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
		})
	}
	if v := do(func() { panic("boom") }); v != "boom" {
		t.Errorf("a panic became %v", v)
	}
	if v := do(runtime.Goexit); v != exited {
		t.Errorf("runtime.Goexit became %v", v)
	}
}

func TestInvariant12(t *testing.T) {
	const secret, phone = "the eagle lands", "+201010000000"
	var out bytes.Buffer
	base := rawServer(t, func(number int, r *bufio.Reader, conn net.Conn) {
		readHead(r)
		_, _ = io.WriteString(conn, []string{
			"HTTP/1.1 " + secret + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\n" + secret + "\r\n\r\n",
			"HTTP/1.1 200 OK\r\nContent-Length: " + secret + "\r\n\r\n",
			"HTTP/1.1 500 No\r\nX-Request-Id: " + testKey + " " + phone + "\r\n\r\n" + secret,
		}[(number-1)%4])
	})
	engine := engineOf(t, func(c *Config) {
		c.Logger = slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
		c.Attempts = 1
	})
	for range 4 {
		engine.Do(t.Context(), Call{Operation: "op", Name: "call", Request: request(t, http.MethodGet, base+"/?phone=%2B"+phone[1:], "")})
	}
	failing := engineOf(t, func(c *Config) {
		c.Logger, c.Attempts = engine.Logger, 1
		through(func(r *http.Request) (*http.Response, error) {
			return nil, fmt.Errorf("wrapped: %w", &url.Error{Op: "Get", URL: r.URL.String(), Err: errors.New(r.Header.Get("X-Api-Key") + phone)})
		})(c)
	})
	o := failing.Do(t.Context(), Call{Request: request(t, http.MethodGet, base+"/?phone=%2B"+phone[1:], "")})
	if strings.Contains(o.Err.Error(), phone[1:]) || strings.Contains(o.Err.Error(), testKey) {
		t.Errorf("the error shows too much: %v", o.Err)
	}
	if lines := strings.Count(out.String(), "\n"); lines != 5 {
		t.Errorf("%d lines", lines)
	}
	for _, leak := range []string{secret, "eagle", phone[1:], testKey} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q is in the log:\n%s", leak, out.String())
		}
	}
}
