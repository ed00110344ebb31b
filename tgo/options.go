package tgo

import (
	"net/http"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// Option sets something about a [Client].
type Option func(*config) *FieldError

type config struct {
	baseURL      string
	baseURLGiven bool
	insecure     bool
	userAgent    string
	engine       exchange.Config
}

func defaultConfig() config {
	reads, _ := failures(readConditions, readConditions)
	return config{userAgent: userAgent, engine: exchange.Config{
		Client:   &http.Client{},
		Timeout:  time.Minute,
		Attempts: 3,
		MaxWait:  30 * time.Second,
		Reads:    reads,
		Writes:   []exchange.Failure{exchange.FailureNotSent},
	}}
}

// WithHTTPClient sends requests through a copy of hc, which must not be nil; hc itself is not changed. Its CheckRedirect still
// runs, but a redirect is only ever followed on a read within the same scheme, host and port. Its Timeout, where set, cuts long
// uploads too. Without a Transport of its own it gets the one this package uses by default.
//
// Its Transport must not resend requests by itself. This package prevents net/http from doing so, but cannot prevent a transport
// that copies the body: such a transport may send a message twice.
func WithHTTPClient(hc *http.Client) Option {
	return func(c *config) *FieldError {
		if hc == nil {
			return fieldError("WithHTTPClient", "must not be nil")
		}
		c.engine.Client = hc
		return nil
	}
}

// WithTimeout sets how long a request may go without progress, more than 0; the default is one minute. For an upload the time
// restarts with each piece of the file that goes out, so a long one is not cut; for everything else it is the time for the whole
// request, answer included. Opening a file and reading its beginning may take as long once more, and each retry has a time of
// its own. Shorter limits come with the context.
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
