package browser_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/input"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var (
	loadMessages = flag.Int("inbox.messages", 300, "how many messages TestLoad sends")
	loadRate     = flag.Int("inbox.rate", 500, "how many messages TestLoad sends in a second")
	loadSearches = flag.Int("inbox.searches", 3, "how often TestLoad searches meanwhile")
)

// meter runs in the page. It records how long each frame takes, and how long it takes from typing in the search until the list has
// the result.
const meter = `(() => {
	const frames = [];
	let last = 0;
	const frame = (now) => { if (last) frames.push(now - last); last = now; requestAnimationFrame(frame); };
	requestAnimationFrame(frame);
	let asked = 0;
	document.querySelector("#search").addEventListener("input", () => (asked = performance.now()));
	window.meter = {
		frames,
		// found resolves with the milliseconds from the last input until the list has the texts, and nothing else.
		found: (texts) => new Promise((done) => {
			const look = () => {
				const shown = [...document.querySelectorAll("#requests .what")].map((e) => e.textContent);
				if (asked && shown.length === texts.length && texts.every((t, i) => shown[i].includes(t))) {
					done(performance.now() - asked);
					asked = 0;
				} else requestAnimationFrame(look);
			};
			look();
		}),
	};
	return true;
})()`

// TestLoad sends many messages while the page is open and the user searches, and prints how smooth the page was. It checks only that
// nothing is lost, since the speed depends on the machine.
func TestLoad(t *testing.T) {
	count, rate := *loadMessages, *loadRate
	b := openFor(t, patience+3*time.Duration(count)*time.Second/time.Duration(rate), func(c *tgotest.Config) { c.MaxMessages = count })
	b.inbox(t)
	call(t, b, cdpruntime.Enable, cdp.Empty{})
	atRest := b.heap(t)
	evaluate[bool](t, b, meter)

	sent := make(chan time.Duration, 1)
	go func() { sent <- sendAtRate(t, b.fake, count, rate) }()
	var searches []float64
	for i := range *loadSearches {
		// Each search is for one earlier message, while the others arrive.
		wanted := max(1, count*(i+1)/(*loadSearches+1))
		if _, err := b.fake.NextMessage(b.ctx, tgotest.Containing(loadWord(wanted))); err != nil {
			t.Fatal(err)
		}
		searches = append(searches, b.search(t, loadWord(wanted/2+1)))
	}
	took := <-sent
	if t.Failed() {
		return
	}

	begun := time.Now()
	b.showsAll(t, count)
	settled := time.Since(begun)
	frames := evaluate[[]float64](t, b, `window.meter.frames`)
	if len(frames) == 0 {
		t.Fatal("no frame was drawn")
	}
	t.Logf("%d messages in %v (%.0f/s), %s, %d CPUs", count, took.Round(time.Millisecond), float64(count)/took.Seconds(), runtime.Version(), runtime.NumCPU())
	t.Logf("frames: %d, p50 %.1f ms, p95 %.1f ms, max %.1f ms", len(frames), quantile(frames, 0.5), quantile(frames, 0.95), slices.Max(frames))
	t.Logf("search while they arrived: %d, p50 %.0f ms, max %.0f ms", len(searches), quantile(searches, 0.5), slices.Max(searches))
	t.Logf("after the last was sent the page was right in %v", settled.Round(time.Millisecond))
	t.Logf("search afterwards: %.0f ms", b.search(t, loadWord(1)))
	b.showsAll(t, count)
	t.Logf("JavaScript heap: %.1f MB, %.1f MB before the first message", b.heap(t)/1e6, atRest/1e6)
}

// loadWord is a word that only message i has.
func loadWord(i int) string { return fmt.Sprintf("n%dn", i) }

func loadText(i int) string { return "Your order is ready. Its number is " + loadWord(i) }

// sendAtRate sends texts concurrently at a rate per second, if the machine is fast enough, and the last one after all others. It
// returns how long that took.
func sendAtRate(t *testing.T, fake *tgotest.Server, count, rate int) time.Duration {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	send := func(i int) {
		if _, err := fake.Sender.SendText(ctx, fake.RecipientPhone, loadText(i)); err != nil {
			t.Errorf("message %d: %v", i, err)
			cancel()
		}
	}
	next := make(chan int)
	var workers sync.WaitGroup
	for range 4 {
		workers.Go(func() {
			for i := range next {
				send(i)
			}
		})
	}
	begun := time.Now()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for i := 1; i < count && ctx.Err() == nil; i++ {
		for time.Since(begun) < time.Duration(i)*time.Second/time.Duration(rate) {
			<-ticker.C
		}
		next <- i
	}
	close(next)
	workers.Wait()
	send(count)
	return time.Since(begun)
}

// search types a word in the search, and returns how many milliseconds later the list has only the message with that word. Then it
// clears the search.
func (b *tab) search(t *testing.T, word string) float64 {
	t.Helper()
	b.run(t, chromedp.Focus("#search"))
	call(t, b, input.InsertText, input.InsertTextParams{Text: word})
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	took, err := chromedp.Run(ctx, chromedp.Evaluate[float64](fmt.Sprintf(`window.meter.found([%q])`, word), chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("searching for %q: %v; the list is %s", word, err, evaluate[string](t, b, texts))
	}
	b.do(t, `(() => { document.activeElement.select(); document.execCommand("delete"); })()`)
	return took
}

// showsAll waits until the page shows the number of messages, with the newest at the top.
func (b *tab) showsAll(t *testing.T, count int) {
	t.Helper()
	b.until(t, fmt.Sprintf(`document.querySelector('[data-filter="all"] span').textContent.replace(/\D/g, "") === "%d" &&
		document.querySelector("#requests .what").textContent === %q`, count, loadText(count)))
}

// heap returns how many bytes the page's scripts use.
func (b *tab) heap(t *testing.T) float64 {
	t.Helper()
	call(t, b, heapprofiler.CollectGarbage, cdp.Empty{})
	return call(t, b, cdpruntime.GetHeapUsage, cdp.Empty{}).UsedSize
}

// quantile returns the smallest value that at least the share q of the values does not exceed.
func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}
