package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

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

// edit replaces a text in a list.
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

// outcomes returns the outcomes of a report's rows.
func outcomes(t testing.TB, file string) []string {
	t.Helper()
	var all []string
	for _, row := range readReport(t, file) {
		all = append(all, row[3])
	}
	return all
}

// sendCSV sends a list without confirmation and without a rate limit.
func sendCSV(t testing.TB, fake *tgotest.Server, file string, more ...string) result {
	t.Helper()
	return command(t, envOf(fake), append([]string{"send", "--csv", file, "--rate", "0", "--yes"}, more...)...)
}

// inject sets a fault of the fake server.
func inject(t testing.TB, fake *tgotest.Server, f tgotest.Fault) {
	t.Helper()
	f.Operation = "sendMessage"
	if _, err := fake.Inject(f); err != nil {
		t.Fatal(err)
	}
}

// holding returns a fake that holds the nth message, counted from 1, before it does anything with it. reached waits for that message; release
// ends the hold.
func holding(t testing.TB, nth int64) (fake *tgotest.Server, reached, release func()) {
	t.Helper()
	var count atomic.Int64
	arrived, released := make(chan struct{}), make(chan struct{})
	fake = tgotest.New(t, func(c *tgotest.Config) {
		c.Faults = func(operation string) *tgotest.Fault {
			if operation == "sendMessage" && count.Add(1) == nth {
				close(arrived)
				<-released
			}
			return nil
		}
	})
	release = sync.OnceFunc(func() { close(released) })
	t.Cleanup(release) // otherwise the fake would not end
	return fake, func() {
		t.Helper()
		select {
		case <-arrived:
		case <-soon(t).Done():
			t.Fatalf("message %d has not arrived", nth)
		}
	}, release
}

// wantMessages checks how many messages have arrived, and that no one got one twice.
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
