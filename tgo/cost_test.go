package tgo_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/measure"
)

// These tests compare costs with the same work by hand with net/http. They check only costs that do not depend on how busy the
// machine is. The benchmarks measure the others.

// costs does some work in both ways with a plain server, and returns the costs of a round.
func costs(t *testing.T, rounds int, way func(*testing.T, *tgo.Client, *byHand) (ours, hand func() error)) (ours, hand measure.Cost) {
	t.Helper()
	if raceEnabled {
		t.Skip("the race detector allocates too")
	}
	client, by := protocols[0].pair(t, measure.StartPlain(t))
	t.Cleanup(client.CloseIdleConnections)
	t.Cleanup(by.http.CloseIdleConnections)
	doOurs, doHand := way(t, client, by)
	must := func(f func() error) func() {
		return func() {
			if err := f(); err != nil {
				t.Fatal(err)
			}
		}
	}
	warm(must(doOurs), must(doHand))
	var pair measure.Pair
	for range rounds {
		pair.Round(must(doOurs), must(doHand))
	}
	return pair.Ours(), pair.Hand()
}

func TestCostOfASend(t *testing.T) {
	ours, hand := costs(t, 201, func(_ *testing.T, client *tgo.Client, by *byHand) (func() error, func() error) {
		sender := client.FromPhone(testSender)
		return func() error { _, err := sender.SendText(context.Background(), testRecipient, benchText); return err },
			func() error { return by.sendText(context.Background()) }
	})
	t.Logf("a send: %v; by hand: %v", ours, hand)
	const most = 4 // with Go 1.27, whose encoding/json makes fewer allocations by hand; with Go 1.26 a send makes fewer than by hand
	if ours.Allocs > hand.Allocs+most {
		t.Errorf("a send makes %v allocations, by hand %v", ours.Allocs, hand.Allocs)
	}
	if ours.Bytes > hand.Bytes+200 {
		t.Errorf("a send allocates %v bytes, by hand %v", ours.Bytes, hand.Bytes)
	}
}

func TestCostOfALookup(t *testing.T) {
	ours, hand := costs(t, 201, func(_ *testing.T, client *tgo.Client, by *byHand) (func() error, func() error) {
		sender := client.FromPhone(testSender)
		return func() error { _, err := sender.Lookup(context.Background(), testRecipient); return err },
			func() error { return by.lookup(context.Background()) }
	})
	t.Logf("a lookup: %v; by hand: %v", ours, hand)
	// The generated code builds the query with 12 allocations more.
	if ours.Allocs > hand.Allocs+32 || ours.Bytes > hand.Bytes+2000 {
		t.Errorf("a lookup costs %v, by hand %v", ours, hand)
	}
}

// What an upload allocates does not depend on its size.
func TestCostOfAnUpload(t *testing.T) {
	const most = 110 << 10
	for _, size := range []int64{1 << 20, 64 << 20} {
		name := benchFile(t, size)
		ours, hand := costs(t, 7, func(_ *testing.T, client *tgo.Client, by *byHand) (func() error, func() error) {
			sender := client.FromPhone(testSender)
			return func() error {
				_, err := sender.SendDocument(context.Background(), testRecipient, tgo.Document{File: tgo.FilePath(name)})
				return err
			}, func() error { return by.sendDocument(context.Background(), name) }
		})
		t.Logf("an upload of %d bytes: %v; by hand: %v", size, ours, hand)
		if ours.Bytes > most {
			t.Errorf("an upload of %d bytes allocates %v bytes; by hand %v", size, ours.Bytes, hand.Bytes)
		}
	}
}

// Reading a log needs the memory of a few pages, for any length.
func TestLogIsReadPageByPage(t *testing.T) {
	client := ours(t, measure.StartPlain(t).URL+"/log/10000")
	defer client.CloseIdleConnections()
	entries, growth := readLog(t, client, true)
	if entries != 10_000 {
		t.Fatalf("%d entries", entries)
	}
	const entry = 100 // minimum size of an entry in bytes
	if growth > 3*measure.PageSize*entry {
		t.Errorf("the memory in use grew by %d bytes over 10,000 entries", growth)
	}
}

// Many goroutines share the connections that they have opened. At the beginning net/http may open more connections than goroutines,
// because another goroutine may take a new one. The default transport of net/http opens hundreds for each 1000 sends.
func TestConnectionsOf64Goroutines(t *testing.T) {
	plain := measure.StartPlain(t)
	client := ours(t, plain.URL+"/api/v1")
	defer client.CloseIdleConnections()
	sender := client.FromPhone(testSender)
	var opened []float64
	sends := crowd(t, client.CloseIdleConnections, func() error {
		_, err := sender.SendText(context.Background(), testRecipient, benchText)
		return err
	})
	for range 3 {
		counting(t, plain, &opened, sends)()
	}
	t.Logf("connections per 1000 sends: %v", opened)
	if opened := measure.Median(opened); opened > 2*64*1000/crowdSends {
		t.Errorf("%v connections were opened for each 1000 sends", opened)
	}
}

// tenLines builds the two smallest programs that send a text, without symbols, and returns their sizes.
func tenLines(tb testing.TB) (ours, hand int64) {
	tb.Helper()
	dir := tb.TempDir()
	const programs = "./testdata/tenlines/"
	build := exec.CommandContext(tb.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", dir, programs+"tgo", programs+"nethttp")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("%v\n%s", err, out)
	}
	size := func(name string) int64 {
		if runtime.GOOS == "windows" {
			name += ".exe"
		}
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			tb.Fatal(err)
		}
		return info.Size()
	}
	return size("tgo"), size("nethttp")
}

func TestSizeOfAProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds two programs")
	}
	ours, hand := tenLines(t)
	growth := fmt.Sprintf("%.2f MiB", float64(ours-hand)/(1<<20))
	t.Logf("tgo adds %s to %d bytes", growth, hand)
	const most = 1 << 20 // a quarter each for mimetype and for regexp, with which keys are masked
	if ours-hand > most {
		t.Errorf("tgo adds %s to a program that already has net/http", growth)
	}
}
