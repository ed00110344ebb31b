package tgo

import (
	"context"
	"encoding/json"

	"github.com/tgo-business/tgo-go/gen"
)

// Usage is what each sender number has used.
//
// The fields of an entry of Senders:
//
//	MessagesSent    int64  // number of messages
//	SenderNumberID  int64  // the sender number
//	SenderPhone     string // its phone
type Usage struct {
	// Senders has an entry for each sender number. The names of its fields are assumed: a field that has another name in the
	// response is 0 here, and Raw has it. Senders is nil if the response has another form.
	Senders []gen.SenderNumberUsage
	// Raw is the whole response, or a list of the responses if there were several pages.
	Raw json.RawMessage
}

var opUsage = operation{id: "getUsage", name: "read usage"}

// Usage reads the usage by sender number. It needs the scope usage.read.
//
// Errors are an [*APIError], or the network's or the context's. The error is an [ErrUnreadable] if there are more than 1000 pages, or
// if a next page cannot be requested.
func (c *Client) Usage(ctx context.Context) (Usage, error) {
	usage := Usage{Senders: []gen.SenderNumberUsage{}}
	var answers []json.RawMessage
	documented := true // whether all responses so far have the assumed form
	for page, err := range c.listPages(ctx, opUsage, gen.NewGetUsageRequest, pageNumbered(0), maxPages) {
		if err != nil {
			return Usage{}, err
		}
		answers = append(answers, page.body.Raw())
		documented = documented && page.notList == nil
		for i := 0; documented && i < len(page.all); i++ { // all entries: none moves from page to page here, and ids may repeat
			var n gen.SenderNumberUsage
			documented = page.all[i].Read(&n) == nil
			usage.Senders = append(usage.Senders, n)
		}
	}
	if !documented { // the form is only assumed, so another form is not an error: Raw has the response
		usage.Senders = nil
	}
	usage.Raw = answers[0]
	if len(answers) > 1 {
		var err error
		if usage.Raw, err = json.Marshal(answers); err != nil {
			return Usage{}, err
		}
	}
	return usage, nil
}
