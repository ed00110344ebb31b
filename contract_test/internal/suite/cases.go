package suite

import (
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Case is a case that any server of the API must pass. It says what it needs, and how many requests it makes at most.
type Case struct {
	Name     string
	Needs    Needs
	Requests int
	Messages int // requests that may send a message
	Run      func(t *testing.T, on *Target)
	// BetterWith is what another case needs that tests the same and more. If a target has that, this case is skipped.
	BetterWith Needs
}

// Needs is what a case needs of its target.
type Needs int

// What a case may need.
const (
	NeedsRead   Needs = 1 << iota // read the log, the usage and the account
	NeedsLookup                   // look up a phone
	NeedsSend                     // send messages
	NeedsKeys                     // make and revoke keys
	NeedsState                    // a server that remembers what was done: a mock does not
	NeedsAuth                     // a server that refuses a wrong key
)

var needNames = map[Needs]string{
	NeedsRead: "read", NeedsLookup: "lookup", NeedsSend: "send", NeedsKeys: "keys", NeedsState: "state", NeedsAuth: "auth",
}

func (n Needs) String() string {
	var names []string
	for _, one := range slices.Sorted(maps.Keys(needNames)) {
		if n&one != 0 {
			names = append(names, needNames[one])
		}
	}
	return strings.Join(names, "+")
}

// WhyNot says why a case cannot run on this target. It is empty if it can.
func (on *Target) WhyNot(c Case) string {
	for _, one := range slices.Sorted(maps.Keys(needNames)) {
		if c.Needs&one != 0 && on.lacks[one] != "" {
			return on.lacks[one]
		}
	}
	if better := c.BetterWith; better != 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(on.lacks)), func(n Needs) bool { return n&better != 0 }) {
		return "another case does the same and more"
	}
	return ""
}

// Run runs the cases that the target can run, one after the other, and skips the others with the reason.
func Run(t *testing.T, on *Target, list []Case) {
	t.Helper()
	for _, c := range list {
		t.Run(c.Name, func(t *testing.T) {
			why := on.WhyNot(c)
			if why == "" && on.Guard != nil {
				why = on.Guard.whyNot(c)
			}
			if why != "" {
				t.Skip(why)
			}
			before := len(on.Recorder.Exchanges())
			c.Run(t, on)
			if n := len(on.Recorder.Exchanges()) - before; n > c.Requests {
				t.Errorf("it made %d requests, and its Requests says %d", n, c.Requests)
			}
		})
	}
}

// whyNot says why a case cannot start now.
func (g *Guard) whyNot(c Case) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped != "" {
		return "the guard has ended the run"
	}
	return g.rules.whyNot(c, g.requests, g.messages)
}

// whyNot says why a case cannot start after so many requests and messages. A case that leaves something behind starts only if
// the requests suffice to end it.
func (r guardRules) whyNot(c Case, requests, messages int) string {
	switch {
	case c.Messages > r.messages-messages:
		return "all messages that are allowed were sent by then"
	case c.Needs&(NeedsSend|NeedsKeys) != 0 && c.Requests > r.requests-requests:
		return "the requests that are left by then are too few"
	}
	return ""
}

// masked returns enough of a phone for its owner to recognize it.
func masked(phone string) string {
	if len(phone) < 9 {
		return "(none)"
	}
	return phone[:4] + strings.Repeat("*", len(phone)-7) + phone[len(phone)-3:]
}

// WritePlan writes what a run is going to do.
func WritePlan(w io.Writer, on *Target, list []Case) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	say("Plan for %s", on.Name)
	if u, err := url.Parse(on.BaseURL); err == nil {
		say("  server    %s://%s%s", u.Scheme, u.Host, u.Path)
	}
	if on.Guard != nil {
		r := on.Guard.rules
		say("  requests  %d at most, one at a time, %v apart; the first 429 or redirect ends it", r.requests, r.pause)
		say("  messages  %d at most, to %s", r.messages, masked(r.recipient))
		say("  lookups   of %s and of no one else", masked(on.Lookup))
		say("  keys      %s", map[bool]string{true: "may be made, to expire in a day, and are revoked", false: "none is made or revoked"}[r.keys])
	}
	requests, messages := 0, 0
	for _, c := range list {
		why := on.WhyNot(c)
		if why == "" && on.Guard != nil {
			why = on.Guard.rules.whyNot(c, requests, messages)
		}
		if why != "" {
			say("  skip      %s: %s", c.Name, why)
			continue
		}
		say("  run       %s (%s; %d requests, %d messages)", c.Name, c.Needs, c.Requests, c.Messages)
		requests += c.Requests
		messages += c.Messages
	}
	say("  in all    %d requests, %d messages", requests, messages)
}
