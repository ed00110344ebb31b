package tgo

import (
	"net/http"
	"net/url"

	"github.com/tgo-business/tgo-go/gen"
	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
	"github.com/tgo-business/tgo-go/tgo/internal/redact"
)

// Version is the version of this package, as sent in the User-Agent header.
const Version = "0.1.0"

const jsonType = "application/json"

const userAgent = "tgo-go/" + Version

// Client speaks to the TGO Business API for one tenant with one key. It is safe for use by many goroutines and never
// changes after [New].
type Client struct {
	engine  *exchange.Engine
	text    *http.Request // sendMessage for texts as generated: to build it for each would be a tenth of a send's allocations
	baseURL string        // as the generated code wants it
	host    string
	mask    redact.Masker
}

// New makes a client of the workspace with this domain, such as "acme.tgo-eg.com". It does no input or output: a wrong
// key shows at the first request ([Client.Me] is a cheap one). Everything that is wrong with the arguments is told at
// once, in an [*InputError].
func New(tenant string, key Key, opts ...Option) (*Client, error) {
	cfg := defaultConfig()
	problems := []*FieldError{key.validate()}
	for _, opt := range opts {
		problems = append(problems, opt(&cfg))
	}
	baseURL, problem := parseTenant(tenant)
	if cfg.baseURLGiven {
		baseURL, problem = parseBaseURL(cfg.baseURL, cfg.insecure)
	}
	problems = append(problems, problem)
	if err := inputError("new client", problems...); err != nil {
		return nil, err
	}
	u, err := url.Parse(baseURL)
	if err != nil {
		return nil, err
	}
	accept, agent, secret := []string{jsonType}, []string{cfg.userAgent}, []string{key.Reveal()}
	cfg.engine.Header = func(h http.Header) {
		h["Accept"], h["User-Agent"], h["X-Api-Key"] = accept, agent, secret
	}
	cfg.engine.Mask = redact.New(key.Reveal())
	text, err := gen.NewSendMessageRequestWithBody(baseURL, jsonType, nil)
	if err != nil {
		return nil, err
	}
	return &Client{
		engine:  exchange.New(cfg.engine),
		text:    text,
		baseURL: baseURL,
		host:    u.Host,
		mask:    cfg.engine.Mask,
	}, nil
}

// CloseIdleConnections closes connections that wait for the next request. Clients without a transport of their own share
// them.
func (c *Client) CloseIdleConnections() { c.engine.CloseIdleConnections() }
