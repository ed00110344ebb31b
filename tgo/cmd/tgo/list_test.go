package main

import (
	"path/filepath"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// A guessed encoding must be confirmed, by the user or with a flag.
func TestSendListEncodingIsConfirmed(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to;name\n+201000000001;\xe3\xe4\xec\n") // windows-1256
	args := []string{"send", "--csv", file, "--text", "Dear {name}"}
	command(t, envOf(fake), append(args, "--yes")...).want(t, exitUsage, "is not UTF-8. Read as windows-1256", "+201000000001  منى", "--encoding windows-1256")
	atTerminal(t, fake, "n\n", args...).want(t, exitNotSent, "منى", "Is this right? [y/N]", "nothing was sent")
	fake.ExpectNoMessage(t)
	atTerminal(t, fake, "y\ny\n", args...).want(t, exitOK, "1 sent", "Is this right? [y/N]", "Send? [y/N]")
	fake.ExpectMessage(t, tgotest.Containing("Dear منى"))
	command(t, envOf(fake), append(args, "--encoding", "windows-1256")...).want(t, exitOK, "1 sent (1 before, 0 now)")
}
