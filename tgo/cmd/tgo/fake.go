package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

type fakeCommand struct {
	Addr          string            `help:"Address to listen on. Port 0 takes a free one." default:"127.0.0.1:0"`
	Seed          string            `help:"JSON file with keys, sender_numbers and contacts." type:"existingfile" placeholder:"FILE"`
	UnknownFields bool              `help:"Put an unknown field into every response, and allow unknown states of sender numbers."`
	KeepMedia     int64             `help:"How many MiB of files to keep for the inbox; the oldest are dropped first." default:"64" name:"keep-media" placeholder:"MIB"`
	MaxMessages   int               `help:"How many messages to keep, in the log and for the inbox; the oldest are dropped first." default:"10000" name:"max-messages" placeholder:"N"`
	DoubledWithin time.Duration     `help:"How soon after a message an identical one counts as doubled in the inbox." default:"1m" name:"doubled-within" placeholder:"DURATION"`
	Tenant        []string          `help:"Host name to serve in addition to the loopback names, or * for all. May be repeated." placeholder:"HOST"`
	Variant       []tgotest.Variant `help:"Respond differently from what the contract assumes, as the API may; the names are listed above. May be repeated." enum:"${variants}" placeholder:"NAME"`
}

// variantNames returns the values of --variant.
func variantNames() []string {
	var names []string
	for _, v := range tgotest.Variants() {
		names = append(names, string(v))
	}
	return names
}

// Help is shown by tgo fake --help.
func (fakeCommand) Help() string {
	return `The first line on stdout is a JSON object with the address of the server and what is needed to use it:

  {"url","api_key","sender_phone","sender_number_id","recipient_phone"}

The root page, such as http://127.0.0.1:8080/, is an inbox: it shows messages as a list or as on the recipient's phone, explains what is
wrong with refused requests, marks messages that arrived twice, and sets faults. /docs is the API reference, which can send to the fake.
Programs find the same under /_fake: messages, doubled messages, requests, keys, contacts, senders, faults and events;
/docs/admin.yaml describes it.

/openapi.yaml, /openapi.json and /openapi-3.1.json are the API's description for tools, with the fake as its server.

Warnings go to stderr, each once: about a host that is not served, with the flag that adds it, and about requests that work here but may
not work at the API.

It stops on SIGINT or SIGTERM. A seed file looks like this; all parts are optional:

  {
    "keys": [{"key": "tgo_local-development", "name": "dev", "scopes": ["*"]}],
    "sender_numbers": [{"phone": "+201001187188"}, {"phone": "+201001187189", "status": "suspended"}],
    "contacts": [{"phone": "+201010000000"}, {"phone": "+201066666666", "state": "unreachable"}],
    "strangers": "unknown"
  }

The variants are ` + strings.Join(variantNames(), ", ") + `. Variant in package tgotest describes what each changes.`
}

// announcement is the first line on stdout. Programs in any language read it.
type announcement struct {
	URL            string       `json:"url"`
	APIKey         string       `json:"api_key"`
	SenderPhone    tgo.Phone    `json:"sender_phone"`
	SenderNumberID tgo.NumberID `json:"sender_number_id"`
	RecipientPhone tgo.Phone    `json:"recipient_phone"`
}

// Run serves requests until the context ends.
func (f *fakeCommand) Run(ctx context.Context, s streams) error {
	switch {
	case f.KeepMedia < 0:
		return withCode(exitUsage, fmt.Errorf("--keep-media: %d is below 0; 0 keeps no files", f.KeepMedia))
	case f.MaxMessages < 1:
		return withCode(exitUsage, fmt.Errorf("--max-messages: %d is below 1", f.MaxMessages))
	case f.DoubledWithin <= 0:
		return withCode(exitUsage, fmt.Errorf("--doubled-within: %v must be more than 0, such as 30s or 2m", f.DoubledWithin))
	}
	cfg := tgotest.Config{Addr: f.Addr, UnknownFields: f.UnknownFields, Inbox: true, KeepMedia: f.KeepMedia << 20,
		MaxMessages: f.MaxMessages, DoubledWithin: f.DoubledWithin, Variants: f.Variant}
	if f.Seed != "" {
		seed, err := readSeed(f.Seed)
		if err != nil {
			return withCode(exitUsage, err)
		}
		cfg.Seed = seed
	}
	host, _, err := net.SplitHostPort(f.Addr)
	if err != nil {
		return withCode(exitUsage, fmt.Errorf("--addr: %w", err))
	}
	cfg.Tenants = append([]string{"localhost", "127.0.0.1", "::1", host}, f.Tenant...)
	cfg.Warn = func(warning string) { fmt.Fprintln(s.err, "tgo fake: warning:", warning) }
	fake, err := tgotest.Start(cfg)
	if err != nil { // the seed, the address or the variants are wrong
		return withCode(exitUsage, err)
	}
	line := announcement{fake.URL, fake.Key.Reveal(), fake.SenderPhone, fake.SenderNumberID, fake.RecipientPhone}
	if err := json.NewEncoder(s.out).Encode(line); err != nil { //nolint:gosec // the key is the fake's own, and this line is how others learn it
		return err
	}
	fmt.Fprintf(s.err, "tgo fake: listening on %s; inbox at %s/; Ctrl-C stops it\n", fake.URL, strings.TrimSuffix(fake.URL, "/api/v1"))
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := fake.Shutdown(stopping); err != nil {
		return fake.Close()
	}
	return nil
}

func readSeed(name string) (tgotest.Seed, error) {
	f, err := os.Open(name) //nolint:gosec // reading the file that the user names is the purpose
	if err != nil {
		return tgotest.Seed{}, err
	}
	defer f.Close() //nolint:errcheck // it was only read from
	content := bufio.NewReader(f)
	if mark, err := content.Peek(len(byteOrderMark)); err == nil && string(mark) == byteOrderMark {
		_, _ = content.Discard(len(byteOrderMark)) // they were peeked at
	}
	seed, err := tgotest.ReadSeed(content)
	if err != nil {
		return seed, fmt.Errorf("%s: %w", name, err)
	}
	return seed, nil
}
