package exchange

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestInvariant4(t *testing.T) {
	outcomes := map[Failure]transport{
		FailureNone:           func(r *http.Request) (*http.Response, error) { return ok(r), nil },
		FailureNotSent:        func(*http.Request) (*http.Response, error) { return nil, errors.New("dial") },
		FailureConnectionLost: func(r *http.Request) (*http.Response, error) { _, _ = io.Copy(io.Discard, r.Body); return nil, io.EOF },
	}
	for failure, status := range map[Failure]int{
		FailureRateLimited: 429, FailureBadGateway: 502, FailureUnavailable: 503, FailureGatewayTimeout: 504,
	} {
		outcomes[failure] = func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			resp := ok(r)
			resp.StatusCode = status
			return resp, nil
		}
	}
	for failure, outcome := range outcomes {
		for _, named := range append(everything, FailureNone) {
			requests := 0
			engine := engineOf(t, func(c *Config) {
				c.Writes = []Failure{named}
				if named == FailureNone {
					c.Writes = nil
				}
				through(func(r *http.Request) (*http.Response, error) { requests++; return outcome(r) })(c)
			})
			o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
			want := 1
			if named == failure && failure != FailureNone {
				want = 3
			}
			if requests != want || o.Requests != want {
				t.Errorf("failure %d, %d named: %d requests, and %d counted", failure, named, requests, o.Requests)
			}
		}
	}
}

// Content that can be read only once is not requested twice.
func TestInvariant4Once(t *testing.T) {
	requests := 0
	engine := engineOf(t, through(func(*http.Request) (*http.Response, error) { requests++; return nil, errors.New("dial") }))
	once := textFile("hello")
	once.once = true
	if engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), File: once}); requests != 1 {
		t.Errorf("%d requests", requests)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 1, 10, 8, 0, 0, 0, time.UTC)
	const most = time.Duration(1<<63 - 1)
	for value, want := range map[string]time.Duration{
		"": 0, "0": 0, "60": time.Minute, " 5 ": 5 * time.Second, "1.5": 2 * time.Second, "0.001": time.Second, "2.": 2 * time.Second,
		"9999999999": most, "99999999999999999999": most, strings.Repeat("9", 400): most, "9223372036": 9223372036 * time.Second,
		"-5": 0, "soon": 0, "1e9": 0, "1.5.5": 0, ".": 0, "0x10": 0, "Inf": 0, "١": 0,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q is %v, not %v", value, got, want)
		}
	}
}
