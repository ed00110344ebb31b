package tgo

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/tgo-business/tgo-go/tgo/internal/exchange"
)

// operation says which operation of the contract a call of this package uses.
type operation struct {
	id   string // operationId
	name string // how errors name the call
}

// do makes a call without content. req and err are what the generated code returned. do returns the 2xx response. For any other
// response the error is an *APIError, and without a response it is a *networkError.
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

// failure returns the error of a call that got no 2xx response.
func (c *Client) failure(op operation, o exchange.Outcome) error {
	if o.Verdict == exchange.Answered {
		return c.refusal(op, o.Answer)
	}
	return &networkError{op: op.name, host: c.host, err: cause{o.Err}, notSent: o.Verdict == exchange.NotSent}
}

// notSent returns the error of a call that failed before a request was made.
func (c *Client) notSent(op operation, err error) error {
	return c.failure(op, exchange.Outcome{Verdict: exchange.NotSent, Err: c.mask.Error(err)})
}
