package tgo

import (
	"net/http"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// Option is a setting of a [Client].
type Option func(*config) *FieldError

type config struct {
	baseURL      string
	baseURLGiven bool
	insecure     bool
	userAgent    string
	engine       exchange.Config
}

// The defaults of WithTimeout and WithRetryLimits.
const (
	defaultTimeout  = time.Minute
	defaultAttempts = 3
	defaultMaxWait  = 30 * time.Second
)

func defaultConfig() config {
	reads, _ := failures(readConditions, readConditions)
	return config{userAgent: userAgent, engine: exchange.Config{
		Client:   &http.Client{},
		Timeout:  defaultTimeout,
		Attempts: defaultAttempts,
		MaxWait:  defaultMaxWait,
		Reads:    reads,
		Writes:   []exchange.Failure{exchange.FailureNotSent},
	}}
}

// WithHTTPClient sends requests through a copy of hc, which must not be nil; hc itself is not changed. Its CheckRedirect is still
// called, but a redirect is followed only for a read, and only within the same scheme, host and port. If its Timeout is set, it
// also ends long uploads. If it has no Transport, the default transport of this package is used.
//
// Its Transport must not resend requests automatically. This package prevents net/http from doing so, but it cannot prevent it in a
// transport that copies the body: such a transport may send a message twice.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) *FieldError {
		if hc == nil {
			return fieldError("WithHTTPClient", "must not be nil")
		}
		c.engine.Client = hc
		return nil
	}
}

// WithTimeout sets how long a request may make no progress. It must be more than 0; the default is one minute. For an upload the
// time starts again with each piece of the file that is sent, so a long upload is not cut. For all other requests it is the time
// for the whole request, including the response. Opening a file and reading its beginning may take the same time in addition, and
// the time starts again for each retry. For a shorter limit use the context.
func WithTimeout(d time.Duration) Option {
	return func(c *config) *FieldError {
		if d <= 0 {
			return fieldError("WithTimeout", "must be more than 0")
		}
		c.engine.Timeout = d
		return nil
	}
}

// WithUserAgent puts the name and version of your program, such as "shop/1.4", before this package's own in the
// User-Agent header. It must be printable ASCII.
func WithUserAgent(product string) Option {
	return func(c *config) *FieldError {
		for _, r := range product {
			if r < ' ' || r > '~' {
				return fieldError("WithUserAgent", "must be printable ASCII")
			}
		}
		c.userAgent = strings.TrimSpace(product + " " + userAgent)
		return nil
	}
}
