package exchange

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptrace"
	"testing"
)

func TestInvariant7(t *testing.T) {
	refuse := errors.New("no budget")
	for name, second := range map[string]func(*Config){
		"no connection": func(*Config) {},
		"the limiter refuses": func(c *Config) {
			asked := 0
			c.Limiter = limiter(func(context.Context) error {
				if asked++; asked > 1 {
					return refuse
				}
				return nil
			})
		},
	} {
		for method, status := range map[string]int{http.MethodPost: 429, http.MethodGet: 503} {
			requests := 0
			engine := engineOf(t, func(c *Config) {
				c.Writes = []Failure{FailureNotSent, FailureRateLimited}
				through(func(r *http.Request) (*http.Response, error) {
					if requests++; requests > 1 {
						if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GetConn != nil {
							trace.GetConn("example.com:443") // as net/http does
						}
						return nil, errors.New("dial")
					}
					resp := ok(r)
					resp.StatusCode = status
					return resp, nil
				})(c)
				second(c)
			})
			call := Call{Request: request(t, method, "https://example.com", "")}
			if method == http.MethodPost {
				call.JSON = []byte("{}")
			}
			if o := engine.Do(t.Context(), call); o.Verdict != Answered || o.Answer.Status != status || o.Requests != 1 {
				t.Errorf("%s, %s: %v, %d, after %d requests: %v", name, method, o.Verdict, o.Answer.Status, o.Requests, o.Err)
			}
		}
	}
}

// An attempt that did not reach the server does not end the call either.
func TestInvariant7GoesOn(t *testing.T) {
	requests := 0
	engine := engineOf(t, func(c *Config) {
		c.Writes = []Failure{FailureNotSent, FailureRateLimited}
		through(func(r *http.Request) (*http.Response, error) {
			requests++
			resp := ok(r)
			switch requests {
			case 1:
				resp.StatusCode = http.StatusTooManyRequests
			case 2:
				return nil, errors.New("dial")
			}
			return resp, nil
		})(c)
	})
	o := engine.Do(t.Context(), Call{Request: request(t, http.MethodPost, "https://example.com", ""), JSON: []byte("{}")})
	if o.Answer.Status != http.StatusOK || o.Requests != 3 {
		t.Errorf("%v, %d after %d requests: %v", o.Verdict, o.Answer.Status, o.Requests, o.Err)
	}
}
