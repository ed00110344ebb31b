package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

type sendersCommand struct {
	List     sendersList     `cmd:"" default:"withargs" help:"List the sender numbers: which can send and, if not, why and what to do."`
	Register sendersRegister `cmd:"" help:"Register a phone to send from."`
}

type sendersList struct{ connection }

// Help is shown by tgo senders list --help.
func (sendersList) Help() string {
	return "Example:\n\n  tgo senders\n\nA number can send when its owner has entered the one-time code and the owner's TGO Connect account is verified.\n\n" + exitCodes
}

// Run lists the sender numbers.
func (c *sendersList) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		return reading(err)
	}
	list := make([]shownSender, len(numbers))
	for i, n := range numbers {
		list[i] = readiness(n)
	}
	if c.JSON {
		return writeJSON(s.out, list)
	}
	table := newTable(s.out)
	fmt.Fprintln(table, "ID\tPHONE\tNAME\tREADY\tWHY NOT, AND WHAT TO DO")
	for _, n := range list {
		ready, why := "yes", "-"
		if !n.Ready {
			ready, why = "no", n.Why+"; "+n.ToDo
		}
		name := n.DisplayName
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", n.ID, printable(n.Phone), printable(name), ready, printable(why))
	}
	return table.Flush()
}

// shownSender is a sender number as --json shows it.
type shownSender struct {
	tgo.SenderNumber
	Ready bool   `json:"ready"`
	Why   string `json:"why,omitempty"`
	ToDo  string `json:"what_to_do,omitempty"`
}

// readiness says whether a number can send, why not, and what to do.
func readiness(n tgo.SenderNumber) shownSender {
	shown := shownSender{SenderNumber: n, Ready: true}
	err := n.Ready()
	if err == nil {
		return shown
	}
	shown.Ready = false
	// The error is "tgo: sender number 13 cannot send: WHY; WHAT TO DO".
	_, text, _ := strings.Cut(err.Error(), " cannot send: ")
	shown.Why, shown.ToDo, _ = strings.Cut(text, "; ")
	return shown
}

type sendersRegister struct {
	connection
	Phone       string `arg:"" help:"The phone, with country code."`
	DisplayName string `help:"The name to show for it." placeholder:"NAME"`
}

// Help is shown by tgo senders register --help.
func (sendersRegister) Help() string {
	return `Example:

  tgo senders register +201001187188 --display-name Acme

Its owner receives a one-time code if the phone has an account on TGO Connect, and must enter it in the dashboard; tgo senders shows when
the number can send. The key needs the scope messages.send. The API can neither verify nor remove a number: the dashboard does. Exit code 6
means that the number may have been registered anyway: check with tgo senders before you repeat it.

` + exitCodes
}

// Run registers a sender number.
func (c *sendersRegister) Run(ctx context.Context, s streams) error {
	phone, err := tgo.ParsePhone(c.Phone)
	if err != nil {
		return withCode(exitValidation, err)
	}
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	number, err := client.RegisterSenderNumber(ctx, phone, c.DisplayName)
	switch failed := writing(err); {
	case err != nil && codeOf(failed) == exitUnknown:
		return withCode(exitUnknown, fmt.Errorf("%w; it may have been registered anyway: check with tgo senders", err))
	case err != nil:
		return failed
	case c.JSON:
		return writeJSON(s.out, readiness(number))
	}
	shown := readiness(number)
	next := "it can send"
	if !shown.Ready {
		next = shown.ToDo
	}
	_, err = fmt.Fprintf(s.out, "%s is registered as sender number %d, %s: %s\n", phone, number.ID, printable(number.Status), printable(next))
	return err
}
