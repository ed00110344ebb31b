package main

import (
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Before the first message the user is asked, unless --yes is given.
func TestSendListAsks(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 300)
	args := []string{"send", "--csv", file, "--text", hello}
	command(t, envOf(fake), args...).want(t, exitUsage, "300 messages would be sent", "--yes")
	for _, no := range []string{"n\n", "\n", "", "what?\n"} {
		atTerminal(t, fake, no, args...).want(t, exitNotSent, "300 rows, of which 0 were sent before", "300 messages, 10 a second, which takes about 30s",
			"row 2  "+rowPhone(0), "Dear Person 0, order 1000", "row 4  ", "and 297 more", "Send? [y/N]", "nothing was sent")
	}
	atTerminal(t, fake, "", args...).want(t, exitNotSent, "Send? [y/N] \ntgo: nothing was sent") // Ctrl-D
	if text := inWordsOf(errInterrupted); text != "interrupted" {
		t.Errorf("%q", text)
	}
	fake.ExpectNoMessage(t)
	atTerminal(t, fake, "yes\n", append(args, "--rate", "0")...).want(t, exitOK, "300 sent")
	// There is nothing to send, and so nothing to ask.
	command(t, envOf(fake), args...).want(t, exitOK, "300 sent (300 before, 0 now)")
}
