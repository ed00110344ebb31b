package main

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
)

// asCommand makes the test binary run as the command, for the tests that need a process.
const asCommand = "TGO_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main() // it exits
	}
	// The tests wait for the network and the disk more than they compute. Run parses the flags later: one that the caller gave wins.
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args []string
		says []string
	}{
		"nothing":   {nil, []string{"Usage: tgo <command>", "fake", "demo"}},
		"--help":    {[]string{"--help"}, []string{"Usage: tgo <command>", "fake", "demo"}},
		"-h":        {[]string{"-h"}, []string{"Usage: tgo <command>", "fake", "demo"}},
		"fake":      {[]string{"fake", "--help"}, []string{"Usage: tgo fake", `{"url","api_key","sender_phone","sender_number_id","recipient_phone"}`, "--addr", "--seed", "--tenant"}},
		"demo":      {[]string{"demo", "--help"}, []string{"Usage: tgo demo", "TGO_BASE_URL", "TGO_API_KEY"}},
		"outbox":    {[]string{"outbox", "--help"}, []string{"Usage: tgo outbox <command>", "TGO_OUTBOX_DATABASE", "PGPASSFILE", "outbox migrate", "outbox add text", "outbox purge"}},
		"work":      {[]string{"outbox", "work", "--help"}, []string{"Usage: tgo outbox work", "see tgo outbox --help", "--rate", "--window", "--tenant", "--database"}},
		"with more": {[]string{"fake", "--addr", "127.0.0.1:0", "--help"}, []string{"Usage: tgo fake"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := command(t, nil, c.args...)
			if r.code != 0 || r.err != "" {
				t.Errorf("exit code %d, stderr %q", r.code, r.err)
			}
			mustContain(t, r.out, c.says...)
			if n := strings.Count(r.out, "Usage:"); n != 1 {
				t.Errorf("the help is there %d times", n)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--version"}, {"fake", "--version"}, {"demo", "--version"}} {
		if r := command(t, nil, args...); r.code != 0 || r.out != "tgo "+tgo.Version+"\n" || r.err != "" {
			t.Errorf("%v: %+v", args, r)
		}
	}
}
