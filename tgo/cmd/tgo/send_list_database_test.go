package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// If the database is lost, the list is not sent again, as long as the report exists.
func TestSendListWithoutItsDatabase(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	sendCSV(t, fake, file, "--text", hello).want(t, exitOK, "3 sent")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(databaseOf(file) + suffix) // the last two may not be there
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, ".report.csv says that 3 rows were sent", "does not have them", "--database", "--ignore-report")
	sendCSV(t, fake, file, "--text", hello, "--database", "sqlite:"+filepath.Join(t.TempDir(), "other.db")).want(t, exitUsage, "says that 3 rows were sent")
	wantMessages(t, fake, 3)
	sendCSV(t, fake, file, "--text", hello, "--ignore-report").want(t, exitOK, "3 sent (0 before, 3 now)")
	if n := len(fake.Messages()); n != 6 {
		t.Errorf("%d arrived", n)
	}
}

// A damaged database is rejected, and so is a queue with messages of another origin.
func TestSendListDatabaseThatIsWrong(t *testing.T) {
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
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "which is not from a list")
	wantMessages(t, fake, 3)
}

// An older copy of the database is detected from each row of the report: a count would not be enough, since the copy may
// have as many other rows.
func TestSendListWithAnOlderDatabase(t *testing.T) {
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
	// Unknown rows have no id. The newer database has an attempt, the one in between does not.
	writeFile(t, file, list+rowPhone(4)+",Salma,3\n")
	inject(t, fake, tgotest.Fault{Times: 1, Kind: tgotest.FaultCut, Stored: true})
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUnknown, "2 sent (2 before, 0 now)", "1 unknown")
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUnknown, "1 unknown")
	writeFile(t, databaseOf(file), string(latest))
	sendCSV(t, fake, file, "--text", "Hello").want(t, exitUsage, "1 rows were sent or may have been")
	wantMessages(t, fake, 5)
}
