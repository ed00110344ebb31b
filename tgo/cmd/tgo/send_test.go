package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestSendText(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env, to := envOf(fake), string(fake.RecipientPhone)
	letter := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(letter, []byte("two\nlines\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		stdin, text string
		args        []string
	}{
		{"", "Hello", []string{"Hello"}},
		{"from a pipe\n", "from a pipe", nil},
		{"from a pipe", "from a pipe", []string{"-"}},
		{"from a pipe", "from a pipe", []string{"--file", "-"}},
		{"", "two\nlines", []string{"--file", letter}},
		{"", "طلبك جاهز", []string{"طلبك جاهز", "--from", "1"}},
		{"", "with a check", []string{"with a check", "--check"}},
		{"", "as people write it", []string{"as people write it", "--from", "00201001187188"}},
	} {
		commandIn(t, env, c.stdin, append([]string{"send", "text", "--to", to}, c.args...)...).want(t, exitOK, "text", "sent\n")
		m := fake.ExpectMessage(t)
		if m.Content != c.text || m.To != fake.RecipientPhone || m.SenderPhone != fake.SenderPhone {
			t.Errorf("%v: %+v arrived", c.args, m)
		}
	}
	r := commandIn(t, env, "", "send", "text", "--to", "+20 100-101 0000", "Hello", "--json").want(t, exitOK)
	shown := decode[struct {
		Delivery string
		Message  tgo.Receipt
	}](t, r.out)
	if m := fake.ExpectMessage(t); shown.Delivery != "accepted" || shown.Message.ID != m.ID || m.To != "+201001010000" {
		t.Errorf("%+v and %+v", shown, m)
	}
	// A shell loop over a list has the rest of the list on stdin. It must not become the text.
	const list = "+201000000009 the next"
	commandIn(t, env, list, "send", "text", "--to", to, "").want(t, exitValidation, "content")
	commandIn(t, env, list, "send", "text", "--to", to, "", "--file", letter).want(t, exitUsage, "not both")
	fake.ExpectNoMessage(t)
}

// If the check of --check fails, the message is not sent.
func TestChecksThatFail(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for _, operation := range []string{"listSenderNumbers", "lookupContact"} {
		if _, err := fake.Inject(tgotest.Fault{Operation: operation, Kind: tgotest.FaultStatus}); err != nil {
			t.Fatal(err)
		}
		args := []string{"send", "text", "--to", string(fake.RecipientPhone), "--check", "Hello"}
		command(t, envOf(fake), args...).want(t, exitNotSent, "503", "(not sent)")
		r := command(t, envOf(fake), append(args, "--json")...).want(t, exitNotSent)
		if f := decode[failure](t, r.err); f.Delivery != "not sent" || f.Status != http.StatusServiceUnavailable || r.out != "" {
			t.Errorf("%s: %+v, %q", operation, f, r.err)
		}
		fake.ClearFaults()
	}
	fake.ExpectNoMessage(t)
}
