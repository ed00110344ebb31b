package main

import (
	"context"
	"fmt"

	"github.com/tgo-business/tgo-go/tgo"
)

type sendCommand struct {
	Text     sendText     `cmd:"" help:"Send a text."`
	Image    sendImage    `cmd:"" help:"Send a picture."`
	Voice    sendVoice    `cmd:"" help:"Send a voice note."`
	Document sendDocument `cmd:"" help:"Send a file of any kind."`
	CSV      sendList     `cmd:"" name:"csv" default:"withargs" help:"Send a message to each row of a list, .xlsx or CSV."`
}

// Help is shown by tgo send --help.
func (sendCommand) Help() string {
	return `Examples:

  tgo send text --to +201010000000 "Your order 4821 is ready"
  tgo send image --to +201010000000 parcel.png --caption "Your parcel"
  tgo send voice --to +201010000000 hello.ogg
  tgo send --csv recipients.csv --text "Dear {name}, your order {order} is ready"

A message is never sent again automatically, since the API has no idempotency keys. Exit code 6 means that it may have arrived.

` + exitCodes + "\n\n" + configHelp
}

// sending holds the flags that the commands for a single message share.
type sending struct {
	connection
	From   string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	To     string `help:"Recipient's phone, with country code." required:"" placeholder:"PHONE"`
	DryRun bool   `help:"Send nothing; show the request, with the key masked."`
	Check  bool   `help:"Before sending, ask whether the sender may send and the recipient can receive."`
}

// sent is a message that was accepted, as --json shows it.
type sent struct {
	Delivery string       `json:"delivery"`
	Message  *tgo.Receipt `json:"message,omitempty"`
}

// send connects, makes the check of --check, and sends.
func (c *sending) send(ctx context.Context, s streams, send func(context.Context, *tgo.Sender, tgo.Phone) (tgo.Receipt, error)) error {
	set, err := c.settings(s)
	if err != nil {
		return err
	}
	from := c.From
	if from == "" {
		from = set.from
	}
	to, err := tgo.ParsePhone(c.To)
	if err != nil {
		return withCode(exitValidation, fmt.Errorf("--to: %w", err))
	}
	if c.DryRun {
		return c.show(ctx, s, set, from, to, send)
	}
	client, err := c.client(set)
	if err != nil {
		return err
	}
	support, err := sender(client, from)
	if err != nil {
		return err
	}
	if c.Check {
		if err := check(ctx, support, to); err != nil {
			return c.failed(s, tgo.DeliveryNotSent, err)
		}
	}
	receipt, err := send(ctx, support, to)
	switch {
	case err != nil:
		return c.failed(s, tgo.DeliveryOf(err), withCode(writeCode(err), err))
	case c.JSON:
		err = writeJSON(s.out, sent{tgo.DeliveryAccepted.String(), &receipt})
	default:
		_, err = fmt.Fprintf(s.out, "%s %d %s\n", printable(receipt.MessageType), receipt.ID, printable(receipt.Status))
	}
	if err != nil { // an exit code for failure would make scripts send it again
		fmt.Fprintf(s.err, "tgo: the message was accepted, but %v\n", err)
	}
	return nil
}

// failed reports a message that was not simply accepted. The exit code says what happened to it, even if no one reads
// the text.
func (c *sending) failed(s streams, delivery tgo.Delivery, err error) error {
	if delivery != tgo.DeliveryAccepted {
		return err
	}
	if c.JSON && writeJSON(s.out, failureOf(err)) == nil { // accepted, although the rest of the response could not be read
		return nil
	}
	fmt.Fprintf(s.err, "tgo: %s\n", inWordsOf(err))
	return nil
}

// check asks whether the sender may send and the recipient can receive.
func check(ctx context.Context, from *tgo.Sender, to tgo.Phone) error {
	_, err := from.Check(ctx)
	var contact tgo.Contact
	if err == nil {
		contact, err = from.Lookup(ctx, to)
	}
	code := readCode(err)
	switch {
	case err == nil && contact.CanReceive:
		return nil
	case err == nil:
		err = fmt.Errorf("the recipient cannot receive messages: %s", contact.ReasonCode)
		code = exitNotSent
	case code == exitFailed: // in any case the message was not sent
		code = exitNotSent
	}
	return withCode(code, fmt.Errorf("%w (not sent)", err))
}
