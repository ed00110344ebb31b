package tgotest

import (
	"math"
	"slices"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// Config configures a fake. [New] and [Start] replace zero values with the defaults.
type Config struct {
	Seed
	// Addr is where to listen; by default a free port of the loopback interface.
	Addr string
	// Tenants are the host names that the fake serves. A request for any other host gets a 404, as for a domain without a tenant. The
	// default is the loopback names and the host of Addr; "*" serves all hosts.
	Tenants []string
	// PageSize is the number of entries on a page of the log; 15 by default, at most math.MaxInt32.
	PageSize int
	// MaxMessages is how many messages are kept for the log and for tests; the oldest are dropped first; 10,000 by default.
	// Usage still counts all of them.
	MaxMessages int
	// KeepMedia is how many bytes of media are kept in all; the oldest are dropped first. By default none are kept: of each
	// file only the name, content type, size and SHA-256 are known.
	KeepMedia int64
	// Inbox serves a page at / that shows requests as they come, an API reference at /docs, and the contract at
	// /openapi.yaml, /openapi.json and /openapi-3.1.json, with the fake as its server. For the page it remembers the newest
	// requests: as many as MaxMessages and at least 500, in up to 64 MiB, or 2 KiB for each if that is more. With
	// KeepMedia the page shows pictures and plays sounds.
	Inbox bool
	// DoubledWithin is how soon after a message the same one counts as doubled; by default a minute. See [Server.Doubled].
	DoubledWithin time.Duration
	// UnknownFields adds a field that the contract does not have to every object of every response, because the API may add
	// fields. It also allows sender numbers in unknown states.
	UnknownFields bool
	// Variants make the fake behave as the API may if an assumption of the contract is wrong. Two variants that change the same
	// thing (success, sender, usage, or the form of a page) are an error.
	Variants []Variant
	// Coverage counts which parts of the contract are exercised; by default each fake has its own counter. Give several fakes the same one to
	// add them up.
	Coverage *Coverage
	// Faults chooses a fault for a request to an operation, by its operationId, or nil for none. It is called only if
	// no injected fault applies, and must be safe for concurrent use. If Inject would refuse the fault, the response is a 500 that says why.
	Faults func(operation string) *Fault
	// Warn is called for what the response does not show: a request to a host that is not a tenant, and one that works here but
	// may not work elsewhere. It must be safe for concurrent use. Each warning is given once, and at most 100 are given.
	Warn func(warning string)
	// Now is the clock; by default time.Now. It must be safe for concurrent use.
	Now func() time.Time
}

const (
	defaultDoubledWithin = time.Minute

	defaultSender    = "+201001187188"
	defaultRecipient = "+201010000000"
)

// withDefaults fills in what was left open and checks the rest.
func (c Config) withDefaults() (Config, error) {
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.PageSize <= 0 {
		c.PageSize = 15
	}
	c.PageSize = min(c.PageSize, math.MaxInt32)
	if c.MaxMessages <= 0 {
		c.MaxMessages = 10_000
	}
	if c.DoubledWithin <= 0 {
		c.DoubledWithin = defaultDoubledWithin
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Coverage == nil {
		c.Coverage = NewCoverage()
	}
	if len(c.Keys) == 0 {
		c.Keys = []Key{{PlainText: newPlainKey(), Name: "all scopes", Scopes: []tgo.Scope{tgo.ScopeAll}}}
	}
	if len(c.SenderNumbers) == 0 {
		c.SenderNumbers = []SenderNumber{{Phone: defaultSender, DisplayName: "Fake sender"}}
	}
	if len(c.Contacts) == 0 {
		c.Contacts = []Contact{{Phone: defaultRecipient}}
	}
	if c.Strangers == "" {
		c.Strangers = ContactReachable
	}
	c.Keys = slices.Clone(c.Keys) // the caller's stay as they are
	for i := range c.Keys {
		if c.Keys[i].PlainText == "" {
			c.Keys[i].PlainText = newPlainKey()
		}
	}
	if err := c.setUpVariants(); err != nil {
		return c, err
	}
	var err error
	c.Seed, err = c.checkedSeed()
	return c, err
}

// workspace is how the workspace begins.
func (c *Config) workspace() workspace.Config {
	begin := workspace.Config{
		Strangers:   workspace.ContactState(c.Strangers),
		MaxMessages: c.MaxMessages, KeepMedia: c.KeepMedia, DoubledWithin: c.DoubledWithin, Now: c.Now,
	}
	for _, k := range c.Keys {
		begin.Keys = append(begin.Keys, k.forWorkspace())
	}
	for _, n := range c.SenderNumbers {
		begin.Senders = append(begin.Senders, n.forWorkspace())
	}
	for _, contact := range c.Contacts {
		begin.Contacts = append(begin.Contacts, contact.forWorkspace())
	}
	return begin
}
