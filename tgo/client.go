package tgo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
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
	message  *http.Request       // sendMessage as generated, to be given context, headers and body
	editor   gen.RequestEditorFn // edit, made once
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
	// roundTrip takes sends past http, where http would do nothing for them: no redirect of a POST is followed, and there are
	// no cookies, no time-out and no rules of the caller's. It is nil elsewhere. A function, because fmt would look into a
	// transport while others use it.
	roundTrip func(*http.Request) (*http.Response, error)
	lookup    *template
	logPage   *template
	foreign   bool // the transport is not net/http's own, and may do anything to a request
}

// template is a request as generated, made at its first use, to be given context, headers and a query. Made in New it would
// be linked by programs that never make it.
type template struct {
	once    sync.Once
	request *http.Request
	err     error
}

// of returns the request that generate makes.
func (t *template) of(generate func() (*http.Request, error)) (*http.Request, error) {
	t.once.Do(func() { t.request, t.err = generate() })
	return t.request, t.err
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
	c := &Client{
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
	}
	c.editor = c.edit
	c.lookup, c.logPage = &template{}, &template{}
	if own && hc.Jar == nil && hc.Timeout == 0 && cfg.httpClient.CheckRedirect == nil {
		c.roundTrip = hc.Transport.RoundTrip
	}
	return c, nil
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

// get makes a request with a query.
func (c *Client) get(ctx context.Context, without *http.Request, query string) (*http.Response, error) {
	req := without.WithContext(ctx)
	url := *without.URL
	url.RawQuery = query
	req.URL = &url
	key, userAgent := c.headers()
	req.Header = http.Header{"Accept": jsonHeader, "User-Agent": userAgent, "X-Api-Key": key}
	return c.http.Do(req)
}

const jsonType = "application/json"
