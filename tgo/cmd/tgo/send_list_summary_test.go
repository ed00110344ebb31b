package main

import (
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// --json tells of each row as it goes.
func TestSendListEvents(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	r := sendCSV(t, fake, file, "--text", hello, "--json").want(t, exitRejected)
	last := map[int32]rowEvent{}
	lines := strings.Split(strings.TrimSpace(r.out), "\n")
	for _, line := range lines[:len(lines)-1] {
		e := decode[rowEvent](t, line)
		last[e.Row] = e
	}
	if last[2].State != "sent" || last[2].MessageID == 0 || last[3].State != "rejected" || last[3].Reason == "" || last[4].State != "sent" {
		t.Errorf("%+v", last)
	}
	if end := decode[endEvent](t, lines[len(lines)-1]); end.Event != "end" || end.Sent != 2 || end.Rejected != 1 || end.ExitCode != exitRejected {
		t.Errorf("%+v", end)
	}
}
