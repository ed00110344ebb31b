package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Contacts = []tgotest.Contact{{Phone: "+201010000000"}, {Phone: "+201066666666", State: tgotest.ContactUnreachable}}
		c.Strangers = tgotest.ContactUnknown
	})
	env := envOf(fake)
	command(t, env, "lookup", "+201010000000").want(t, exitOK, "+201010000000  can receive\n")
	command(t, env, "lookup", "+201066666666").want(t, exitNo, "cannot receive: unreachable\n")
	command(t, env, "lookup", "+201077777777").want(t, exitNo, "not_found (no one")
	r := command(t, env, "lookup", "+201066666666", "--json").want(t, exitNo)
	if contact := decode[tgo.Contact](t, r.out); contact.CanReceive || contact.ReasonCode != "unreachable" {
		t.Errorf("%+v", contact)
	}
	command(t, env, "lookup", "12").want(t, exitValidation, "phone")
	command(t, env, "lookup", "+201010000000", "--from", "77").want(t, exitRejected, "422")
}
