package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Each row's caption is checked, although rows with the same file read it only once.
func TestCheckOfCaptions(t *testing.T) {
	t.Parallel()
	client, err := tgo.New("acme.tgo-eg.com", tgo.NewKey("tgo_no-key-was-given"), tgo.WithHTTPClient(&http.Client{Transport: &recorder{}}), tgo.WithWriteRetries())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []struct{ kind, file string }{{tgo.TypeImage, "picture.png"}, {tgo.TypeVoice, "voice.ogg"}, {tgo.TypeDocument, "invoice.pdf"}} {
		k := checker{list: &recipients{durations: map[string]time.Duration{}}, sender: client.FromNumber(1), files: map[string]error{}}
		for i, caption := range []string{"\xff", "hello", "\xff", ""} {
			err := k.check(t.Context(), rowContent{to: "+201010000000", kind: m.kind, file: filepath.Join("demo", m.file), text: caption})
			if (err != nil) != (caption == "\xff") || err != nil && !strings.Contains(inWordsOf(err), "must be UTF-8 text") {
				t.Errorf("%s, row %d: %v", m.kind, i+1, err)
			}
		}
		if len(k.files) != 1 {
			t.Errorf("%s: %d files were read", m.kind, len(k.files))
		}
	}
}

// A row whose file was removed is not sent, and the others are. The next run tries again.
func TestSendListWithoutAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// The checks find all files; the last one is removed when the first message arrives.
	missing := filepath.Join(dir, "119.txt")
	remove := sync.OnceFunc(func() { _ = os.Remove(missing) }) // the assertions tell
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.Faults = func(operation string) *tgotest.Fault {
			if operation == "sendMessage" {
				remove()
			}
			return nil
		}
	})
	var rows strings.Builder
	rows.WriteString("to,name,order\n")
	for i := range 120 { // more than are added at once
		fmt.Fprintf(&rows, "%s,Person %d,%d\n", rowPhone(i), i, i)
		writeFile(t, filepath.Join(dir, fmt.Sprintf("%d.txt", i)), fmt.Sprint("Invoice ", i))
	}
	file := writeFile(t, filepath.Join(dir, "r.csv"), rows.String())
	args := []string{"--document", filepath.Join(dir, "{order}.txt"), "--concurrency", "1"}
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

// A cell cannot name files outside the folder that the option names.
func TestSendListFilesStayInside(t *testing.T) {
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

// If a list has an error, nothing is sent.
func TestSendListThatIsWrong(t *testing.T) {
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
		"a text's caption":     {"to\n+201000000001\n", []string{"--text", "x", "--caption", "y"}, exitUsage, []string{"--caption is not for a text", "--text"}},
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

// An unreadable list is named once, in plain words, with the same exit code in each command.
func TestSendListThatCannotBeRead(t *testing.T) {
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

// If it is allowed, rows with the same phone or the same message are separate rows.
func TestSendListDuplicates(t *testing.T) {
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

// With --check, nothing is sent to recipients that cannot receive it.
func TestSendListChecksRecipients(t *testing.T) {
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

// An interrupt during the validation is not reported as a problem of rows.
func TestInterruptedChecks(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	env := map[string]string{"TGO_BASE_URL": "http://127.0.0.1:1/api/v1", "TGO_API_KEY": "tgo_any-key", "TGO_FROM": "1"}
	var out, errs buffer
	code := run(ctx, []string{"send", "--csv", writeRows(t, 3), "--text", hello},
		streams{out: &out, err: &errs, getenv: func(name string) string { return env[name] }})
	result{code, out.String(), errs.String()}.want(t, exitNotSent, "interrupted")
}

// --exclude rejects rows that the list does not have: after a typing error, a message would go to someone who was to be
// excluded.
func TestSendListExcludesRowsOfTheList(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	for wrong, says := range map[string]string{
		"x":       `"x" must be rows such as 7,12-15`,
		"2,three": `"three" must be rows such as 7,12-15`,
		"5":       "--exclude 5: the list has no such row; its rows are 2 to 4",
		"3,3-40":  "--exclude 3-40: the list has no such row; its rows are 2 to 4",
		"1":       "--exclude 1: the list has no such row; its rows are 2 to 4",
	} {
		sendCSV(t, fake, file, "--text", hello, "--exclude", wrong).want(t, exitUsage, says)
		sendCSV(t, fake, file, "--text", hello, "--exclude", wrong, "--dry-run").want(t, exitUsage, says)
	}
	fake.ExpectNoMessage(t)
	sendCSV(t, fake, file, "--text", hello, "--exclude", "3-4").want(t, exitOK, "1 sent (0 before, 1 now)", "2 excluded")
}
