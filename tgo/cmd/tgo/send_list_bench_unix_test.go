//go:build unix && (linux || darwin) && (amd64 || arm64)

package main

import (
	"bufio"
	"database/sql"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var benchRows = flag.Int("csv.bench-rows", 1000, "rows of the lists in BenchmarkSendList*")

// measure runs the command as a process, and reports what it took of processor and memory. It returns what it printed.
func measure(b *testing.B, fake *tgotest.Server, args ...string) string {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	for name, value := range envOf(fake) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	if *benchRows < 100_000 { // it would be the start of the process that was measured
		return string(out)
	}
	b.ReportMetric((cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()).Seconds()*1e6/float64(*benchRows), "cpu-s/million")
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		b.ReportMetric(float64(usage.Maxrss)/1024, "MB")
	}
	return string(out)
}

func benchList(b *testing.B) string {
	b.Helper()
	f, err := os.Create(filepath.Join(b.TempDir(), "recipients.csv"))
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriter(f)
	fmt.Fprintln(w, "to,name,order")
	for i := range *benchRows {
		fmt.Fprintf(w, "%s,Person %d,%d\n", rowPhone(i), i, i)
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
	return f.Name()
}

const benchText = "Dear {name}, order {order} is ready"

// BenchmarkSendListCheck checks a list.
func BenchmarkSendListCheck(b *testing.B) {
	fake := tgotest.New(b)
	file := benchList(b)
	for b.Loop() {
		measure(b, fake, "send", "--csv", file, "--text", benchText, "--dry-run")
	}
}

// BenchmarkSendListResume runs a list again that has been sent.
func BenchmarkSendListResume(b *testing.B) {
	fake := tgotest.New(b)
	file := benchList(b)
	database := databaseOf(file)
	// The records are made here: to send a million messages takes half an hour.
	c := newCampaign("", queueOf("recipients", tenantOf(settings{baseURL: fake.URL})))
	_, queue, _ := strings.Cut(command(b, envOf(fake), "send", "--csv", file, "--text", benchText, "--status").out, "queue ")
	if c.queue != strings.TrimSpace(queue) {
		b.Fatalf("%s is not %s", c.queue, queue)
	}
	command(b, with(envOf(fake), "TGO_OUTBOX_DATABASE", "sqlite:"+database), "outbox", "migrate").want(b, exitOK)
	db, err := sql.Open("sqlite", sqliteSource(database))
	if err != nil {
		b.Fatal(err)
	}
	tx, err := db.BeginTx(b.Context(), nil)
	if err != nil {
		b.Fatal(err)
	}
	insert, err := tx.PrepareContext(b.Context(), `insert into tgo_outbox_message (id, queue, key, sender, state, attempt, added_at, begun_at, ended_at, receipt)
		values (?, ?, ?, '+201001187188', 'sent', 1, 1, 1, 1, jsonb(?))`)
	if err != nil {
		b.Fatal(err)
	}
	for i := range *benchRows {
		content := rowContent{kind: "text", to: tgo.Phone(rowPhone(i)), text: fmt.Sprintf("Dear Person %d, order %d is ready", i, i)}
		receipt := fmt.Sprintf(`{"id":%d,"message_type":"text","status":"sent","sent_at":"2026-01-10T08:00:00Z"}`, i+1)
		if _, err := insert.ExecContext(b.Context(), i+1, c.queue, content.id().key(1, string(fake.SenderPhone)), receipt); err != nil {
			b.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		out := measure(b, fake, "send", "--csv", file, "--text", benchText, "--yes")
		if want := fmt.Sprintf("%d sent (%d before, 0 now)", *benchRows, *benchRows); !strings.Contains(out, want) {
			b.Fatal(out)
		}
	}
}

// BenchmarkSendListSend sends a list to a fake on this machine.
func BenchmarkSendListSend(b *testing.B) {
	fake := tgotest.New(b, func(c *tgotest.Config) { c.MaxMessages = 100 * *benchRows })
	for b.Loop() {
		b.StopTimer()
		file := benchList(b)
		b.StartTimer()
		measure(b, fake, "send", "--csv", file, "--text", benchText, "--yes", "--rate", "0", "--concurrency", "16")
	}
	b.ReportMetric(float64(*benchRows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
