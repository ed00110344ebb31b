package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Rejected rows can be sent again together, also from a report. Unknown rows must be named by number.
func TestSendListResendRejected(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 8)
	for i := range 5 {
		fake.SetContact(tgo.Phone(rowPhone(i)), tgotest.ContactUnreachable)
	}
	inject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Skip: 7, Times: 1})
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").want(t, exitUnknown, "2 sent", "5 rejected, 1 unknown")
	for i := range 3 {
		fake.SetContact(tgo.Phone(rowPhone(i)), tgotest.ContactReachable)
	}
	atTerminal(t, fake, "n\n", "send", "--csv", file, "--text", hello, "--resend", "rejected").
		want(t, exitNotSent, "To send: 5 messages", "row 2  "+rowPhone(0), "row 4  "+rowPhone(2), "and 2 more", "Send? [y/N]")
	// A user keeps two rows of the report.
	report, err := os.ReadFile(file + ".report.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(report), "\n")
	part := writeFile(t, filepath.Join(t.TempDir(), "part.csv"), lines[0]+lines[1]+lines[2]+lines[8])
	sendCSV(t, fake, file, "--text", hello, "--resend", part).want(t, exitUnknown, "4 sent (2 before, 2 now), 3 rejected, 1 unknown")
	sendCSV(t, fake, file, "--text", hello, "--resend", "rejected").want(t, exitUnknown, "5 sent (4 before, 1 now), 2 rejected, 1 unknown")
	wantMessages(t, fake, 6)
	// The report is a list, too: in the same campaign, nothing is sent again.
	sendCSV(t, fake, file+".report.csv", "--text", hello, "--campaign", "recipients", "--database", "sqlite:"+databaseOf(file)).
		want(t, exitUnknown, "8 rows: 5 sent (5 before, 0 now), 2 rejected, 1 unknown, 0 not sent")
	sendCSV(t, fake, file, "--text", hello, "--resend", "nothing.csv").want(t, exitUsage, "--resend nothing.csv", "7,12-15")
	wantMessages(t, fake, 6)
}

// An unknown row can be sent again only by its number, and only after a run has shown it as unknown.
func TestSendListResendUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	inject(t, fake, tgotest.Fault{Times: 2, Kind: tgotest.FaultCut, Stored: true})
	args := []string{"--text", hello, "--concurrency", "1"}
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "1 sent (0 before, 1 now), 0 rejected, 2 unknown")
	// An outcome that was recorded in the outbox is used.
	queue := decode[endEvent](t, lastLine(sendCSV(t, fake, file, append(args, "--status", "--json")...).out)).Queue
	env := with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+databaseOf(file))
	records := decode[shownRecord](t, strings.SplitN(command(t, env, "outbox", "unknown", "--queue", queue, "--json").want(t, exitOK).out, "\n", 2)[0])
	command(t, env, "outbox", "resolve", "--queue", queue, fmt.Sprint(records.ID), "--sent").want(t, exitOK)
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "2 sent (2 before, 0 now), 0 rejected, 1 unknown")
	// The report still has a row as unknown that was cancelled since. This does not mean that the database is another one.
	other := writeRows(t, 2)
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultCut, Stored: true})
	sendCSV(t, fake, other, args...).want(t, exitUnknown, "1 sent", "1 unknown")
	otherQueue := decode[endEvent](t, lastLine(sendCSV(t, fake, other, append(args, "--status", "--json")...).out)).Queue
	otherEnv := with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+databaseOf(other))
	unknown := decode[shownRecord](t, strings.SplitN(command(t, otherEnv, "outbox", "unknown", "--queue", otherQueue, "--json").out, "\n", 2)[0])
	command(t, otherEnv, "outbox", "resolve", "--queue", otherQueue, fmt.Sprint(unknown.ID), "--cancel").want(t, exitOK)
	sendCSV(t, fake, other, args...).want(t, exitNotSent, "1 sent (1 before, 0 now), 0 rejected, 0 unknown, 1 not sent")
	// If the run stops for another reason, the row is sent without --resend.
	at := slices.Index(outcomes(t, file+".report.csv"), "unknown") + 2
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultStatus, Status: 401})
	sendCSV(t, fake, file, append(args, "--resend", fmt.Sprint(at))...).want(t, exitRejected, "1 not sent", "Run the same command again, without --resend, to continue.")
	sendCSV(t, fake, file, append(args, "--resend", fmt.Sprint(at))...).want(t, exitUsage, "but: still to be sent")
	sendCSV(t, fake, file, args...).want(t, exitOK, "3 sent (2 before, 1 now)")
	if n := len(fake.Messages()); n != 6 {
		t.Errorf("%d arrived, want 6", n)
	}
}

// A dry run and the question show the rows that are sent again.
func TestSendListShowsWhatIsResent(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	sendCSV(t, fake, file, "--text", hello).want(t, exitRejected, "2 sent", "1 rejected")
	sendCSV(t, fake, file, "--text", hello, "--resend", "3", "--dry-run").
		want(t, exitOK, "Dear Person 1", "row 3, the first of 1 message to send", "2 were sent before")
	sendCSV(t, fake, file, "--text", hello, "--resend", "2", "--dry-run").want(t, exitUsage, "--resend 2: its outcome is neither unknown nor rejected")
	atTerminal(t, fake, "n\n", "send", "--csv", file, "--text", hello, "--resend", "rejected").
		want(t, exitNotSent, "To send: 1 message", "row 3  "+rowPhone(1), "Send?")
	wantMessages(t, fake, 2)
}
