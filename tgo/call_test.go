package tgo_test

import (
	"context"
	"errors"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

// everyCall has each call of a client that makes a request.
var everyCall = map[string]func(context.Context, *tgo.Client) error{
	"text": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.FromNumber(1).SendText(ctx, testRecipient, "hello")
		return err
	},
	"document": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.FromNumber(1).SendDocument(ctx, testRecipient, tgo.Document{File: tgo.BytesFile("a.txt", []byte("hello"))})
		return err
	},
	"create key": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
		return err
	},
	"revoke key": func(ctx context.Context, c *tgo.Client) error { return c.RevokeAPIKey(ctx, 1) },
	"register": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.RegisterSenderNumber(ctx, testSender, "")
		return err
	},
	"lookup": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.FromNumber(1).Lookup(ctx, testRecipient)
		return err
	},
	"log": func(ctx context.Context, c *tgo.Client) error {
		_, err := c.MessagePage(ctx, tgo.MessageQuery{})
		return err
	},
	"usage":        func(ctx context.Context, c *tgo.Client) error { _, err := c.Usage(ctx); return err },
	"numbers":      func(ctx context.Context, c *tgo.Client) error { _, err := c.SenderNumbers(ctx); return err },
	"check":        func(ctx context.Context, c *tgo.Client) error { _, err := c.FromNumber(1).Check(ctx); return err },
	"me":           func(ctx context.Context, c *tgo.Client) error { _, err := c.Me(ctx); return err },
	"subscription": func(ctx context.Context, c *tgo.Client) error { _, err := c.Subscription(ctx); return err },
}

// sends are the four ways to send a message.
var sends = []struct {
	name string
	send func(context.Context, *tgo.Sender, tgo.Phone, string) (tgo.Receipt, error)
}{
	{"text", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendText(ctx, to, content)
	}},
	{"image", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendImage(ctx, to, tgo.Image{File: tgo.FilePath("cmd/tgo/demo/picture.png"), Caption: content})
	}},
	{"voice", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath("cmd/tgo/demo/voice.ogg"), Duration: 4 * time.Second, Caption: content})
	}},
	{"document", func(ctx context.Context, s *tgo.Sender, to tgo.Phone, content string) (tgo.Receipt, error) {
		return s.SendDocument(ctx, to, tgo.Document{File: tgo.FilePath("cmd/tgo/demo/invoice.pdf"), Caption: content})
	}},
}

// reads are calls that read their response, for servers with bad responses. A call that returns a zero value without an error
// returns errZeroWithNil.
var reads = []struct {
	name string
	call func(context.Context, *tgo.Client) error
}{
	{"lookup", func(ctx context.Context, c *tgo.Client) error {
		contact, err := c.FromNumber(1).Lookup(ctx, testRecipient)
		return zeroWithNil(contact == tgo.Contact{}, err)
	}},
	{"log", func(ctx context.Context, c *tgo.Client) error {
		page, err := c.MessagePage(ctx, tgo.MessageQuery{})
		return zeroWithNil(page.Entries == nil, err)
	}},
	{"usage", func(ctx context.Context, c *tgo.Client) error {
		usage, err := c.Usage(ctx)
		return zeroWithNil(usage.Raw == nil, err)
	}},
	{"sender numbers", func(ctx context.Context, c *tgo.Client) error {
		numbers, err := c.SenderNumbers(ctx)
		return zeroWithNil(numbers == nil, err)
	}},
	{"register", func(ctx context.Context, c *tgo.Client) error {
		number, err := c.RegisterSenderNumber(ctx, testSender, "")
		return zeroWithNil(number.ID == 0, err)
	}},
	{"create key", func(ctx context.Context, c *tgo.Client) error {
		created, err := c.CreateAPIKey(ctx, tgo.NewAPIKey{Name: "x", Scopes: []tgo.Scope{tgo.ScopeAll}})
		return zeroWithNil(created.Key.Reveal() == "", err)
	}},
	{"me", func(ctx context.Context, c *tgo.Client) error {
		me, err := c.Me(ctx)
		return zeroWithNil(me.Organization.ID == 0, err)
	}},
	{"subscription", func(ctx context.Context, c *tgo.Client) error {
		s, err := c.Subscription(ctx)
		return zeroWithNil(s.Status == "", err)
	}},
	{"send", func(ctx context.Context, c *tgo.Client) error {
		receipt, err := c.FromNumber(1).SendText(ctx, testRecipient, "hello")
		return zeroWithNil(receipt.ID == 0, err)
	}},
}

var errZeroWithNil = errors.New("a zero value came with a nil error")

func zeroWithNil(zero bool, err error) error {
	if zero && err == nil {
		return errZeroWithNil
	}
	return err
}
