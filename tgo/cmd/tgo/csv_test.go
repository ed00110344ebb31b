package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const hello = "Dear {name}, order {order} is ready {{really}}"

// writeRows writes a file of n rows.
func writeRows(t testing.TB, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("to,name,order\n")
	for i := range n {
		fmt.Fprintf(&b, "%s,Person %d,%d\n", rowPhone(i), i, 1000+i)
	}
	return writeFile(t, filepath.Join(t.TempDir(), "recipients.csv"), b.String())
}

func rowPhone(i int) string { return fmt.Sprintf("+2010%08d", i) }

// readReport returns the rows of a report without their heading.
func readReport(t testing.TB, file string) [][]string {
	t.Helper()
	f, err := os.Open(file + ".report.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read from
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || strings.Join(rows[0], ",") != "row,to,outcome,message_id,error" {
		t.Fatal(rows, err)
	}
	return rows[1:]
}

func sendCSV(t testing.TB, fake *tgotest.Server, file string, more ...string) result {
	t.Helper()
	return command(t, envOf(fake), append([]string{"send", "--csv", file, "--rate", "0"}, more...)...)
}

func TestCSV(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "\ufeffname;phone;order\nمنى;+20 100 000 0001;4821\n\"Jo;hn \"\"X\"\"\";00201000000002;4822\n")
	sendCSV(t, fake, file, "--to", "phone", "--delimiter", ";", "--text", hello, "--dry-run").
		want(t, exitOK, "POST ", `"content": "Dear منى, order 4821 is ready {really}"`, "row 2, the first of 2 messages")
	fake.ExpectNoMessage(t)
	sendCSV(t, fake, file, "--to", "phone", "--delimiter", ";", "--text", hello).
		want(t, exitOK, "2 rows: 2 sent, 0 rejected, 0 unknown, 0 not sent\n", "Report: "+file+".report.csv")
	fake.ExpectMessage(t, tgotest.To("+201000000001"), tgotest.Containing("Dear منى, order 4821"))
	fake.ExpectMessage(t, tgotest.To("+201000000002"), tgotest.Containing(`Dear Jo;hn "X", order 4822`))
	// The same once more sends nothing.
	r := sendCSV(t, fake, file, "--to", "phone", "--delimiter", ";", "--text", hello, "--json").want(t, exitOK)
	if rep := decode[runReport](t, r.out); rep.Sent != 2 || rep.Rows != 2 {
		t.Errorf("%+v", rep)
	}
	fake.ExpectNoMessage(t)
	// Nor does another message by the same journal.
	sendCSV(t, fake, file, "--to", "phone", "--delimiter", ";", "--text", "Bye").want(t, exitUsage, "another run", "the CSV file or the message")
	fake.ExpectNoMessage(t)
}

func TestCSVMedia(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to,file,note\n+201000000001,picture,a\n+201000000002,picture,b\n")
	sendCSV(t, fake, file, "--image", "demo/{file}.png", "--caption", "For {note}").want(t, exitOK, "2 sent")
	for _, note := range []string{"For a", "For b"} {
		if m := fake.ExpectMessage(t, tgotest.OfType("image"), tgotest.Containing(note)); m.Media.Name != "picture.png" {
			t.Errorf("%+v", m.Media)
		}
	}
	sendCSV(t, fake, file, "--voice", "demo/voice.ogg", "--journal", file+".2").want(t, exitOK, "2 sent")
	if m := fake.ExpectMessage(t, tgotest.OfType("voice")); m.Duration != 5*time.Second {
		t.Errorf("%+v", m)
	}
}

// A file with anything wrong sends nothing at all.
func TestCSVThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, c := range map[string]struct {
		content string
		args    []string
		code    int
		says    []string
	}{
		"phones":           {"to\n+201000000001\n0100\nabc\n", []string{"--text", "x"}, exitValidation, []string{"nothing was sent; 2 of", "row 3: ", "E.164", "row 4: "}},
		"a phone twice":    {"to\n+201000000001\n+20 1000000001\n", []string{"--text", "x"}, exitValidation, []string{"row 3: the phone is in row 2"}},
		"an empty value":   {"to,name\n+201000000001,\n", []string{"--text", "Dear {name}"}, exitValidation, []string{"row 2: there is nothing in name"}},
		"an empty text":    {"to,name\n+201000000001,\n", []string{"--text", "{name}", "--allow-empty"}, exitValidation, []string{"row 2: ", "content"}},
		"no such column":   {"to\n+201000000001\n", []string{"--text", "{name}"}, exitValidation, []string{"no column {name}"}},
		"no phones":        {"phone\n+201000000001\n", []string{"--text", "x"}, exitValidation, []string{`no column "to"`}},
		"a lonely brace":   {"to\n+201000000001\n", []string{"--text", "a } b"}, exitValidation, []string{"brace"}},
		"columns alike":    {"to,to\n+201000000001,x\n", []string{"--text", "x"}, exitValidation, []string{"twice"}},
		"a short row":      {"to,name\n+201000000001,a\n+201000000002\n", []string{"--text", "{name}"}, exitValidation, []string{"row 3: ", "number of fields"}},
		"a lonely quote":   {"to,name\n+201000000001,\"a\n", []string{"--text", "{name}"}, exitValidation, []string{"row 2: ", "quote"}},
		"no rows":          {"to\n", []string{"--text", "x"}, exitValidation, []string{"no rows"}},
		"an empty file":    {"", []string{"--text", "x"}, exitValidation, []string{"row 1", "the file is empty"}},
		"empty lines":      {"\nto,name\r\n\r\n+201000000001,\"a\n\nb\"\n\n0100,c\n+201000000001,\n", []string{"--text", "{name}"}, exitValidation, []string{"2 of the file's rows", "row 6: ", "E.164", "row 7: the phone is in row 4", "row 7: there is nothing"}},
		"semicolons":       {"to;name\n+201000000001;a\n", []string{"--text", "x"}, exitValidation, []string{"--delimiter"}},
		"no number":        {"to\n+201000000001\n", []string{"--text", "x", "--rate", "nan"}, exitUsage, []string{"--rate"}},
		"hardly a number":  {"to\n+201000000001\n", []string{"--text", "x", "--rate", "1e-11"}, exitUsage, []string{"--rate"}},
		"no UTF-8":         {"to,name\n+201000000001,\xff\n", []string{"--text", "{name}"}, exitValidation, []string{"row 2", "UTF-8"}},
		"no such file":     {"to,f\n+201000000001,none\n", []string{"--document", "{f}.pdf"}, exitValidation, []string{"row 2", "none.pdf"}},
		"no picture":       {"to\n+201000000001\n", []string{"--image", "demo/invoice.pdf"}, exitValidation, []string{"row 2", "not an image"}},
		"no message":       {"to\n+201000000001\n", nil, exitUsage, []string{"one of --text"}},
		"two messages":     {"to\n+201000000001\n", []string{"--text", "x", "--image", "y"}, exitUsage, []string{"one of --text"}},
		"a text's caption": {"to\n+201000000001\n", []string{"--text", "x", "--caption", "y"}, exitUsage, []string{"no --caption"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), c.content)
			sendCSV(t, fake, file, c.args...).want(t, c.code, c.says...)
			if _, err := os.Stat(file + ".journal"); err == nil {
				t.Error("a journal was begun")
			}
		})
	}
	fake.ExpectNoMessage(t)
}

func TestCSVOutcomes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 6)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	for skip, f := range map[int]tgotest.Fault{
		2: {Kind: tgotest.FaultCut, Stored: true}, // row 4: it arrived, its answer did not
		4: {Kind: tgotest.FaultStatus},            // row 6: a 503; it did not arrive
	} {
		f.Operation, f.Skip, f.Times = "sendMessage", skip, 1
		if skip == 4 {
			f.Skip = 3 // the older fault counts its own
		}
		if _, err := fake.Inject(f); err != nil {
			t.Fatal(err)
		}
	}
	r := sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").want(t, exitUnknown, "6 rows: 3 sent, 1 rejected, 2 unknown, 0 not sent", "Rejected:", "row 3", "Put aside", "--resend ROW")
	outcomes := map[string]string{}
	unknown := ""
	for _, line := range readReport(t, file) {
		outcomes[line[0]] = line[2]
		if line[2] == outcomeUnknown {
			unknown = line[0]
		}
	}
	if outcomes["2"] != outcomeSent || outcomes["3"] != outcomeRejected || unknown == "" {
		t.Errorf("%v in %s", outcomes, r.out)
	}
	before := len(fake.Messages())
	// Going on repeats nothing: neither what is unknown nor what was rejected.
	sendCSV(t, fake, file, "--text", hello).want(t, exitUnknown, "3 sent, 1 rejected, 2 unknown")
	if n := len(fake.Messages()); n != before {
		t.Errorf("%d messages more", n-before)
	}
	// A person decides.
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	sendCSV(t, fake, file, "--text", hello, "--resend", unknown, "--resend", "3").want(t, exitUnknown, "5 sent, 0 rejected, 1 unknown")
	if n := len(fake.Messages()); n != before+2 {
		t.Errorf("%d messages more, want 2", n-before)
	}
	sendCSV(t, fake, file, "--text", hello, "--resend", "2").want(t, exitUsage, "--resend 2", "sent")
	sendCSV(t, fake, file, "--text", hello, "--resend", "99").want(t, exitUsage, "still to be sent")
}

// A report that cannot be written hides nothing of what became of the rows.
func TestCSVWithoutAReport(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 4)
	cut := tgotest.Fault{Operation: "sendMessage", Skip: 1, Times: 1, Kind: tgotest.FaultCut, Stored: true}
	if _, err := fake.Inject(cut); err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "missing", "report.csv")
	for name, c := range map[string]struct {
		args []string
		code int
		says string
	}{
		"unknown": {nil, exitUnknown, "4 rows: 3 sent, 0 rejected, 1 unknown, 0 not sent\n"},
		"JSON":    {[]string{"--json"}, exitUnknown, `{"rows":4,"sent":3,"rejected":0,"not_sent":0,"unknown":1,`},
	} {
		args := append(c.args, "--text", hello, "--concurrency", "1", "--report", nowhere)
		r := sendCSV(t, fake, file, args...).want(t, c.code, c.says)
		if strings.Contains(r.out, nowhere) || !strings.Contains(r.err, "the report could not be written") {
			t.Errorf("%s: stdout %q, stderr %q", name, r.out, r.err)
		}
	}
	// Where all else is well the code still tells of it.
	sendCSV(t, fake, writeRows(t, 2), "--text", hello, "--report", nowhere).want(t, exitFailed, "2 rows: 2 sent")
}

// --resend is a person's word, who has looked: it holds for the outcomes that were there to be seen, and for all of its rows
// or none.
func TestCSVResend(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	cut := tgotest.Fault{Operation: "sendMessage", Times: 2, Kind: tgotest.FaultCut, Stored: true}
	if _, err := fake.Inject(cut); err != nil {
		t.Fatal(err)
	}
	args := []string{"--text", hello, "--concurrency", "1"}
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "1 sent, 0 rejected, 2 unknown")
	sendCSV(t, fake, file, append(args, "--resend", "2", "--resend", "4")...).want(t, exitUsage, "--resend 4", "but: sent")
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "1 sent, 0 rejected, 2 unknown")
	// The run that sends row 2 again is killed with the message on its way.
	journal, err := os.OpenFile(file+".journal", os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = journal.WriteString(`{"row":2,"event":"released"}` + "\n" + `{"row":2,"event":"begin"}` + "\n")
	if err := errors.Join(err, journal.Close()); err != nil {
		t.Fatal(err)
	}
	args = append(args, "--resend", "2")
	sendCSV(t, fake, file, args...).want(t, exitUsage, "--resend 2: its outcome became unknown in the run before; look")
	if n := len(fake.Messages()); n != 3 {
		t.Errorf("%d arrived, want 3", n)
	}
	// Stopped again, for no fault of the row, it is to be sent without another word.
	refusal := tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultStatus, Status: 401}
	if _, err := fake.Inject(refusal); err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "1 not sent", "Run the same command again, without --resend, to go on.")
	sendCSV(t, fake, file, args[:len(args)-2]...).want(t, exitUnknown, "2 sent, 0 rejected, 1 unknown")
	if n := len(fake.Messages()); n != 4 {
		t.Errorf("%d arrived, want 4", n)
	}
}

// What would meet every row stops the run, and its row is sent later.
func TestCSVStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		code  int
		says  string
	}{
		"a key that is revoked": {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}, exitRejected, "not sent"},
		"a server in trouble":   {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503}, exitUnknown, "in a row are unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			file := writeRows(t, 50)
			c.fault.Operation, c.fault.Skip = "sendMessage", 10
			if _, err := fake.Inject(c.fault); err != nil {
				t.Fatal(err)
			}
			sendCSV(t, fake, file, "--text", hello, "--concurrency", "1", "--max-unknown", "3").want(t, c.code, c.says)
			if n := len(fake.Messages()); n != 10 {
				t.Errorf("%d arrived", n)
			}
			fake.ClearFaults()
			sendCSV(t, fake, file, "--text", hello)
			left := 0
			if c.code == exitUnknown {
				left = 3
			}
			if n := len(fake.Messages()); n != 50-left {
				t.Errorf("%d arrived in the end, want %d", n, 50-left)
			}
		})
	}
}

// A sender that nobody knows and an address that is wrong are not booked as the fault of each row.
func TestCSVStopsForEveryone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, wrong := range map[string][]string{
		"an unknown phone":  {"TGO_FROM", "+201001187177"},
		"an unknown number": {"TGO_FROM", "77"},
		"a wrong address":   {"TGO_BASE_URL", strings.Replace(fake.URL, "/api/v1", "/api/v2", 1)},
	} {
		file := writeRows(t, 60)
		args := []string{"send", "--csv", file, "--rate", "0", "--text", hello, "--concurrency", "2"}
		command(t, with(envOf(fake), wrong...), args...).
			want(t, exitRejected, "60 rows: 0 sent, 0 rejected, 0 unknown, 60 not sent", "Stopped: ")
		journal, err := os.ReadFile(file + ".journal")
		if n := strings.Count(string(journal), `"begin"`); err != nil || n > 4 {
			t.Errorf("%s: %d rows were tried, %v", name, n, err)
		}
		// The journal is of another sender or server; a new one sends to all.
		command(t, envOf(fake), append(args, "--journal", file+".2")...).want(t, exitOK, "60 sent")
	}
}

// 429 is a refusal: the row is sent again after the wait that the server asks for, within the run.
func TestCSVObeysTooManyRequests(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 5)
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Skip: 2, Times: 1, Kind: tgotest.FaultStatus, Status: 429}); err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "5 sent")
	if n := len(fake.Messages()); n != 5 {
		t.Errorf("%d arrived", n)
	}
}

func TestCSVRate(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 11)
	begun := time.Now()
	sendCSV(t, fake, file, "--text", hello, "--rate", "50").want(t, exitOK, "11 sent")
	if d := time.Since(begun); d < 200*time.Millisecond {
		t.Errorf("11 messages at 50 a second took %v", d)
	}
}

func TestJournalThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	journalOf := file + ".journal"
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK)
	whole, err := os.ReadFile(journalOf)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(whole), "\n")
	for name, c := range map[string]struct {
		content string
		code    int
		says    string
		sends   int
	}{
		"another file":               {"to,name\n", exitUsage, "no journal", 0},
		"a line damaged":             {lines[0] + "{\"row\":2,\n" + strings.Join(lines[1:], ""), exitUsage, "line 2 is damaged", 0},
		"a last line cut short":      {lines[0] + lines[1][:10], exitOK, "3 sent", 3}, // its row had not begun
		"a heading cut short":        {lines[0][:10], exitOK, "3 sent", 3},
		"a row begun, not ended":     {lines[0] + `{"row":2,"event":"begin"}` + "\n", exitUnknown, "2 sent, 0 rejected, 1 unknown", 2},
		"the same, an end cut short": {lines[0] + `{"row":3,"event":"begin"}` + "\n" + `{"row":3,"event":"end","outc`, exitUnknown, "2 sent, 0 rejected, 1 unknown", 2},
	} {
		before := len(fake.Messages())
		if err := os.WriteFile(journalOf, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		sendCSV(t, fake, file, "--text", hello).want(t, c.code, c.says)
		sendCSV(t, fake, file, "--text", hello).want(t, c.code) // and the second run finds the same
		if n := len(fake.Messages()) - before; n != c.sends {
			t.Errorf("%s: %d were sent, want %d", name, n, c.sends)
		}
	}
}

// A file that is named by mistake stays as it is.
func TestCSVSparesOtherFiles(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 1)
	dir := filepath.Dir(file)
	recipients, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byAnotherName := dir + "/../" + filepath.Base(dir) + "/" + filepath.Base(file)
	linked := filepath.Join(dir, "linked.csv")
	if err := os.Link(file, linked); err != nil {
		t.Fatal(err)
	}
	letter := writeFile(t, filepath.Join(dir, "letter.txt"), "Dear Mona")
	table := writeFile(t, filepath.Join(dir, "table"), "a,b\n1,2")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"the report is the CSV file":        {[]string{"--report", byAnotherName}, "must be three files"},
		"the report is a link to it":        {[]string{"--report", linked}, "must be three files"},
		"the journal is the CSV file":       {[]string{"--journal", byAnotherName}, "must be three files"},
		"the report will be the journal":    {[]string{"--report", file + ".journal", "--journal", byAnotherName + ".journal"}, "must be three files"},
		"the journal is a letter":           {[]string{"--journal", letter}, "no journal"},
		"the journal is a table, cut short": {[]string{"--journal", table}, "no journal"},
	} {
		sendCSV(t, fake, file, append([]string{"--text", hello}, c.args...)...).want(t, exitUsage, c.says)
		for f, want := range map[string]string{file: string(recipients), letter: "Dear Mona", table: "a,b\n1,2"} {
			if got, err := os.ReadFile(f); err != nil || string(got) != want {
				t.Errorf("%s: %s is %q, %v", name, f, got, err)
			}
		}
	}
	fake.ExpectNoMessage(t)
}

// Two runs at once would send everything twice.
func TestJournalIsLocked(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	j, err := openJournal(file+".journal", journalHeader{Version: journalVersion})
	if err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "another run is using it")
	j.close()
	fake.ExpectNoMessage(t)
}

// Ctrl-C lets what is on its way end, and begins nothing more; the next run goes on.
func TestCSVInterrupted(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 40)
	env := envOf(fake)
	// The fifth message is held up while the run is interrupted.
	if _, err := fake.Inject(tgotest.Fault{Operation: "sendMessage", Skip: 4, Times: 1, Stored: true, Delay: 300 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(soon(t))
	defer interrupt()
	go func() {
		for range 5 {
			if _, err := fake.NextMessage(ctx); err != nil {
				return
			}
		}
		interrupt()
	}()
	var out, errs buffer
	args := []string{"send", "--csv", file, "--rate", "0", "--text", hello, "--concurrency", "1"}
	code := run(ctx, args, streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	result{code, out.String(), errs.String()}.want(t, exitNotSent, "0 rejected, 0 unknown", "Stopped: interrupted", "Run the same command again")
	if n := len(fake.Messages()); n < 5 || n > 7 {
		t.Errorf("%d were sent", n)
	}
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "3").want(t, exitOK, "40 sent")
	if n := len(fake.Messages()); n != 40 {
		t.Errorf("%d were sent in all", n)
	}
}
