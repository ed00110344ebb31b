package tgo_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var (
	chaosSends = flag.Int("chaos.sends", 3000, "how many messages the chaos run sends")
	chaosSeed  = flag.Uint64("chaos.seed", 0, "seed of the chaos run; 0 takes one by the clock")
)

// TestChaos sends many messages of all types through a real socket while everything goes wrong at random, at the server,
// on the way and at the caller, and then holds what the client said of each against what the server knows.
func TestChaos(t *testing.T) {
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%d sends; repeat with -chaos.seed=%d", *chaosSends, seed)
	const concurrency = 64

	var random lockedRand
	random.r = rand.New(rand.NewPCG(seed, 1))
	var struck [16]atomic.Int64
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = 2 * *chaosSends
		c.Faults = func(string) *tgotest.Fault {
			f := random.fault()
			if f != nil {
				struck[f.Kind].Add(1)
			}
			return f
		}
	})
	transport := &http.Transport{
		MaxIdleConnsPerHost: concurrency,
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if random.chance(20) {
				return nil, errors.New("network is unreachable")
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		},
	}
	defer transport.CloseIdleConnections()
	client, err := fake.ClientWith(fake.Key, tgo.WithHTTPClient(&http.Client{Transport: transport}),
		tgo.WithRetryLimits(3, time.Millisecond), tgo.WithTimeout(time.Second),
		tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited), tgo.WithLimiter(chaoticLimiter{&random}))
	if err != nil {
		t.Fatal(err)
	}
	sender := client.FromPhone(fake.SenderPhone)

	verdicts := make([]tgo.Delivery, *chaosSends)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range concurrency {
		workers.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= *chaosSends {
					return
				}
				verdicts[i] = tgo.DeliveryOf(chaoticSend(sender, fake, &random, i))
			}
		})
	}
	workers.Wait()

	// The truth: how often each message is there.
	arrived := make([]int, *chaosSends)
	for _, m := range fake.Messages() {
		i, err := strconv.Atoi(strings.TrimPrefix(m.Content, "message "))
		if err != nil {
			t.Fatalf("a message arrived that nobody sent: %q", m.Content)
		}
		arrived[i]++
	}
	var count [4]int
	var twice, lost, notNotSent, notRejected int
	for i, verdict := range verdicts {
		count[verdict]++
		switch {
		case arrived[i] > 1:
			twice++
		case verdict == tgo.DeliveryAccepted && arrived[i] == 0:
			lost++
		case verdict == tgo.DeliveryNotSent && arrived[i] > 0:
			notNotSent++
		case verdict == tgo.DeliveryRejected && arrived[i] > 0:
			notRejected++
		}
	}
	t.Logf("the client said: %d accepted, %d rejected, %d not sent, %d unknown", count[tgo.DeliveryAccepted],
		count[tgo.DeliveryRejected], count[tgo.DeliveryNotSent], count[tgo.DeliveryUnknown])
	for kind := range struck {
		if n := struck[kind].Load(); n > 0 {
			t.Logf("fault %q struck %d times", tgotest.FaultKind(kind), n)
		}
	}
	t.Logf("duplicates: %d; called accepted but lost: %d; called not sent but sent: %d; called rejected but sent: %d", twice, lost, notNotSent, notRejected)
	if twice+lost+notNotSent+notRejected > 0 {
		t.Error("the client did not tell the truth")
	}
	for verdict, n := range count {
		if n == 0 {
			t.Errorf("no send was %v, so the run proves little", tgo.Delivery(verdict))
		}
	}
}

// chaoticSend sends one message in one of many ways, some of which cannot go well.
func chaoticSend(sender *tgo.Sender, fake *tgotest.Server, random *lockedRand, i int) error {
	ctx := context.Background()
	if random.chance(3) { // a caller who has little patience, or none left
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(random.intn(3000))*time.Microsecond)
		defer cancel()
	}
	to := fake.RecipientPhone
	if random.chance(1) {
		to = "nobody"
	}
	content := fmt.Sprintf("message %d", i)
	size := 1 + random.intn(100_000)
	file := tgo.OpenFile("a.bin", int64(size), func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeros{}, int64(size))), nil
	})
	switch i % 5 {
	case 0, 1:
		_, err := sender.SendText(ctx, to, content)
		return err
	case 2:
		_, err := sender.SendImage(ctx, to, tgo.Image{File: file.WithContentType("image/png"), Caption: content})
		return err
	case 3:
		_, err := sender.SendVoice(ctx, to, tgo.Voice{File: file.WithContentType("audio/ogg"), Duration: time.Second, Caption: content})
		return err
	default:
		if random.chance(5) { // a file that is shorter than it says
			file = tgo.ReaderFile("a.bin", io.LimitReader(zeros{}, int64(size)), int64(size)+1)
		}
		_, err := sender.SendDocument(ctx, to, tgo.Document{File: file, Caption: content})
		return err
	}
}

// lockedRand is one sequence of numbers for many goroutines. Which of them gets which depends on the scheduler, so a seed
// repeats the mix of faults and not their order.
type lockedRand struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (l *lockedRand) intn(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.IntN(n)
}

// chance is true in so many cases of a hundred.
func (l *lockedRand) chance(percent int) bool { return l.intn(100) < percent }

// fault picks what a third of the requests meet.
func (l *lockedRand) fault() *tgotest.Fault {
	if !l.chance(33) {
		return nil
	}
	f := &tgotest.Fault{Stored: l.chance(50)}
	switch l.intn(10) {
	case 0:
		f.Kind, f.Status = tgotest.FaultStatus, []int{500, 502, 503, 504, 408, 599}[l.intn(6)]
	case 1: // a refusal does not come after the message was stored
		f.Kind, f.Stored, f.Status = tgotest.FaultStatus, false, []int{400, 401, 403, 404, 409, 413, 422, 429, 429, 429}[l.intn(10)]
	case 2:
		f.Kind, f.Status = tgotest.FaultHTML, []int{200, 500, 502, 503}[l.intn(4)]
	case 3:
		f.Kind, f.Status, f.Location = tgotest.FaultRedirect, []int{301, 302, 303, 307, 308}[l.intn(5)], "/api/v1/messages"
	case 4:
		f.Kind = tgotest.FaultCut
	case 5:
		f.Kind, f.Stored = tgotest.FaultCutMidway, false
	case 6:
		f.Kind = tgotest.FaultCutAnswer
	case 7:
		f.Kind = tgotest.FaultBrokenJSON
	case 8:
		f.Kind = tgotest.FaultEmpty
	case 9:
		f.Delay = time.Duration(l.intn(20)) * time.Millisecond
		if l.chance(1) {
			f.Delay = 3 * time.Second // beyond the client's patience
		}
	}
	return f
}

// chaoticLimiter refuses now and then.
type chaoticLimiter struct{ random *lockedRand }

func (l chaoticLimiter) Wait(context.Context) error {
	if l.random.chance(2) {
		return errors.New("no budget")
	}
	return nil
}
