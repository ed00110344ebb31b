package tgo

import (
	"context"
	"encoding/json"

	"github.com/tgo-business/tgo-go/gen"
)

// Usage is what each sender number has used.
type Usage struct {
	// Senders has an entry for each sender number. The names of its fields are assumed: a field that the server calls
	// otherwise is 0 here and can be found in Raw. It is nil where the answer has another shape.
	Senders []gen.SenderNumberUsage
	// Raw is the whole answer; where it came on several pages, a list of the answers.
	Raw json.RawMessage
}

var opUsage = operation{id: "getUsage", name: "read usage"}

// Usage reads the usage by sender number. It needs the scope usage.read.
//
// Errors are an [*APIError], or the network's or the context's. An answer that goes on after 1000 pages is an [ErrUnreadable],
// and so is one whose next page cannot be asked for.
func (c *Client) Usage(ctx context.Context) (Usage, error) {
	usage := Usage{Senders: []gen.SenderNumberUsage{}}
	var answers []json.RawMessage
	documented := true // so far
	for page, err := range c.listPages(ctx, opUsage, gen.NewGetUsageRequest, pageNumbered(0), maxPages) {
		if err != nil {
			return Usage{}, err
		}
		answers = append(answers, page.body.Raw())
		documented = documented && page.notList == nil
		for i := 0; documented && i < len(page.all); i++ { // nothing slides from page to page here, and ids may be of anything
			var n gen.SenderNumberUsage
			documented = page.all[i].Read(&n) == nil
			usage.Senders = append(usage.Senders, n)
		}
	}
	if !documented { // nothing inside is, so an answer of another shape is no error: Raw has it
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
