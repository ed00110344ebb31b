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

// Client calls the TGO Business API for one tenant with one key. It is safe for concurrent use, and it does not change after
// [New].
type Client struct {
	engine  *exchange.Engine
	text    *http.Request // the generated sendMessage request for texts: building it for each send would be a tenth of its allocations
	baseURL string        // in the form that the generated code needs
	host    string
	mask    redact.Masker
}

// New returns a client of the workspace with this domain, such as "acme.tgo-eg.com". It does no I/O, so a wrong key is found
// only by the first request ([Client.Me] is a cheap one). The error is an [*InputError] that lists everything that is wrong with
// the arguments.
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

// CloseIdleConnections closes the idle connections. All clients without a transport of their own share their connections.
func (c *Client) CloseIdleConnections() { c.engine.CloseIdleConnections() }
