package tgo

import (
	"context"
	"encoding/json"

	"github.com/tgo-business/tgo-go/gen"
)

// Usage is what each sender number has used.
type Usage struct {
	// Senders has an entry for each sender number. The names of its fields are assumed: a field that the server calls
	// otherwise is 0 here and can be found in Raw.
	Senders []gen.SenderNumberUsage
	// Raw is the whole answer.
	Raw json.RawMessage
}

var opUsage = operation{id: "getUsage", name: "read usage"}

// Usage reads the usage by sender number. It needs the scope usage.read.
//
// Errors are an [*APIError], or the network's or the context's.
func (c *Client) Usage(ctx context.Context) (Usage, error) {
	req, err := gen.NewGetUsageRequest(c.baseURL)
	a, err := c.do(ctx, opUsage, req, err)
	if err != nil {
		return Usage{}, err
	}
	usage := Usage{}
	var raw json.RawMessage
	if err := c.decode(opUsage, a, &raw); err != nil {
		return Usage{}, err
	}
	usage.Raw = raw
	// Nothing inside is documented, so an answer of another shape is no error: Raw has it.
	if c.decodeData(opUsage, a, &usage.Senders) != nil {
		usage.Senders = nil
	}
	return usage, nil
}
