package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.SenderNumbers = []tgotest.SenderNumber{
			{Phone: "+201001187188", DisplayName: "Acme"},
			{ID: 13, Phone: "+201001187189", VerificationStatus: "pending_account_verification"},
			{ID: 14, Phone: "+201001187190", Status: "suspended"},
		}
	})
	fill(t, fake, 2)
	env := envOf(fake)
	command(t, env, "usage").want(t, exitOK, "ID", "PHONE", "SENT", "+201001187188  2\n", "+201001187190  0\n")
	command(t, env, "usage", "--json").want(t, exitOK, `"messages_sent":2`)
}

// A usage whose entries have other fields is shown unchanged.
func TestUsageOfOtherFields(t *testing.T) {
	t.Parallel()
	env := answering(t, map[string]string{"/usage": `{"data": [{"number": 3, "sent": 5}]}`})
	command(t, env, "usage").want(t, exitOK, `"sent":5`)
	env = answering(t, map[string]string{"/usage": `{"data": []}`})
	if r := command(t, env, "usage").want(t, exitOK); r.out != "ID  PHONE  SENT\n" {
		t.Errorf("without a sender number it prints %q", r.out)
	}
}
