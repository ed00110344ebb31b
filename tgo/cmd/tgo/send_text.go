package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

type sendText struct {
	sending
	textInput
}

// Help is shown by tgo send text --help.
func (sendText) Help() string {
	return `Examples:

  tgo send text --to +201010000000 "Your order 4821 is ready"
  uptime | tgo send text --to +201010000000
  tgo send text --to +201010000000 --file letter.txt --dry-run

A line break at the very end of a file or of stdin is dropped.

` + exitCodes
}

// Run sends a text.
func (c *sendText) Run(ctx context.Context, s streams) error {
	text, err := c.read(s, c.KeyFile)
	if err != nil {
		return err
	}
	return c.send(ctx, s, func(ctx context.Context, from *tgo.Sender, to tgo.Phone) (tgo.Receipt, error) {
		return from.SendText(ctx, to, text)
	})
}

// textInput names the source of a text.
type textInput struct {
	Text *string `arg:"" optional:"" help:"The text. Without it, or with -, it is read from stdin."` // nil if it is missing, which differs from empty
	File string  `help:"Read the text from a file." placeholder:"FILE"`
}

// read returns the text. keyFile says whether the key is read from stdin.
func (c *textInput) read(s streams, keyFile string) (string, error) {
	switch {
	case c.File != "" && c.Text != nil:
		return "", usageError("give the text or --file, not both")
	case c.Text != nil && *c.Text != "-":
		return *c.Text, nil
	}
	var in io.Reader
	if c.File != "" && c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return "", fileError(err)
		}
		defer f.Close() //nolint:errcheck // it was only read from
		in = f
	} else {
		if err := checkStdin(s, keyFile); err != nil {
			return "", err
		}
		in = s.in
	}
	b, err := io.ReadAll(io.LimitReader(in, maxText+1))
	switch {
	case errors.Is(err, errInterrupted):
		return "", err
	case err != nil:
		return "", fileError(err)
	}
	if len(b) > maxText {
		return "", withCode(exitValidation, fmt.Errorf("the text is larger than %d bytes", maxText))
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(b), "\n"), "\r"), nil
}

// maxText is much more than a phone can show.
const maxText = 1 << 20
