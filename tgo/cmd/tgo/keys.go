package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tgo-business/tgo-go/tgo"
)

type keysCommand struct {
	Create keysCreate `cmd:"" help:"Create an API key."`
	Revoke keysRevoke `cmd:"" help:"Revoke an API key at once."`
}

type keysCreate struct {
	connection
	Name    string      `help:"Name of the key." required:"" placeholder:"NAME"`
	Scope   []tgo.Scope `help:"What the key may do: messages.send, messages.read, contacts.lookup, usage.read or *. May be repeated." required:"" placeholder:"SCOPE"`
	Expires int         `help:"How many days the key is valid, 1 to 365; 90 by default." name:"expires-in-days" placeholder:"DAYS"`
	Out     string      `help:"Write the key to this new file, which only you can read, instead of stdout." placeholder:"FILE"`
}

// Help is shown by tgo keys create --help.
func (keysCreate) Help() string {
	return `Examples:

  tgo keys create --name notifications --scope messages.send --scope contacts.lookup --out notifications.key
  tgo keys create --name audit --scope messages.read --expires-in-days 30 | vault-put

Stdout has the key and nothing else. The API shows the key only once. Exit code 6 means that the key may have been created anyway.

` + exitCodes
}

// createdKey is a new key as --json shows it.
type createdKey struct {
	tgo.APIKey
	PlainText string `json:"plain_text_key,omitempty"`
	File      string `json:"file,omitempty"`
}

// Run creates a key.
func (c *keysCreate) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	var file *os.File
	if c.Out != "" { // before the key is created, so none is lost
		file, err = os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return withCode(exitUsage, err)
		}
	}
	created, err := client.CreateAPIKey(ctx, tgo.NewAPIKey{Name: c.Name, Scopes: c.Scope, ExpiresInDays: c.Expires})
	plain := created.Key.Reveal()
	if plain == "" {
		if file != nil {
			_ = file.Close()
			_ = os.Remove(c.Out)
		}
		if failed := writing(err); codeOf(failed) != exitUnknown {
			return failed
		}
		return withCode(exitUnknown, fmt.Errorf("%w; the key may have been created anyway: check the dashboard", err))
	}
	if err != nil {
		fmt.Fprintf(s.err, "tgo: the key was created, but %s\n", inWordsOf(err))
	}
	shown := createdKey{APIKey: created.APIKey, PlainText: plain}
	if file != nil {
		_, err := fmt.Fprintln(file, plain)
		if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
			return fmt.Errorf("the key could not be written to %s, and the API does not show it again: %w; revoke it with tgo keys revoke %d, and create another", c.Out, err, created.ID)
		}
		shown.PlainText, shown.File = "", c.Out
	}
	if c.JSON {
		return writeJSON(s.out, shown)
	}
	fmt.Fprintf(s.err, "tgo: created key %d (%s) with scopes %s; expires %s\n", created.ID, printable(created.Name), strings.Join(created.Scopes, ", "), localTime(created.ExpiresAt))
	if file != nil {
		fmt.Fprintf(s.err, "tgo: it is in %s\n", c.Out)
		return nil
	}
	_, err = fmt.Fprintln(s.out, plain)
	return err
}

type keysRevoke struct {
	connection
	ID int64 `arg:"" help:"Id of the key, as tgo me and tgo keys create show it."`
}

// Help is shown by tgo keys revoke --help.
func (keysRevoke) Help() string { return "Example:\n\n  tgo keys revoke 7\n\n" + exitCodes }

// Run revokes a key.
func (c *keysRevoke) Run(ctx context.Context, s streams) error {
	client, _, err := c.connect(s)
	if err != nil {
		return err
	}
	if err := client.RevokeAPIKey(ctx, c.ID); err != nil {
		return writing(err)
	}
	if c.JSON {
		return writeJSON(s.out, map[string]any{"id": c.ID, "status": "revoked"})
	}
	fmt.Fprintf(s.out, "key %d is revoked\n", c.ID)
	return nil
}
