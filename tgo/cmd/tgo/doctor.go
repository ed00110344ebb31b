package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

type doctorCommand struct{ connection }

// Help is shown by tgo doctor --help.
func (doctorCommand) Help() string {
	return `Example:

  tgo doctor

It checks the configuration, the domain, the key, its scopes, the sender numbers and the clock, and says what to fix. It sends nothing.
The exit code is 8 if there is something to fix. A sender number that cannot send is only a note if you send from another one: the one
that TGO_FROM or the profile names, or any that can send.

` + exitCodes
}

// finding is the result of one check of doctor. A result that is OK and has a Fix is shown as a note, since it does not
// affect this user.
type finding struct {
	Check string `json:"check"`
	OK    bool   `json:"ok"`
	Says  string `json:"says"`
	Fix   string `json:"fix,omitempty"`
}

// dates is a transport that compares the clocks of this machine and the server.
type dates struct {
	mu     sync.Mutex
	behind time.Duration // how far this machine's clock is behind the server's
	known  bool
}

// RoundTrip sends the request and compares the clocks.
func (d *dates) RoundTrip(req *http.Request) (*http.Response, error) {
	begun := time.Now()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		now := begun.Add(time.Since(begun) / 2)
		d.mu.Lock()
		d.behind, d.known = date.Sub(now.Truncate(time.Second)), true
		d.mu.Unlock()
	}
	return resp, nil
}

// Run makes all checks and prints their results.
func (c *doctorCommand) Run(ctx context.Context, s streams) error {
	found, err := c.examine(ctx, s)
	if err != nil {
		return err
	}
	ok := !slices.ContainsFunc(found, func(f finding) bool { return !f.OK })
	if c.JSON {
		err = writeJSON(s.out, struct {
			OK     bool      `json:"ok"`
			Checks []finding `json:"checks"`
		}{ok, found})
	} else {
		for _, f := range found {
			mark := "ok  "
			switch {
			case !f.OK:
				mark = "FIX "
			case f.Fix != "":
				mark = "note"
			}
			fmt.Fprintf(s.out, "%s %-14s %s\n", mark, f.Check, printable(f.Says))
			if f.Fix != "" {
				fmt.Fprintf(s.out, "     %-14s -> %s\n", "", printable(f.Fix))
			}
		}
	}
	if err == nil && !ok {
		return withCode(exitNo, errShown)
	}
	return err
}

func (c *doctorCommand) examine(ctx context.Context, s streams) ([]finding, error) {
	set, err := c.settings(s)
	if err != nil {
		return []finding{{"configuration", false, inWordsOf(err), "tgo send --help shows a configuration, and tgo config set writes one"}}, nil
	}
	var clock dates
	client, err := c.client(set, tgo.WithHTTPClient(&http.Client{Transport: &clock}))
	if err != nil {
		return []finding{{"configuration", false, inWordsOf(err), "tgo send --help shows a configuration, and tgo config set writes one"}}, nil
	}
	where := set.tenant
	if where == "" {
		where = set.baseURL
	}
	says := fmt.Sprintf("%s, key from %s", where, set.keySource)
	if set.profile != "" {
		says += ", profile " + set.profile
	}
	found := []finding{{"configuration", true, says, ""}}
	me, err := client.Me(ctx)
	if ctx.Err() != nil {
		return nil, reading(err)
	}
	domain, key := domainAndKey(where, me, err)
	found = append(found, domain)
	if !domain.OK {
		return found, nil
	}
	found = append(found, key)
	if err == nil { // the key works, though it may expire soon
		found = append(found, scopes(me)...)
		found = append(found, senders(ctx, client, set.from)...)
	}
	if clock.known {
		found = append(found, clock.finding())
	}
	return found, nil
}

func domainAndKey(where string, me tgo.Me, err error) (domain, key finding) {
	var refused *tgo.APIError
	domain = finding{"domain", true, where + " responds", ""}
	key = finding{Check: "key"}
	switch {
	case errors.Is(err, tgo.ErrTenant):
		return finding{"domain", false, "no tenant has the domain " + where, "see the address of your dashboard: the domain is the part after https://"}, key
	case errors.As(err, &refused) && errors.Is(err, tgo.ErrUnreadable), err != nil && errors.Is(err, tgo.ErrServer):
		return finding{"domain", false, inWordsOf(err), "the server has a problem, or another server responds there: try again later, or check the domain"}, key
	case errors.As(err, new(*tls.CertificateVerificationError)):
		return finding{"domain", false, inWordsOf(err), "check the domain; if the certificate is your own, name its file in SSL_CERT_FILE"}, key
	case err != nil && !errors.As(err, &refused):
		return finding{"domain", false, inWordsOf(err), "check the domain's spelling, the network and a proxy (HTTPS_PROXY)"}, key
	case errors.Is(err, tgo.ErrUnauthenticated):
		key.Says, key.Fix = "the key is not accepted: mistyped, revoked or expired", "create another in the dashboard, or with tgo keys create, using a key that works"
		return domain, key
	case errors.Is(err, tgo.ErrRateLimited):
		key.Says, key.Fix = inWordsOf(err), "this is the rate limit and says nothing about the key: try again later"
		return domain, key
	case err != nil:
		key.Says, key.Fix = inWordsOf(err), "ask the vendor what the key may do"
		return domain, key
	}
	key.OK = true
	key.Says = "it belongs to " + me.Organization.Name
	if k := me.APIKey; k != nil {
		key.Says += fmt.Sprintf(", named %q, expires %s", k.Name, localTime(k.ExpiresAt))
		if left := 14 * 24 * time.Hour; k.ExpiresAt != nil && time.Until(*k.ExpiresAt) < left {
			key.OK, key.Fix = false, "it expires within two weeks: create another with tgo keys create"
		}
	}
	return domain, key
}

// uses lists the commands that need a scope.
var uses = []struct {
	scope tgo.Scope
	what  string
}{
	{tgo.ScopeMessagesSend, "tgo send"},
	{tgo.ScopeMessagesRead, "tgo log"},
	{tgo.ScopeContactsLookup, "tgo lookup and --check"},
	{tgo.ScopeUsageRead, "tgo usage"},
}

func scopes(me tgo.Me) []finding {
	if me.APIKey == nil || me.APIKey.Scopes == nil {
		return []finding{{"scopes", true, "the server does not say which scopes the key has", ""}}
	}
	has := me.APIKey.Scopes
	var lacks, fails []string
	for _, u := range uses {
		if !slices.Contains(has, string(u.scope)) && !slices.Contains(has, string(tgo.ScopeAll)) {
			lacks, fails = append(lacks, string(u.scope)), append(fails, u.what)
		}
	}
	f := finding{"scopes", true, strings.Join(has, ", "), ""}
	if len(lacks) > 0 {
		f.OK = false
		f.Says = fmt.Sprintf("the key has %s and lacks %s", list(has), list(lacks))
		f.Fix = fmt.Sprintf("%s will be refused; if you need it, create a key with %s", list(fails), list(lacks))
	}
	return []finding{f}
}

func list(words []string) string {
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, ", ")
}

func senders(ctx context.Context, client *tgo.Client, from string) []finding {
	numbers, err := client.SenderNumbers(ctx)
	if err != nil {
		return []finding{{"senders", false, inWordsOf(err), "the list of sender numbers could not be read: try again"}}
	}
	if len(numbers) == 0 {
		return []finding{{"senders", false, "the organization has no sender number", "register one with tgo senders register"}}
	}
	shown := make([]shownSender, len(numbers))
	for i, n := range numbers {
		shown[i] = readiness(n)
	}
	someReady := slices.ContainsFunc(shown, func(n shownSender) bool { return n.Ready })
	tell := func(mine func(shownSender) bool) (found []finding) {
		for _, n := range shown {
			f := finding{fmt.Sprintf("sender %d", n.ID), true, n.Phone + " can send", ""}
			if !n.Ready {
				f.OK, f.Says, f.Fix = !mine(n), n.Phone+" cannot send: "+n.Why, n.ToDo
			}
			found = append(found, f)
		}
		return found
	}
	if from == "" { // one number that can send is enough
		return tell(func(shownSender) bool { return !someReady })
	}
	none := func(shownSender) bool { return false }
	f := finding{Check: "from", Fix: "name one of the numbers above"}
	one, err := sender(client, from)
	if err != nil {
		f.Says = "TGO_FROM or the profile names no sender number: " + inWordsOf(err)
		return append(tell(none), f)
	}
	var input *tgo.InputError
	number, err := one.Check(ctx)
	found := tell(func(n shownSender) bool { return n.ID == number.ID })
	switch {
	case err == nil, errors.Is(err, tgo.ErrSenderInactive), errors.Is(err, tgo.ErrSenderUnverified): // reported above
		return found
	case errors.Is(err, tgo.ErrSenderUnknown):
		f.Says = "TGO_FROM or the profile names " + from + ", which is none of these"
	case errors.As(err, &input):
		f.Says = "TGO_FROM or the profile names " + from + ": " + inWordsOf(err)
	default:
		f.Says, f.Fix = inWordsOf(err), "the sender number "+from+" could not be looked up: try again"
	}
	return append(found, f)
}

// maxSkew is how far the clocks may differ. A larger difference impairs the search for lost messages.
const maxSkew = 2 * time.Minute

func (d *dates) finding() finding {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := finding{"clock", true, "differs from the server's by less than " + rounded(maxSkew), ""}
	if d.behind.Abs() > maxSkew {
		way := "behind"
		if d.behind < 0 {
			way = "ahead of"
		}
		f = finding{"clock", false, fmt.Sprintf("this machine's clock is %s %s the server's", rounded(d.behind.Abs().Round(time.Second)), way), "set the clock: the search for lost messages compares times"}
	}
	return f
}
