package tgo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/tgo-business/tgo-go/gen"
)

// Version is the version of this package, as sent in the User-Agent header.
const Version = "0.1.0"

const userAgent = "tgo-go/" + Version

// Client speaks to the TGO Business API for one tenant with one key. It is safe for use by many goroutines and never
// changes after [New].
type Client struct {
	api      *gen.Client
	message  *http.Request // sendMessage as generated, to be given context, headers and body
	host     string
	redactor *redactor
	timeout  time.Duration
	tooSlow  error // what ends a request after timeout

	// headers are the values of X-Api-Key and User-Agent. A function, because fmt would print a list, even in here.
	headers func() (key, userAgent []string)
	http    *http.Client
	retries retries
	limiter Limiter
	logger  requestLogger
	foreign bool // the transport is not net/http's own, and may do anything to a request
}

// New makes a client of the workspace with this domain, such as "acme.tgo-eg.com". It does no input or output: a wrong
// key shows at the first request ([Client.Me] is a cheap one). Everything that is wrong with the arguments is told at
// once, in an [*InputError].
func New(tenant string, key Key, opts ...Option) (*Client, error) {
	cfg := config{httpClient: &http.Client{}, timeout: defaultTimeout, userAgent: userAgent, retries: defaultRetries()}
	problems := []*FieldError{key.validate()}
	for _, opt := range opts {
		problems = append(problems, opt(&cfg))
	}
	if !cfg.baseURLGiven {
		baseURL, p := parseTenant(tenant)
		cfg.baseURL = baseURL
		problems = append(problems, p)
	}
	if err := inputError("new client", problems...); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.baseURL)
	if err != nil {
		return nil, err
	}
	message, err := gen.NewSendMessageRequestWithBody(cfg.baseURL, jsonType, nil)
	if err != nil {
		return nil, err
	}
	keyHeader, userAgentHeader := []string{key.Reveal()}, []string{cfg.userAgent} // full, so whoever appends gets a copy
	hc := safeHTTPClient(cfg.httpClient)
	_, own := hc.Transport.(*http.Transport)
	return &Client{
		api:      &gen.Client{Server: cfg.baseURL, Client: hc},
		message:  message,
		host:     u.Host,
		redactor: newRedactor(key.Reveal()),
		timeout:  cfg.timeout,
		tooSlow:  fmt.Errorf("no progress for %v: %w", cfg.timeout, context.DeadlineExceeded),
		headers:  func() (key, userAgent []string) { return keyHeader, userAgentHeader },
		http:     hc,
		retries:  cfg.retries,
		limiter:  cfg.limiter,
		logger:   cfg.logger,
		foreign:  !own,
	}, nil
}

// CloseIdleConnections closes connections that wait for the next request. Clients without a transport of their own share
// them.
func (c *Client) CloseIdleConnections() { c.http.CloseIdleConnections() }

// edit gives every request the headers that the API asks for.
func (c *Client) edit(_ context.Context, req *http.Request) error {
	req.Header["Accept"] = jsonHeader
	req.Header["X-Api-Key"], req.Header["User-Agent"] = c.headers()
	if c.foreign {
		req.GetBody = nil // see post
	}
	return nil
}

const jsonType = "application/json"
