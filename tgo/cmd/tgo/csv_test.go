package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/xuri/excelize/v2"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/postgrestest"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

const hello = "Dear {name}, order {order} is ready {{really}}"

// writeRows writes a list of n rows.
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

// edit replaces a text in a list, as somebody does who corrects it.
func edit(t testing.TB, file, old, with string) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil || !strings.Contains(string(content), old) {
		t.Fatalf("%q is not in %s: %v", old, content, err)
	}
	writeFile(t, file, strings.Replace(string(content), old, with, 1))
}

// readReport returns the rows of a report of three columns without their heading.
func readReport(t testing.TB, file string) [][]string {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, marked := strings.CutPrefix(string(content), "\ufeff")
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked || strings.Join(rows[0], ",") != "to,name,order,tgo_outcome,tgo_message_id,tgo_reason,tgo_campaign" {
		t.Fatal(rows, err)
	}
	return rows[1:]
}

// outcomes are those of a report's rows.
func outcomes(t testing.TB, file string) []string {
	t.Helper()
	var all []string
	for _, row := range readReport(t, file) {
		all = append(all, row[3])
	}
	return all
}

// sendCSV sends a list without a question and as fast as it can.
func sendCSV(t testing.TB, fake *tgotest.Server, file string, more ...string) result {
	t.Helper()
	return command(t, envOf(fake), append([]string{"send", "--csv", file, "--rate", "0", "--yes"}, more...)...)
}

// inject makes the fake fail.
func inject(t testing.TB, fake *tgotest.Server, f tgotest.Fault) {
	t.Helper()
	f.Operation = "sendMessage"
	if _, err := fake.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// wantMessages checks how many messages have arrived, and that nobody got one twice.
func wantMessages(t testing.TB, fake *tgotest.Server, want int) {
	t.Helper()
	got := map[string]int{}
	messages := fake.Messages()
	for _, m := range messages {
		if got[string(m.To)+" "+m.Content]++; got[string(m.To)+" "+m.Content] > 1 {
			t.Errorf("%s got %q again", m.To, m.Content)
		}
	}
	if len(messages) != want {
		t.Errorf("%d messages arrived, want %d", len(messages), want)
	}
}

func TestCSV(t *testing.T) {
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
	// The same once more sends nothing, and says so.
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 rows: 2 sent (2 before, 0 now)")
	r := sendCSV(t, fake, file, append(args, "--json")...).want(t, exitOK)
	if end := decode[endEvent](t, r.out); end.Event != "end" || end.Sent != 2 || end.SentBefore != 2 || end.Rows != 2 {
		t.Errorf("%+v", end)
	}
	sendCSV(t, fake, file, append(args, "--dry-run")...).want(t, exitOK, "nothing is to be sent: 2 were sent before")
	fake.ExpectNoMessage(t)
}

// What was sent is known by recipient and message, whatever becomes of the file around it.
func TestCSVThatChanges(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	// A row more, the rows in another order, saved with semicolons and by Windows.
	content := "order;to;name\r\n1002;" + rowPhone(2) + ";Person 2\r\n1000;" + rowPhone(0) + ";Person 0\r\n1003;" + rowPhone(3) + ";Person 3\r\n1001;" +
		rowPhone(1) + ";Person 1\r\n"
	writeFile(t, file, content)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "4 sent (3 before, 1 now)")
	wantMessages(t, fake, 4)
	// A row that reads otherwise now is named, and goes out only when somebody says so.
	edit(t, file, "Person 1", "Mr. One")
	sendCSV(t, fake, file, "--text", hello, "--status").want(t, exitNotSent, "3 sent", "1 not sent", "row 5  "+rowPhone(1), "reads otherwise; --send-changed")
	sendCSV(t, fake, file, "--text", hello).want(t, exitNotSent, "3 sent (3 before, 0 now)", "row 5  "+rowPhone(1), "reads otherwise; --send-changed")
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

// A message that waits in the outbox, and is in the list no more, is not sent.
func TestCSVWithoutARow(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 5)
	refusal := tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}
	inject(t, fake, refusal)
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").want(t, exitRejected, "0 sent", "5 not sent", "Stopped: send text: 401", "Run the same command again")
	fake.ClearFaults()
	edit(t, file, rowPhone(2)+",Person 2,1002\n", "")
	edit(t, file, "Person 3", "Mr. Three") // nothing was sent to him: no word is needed
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "4 sent (0 before, 4 now)")
	wantMessages(t, fake, 4)
	for _, m := range fake.Messages() {
		if string(m.To) == rowPhone(2) || strings.Contains(m.Content, "Person 3") {
			t.Errorf("%s got %q", m.To, m.Content)
		}
	}
	// Back in the list, it is as if it had never been out.
	edit(t, file, rowPhone(4), rowPhone(2)+",Person 2,1002\n"+rowPhone(4))
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "5 sent (4 before, 1 now)")
	wantMessages(t, fake, 5)
}

// A list that is not the one that was checked is not sent.
func TestCSVThatIsAnotherOne(t *testing.T) {
	t.Parallel()
	file := writeRows(t, 3)
	c := csvCommand{listFlags: listFlags{CSV: file, To: "to"}, Text: hello}
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
		b := bulk{c: &c, list: l, campaign: checked}
		next, stop := b.feed()
		if err := next(t.Context()); !errors.Is(err, errListChanged) {
			t.Errorf("%s: %v", name, err)
		}
		stop()
	}
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
	sendCSV(t, fake, file, "--voice", "demo/voice.ogg", "--campaign", "voice").want(t, exitOK, "2 sent")
	if m := fake.ExpectMessage(t, tgotest.OfType("voice")); m.Duration != 5*time.Second {
		t.Errorf("%+v", m)
	}
}

// A file that is gone keeps its row from being sent, and no other. The next run tries again.
func TestCSVWithoutAFile(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	var rows strings.Builder
	rows.WriteString("to,name,order\n")
	for i := range 120 { // more than are added at once
		fmt.Fprintf(&rows, "%s,Person %d,%d\n", rowPhone(i), i, i)
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.txt", i)), fmt.Sprint("Invoice ", i))
	}
	file := writeFile(t, filepath.Join(dir, "r.csv"), rows.String())
	args := []string{"--document", filepath.Join(dir, "{order}.txt"), "--concurrency", "1"}
	// The checks find all files; the last one is removed when the first message arrives.
	missing := filepath.Join(dir, "119.txt")
	inject(t, fake, tgotest.Fault{Times: 1, Stored: true, Delay: 100 * time.Millisecond})
	go func() {
		if _, err := fake.NextMessage(soon(t)); err == nil {
			_ = os.Remove(missing) // the assertions tell
		}
	}()
	sendCSV(t, fake, file, args...).want(t, exitNotSent, "119 sent (0 before, 119 now)", "1 not sent", "row 121  "+rowPhone(119), "119.txt: no such file")
	if got := outcomes(t, file+".report.csv"); got[118] != "sent" || got[119] != "not sent" {
		t.Errorf("%v", got[118:])
	}
	sendCSV(t, fake, file, args...).want(t, exitNotSent, "119 sent (119 before, 0 now)", "1 not sent", "row 121  "+rowPhone(119), "119.txt")
	sendCSV(t, fake, file, append(args, "--exclude", "121")...).want(t, exitOK, "119 sent (119 before, 0 now)", "1 excluded")
	writeFile(t, missing, "Invoice")
	sendCSV(t, fake, file, args...).want(t, exitOK, "120 sent (119 before, 1 now)")
	if n := len(fake.Messages()); n != 120 {
		t.Errorf("%d messages arrived", n)
	}
}

// A cell does not reach files outside the folder that the option names.
func TestCSVFilesStayInside(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "secret.txt"), "secret")
	if err := os.Mkdir(filepath.Join(dir, "invoices"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, filepath.Join(dir, "r.csv"), "to,f\n+201000000001,../secret.txt\n")
	document := filepath.Join(dir, "invoices", "{f}")
	sendCSV(t, fake, file, "--document", document).want(t, exitValidation, "row 2", "is outside the folder", "invoices", "--allow-outside")
	absolute := writeFile(t, filepath.Join(dir, "s.csv"), "to,f\n+201000000001,"+filepath.Join(dir, "secret.txt")+"\n")
	sendCSV(t, fake, absolute, "--document", "{f}").want(t, exitValidation, "row 2", "is outside the folder .")
	fake.ExpectNoMessage(t)
	sendCSV(t, fake, file, "--document", document, "--allow-outside").want(t, exitOK, "1 sent")
}

// A list with anything wrong sends nothing at all.
func TestCSVThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, c := range map[string]struct {
		content string
		args    []string
		code    int
		says    []string
	}{
		"phones":               {"to\n+201000000001\n0100\nabc\n", []string{"--text", "x"}, exitValidation, []string{"nothing was sent; 2 of", "row 3: ", `"0100"`, "row 4: ", `"abc"`, "--exclude 3-4"}},
		"a phone twice":        {"to\n+201000000001\n+20 1000000001\n", []string{"--text", "x"}, exitValidation, []string{"row 3: the phone is in row 2"}},
		"an empty value":       {"to,name\n+201000000001,\n", []string{"--text", "Dear {name}"}, exitValidation, []string{"row 2: there is nothing in the column name; --allow-empty"}},
		"an empty text":        {"to,name\n+201000000001,\n", []string{"--text", "{name}", "--allow-empty"}, exitValidation, []string{"row 2: ", "content"}},
		"no such column":       {"to\n+201000000001\n", []string{"--text", "{name}"}, exitValidation, []string{`no column "name"`}},
		"no phones":            {"phone\n+201000000001\n", []string{"--text", "x"}, exitValidation, []string{`no column "to"`, "--to"}},
		"a lonely brace":       {"to\n+201000000001\n", []string{"--text", "a } b"}, exitValidation, []string{"brace"}},
		"columns alike":        {"to,to\n+201000000001,x\n", []string{"--text", "x"}, exitValidation, []string{"to"}},
		"no rows":              {"to\n", []string{"--text", "x"}, exitValidation, []string{"no rows"}},
		"an empty file":        {"", []string{"--text", "x"}, exitValidation, []string{"empty"}},
		"no number":            {"to\n+201000000001\n", []string{"--text", "x", "--rate", "nan"}, exitUsage, []string{"--rate"}},
		"hardly a number":      {"to\n+201000000001\n", []string{"--text", "x", "--rate", "1e-11"}, exitUsage, []string{"--rate"}},
		"no such country":      {"to\n+201000000001\n", []string{"--text", "x", "--country", "Egypt"}, exitUsage, []string{"--country Egypt"}},
		"no such file":         {"to,f\n+201000000001,none\n", []string{"--document", "{f}.pdf"}, exitNotSent, []string{"0 sent", "1 not sent", "row 2  +201000000001  there is no file none.pdf\n"}},
		"no picture":           {"to\n+201000000001\n", []string{"--image", "demo/invoice.pdf"}, exitValidation, []string{"row 2", "not an image"}},
		"no message":           {"to\n+201000000001\n", nil, exitUsage, []string{"one of --text"}},
		"two messages":         {"to\n+201000000001\n", []string{"--text", "x", "--image", "y"}, exitUsage, []string{"one of --text"}},
		"a text's caption":     {"to\n+201000000001\n", []string{"--text", "x", "--caption", "y"}, exitUsage, []string{"no --caption"}},
		"rows that are none":   {"to\n+201000000001\n", []string{"--text", "x", "--exclude", "5-2"}, exitUsage, []string{"7,12-15"}},
		"resending nothing":    {"to\n+201000000001\n", []string{"--text", "x", "--resend", ",7"}, exitUsage, []string{`--resend "" must be rows`}},
		"resending what is no": {"to\n+201000000001\n", []string{"--text", "x", "--resend", "5"}, exitUsage, []string{"--resend 5: the list has no such row"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), c.content)
			sendCSV(t, fake, file, c.args...).want(t, c.code, c.says...)
		})
	}
	fake.ExpectNoMessage(t)
}

// The list that cannot be read is named once, in plain words, and has the same exit code for each command.
func TestCSVThatCannotBeRead(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	dir := t.TempDir()
	old := writeFile(t, filepath.Join(dir, "old.xls"), "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"+strings.Repeat("\x00", 600))
	missing := filepath.Join(dir, "missing.csv")
	for _, args := range [][]string{{"send", "--text", "x"}, {"lookup"}} {
		for file, c := range map[string]struct {
			code int
			says string
		}{
			missing: {exitUsage, "tgo: " + missing + ": no such file or directory\n"},
			dir:     {exitUsage, "tgo: " + dir + ": "},
			old:     {exitValidation, "tgo: " + old + ": this is a workbook of an old kind (.xls)"},
		} {
			r := command(t, envOf(fake), append(slices.Clone(args), "--csv", file)...).want(t, c.code)
			if runtime.GOOS != "windows" && !strings.HasPrefix(r.err, c.says) {
				t.Errorf("%s: %q, want %q", args[0], r.err, c.says)
			}
		}
	}
}

// Rows with a phone twice, or the same message twice, are rows of their own where they are allowed.
func TestCSVDuplicates(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to,name\n+201000000001,a\n+201000000001,b\n+201000000001,a\n")
	args := []string{"--text", "Dear {name}", "--allow-duplicates"}
	sendCSV(t, fake, file, args...).want(t, exitOK, "3 sent (0 before, 3 now)")
	sendCSV(t, fake, file, args...).want(t, exitOK, "3 sent (3 before, 0 now)")
	if n := len(fake.Messages()); n != 3 {
		t.Errorf("%d messages arrived", n)
	}
}

func TestCSVOutcomes(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 6)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	inject(t, fake, tgotest.Fault{Kind: tgotest.FaultCut, Stored: true, Skip: 2, Times: 1}) // it arrived, its answer did not
	inject(t, fake, tgotest.Fault{Kind: tgotest.FaultStatus, Skip: 3, Times: 1})            // a 503; it did not arrive. The older fault counts its own
	r := sendCSV(t, fake, file, "--text", hello, "--concurrency", "1").
		want(t, exitUnknown, "6 rows: 3 sent (0 before, 3 now), 1 rejected, 2 unknown, 0 not sent", "Rejected", "row 3  "+rowPhone(1), "Unknown", "--resend ROW")
	got := outcomes(t, file+".report.csv")
	unknown := fmt.Sprint(slices.Index(got, "unknown") + 2)
	if slices.Sort(got); !slices.Equal(got, []string{"rejected", "sent", "sent", "sent", "unknown", "unknown"}) {
		t.Errorf("%v in %s", got, r.out)
	}
	before := len(fake.Messages())
	// Going on repeats nothing: neither what is unknown nor what was rejected.
	sendCSV(t, fake, file, "--text", hello).want(t, exitUnknown, "3 sent (3 before, 0 now), 1 rejected, 2 unknown")
	wantMessages(t, fake, before)
	// A person decides: of all rows or, where one cannot be, of none.
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	sendCSV(t, fake, file, "--text", hello, "--resend", unknown, "--resend", "2").want(t, exitUsage, "--resend 2", "sent")
	sendCSV(t, fake, file, "--text", hello, "--resend", unknown+",3").want(t, exitUnknown, "5 sent (3 before, 2 now), 0 rejected, 1 unknown")
	if n := len(fake.Messages()); n != before+2 {
		t.Errorf("%d messages more, want 2", n-before)
	}
}

// Rows that were rejected are sent again together, from a report too. What is unknown has to be named.
func TestCSVResendRejected(t *testing.T) {
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
	// Of the report somebody keeps two rows.
	report, err := os.ReadFile(file + ".report.csv")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(report), "\n")
	part := writeFile(t, filepath.Join(t.TempDir(), "part.csv"), lines[0]+lines[1]+lines[2]+lines[8])
	sendCSV(t, fake, file, "--text", hello, "--resend", part).want(t, exitUnknown, "4 sent (2 before, 2 now), 3 rejected, 1 unknown")
	sendCSV(t, fake, file, "--text", hello, "--resend", "rejected").want(t, exitUnknown, "5 sent (4 before, 1 now), 2 rejected, 1 unknown")
	wantMessages(t, fake, 6)
	// The report is a list, too: of the same campaign it sends nothing again.
	sendCSV(t, fake, file+".report.csv", "--text", hello, "--campaign", "recipients", "--database", "sqlite:"+databaseOf(file)).
		want(t, exitUnknown, "8 rows: 5 sent (5 before, 0 now), 2 rejected, 1 unknown, 0 not sent")
	sendCSV(t, fake, file, "--text", hello, "--resend", "nothing.csv").want(t, exitUsage, "--resend nothing.csv", "7,12-15")
	wantMessages(t, fake, 6)
}

// An unknown row may be sent again by its number alone, and only once somebody can have seen that it is unknown.
func TestCSVResendUnknown(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	inject(t, fake, tgotest.Fault{Times: 2, Kind: tgotest.FaultCut, Stored: true})
	args := []string{"--text", hello, "--concurrency", "1"}
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "1 sent (0 before, 1 now), 0 rejected, 2 unknown")
	// What somebody found out in the outbox counts.
	queue := decode[endEvent](t, lastLine(sendCSV(t, fake, file, append(args, "--status", "--json")...).out)).Queue
	env := with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+databaseOf(file))
	records := decode[shownRecord](t, strings.SplitN(command(t, env, "outbox", "unknown", "--queue", queue, "--json").want(t, exitOK).out, "\n", 2)[0])
	command(t, env, "outbox", "resolve", "--queue", queue, fmt.Sprint(records.ID), "--sent").want(t, exitOK)
	sendCSV(t, fake, file, args...).want(t, exitUnknown, "2 sent (2 before, 0 now), 0 rejected, 1 unknown")
	// The report says unknown of what somebody gave up since. That is no reason to think that the database is another one.
	other := writeRows(t, 2)
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultCut, Stored: true})
	sendCSV(t, fake, other, args...).want(t, exitUnknown, "1 sent", "1 unknown")
	otherQueue := decode[endEvent](t, lastLine(sendCSV(t, fake, other, append(args, "--status", "--json")...).out)).Queue
	otherEnv := with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+databaseOf(other))
	unknown := decode[shownRecord](t, strings.SplitN(command(t, otherEnv, "outbox", "unknown", "--queue", otherQueue, "--json").out, "\n", 2)[0])
	command(t, otherEnv, "outbox", "resolve", "--queue", otherQueue, fmt.Sprint(unknown.ID), "--cancel").want(t, exitOK)
	sendCSV(t, fake, other, args...).want(t, exitNotSent, "1 sent (1 before, 0 now), 0 rejected, 0 unknown, 1 not sent")
	// Stopped for no fault of the row, it is sent without another word.
	at := slices.Index(outcomes(t, file+".report.csv"), "unknown") + 2
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultStatus, Status: 401})
	sendCSV(t, fake, file, append(args, "--resend", fmt.Sprint(at))...).want(t, exitRejected, "1 not sent", "Run the same command again, without --resend, to go on.")
	sendCSV(t, fake, file, append(args, "--resend", fmt.Sprint(at))...).want(t, exitUsage, "but: still to be sent")
	sendCSV(t, fake, file, args...).want(t, exitOK, "3 sent (2 before, 1 now)")
	if n := len(fake.Messages()); n != 6 {
		t.Errorf("%d arrived, want 6", n)
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// What would meet every row stops the run, and its rows are sent later.
func TestCSVStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		code  int
		says  string
		left  int // rows that the next run does not send by itself
	}{
		"a key that is revoked": {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 401}, exitRejected, "0 rejected, 0 unknown, 40 not sent", 0},
		"no money":              {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 402}, exitRejected, "0 rejected, 0 unknown, 40 not sent", 0},
		"a wrong address":       {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 404}, exitRejected, "0 rejected, 0 unknown, 40 not sent", 0},
		"bad requests":          {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 400}, exitRejected, "3 rejected, 0 unknown, 37 not sent", 3},
		"refused without words": {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422}, exitRejected, "3 rejected, 0 unknown, 37 not sent", 3},
		"a server in trouble":   {tgotest.Fault{Kind: tgotest.FaultStatus, Status: 503}, exitUnknown, "3 unknown, 37 not sent", 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := tgotest.New(t)
			file := writeRows(t, 50)
			c.fault.Skip = 10
			inject(t, fake, c.fault)
			args := []string{"--text", hello, "--concurrency", "1", "--max-unknown", "3", "--max-rejected", "3"}
			sendCSV(t, fake, file, args...).want(t, c.code, "10 sent (0 before, 10 now), ", c.says, "Stopped: ")
			wantMessages(t, fake, 10)
			fake.ClearFaults()
			sendCSV(t, fake, file, args...)
			wantMessages(t, fake, 50-c.left)
			if c.code == exitRejected {
				sendCSV(t, fake, file, append(args, "--resend", "rejected")...).want(t, exitOK, "50 sent")
				wantMessages(t, fake, 50)
			}
		})
	}
}

// A sender that nobody knows and a wrong address are not booked as the fault of each row.
func TestCSVStopsForEveryone(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	for name, wrong := range map[string][]string{
		"an unknown phone":  {"TGO_FROM", "+201001187177"},
		"an unknown number": {"TGO_FROM", "77"},
	} {
		file := writeRows(t, 60)
		args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "2"}
		command(t, with(envOf(fake), wrong...), args...).
			want(t, exitRejected, "60 rows: 0 sent (0 before, 0 now), 0 rejected, 0 unknown, 60 not sent", "Stopped: ")
		// From the right one all are sent.
		before := len(fake.Messages())
		command(t, envOf(fake), args...).want(t, exitOK, "60 sent")
		if n := len(fake.Messages()) - before; n != 60 {
			t.Errorf("%s: %d were sent", name, n)
		}
	}
}

// Without a connection a run waits for one, but not for ever, and nothing is lost.
func TestCSVWithoutAConnection(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 20)
	env := with(envOf(fake), "TGO_BASE_URL", "http://127.0.0.1:1/api/v1")
	args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello}
	command(t, env, args...).want(t, exitUnreachable, "0 sent", "0 unknown, 20 not sent", "Stopped: no connection to the tenant for ", "127.0.0.1:1: connection refused\n")
	command(t, envOf(fake), args...).want(t, exitOK, "20 sent")
}

// 429 is a refusal: the run waits as long as the server asks, and goes on more slowly.
func TestCSVObeysTooManyRequests(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 5)
	inject(t, fake, tgotest.Fault{Skip: 2, Times: 1, Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "1"})
	sendCSV(t, fake, file, "--text", hello, "--rate", "100", "--concurrency", "1").
		want(t, exitOK, "5 sent (0 before, 5 now)", "The API asks to slow down (429): waiting until ", ", then 50 messages a second.")
	wantMessages(t, fake, 5)
}

// What was slowed down gets faster again, step by step, up to what it was.
func TestCSVHurriesAgain(t *testing.T) {
	t.Parallel()
	var errs buffer
	now := time.Now()
	b := bulk{s: streams{err: &errs}, rate: 3, full: 10, rateSince: now.Add(-hurryAfter - time.Second)}
	for _, want := range []float64{6, 10} {
		b.rateSince = now.Add(-hurryAfter - time.Second)
		if !b.mayHurry() {
			t.Fatalf("at %g a second it stays", b.rate)
		}
		if b.changeRate(t.Context()); b.rate != want || b.mayHurry() {
			t.Errorf("%g a second, want %g", b.rate, want)
		}
	}
	mustContain(t, errs.String(), "for 5m: on with 6 messages a second", "on with 10 messages a second")
}

// The same list at another tenant, such as a fake for a try, is another sending.
func TestCSVAtAnotherTenant(t *testing.T) {
	t.Parallel()
	try, real := tgotest.New(t), tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, try, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	sendCSV(t, real, file, "--text", hello).want(t, exitOK, "3 sent (0 before, 3 now)")
	wantMessages(t, real, 3)
	sendCSV(t, try, file, "--text", "Bye", "--campaign", "عملاء مصر").want(t, exitOK, "3 sent (0 before, 3 now)")
}

// Without its database a list is not sent again, as long as the report knows.
func TestCSVWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(databaseOf(file) + suffix) // the last two may not be there
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, ".report.csv says that 3 rows were sent", "does not know", "--database", "--ignore-report")
	sendCSV(t, fake, file, "--text", hello, "--database", "sqlite:"+filepath.Join(t.TempDir(), "other.db")).want(t, exitUsage, "says that 3 rows were sent")
	wantMessages(t, fake, 3)
	sendCSV(t, fake, file, "--text", hello, "--ignore-report").want(t, exitOK, "3 sent (0 before, 3 now)")
	if n := len(fake.Messages()); n != 6 {
		t.Errorf("%d arrived", n)
	}
}

// A database that is damaged is refused, and so is one whose queue holds something else.
func TestCSVDatabaseThatIsWrong(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	database := databaseOf(file)
	whole, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	if wal, err := os.ReadFile(database + "-wal"); err == nil && len(wal) > 0 {
		t.Fatal("the database is not whole without its log")
	}
	for name, damage := range map[string]func(b []byte) []byte{
		"a letter":      func([]byte) []byte { return []byte(strings.Repeat("Dear Mona, ", 1000)) },
		"zeros":         func(b []byte) []byte { clear(b[:4096]); return b },
		"noise":         func(b []byte) []byte { return append(b[:4096], []byte(strings.Repeat("noise", len(b)/5))...) },
		"half of it":    func(b []byte) []byte { return b[:len(b)/2] },
		"an outer page": func(b []byte) []byte { clear(b[len(b)/2 : len(b)/2+20000]); return b },
	} {
		writeFile(t, database, string(damage(slices.Clone(whole))))
		r := sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "damaged", "restore it from a backup")
		if strings.Contains(r.out, "sent (") {
			t.Errorf("%s: %s", name, r.out)
		}
	}
	writeFile(t, database, string(whole))
	queue := decode[endEvent](t, lastLine(sendCSV(t, fake, file, "--text", hello, "--status", "--json").out)).Queue
	env := with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+database)
	command(t, env, "outbox", "add", "text", "--queue", queue, "--to", rowPhone(9), "Hello").want(t, exitOK)
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "which no list has")
	wantMessages(t, fake, 3)
}

// A report can be the next list: without a word, its rows that were sent are not sent again.
func TestCSVReportAsList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	sendCSV(t, fake, file, "--text", hello).want(t, exitRejected, "2 sent", "1 rejected")
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	report := file + ".report.csv"
	const says = "it says that 2 of its rows were sent or may have been, and the database"
	sendCSV(t, fake, report, "--text", hello).want(t, exitUsage, says, "--campaign", "--exclude")
	sendCSV(t, fake, report, "--text", hello, "--campaign", "recipients").want(t, exitUsage, says)
	wantMessages(t, fake, 2)
	// With its database it goes on where the list was.
	sendCSV(t, fake, report, "--text", hello, "--campaign", "recipients", "--database", "sqlite:"+databaseOf(file), "--resend", "rejected").
		want(t, exitOK, "3 sent (2 before, 1 now)")
	wantMessages(t, fake, 3)
	// Those that were sent before can be left out, or be sent to under another name.
	sendCSV(t, fake, report, "--text", hello, "--exclude", "2,4", "--dry-run").want(t, exitOK, "row 3, the first of 1 message to send; no problem in 1 row (2 excluded); 0 were sent before\n")
	sendCSV(t, fake, report, "--text", "Bye", "--campaign", "December").want(t, exitOK, "3 sent (0 before, 3 now)")
	wantMessages(t, fake, 6)
}

// A report that cannot be written hides nothing of what became of the rows.
func TestCSVWithoutAReport(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	nowhere := filepath.Join(t.TempDir(), "missing", "report.csv")
	for _, args := range [][]string{nil, {"--json"}} {
		r := sendCSV(t, fake, writeRows(t, 2), append(args, "--text", hello, "--report", nowhere)...).want(t, exitFailed)
		if strings.Contains(r.out, nowhere) || !strings.Contains(r.err, "the report could not be written") || !strings.Contains(r.out, "2") {
			t.Errorf("stdout %q, stderr %q", r.out, r.err)
		}
	}
}

// The report of an Excel file is one.
func TestCSVExcel(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := filepath.Join(t.TempDir(), "customers.xlsx")
	book := excelize.NewFile()
	for cell, value := range map[string]any{"A1": "Name", "B1": "Phone", "A2": "Mona", "B2": int64(201010000000), "A3": "Omar", "B3": "01010000001"} {
		if err := book.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs(file); err != nil {
		t.Fatal(err)
	}
	args := []string{"--country", "EG", "--to", "phone", "--text", "Dear {name}"}
	r := sendCSV(t, fake, file, "--text", "x").want(t, exitValidation, `no column "to"`, "name the column of the phones by --to")
	if strings.Contains(r.err, "--delimiter") {
		t.Errorf("an Excel file has no delimiter: %q", r.err)
	}
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 sent", "Report: "+file+".report.xlsx", "2 phones got the country code of EG", `"01010000001" is +201010000001`)
	fake.ExpectMessage(t, tgotest.To("+201010000000"), tgotest.Containing("Dear Mona"))
	fake.ExpectMessage(t, tgotest.To("+201010000001"), tgotest.Containing("Dear Omar"))
	report, err := excelize.OpenFile(file + ".report.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	defer report.Close() //nolint:errcheck // it was only read from
	rows, err := report.GetRows("Sheet1")
	if err != nil || len(rows) != 3 || strings.Join(rows[2][:3], ",") != "Omar,01010000001,sent" {
		t.Errorf("%v, %v", rows, err)
	}
	sendCSV(t, fake, file, args...).want(t, exitOK, "2 sent (2 before, 0 now)")
	// It is a list of its own.
	sendCSV(t, fake, file+".report.xlsx", append(args, "--campaign", "customers", "--database", "sqlite:"+databaseOf(file))...).
		want(t, exitOK, "2 sent (2 before, 0 now)")
}

// A report that is broken off leaves neither a part of itself nor the temporary file of a big sheet.
func TestReportBrokenOff(t *testing.T) {
	temp, dir := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // of Windows
	unpacked := 0
	err := writeList(filepath.Join(dir, "report.xlsx"), func(write func([]string) error) error {
		cell := strings.Repeat("x", 32_000)
		for range 600 { // more than is kept in memory
			if err := write([]string{cell}); err != nil {
				return err
			}
		}
		entries, err := os.ReadDir(temp)
		unpacked = len(entries)
		return errors.Join(err, errInterrupted)
	})
	if !errors.Is(err, errInterrupted) || unpacked == 0 {
		t.Errorf("%v; %d temporary files", err, unpacked)
	}
	for _, folder := range []string{temp, dir} {
		if entries, err := os.ReadDir(folder); err != nil || len(entries) > 0 {
			t.Errorf("%v, %v: something is left over", entries, err)
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
	table := writeFile(t, filepath.Join(dir, "table.csv"), "a,b\n1,2")
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"the report is the list":      {[]string{"--report", byAnotherName}, "is the list itself"},
		"the report is a link to it":  {[]string{"--report", linked}, "is the list itself"},
		"the report is a letter":      {[]string{"--report", letter}, "is not a report"},
		"the report is a table":       {[]string{"--report", table}, "is not a report"},
		"the database is the list":    {[]string{"--database", "sqlite:" + byAnotherName}, ""},
		"the database is a letter":    {[]string{"--database", "sqlite:" + letter}, ""},
		"the database is no database": {[]string{"--database", "mysql://x"}, "must be sqlite:FILE"},
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

// Two runs at once would send everything twice, were they at different databases.
func TestCSVIsLocked(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	unlock, err := lockFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "another run is using "+file)
	// One can look meanwhile.
	sendCSV(t, fake, file, "--text", hello, "--status").want(t, exitNotSent, "3 not sent")
	sendCSV(t, fake, file, "--text", hello, "--dry-run").want(t, exitOK, "the first of 3 messages")
	unlock()
	database := filepath.Join(t.TempDir(), "outbox.db")
	unlock, err = lockFile(database + "-lock")
	if err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, "--text", hello, "--database", "sqlite:"+database).want(t, exitUsage, "another run is using ")
	unlock()
	fake.ExpectNoMessage(t)
	sendCSV(t, fake, file, "--text", hello, "--database", "sqlite:"+database).want(t, exitOK, "3 sent")
}

// atTerminal runs the command with somebody at the terminal, who types.
func atTerminal(t testing.TB, fake *tgotest.Server, types string, args ...string) result {
	t.Helper()
	env := envOf(fake)
	var out, errs buffer
	code := run(soon(t), args, streams{
		in: strings.NewReader(types), out: &out, err: &errs, getenv: func(name string) string { return env[name] }, interactive: true,
	})
	return result{code, out.String(), errs.String()}
}

// Before the first message somebody is asked, or has said --yes.
func TestCSVAsks(t *testing.T) {
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
	// Nothing is to be sent: there is nothing to ask.
	command(t, envOf(fake), args...).want(t, exitOK, "300 sent (300 before, 0 now)")
}

// The progress says what is left to a terminal of 40 columns too, and what went wrong where something did.
func TestCSVProgress(t *testing.T) {
	t.Parallel()
	columns := 40
	bar, out := aBar(&columns)
	c := newCampaign("list", "list")
	for i := range 40 {
		c.add(listRow{number: int32(i + 2)}, "")
	}
	b := &bulk{c: &csvCommand{}, campaign: c, bar: bar, begun: time.Now().Add(-10 * time.Second)}
	for i := range 36 {
		c.set(i, rowSent, "")
		c.now++
	}
	b.show(time.Time{})
	mustContain(t, out.String(), "36/40 sent, 1s left, 3.6/s")
	bar.drawnAt = time.Time{}
	c.set(36, rowUnknown, "")
	b.show(time.Time{})
	mustContain(t, out.String(), "36/40 sent, 1 unknown, 1s left")
	// Without a bar it is a line a minute.
	var lines buffer
	b.bar, b.s, b.told = nil, streams{err: &lines}, time.Now().Add(-lineEvery-time.Second)
	for range 3 {
		b.show(time.Time{})
	}
	if got, want := lines.String(), "tgo: 36/40 sent, 1 unknown, 1s left, 3.6/s\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestRoundDuration(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		200 * time.Millisecond: "1s", 1499 * time.Millisecond: "1s", 90*time.Second + 400*time.Millisecond: "1m30s", 2 * time.Minute: "2m",
		100000 * time.Second: "27h47m", 2 * time.Hour: "2h",
	} {
		if got := roundDuration(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

// --json tells of each row as it goes.
func TestCSVEvents(t *testing.T) {
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

// A list from stdin has a name of its own, by which the next run knows it.
func TestCSVStdin(t *testing.T) {
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

// --check keeps messages from those who cannot receive them.
func TestCSVChecksRecipients(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactUnreachable)
	sendCSV(t, fake, file, "--text", hello, "--check").
		want(t, exitNotSent, "2 sent (0 before, 2 now), 0 rejected, 0 unknown, 1 not sent", "row 3  "+rowPhone(1), "cannot receive messages")
	wantMessages(t, fake, 2)
	fake.SetContact(tgo.Phone(rowPhone(1)), tgotest.ContactReachable)
	sendCSV(t, fake, file, "--text", hello, "--check").want(t, exitOK, "3 sent (2 before, 1 now)")
}

// Ctrl-C lets what is under way end, and begins nothing more; the next run goes on.
func TestCSVInterrupted(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 40)
	// The fifth message is held up while the run is interrupted.
	inject(t, fake, tgotest.Fault{Skip: 4, Times: 1, Stored: true, Delay: 500 * time.Millisecond})
	r := interrupted(t, fake, file, 5, nil)
	r.want(t, exitNotSent, "0 rejected, 0 unknown", "Stopped: interrupted", "Run the same command again",
		"Stopping: 1 message under way, up to 30s. Press Ctrl-C again to give up on them (their outcome will be unknown).")
	if n := len(fake.Messages()); n < 5 || n > 7 {
		t.Errorf("%d were sent", n)
	}
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "3").want(t, exitOK, "40 sent")
	wantMessages(t, fake, 40)
}

// A second Ctrl-C gives up on what is under way, and says so in report and exit code.
func TestCSVInterruptedTwice(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 10)
	inject(t, fake, tgotest.Fault{Skip: 4, Times: 1, Stored: true, Delay: 3 * time.Second})
	second := make(chan struct{})
	close(second)
	r := interrupted(t, fake, file, 5, func() <-chan struct{} { return second })
	r.want(t, exitUnknown, "4 sent (0 before, 4 now), 0 rejected, 1 unknown, 5 not sent", "row 6  "+rowPhone(4), "Given up on 1 message: their outcome is unknown.")
}

// interrupted sends a list, one at a time, and is interrupted when so many have arrived.
func interrupted(t *testing.T, fake *tgotest.Server, file string, after int, again func() <-chan struct{}) result {
	t.Helper()
	env := envOf(fake)
	ctx, interrupt := context.WithCancel(soon(t))
	defer interrupt()
	go func() {
		for range after {
			if _, err := fake.NextMessage(ctx); err != nil {
				return
			}
		}
		interrupt()
	}()
	var out, errs buffer
	args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "1"}
	code := run(ctx, args, streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }, again: again})
	return result{code, out.String(), errs.String()}
}

// The keys of the outbox are read as they are written.
func TestCampaignKeys(t *testing.T) {
	t.Parallel()
	id := rowID{digestOf("a"), digestOf("b"), 7}
	key := id.key(3, "+201001187188")
	if got, generation, sender, ok := parseKey(key); !ok || got != id || generation != 3 || sender != digestOf("+201001187188") {
		t.Errorf("%v %d %v %v", got, generation, sender, ok)
	}
	for _, wrong := range []string{"", "order-4821", "a.b.c.d.e", key + ".1", key[1:], strings.Replace(key, ".7.", ".70000.", 1)} {
		if _, _, _, ok := parseKey(wrong); ok {
			t.Errorf("%q is a key", wrong)
		}
	}
	long := strings.Repeat("قائمة العملاء list ", 20)
	for name, want := range map[string]string{"Spring Sale 2026": "spring-sale-2026-", "عملاء": "list-", long: "list-list-list-list-list-list-list-list-"} {
		queue := queueOf(name, "acme.tgo-eg.com")
		if !strings.HasPrefix(queue, want) || len(queue) != len(want)+8 {
			t.Errorf("%q: %q", name, queue)
		}
		if queue == queueOf(name, "other.tgo-eg.com") || queue == queueOf(name+"x", "acme.tgo-eg.com") {
			t.Errorf("%q is not the only one with %q", name, queue)
		}
	}
}

// A list can be looked up, too. What is no phone is an answer like another.
func TestLookupList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	fake.SetContact("+201000000002", tgotest.ContactUnreachable)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "phone;name\n01000000001;a\n01000000002;b\nabc;c\n")
	args := []string{"lookup", "--csv", file, "--to", "Phone", "--country", "EG", "--rate", "1000"}
	command(t, envOf(fake), args...).want(t, exitNo, "3 rows: 1 can receive, 1 cannot, 1 without a phone that can be read (the report says why)\n", "Report: "+file+".lookup.report.csv")
	report, err := os.ReadFile(file + ".lookup.report.csv")
	if err != nil {
		t.Fatal(err)
	}
	mustContain(t, string(report), "phone,name,tgo_can_receive,tgo_reason\n01000000001,a,yes,\n01000000002,b,no,unreachable\nabc,c,no,", "letters")
	r := command(t, envOf(fake), append(args, "--exclude", "3-4", "--json", "--rate", "1e12")...).want(t, exitOK)
	if v := decode[rowVerdict](t, r.out); !v.CanReceive || v.Row != 2 || v.Phone != "+201000000001" {
		t.Errorf("%+v", v)
	}
	command(t, envOf(fake), "lookup").want(t, exitUsage, "give a phone, or a list by --csv")
	command(t, envOf(fake), append(args, "+201000000001")...).want(t, exitUsage, "give a phone, or a list by --csv")
	command(t, envOf(fake), append(args, "--report", file)...).want(t, exitUsage, "is the list itself")
}

// In PostgreSQL other machines help with a campaign, and one run at a time says what belongs to it.
func TestCSVOnPostgreSQL(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 60)
	env := with(envOf(fake), "TGO_OUTBOX_DATABASE", postgrestest.Start(t).Database(t))
	args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "1"}
	command(t, env, args...).want(t, exitUsage, "run tgo outbox migrate")
	command(t, env, "outbox", "migrate").want(t, exitOK)
	queue := decode[endEvent](t, lastLine(command(t, env, append(args, "--status", "--json")...).want(t, exitNotSent).out)).Queue
	stop := startWork(t, env, "--queue", queue, "--rate", "0")
	inject(t, fake, tgotest.Fault{Times: 1, Stored: true, Delay: time.Second})
	first := make(chan result, 1)
	go func() { first <- command(t, env, args...) }()
	arrived(t, fake) // its answer is still to come
	command(t, env, args...).want(t, exitUsage, "another run is using "+file)
	copied := writeFile(t, filepath.Join(t.TempDir(), "recipients.csv"), "to,name,order\n"+rowPhone(99)+",Person 99,1\n")
	command(t, env, "send", "--csv", copied, "--rate", "0", "--yes", "--text", hello).
		want(t, exitUsage, "another run is sending this campaign", "tgo outbox work --queue "+queue)
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

// An encoding that can only be guessed is confirmed, by somebody who sees the text or by a flag.
func TestCSVEncodingIsConfirmed(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeFile(t, filepath.Join(t.TempDir(), "r.csv"), "to;name\n+201000000001;\xe3\xe4\xec\n") // windows-1256
	args := []string{"send", "--csv", file, "--text", "Dear {name}"}
	command(t, envOf(fake), append(args, "--yes")...).want(t, exitUsage, "is not UTF-8. Read as windows-1256", "+201000000001  منى", "--encoding windows-1256")
	atTerminal(t, fake, "n\n", args...).want(t, exitNotSent, "منى", "Is that right? [y/N]", "nothing was sent")
	fake.ExpectNoMessage(t)
	atTerminal(t, fake, "y\ny\n", args...).want(t, exitOK, "1 sent", "Is that right? [y/N]", "Send? [y/N]")
	fake.ExpectMessage(t, tgotest.Containing("Dear منى"))
	command(t, envOf(fake), append(args, "--encoding", "windows-1256")...).want(t, exitOK, "1 sent (1 before, 0 now)")
}

// Where no terminal shows a bar, a line a minute tells how far it is, and how long it will take.
func TestCSVTellsEachMinute(t *testing.T) {
	t.Parallel()
	var errs buffer
	c := newCampaign("", "")
	c.counts[rowSent], c.counts[rowNew], c.now = 100, 500, 100
	for range 600 {
		c.rows.add(listRow{})
	}
	now := time.Now()
	b := bulk{c: &csvCommand{}, campaign: c, begun: now.Add(-10 * time.Second), told: now.Add(-time.Minute), s: streams{err: &errs}}
	b.show(time.Time{})
	b.show(time.Time{})
	if got := errs.String(); got != "tgo: 100/600 sent, 50s left, 10/s\n" {
		t.Errorf("%q", got)
	}
	b.told = now.Add(-time.Minute)
	b.show(now.Add(time.Hour))
	mustContain(t, errs.String(), "waiting until ", " as the API asked")
}

// What one tenant is called, how a list is spelled, and the format that it is saved in make no other sending of it.
func TestCSVByOtherNames(t *testing.T) {
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

func TestTenantOf(t *testing.T) {
	t.Parallel()
	const want = "acme.tgo-eg.com:443/api/v1"
	for _, set := range []settings{
		{tenant: "acme.tgo-eg.com"}, {tenant: "ACME.tgo-eg.com."}, {tenant: "acme.tgo-eg.com:443"}, {baseURL: "https://acme.tgo-eg.com"},
		{baseURL: "https://acme.tgo-eg.com/api/v1"}, {baseURL: "https://Acme.tgo-eg.com:443/api/v1/"},
	} {
		if got := tenantOf(set); got != want {
			t.Errorf("%+v is %s", set, got)
		}
	}
	for _, set := range []settings{
		{tenant: "other.tgo-eg.com"}, {baseURL: "https://acme.tgo-eg.com:8443"}, {baseURL: "https://acme.tgo-eg.com/other"}, {baseURL: "http://acme.tgo-eg.com"},
	} {
		if tenantOf(set) == want {
			t.Errorf("%+v is the same tenant", set)
		}
	}
}

// A database that was put back to an older copy is known by what the report has of each row: it may hold as many others as rows were removed.
func TestCSVWithAnOlderDatabase(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 2)
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitOK, "2 sent")
	older, err := os.ReadFile(databaseOf(file))
	if err != nil {
		t.Fatal(err)
	}
	list := "to,name,order\n" + rowPhone(2) + ",Mona,1\n" + rowPhone(3) + ",Omar,2\n"
	writeFile(t, file, list)
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitOK, "2 sent (0 before, 2 now)")
	latest, err := os.ReadFile(databaseOf(file))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, databaseOf(file), string(older))
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUsage, "2 rows were sent", "an older copy")
	writeFile(t, databaseOf(file), string(latest))
	// Unknown rows have no id. The newer database knows of an attempt, the one in between does not.
	writeFile(t, file, list+rowPhone(4)+",Salma,3\n")
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultCut, Stored: true})
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUnknown, "2 sent (2 before, 0 now)", "1 unknown")
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUnknown, "1 unknown")
	writeFile(t, databaseOf(file), string(latest))
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUsage, "1 rows were sent or may have been")
	wantMessages(t, fake, 5)
}

// The report beside the list counts although another one is named.
func TestCSVWithAnotherReport(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	elsewhere := t.TempDir()
	other := []string{"--database", "sqlite:" + filepath.Join(elsewhere, "other.db"), "--report", filepath.Join(elsewhere, "other.csv")}
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	sendCSV(t, fake, file, append(other, "--text", hello)...).want(t, exitUsage, "recipients.csv.report.csv says that 3 rows were sent")
	wantMessages(t, fake, 3)
	// A file of that name which is no report is nobody's business then.
	writeFile(t, file+".report.csv", "a,b\n1,2\n")
	sendCSV(t, fake, file, append(other, "--text", "Bye")...).want(t, exitOK, "3 sent (0 before, 3 now)")
}

// Rows that are sent again are shown before, by a dry run and by the question.
func TestCSVShowsWhatIsResent(t *testing.T) {
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
