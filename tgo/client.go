package tgo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// operation ties a call of this package to an operation of the contract.
type operation struct {
	id   string // operationId
	name string // how errors name the call
}

// do makes a call without content. req is what the generated code has built, or failed to build with err. It returns the 2xx
// answer. Any other answer is an *APIError, and none a *networkError.
func (c *Client) do(ctx context.Context, op operation, req *http.Request, err error) (exchange.Answer, error) {
	return c.doJSON(ctx, op, req, err, nil)
}

// doJSON is do with content.
func (c *Client) doJSON(ctx context.Context, op operation, req *http.Request, err error, content any) (exchange.Answer, error) {
	call := exchange.Call{Operation: op.id, Name: op.name, Request: req}
	if content != nil && err == nil {
		call.JSON, err = json.Marshal(content)
	}
	if err != nil {
		return exchange.Answer{}, c.notSent(op, err)
	}
	o := c.engine.Do(ctx, call)
	if o.Verdict == exchange.Answered && o.Answer.Status/100 == 2 {
		return o.Answer, nil
	}
	return exchange.Answer{}, c.failure(op, o)
}

// failure is the error of a call that was not answered by a 2xx.
func (c *Client) failure(op operation, o exchange.Outcome) error {
	if o.Verdict == exchange.Answered {
		return c.refusal(op, o.Answer)
	}
	return &networkError{op: op.name, host: c.host, err: cause{o.Err}, notSent: o.Verdict == exchange.NotSent}
}

// notSent is the error of a call that did not come to a request.
func (c *Client) notSent(op operation, err error) error {
	return c.failure(op, exchange.Outcome{Verdict: exchange.NotSent, Err: c.mask.Error(err)})
}

// networkError is the error of a call without an answer.
type networkError struct {
	op, host string
	err      error
	notSent  bool
}

func (e *networkError) Error() string { return fmt.Sprintf("tgo: %s: %s: %v", e.op, e.host, e.err) }
func (e *networkError) Unwrap() error { return e.err }

// Is reports whether target is ErrNotSent and nothing was sent.
func (e *networkError) Is(target error) bool { return target == ErrNotSent && e.notSent }

// cause is an error that did not arise here: of the network, of a file, or of a context, whose cause may be the error of another
// call. It hides what that says by ErrNotSent, and has no Unwrap for that reason.
type cause struct{ error }

// Is reports whether the error is target, which is not ErrNotSent.
func (c cause) Is(target error) bool { return target != ErrNotSent && errors.Is(c.error, target) }

// As finds an error of target's type.
func (c cause) As(target any) bool { return errors.As(c.error, target) }

func (e *networkError) delivery() Delivery {
	if e.notSent {
		return DeliveryNotSent
	}
	return DeliveryUnknown
}
