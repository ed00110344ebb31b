package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

func TestSendList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "\ufeffname;phone;order\nمنى;+20 100 000 0001;4821\n\"Jo;hn \"\"X\"\"\";00201000000002;4822\n")
	args := []string{"--to", "phone", "--text", hello}
	sendCSV(t, fake, file, append(args, "--dry-run")...).
		want(t, exitOK, "POST ", `"content": "Dear منى, order 4821 is ready {really}"`, "row 2, the first of 2 messages to send", "0 were sent before")
	if _, err := os.Stat(databaseOf(file)); err == nil {
		t.Error("a dry run made a database")
	}
	fake.ExpectNoMessage(t)
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 rows: 2 sent (0 before, 2 now), 0 rejected, 0 unknown, 0 not sent\n", "Report: "+file+".report.csv")
	fake.ExpectMessage(t, tgotest.To("+201000000001"), tgotest.Containing("Dear منى, order 4821"))
	fake.ExpectMessage(t, tgotest.To("+201000000002"), tgotest.Containing(`Dear Jo;hn "X", order 4822`))
	// The same command again sends nothing, and shows it.
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 rows: 2 sent (2 before, 0 now)")
	r := sendCSV(t, fake, file, append(args, "--json")...).want(t, exitOK)
	if end := decode[endEvent](t, r.out); end.Event != "end" || end.Sent != 2 || end.SentBefore != 2 || end.Rows != 2 {
		t.Errorf("%+v", end)
	}
	sendCSV(t, fake, file, append(args, "--dry-run")...).want(t, exitOK, "there is nothing to send: 2 were sent before")
	fake.ExpectNoMessage(t)
}

// A sent row is identified by its recipient and its message, however the file changes.
func TestSendListThatChanges(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	// With another row, in another order, saved with semicolons and Windows line ends.
	content := "order;to;name\r\n1002;" + rowPhone(2) + ";Person 2\r\n1000;" + rowPhone(0) + ";Person 0\r\n1003;" + rowPhone(3) + ";Person 3\r\n1001;" +
		rowPhone(1) + ";Person 1\r\n"
	writeFile(t, file, content)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "4 sent (3 before, 1 now)")
	wantMessages(t, fake, 4)
	// A row with another text is reported, and sent only with --send-changed.
	edit(t, file, "Person 1", "Mr. One")
	sendCSV(t, fake, file, "--text", hello, "--status").want(t, exitNotSent, "3 sent", "1 not sent", "row 5  "+rowPhone(1), "got a different message; --send-changed")
	sendCSV(t, fake, file, "--text", hello).want(t, exitNotSent, "3 sent (3 before, 0 now)", "row 5  "+rowPhone(1), "got a different message; --send-changed")
	wantMessages(t, fake, 4)
	sendCSV(t, fake, file, "--text", hello, "--send-changed").want(t, exitOK, "4 sent (3 before, 1 now)")
	wantMessages(t, fake, 5)
	// So does another text to everyone.
	sendCSV(t, fake, file, "--text", "Bye").want(t, exitNotSent, "0 sent (0 before, 0 now)", "4 not sent")
	wantMessages(t, fake, 5)
	// Next month's run has another name.
	sendCSV(t, fake, file, "--text", hello, "--campaign", "December").want(t, exitOK, "4 sent (0 before, 4 now)", "Report: "+file+".December.report.csv")
	if n := len(fake.Messages()); n != 9 {
		t.Errorf("%d messages arrived, want 9", n)
	}
}

// A message that waits in the outbox and is no longer in the list is not sent.
func TestSendListWithoutARow(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 5)
	refusal := tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}
	inject(t, fake, refusal)
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").want(t, exitRejected, "0 sent", "5 not sent", "Stopped: send text: 401", "Run the same command again")
	fake.ClearFaults()
	edit(t, file, rowPhone(2)+",Person 2,1002\n", "")
	edit(t, file, "Person 3", "Mr. Three") // nothing was sent to him, so no flag is needed
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "4 sent (0 before, 4 now)")
	wantMessages(t, fake, 4)
	for _, m := range fake.Messages() {
		if string(m.To) == rowPhone(2) || strings.Contains(m.Content, "Person 3") {
			t.Errorf("%s got %q", m.To, m.Content)
		}
	}
	// Back in the list, the row is sent as any other.
	edit(t, file, rowPhone(4), rowPhone(2)+",Person 2,1002\n"+rowPhone(4))
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "5 sent (4 before, 1 now)")
	wantMessages(t, fake, 5)
}

// A list that was changed after the check is not sent.
func TestSendListThatIsAnotherOne(t *testing.T) {
	t.Parallel()
	file := writeRows(t, 3)
	c := sendList{listFlags: listFlags{CSV: file, To: "to"}, Text: hello}
	l, err := c.open(streams{}, file)
	if err != nil {
		t.Fatal(err)
	}
	defer l.source.Close() //nolint:errcheck // it was only read from
	for name, rows := range map[string]func(i int) (rowID, bool){
		"another recipient": func(i int) (rowID, bool) {
			return rowID{recipient: digestOf("x"), message: digestOf("text", fmt.Sprint(i), "")}, true
		},
		"a row less": func(i int) (rowID, bool) { return rowID{}, i < 2 },
		"a row more": func(i int) (rowID, bool) { return rowID{}, true },
	} {
		checked := newCampaign("", "")
		for i := range 4 {
			if id, ok := rows(i); ok {
				state := rowSent
				if id != (rowID{}) {
					state = rowNew
				}
				checked.add(listRow{id: id, state: state}, "")
			}
		}
		b := listRun{c: &c, list: l, campaign: checked}
		next, stop := b.feed()
		if err := next(t.Context()); !errors.Is(err, errListChanged) {
			t.Errorf("%s: %v", name, err)
		}
		stop()
	}
}

func TestSendListMedia(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to,file,note\n+201000000001,picture,a\n+201000000002,picture,b\n")
	sendCSV(t, fake, file, "--image", "demo/{file}.png", "--caption", "For {note}").want(t, exitOK, "2 sent")
	for _, note := range []string{"For a", "For b"} {
		if m := fake.ExpectMessage(t, tgotest.OfType("image"), tgotest.Containing(note)); m.Media.Name != "picture.png" {
			t.Errorf("%+v", m.Media)
		}
	}
	sendCSV(t, fake, file, "--voice", "demo/voice.ogg", "--campaign", "voice").want(t, exitOK, "2 sent")
	if m := fake.ExpectMessage(t, tgotest.OfType("voice")); m.Duration != 5*time.Second {
		t.Errorf("%+v", m)
	}
}

func TestSendListOutcomes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 6)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	inject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Skip: 2, Times: 1}) // it arrived, its response did not
	inject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Skip: 3, Times: 1})            // a 503; it did not arrive. The older fault counts its own
	r := sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").
		want(t, exitUnknown, "6 rows: 3 sent (0 before, 3 now), 1 rejected, 2 unknown, 0 not sent", "Rejected", "row 3  "+rowPhone(1), "Unknown", "--resend ROW")
	got := outcomes(t, file+".report.csv")
	unknown := fmt.Sprint(slices.Index(got, "unknown") + 2)
	if slices.Sort(got); !slices.Equal(got, []string{"rejected", "sent", "sent", "sent", "unknown", "unknown"}) {
		t.Errorf("%v in %s", got, r.out)
	}
	before := len(fake.Messages())
	// Continuing repeats neither unknown nor rejected rows.
	sendCSV(t, fake, file, "--text", hello).want(t, exitUnknown, "3 sent (3 before, 0 now), 1 rejected, 2 unknown")
	wantMessages(t, fake, before)
	// A person decides about all rows or, if one cannot be resent, about none.
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	sendCSV(t, fake, file, "--text", hello, "--resend", unknown, "--resend", "2").want(t, exitUsage, "--resend 2", "sent")
	sendCSV(t, fake, file, "--text", hello, "--resend", unknown+",3").want(t, exitUnknown, "5 sent (3 before, 2 now), 0 rejected, 1 unknown")
	if n := len(fake.Messages()); n != before+2 {
		t.Errorf("%d messages more, want 2", n-before)
	}
}

// The same list at another tenant, such as a fake server, is another campaign.
func TestSendListAtAnotherTenant(t *testing.T) {
	t.Parallel()
	try, real := tgotest.New(t), tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, try, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	sendCSV(t, real, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	wantMessages(t, real, 3)
	sendCSV(t, try, file, "--text", "Bye", "--campaign", "عملاء مصر").want(t, exitOK, "3 sent (0 before, 3 now)")
}

// A list from stdin needs a name for the next run.
func TestSendListStdin(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	env := with(envOf(fake), "XDG_DATA_HOME", t.TempDir())
	content := "to,name\n+201000000001,a\n+201000000002,b\n"
	report := filepath.Join(t.TempDir(), "report.csv")
	args := []string{"send", "--csv", "-", "--text", "Dear {name}", "--yes"}
	commandIn(t, env, content, args...).want(t, exitUsage, "--campaign")
	args = append(args, "--campaign", "news", "--report", report)
	commandIn(t, env, content, args...).want(t, exitOK, "2 sent (0 before, 2 now)")
	commandIn(t, env, content+"+201000000003,c\n", args...).want(t, exitOK, "3 sent (2 before, 1 now)")
	wantMessages(t, fake, 3)
}

// Another spelling of the tenant or the list, or another file format, is the same campaign.
func TestSendListByOtherNames(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	sendCSV(t, fake, file, "--text", hello, "--base-url", fake.URL+"/").want(t, exitOK, "3 sent (3 before, 0 now)")
	sendCSV(t, fake, file, "--text", hello, "--campaign", "Recipients").want(t, exitOK, "3 sent (3 before, 0 now)")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	saved := writeFile(t, filepath.Join(filepath.Dir(file), "recipients.tsv"), strings.ReplaceAll(string(content), ",", "\t"))
	sendCSV(t, fake, saved, "--text", hello).want(t, exitOK, "3 sent (3 before, 0 now)")
	link := filepath.Join(t.TempDir(), "current.csv")
	if err := os.Symlink(file, link); err == nil { // not everyone may on Windows
		sendCSV(t, fake, link, "--text", hello).want(t, exitOK, "3 sent (3 before, 0 now)", "Report: ")
	}
	wantMessages(t, fake, 3)
}

// In PostgreSQL other machines can help with a campaign, and only one run at a time adds to it.
func TestSendListOnPostgreSQL(t *testing.T) {
	t.Parallel()
	fake, reached, release := holding(t, 1)
	file := writeRows(t, 60)
	env := with(envOf(fake), "TGO_OUTBOX_DATABASE", postgrestest.Start(t).Database(t))
	args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "1"}
	command(t, env, args...).want(t, exitUsage, "run tgo outbox migrate")
	command(t, env, "outbox", "migrate").want(t, exitOK)
	queue := decode[endEvent](t, lastLine(command(t, env, append(args, "--status", "--json")...).want(t, exitNotSent).out)).Queue
	stop := startWork(t, env, "--queue", queue, "--rate", "0")
	first := make(chan result, 1)
	go func() { first <- command(t, env, args...) }()
	reached()
	command(t, env, args...).want(t, exitUsage, "another run is using "+file)
	copied := writeFile(t, filepath.Join(t.TempDir(), "recipients.csv"), "to,name,order\n"+rowPhone(99)+",Person 99,1\n")
	command(t, env, "send", "--csv", copied, "--rate", "0", "--yes", "--text", hello).
		want(t, exitUsage, "another run is sending this campaign", "tgo outbox work --queue "+queue)
	release()
	(<-first).want(t, exitOK, "60 sent (0 before, 60 now)")
	stop().want(t, exitOK)
	wantMessages(t, fake, 60)
	command(t, env, args...).want(t, exitOK, "60 sent (60 before, 0 now)")
	// The lock of a run that has ended is gone at once.
	pool, err := pgxpool.New(t.Context(), env["TGO_OUTBOX_DATABASE"])
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for range 100 {
		unlock, err := lockQueue(t.Context(), pool, "", queue)
		if err != nil {
			t.Fatal(err)
		}
		unlock()
	}
}
