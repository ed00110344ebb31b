package main

import (
	"context"
	"fmt"

	"github.com/tgo-business/tgo-go/tgo"
)

type lookupCommand struct {
	connection
	From  string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	Phone string `arg:"" optional:"" help:"The phone to ask about, with country code."`
	listFlags
	Rate   float64 `help:"How many phones of a list to ask about in a second." default:"10"`
	Report string  `help:"Write a list with the answers to this file, .csv or .xlsx; by default the list's name with .lookup.report." placeholder:"FILE"`
}

// Help is shown by tgo lookup --help.
func (lookupCommand) Help() string {
	return `Example:

  tgo lookup +201010000000 && tgo send text --to +201010000000 "Hello"
  tgo lookup --csv customers.xlsx --country EG --to phone

The exit code is 8 where a phone cannot receive.

` + exitCodes
}

// Run asks whether a phone can receive.
func (c *lookupCommand) Run(ctx context.Context, s streams) error {
	client, set, err := c.connect(s)
	if err != nil {
		return err
	}
	if c.From != "" {
		set.from = c.From
	}
	from, err := sender(client, set.from)
	if err != nil {
		return err
	}
	switch {
	case (c.Phone == "") == (c.CSV == ""):
		return usageError("give a phone, or a list by --csv")
	case !(c.Rate >= 0.001): // which NaN is not either
		return usageError("--rate must be 0.001 or more")
	case c.CSV == "-":
		return usageError("--csv - is only for tgo send: name a file")
	case c.CSV != "":
		return c.lookupList(ctx, s, from)
	}
	phone, err := tgo.ParsePhone(c.Phone)
	if err != nil {
		return withCode(exitValidation, err)
	}
	contact, err := from.Lookup(ctx, phone)
	if err != nil {
		return reading(err)
	}
	verdict := "can receive"
	if !contact.CanReceive {
		verdict = "cannot receive: " + printable(contact.ReasonCode)
		if !contact.Exists {
			verdict += " (nobody on TGO Connect has this phone)"
		}
	}
	if c.JSON {
		err = writeJSON(s.out, contact)
	} else {
		_, err = fmt.Fprintf(s.out, "%s  %s\n", phone, verdict)
	}
	if err == nil && !contact.CanReceive {
		return withCode(exitNo, errShown)
	}
	return err
}
