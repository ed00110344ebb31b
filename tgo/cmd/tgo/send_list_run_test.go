package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// An error that concerns every row stops the run. The rows are sent later.
func TestSendListStops(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault tgotest.Fault
		code  int
		says  string
		left  int // rows that the next run does not send automatically
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

// An unknown sender or a wrong address is not recorded as an error of each row.
func TestSendListStopsForEveryone(t *testing.T) {
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

// Without a connection a run waits for a limited time, and nothing is lost.
func TestSendListWithoutAConnection(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 20)
	env := with(envOf(fake), "TGO_BASE_URL", "http://127.0.0.1:1/api/v1")
	args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello}
	command(t, env, args...).want(t, exitUnreachable, "0 sent", "0 unknown, 20 not sent", "Stopped: no connection to the tenant for ", "127.0.0.1:1: connection refused\n")
	command(t, envOf(fake), args...).want(t, exitOK, "20 sent")
}

// After a 429 the run waits as long as the server asks, and continues more slowly.
func TestSendListObeysTooManyRequests(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 5)
	inject(t, fake, tgotest.Fault{Skip: 2, Times: 1, Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "1"})
	sendCSV(t, fake, file, "--text", hello, "--rate", "100", "--concurrency", "1").
		want(t, exitOK, "5 sent (0 before, 5 now)", "The API asks to slow down (429): waiting until ", ", then 50 messages a second.")
	wantMessages(t, fake, 5)
}

// A lowered rate rises again in steps, up to the original rate.
func TestSendListHurriesAgain(t *testing.T) {
	t.Parallel()
	var errs buffer
	now := time.Now()
	b := listRun{s: streams{err: &errs}, rate: 3, full: 10, rateSince: now.Add(-hurryAfter - time.Second)}
	for _, want := range []float64{6, 10} {
		b.rateSince = now.Add(-hurryAfter - time.Second)
		if !b.mayHurry() {
			t.Fatalf("at %g a second it stays", b.rate)
		}
		if b.changeRate(t.Context()); b.rate != want || b.mayHurry() {
			t.Errorf("%g a second, want %g", b.rate, want)
		}
	}
	mustContain(t, errs.String(), "for 5m: continuing with 6 messages a second", "continuing with 10 messages a second")
}

// After Ctrl-C, messages that are being sent are completed, and no more are started. The next run continues.
func TestSendListInterrupted(t *testing.T) {
	t.Parallel()
	fake, reached, release := holding(t, 5)
	file := writeRows(t, 40)
	r := interrupted(t, fake, file, reached, release, nil)
	r.want(t, exitNotSent, "5 sent (0 before, 5 now), 0 rejected, 0 unknown", "Stopped: interrupted", "Run the same command again",
		"Stopping: waiting for 1 message, up to 30s. Press Ctrl-C again to give up (the outcome will be unknown).")
	wantMessages(t, fake, 5)
	sendCSV(t, fake, file, "--text", hello, "--concurrency", "3").want(t, exitOK, "40 sent")
	wantMessages(t, fake, 40)
}

// A second Ctrl-C gives up on messages that are being sent, and the report and the exit code show it.
func TestSendListInterruptedTwice(t *testing.T) {
	t.Parallel()
	fake, reached, _ := holding(t, 5)
	file := writeRows(t, 10)
	second := make(chan struct{})
	close(second)
	r := interrupted(t, fake, file, reached, func() {}, func() <-chan struct{} { return second })
	r.want(t, exitUnknown, "4 sent (0 before, 4 now), 0 rejected, 1 unknown, 5 not sent", "row 6  "+rowPhone(4), "Gave up on 1 message: the outcome is unknown.")
}

// stopping is a buffer that calls noticed when a run says that it is stopping.
type stopping struct {
	buffer

	noticed func()
}

func (s *stopping) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "Stopping: ") {
		s.noticed()
	}
	return s.buffer.Write(p)
}

// interrupted sends a list, one message at a time, and interrupts the run when reached returns. noticed is called when the run is stopping.
func interrupted(t *testing.T, fake *tgotest.Server, file string, reached, noticed func(), again func() <-chan struct{}) result {
	t.Helper()
	env := envOf(fake)
	ctx, interrupt := context.WithCancel(soon(t))
	defer interrupt()
	var stdout buffer
	stderr := &stopping{noticed: noticed}
	ended := make(chan int, 1)
	go func() {
		args := []string{"send", "--csv", file, "--rate", "0", "--yes", "--text", hello, "--concurrency", "1"}
		ended <- run(ctx, args, streams{out: &stdout, err: stderr, getenv: func(name string) string { return env[name] }, again: again})
	}()
	reached()
	interrupt()
	return result{<-ended, stdout.String(), stderr.String()}
}

// runWithBar is a run that began ten seconds ago, with a number of rows and a bar on a terminal of some columns.
func runWithBar(columns, rows int) (*listRun, *buffer) {
	bar, out := aBar(&columns)
	c := newCampaign("list", "list")
	for i := range rows {
		c.add(listRow{number: int32(i + 2)}, "")
	}
	return &listRun{c: &sendList{}, campaign: c, bar: bar, begun: time.Now().Add(-10 * time.Second)}, out
}

// The progress shows the remaining time on a terminal of 40 columns, too, and errors if there are any.
func TestSendListProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		b, out := runWithBar(40, 40)
		c := b.campaign
		for i := range 36 {
			c.set(i, rowSent, "")
			c.now++
		}
		b.show(time.Time{})
		mustContain(t, out.String(), "36/40 sent, 1s left, 3.6/s")
		b.bar.drawnAt = time.Time{}
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
	})
}

// Rows that this run does not send, such as one whose file is missing, count as done: the bar ends at 100 %.
func TestSendListProgressOfRowsThatAreNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		b, out := runWithBar(80, 20)
		c := b.campaign
		for i := range 20 {
			c.set(i, rowSent, "")
			c.now++
		}
		c.set(7, rowNoFile, "there is no file 7.pdf")
		b.show(time.Time{})
		mustContain(t, out.String(), "100% 19/20 sent, 1 not sent")
	})
}

// Without a bar, a line a minute shows the progress and the remaining time.
func TestSendListTellsEachMinute(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock stands still
		var errs buffer
		c := newCampaign("", "")
		c.counts[rowSent], c.counts[rowNew], c.now = 100, 500, 100
		for range 600 {
			c.rows.add(listRow{})
		}
		now := time.Now()
		b := listRun{c: &sendList{}, campaign: c, begun: now.Add(-10 * time.Second), told: now.Add(-time.Minute), s: streams{err: &errs}}
		b.show(time.Time{})
		b.show(time.Time{})
		if got := errs.String(); got != "tgo: 100/600 sent, 50s left, 10/s\n" {
			t.Errorf("%q", got)
		}
		b.told = now.Add(-time.Minute)
		b.show(now.Add(time.Hour))
		mustContain(t, errs.String(), "waiting until ", " as the API asked")
	})
}

// Two runs at the same time with different databases would send everything twice.
func TestSendListIsLocked(t *testing.T) {
	t.Parallel()
	fake := tgotest.New(t)
	file := writeRows(t, 3)
	unlock, err := lockFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sendCSV(t, fake, file, "--text", hello).want(t, exitUsage, "another run is using "+file)
	// Runs that send nothing are allowed meanwhile.
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
