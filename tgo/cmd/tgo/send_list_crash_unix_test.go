//go:build unix

package main

import (
	"bytes"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var (
	crashRows  = flag.Int("csv.rows", 600, "rows that TestSendListCrash sends")
	crashKills = flag.Int("csv.kills", 6, "how often TestSendListCrash breaks the command off")
	crashSeed  = flag.Uint64("csv.seed", 0, "seed of TestSendListCrash; 0 takes the time")
)

// TestSendListCrash stops the command at random points, by SIGKILL, by Ctrl-C twice and by SIGTERM, and continues, until
// each row has its outcome. Then the report is compared with what the server has received. make csv-crash runs it with
// 10,000 rows and 44 stops.
func TestSendListCrash(t *testing.T) {
	t.Parallel()
	seed := *crashSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	dice := rand.New(rand.NewPCG(seed, 1))
	rows, kills := *crashRows, *crashKills
	const concurrency = 8
	var arrived atomic.Int64
	var threshold atomic.Int64
	reached := make(chan struct{}, 1)
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = 4 * rows
		// It is asked at each request, before the message is taken: an event to kill at.
		c.Faults = func(string) *tgotest.Fault {
			if arrived.Add(1) == threshold.Load() {
				reached <- struct{}{}
			}
			return nil
		}
	})
	file := writeRows(t, rows)
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	begin := func() (*exec.Cmd, *bytes.Buffer) {
		cmd := exec.CommandContext(t.Context(), binary, "send", "--csv", file, "--text", hello, "--rate", "0", "--concurrency", strconv.Itoa(concurrency), "--yes", "--json")
		cmd.Env = append(os.Environ(), asCommand+"=1", "TGO_BASE_URL="+fake.URL, "TGO_API_KEY="+fake.Key.Reveal(), "TGO_FROM="+string(fake.SenderPhone))
		var out bytes.Buffer
		cmd.Stdout = &out
		cmd.Stderr = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		return cmd, &out
	}
	killed, broken := 0, 0
	ways := [][]os.Signal{{syscall.SIGKILL}, {syscall.SIGINT, syscall.SIGINT}, {syscall.SIGTERM}}
	for i := range kills {
		// The kills are spread over the run, and before its end, so each meets messages that are being sent. Of each
		// run before, as many rows as were being sent may be unknown without having arrived.
		left := int64(rows) - arrived.Load() - concurrency*int64(i)
		threshold.Store(arrived.Load() + 1 + dice.Int64N(max(1, 2*left/int64(kills-i+2))))
		cmd, out := begin()
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case <-reached:
			time.Sleep(time.Duration(dice.Int64N(int64(3 * time.Millisecond)))) // no event: a point at random
			for j, signal := range ways[i%len(ways)] {
				if j > 0 {
					time.Sleep(oneSignal + 50*time.Millisecond) // no event: sooner, it would be the same one
				}
				if err := cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
					t.Fatal(err)
				}
			}
			<-ended //nolint:errcheck // the state tells
			broken++
			if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
				killed++
			}
		case err := <-ended:
			t.Fatalf("run %d ended before it was stopped: %v: %s", i+1, err, out)
		}
	}
	cmd, out := begin()
	_ = cmd.Wait() // the code tells
	if code := cmd.ProcessState.ExitCode(); code != exitOK && code != exitUnknown {
		t.Fatalf("the last run ended with code %d: %s", code, out)
	}
	rep := decode[endEvent](t, lastLine(out.String()))

	got := map[tgo.Phone]int{}
	for _, m := range fake.Messages() {
		got[m.To]++
	}
	twice, lost, sentRows, unknownRows, unknownArrived := 0, 0, 0, 0, 0
	lines := readReport(t, file+".report.csv")
	for i, line := range lines {
		n := got[tgo.Phone(line[0])]
		if n > 1 {
			twice++
		}
		if line[0] != rowPhone(i) {
			t.Errorf("row %d of the report is %v", i+2, line)
		}
		switch line[3] {
		case rowSent.String():
			sentRows++
			if n != 1 {
				lost++
			}
		case rowUnknown.String():
			unknownRows++
			unknownArrived += n
		default:
			t.Errorf("row %d is %s", i+2, line[3])
		}
	}
	t.Logf("seed %d: %d rows, stopped %d times, %d by SIGKILL: %d sent, %d unknown (of which %d had arrived), %d twice, %d lost", seed, rows, broken, killed, sentRows, unknownRows, unknownArrived, twice, lost)
	if twice > 0 || lost > 0 || len(lines) != rows || sentRows+unknownRows != rows {
		t.Errorf("of %d rows %d were sent twice, %d are said to be sent and are not", rows, twice, lost)
	}
	if killed < (kills+2)/3 {
		t.Errorf("only %d of %d runs were killed", killed, kills)
	}
	if rep.Sent != sentRows || rep.Unknown != unknownRows || rep.NotSent != 0 {
		t.Errorf("the last report says %+v", rep)
	}
	// No more rows can be unknown than were being sent at a kill.
	if unknownRows > kills*concurrency {
		t.Errorf("%d rows are unknown after %d kills with %d messages on their way at most", unknownRows, kills, concurrency)
	}
}
