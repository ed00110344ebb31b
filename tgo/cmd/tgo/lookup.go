package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

type lookupCommand struct {
	connection
	From  string `help:"Sender number: its phone or its id (or TGO_FROM)." placeholder:"SENDER"`
	Phone string `arg:"" optional:"" name:"phone-or-file" help:"The phone to ask about, with country code; or a list of phones, the same as --csv."`
	listFlags
	Rate   float64 `help:"How many phones of a list to ask about in a second." default:"10"`
	Report string  `help:"Write a list with the results to this file, .csv or .xlsx; by default the list's name with .lookup.report." placeholder:"FILE"`
}

// Help is shown by tgo lookup --help.
func (lookupCommand) Help() string {
	return `Examples:

  tgo lookup +201010000000 && tgo send text --to +201010000000 "Hello"
  tgo lookup customers.xlsx --country EG --to phone

The exit code is 8 if a phone cannot receive.

` + exitCodes
}

// Run asks whether a phone, or each phone of a list, can receive messages.
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
	if c.Phone != "" && c.CSV == "" && isList(c.Phone) {
		c.Phone, c.CSV = "", c.Phone
	}
	switch {
	case (c.Phone == "") == (c.CSV == ""):
		return usageError("give either a phone or a list")
	case !(c.Rate >= 0.001): // also rejects NaN
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
			verdict += " (no one on TGO Connect has this phone)"
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

// isList reports whether an argument names a list and is not a phone.
func isList(argument string) bool {
	if _, err := tgo.ParsePhone(argument); err == nil {
		return false
	}
	info, err := os.Stat(argument)
	return err == nil && info.Mode().IsRegular() ||
		slices.Contains([]string{".csv", ".tsv", ".txt", ".xlsx"}, strings.ToLower(filepath.Ext(argument)))
}
