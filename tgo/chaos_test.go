package tgo_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/internal/frames"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

var (
	chaosSends = flag.Int("chaos.sends", 3000, "how many messages the chaos run sends")
	chaosSeed  = flag.Uint64("chaos.seed", 0, "seed of the chaos run; 0 takes one by the clock")
)

// TestChaos sends many messages of all types through a real socket while the server, the network and the caller fail at random. Then
// it compares the client's verdict on each message with the record of the server. It does so with each protocol; with HTTP/2 the
// server fails at any frame.
func TestChaos(t *testing.T) {
	seed := *chaosSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("%d sends; repeat with -chaos.seed=%d", *chaosSends, seed)
	for i, p := range allProtocols {
		sends := (*chaosSends + i) / len(allProtocols)
		random := &lockedRand{r: rand.New(rand.NewPCG(seed, uint64(i)))}
		t.Run(string(p), func(t *testing.T) {
			t.Parallel()
			if p == http2TLS {
				chaosByFrames(t, random).run(t, random, sends)
			} else {
				chaosByFake(t, p, random, sends).run(t, random, sends)
			}
		})
	}
}

// chaos is a server that fails, with its record.
type chaos struct {
	url       string
	transport *http.Transport // trusts the server; to be cloned
	key       string
	// arrived returns the contents of all messages that the server has, including repeated ones.
	arrived func() []string
	// struck returns how often each fault struck.
	struck func() map[string]int
}

// chaosByFake returns the fake with its faults, over HTTP/1.1.
func chaosByFake(t *testing.T, p protocol, random *lockedRand, sends int) chaos {
	t.Helper()
	var struck counts
	fake := tgotest.New(t, func(c *tgotest.Config) {
		c.MaxMessages = 2 * sends
		c.Faults = func(string) *tgotest.Fault {
			f := random.fault()
			if f != nil {
				struck.add(f.Kind.String())
			}
			return f
		}
	})
	url, transport := p.front(t, fake.URL)
	return chaos{url: url, transport: transport, key: fake.Key.Reveal(), struck: struck.copy, arrived: func() []string {
		var contents []string
		for _, m := range fake.Messages() {
			contents = append(contents, m.Content)
		}
		return contents
	}}
}

// run sends the messages and checks the verdicts.
func (c chaos) run(t *testing.T, random *lockedRand, sends int) {
	t.Helper()
	const clients, workersEach = 16, 4 // few messages share a connection, so few are lost if it breaks
	verdicts := make([]tgo.Delivery, sends)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range clients {
		transport := c.transport.Clone()
		transport.MaxIdleConnsPerHost = workersEach
		transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			if random.chance(20) {
				return nil, errors.New("network is unreachable")
			}
			return (&net.Dialer{}).DialContext(ctx, network, addr)
		}
		defer transport.CloseIdleConnections()
		client, err := tgo.New("", tgo.NewKey(c.key), tgo.WithBaseURL(c.url), tgo.WithHTTPClient(&http.Client{Transport: transport}),
			tgo.WithRetryLimits(3, time.Millisecond), tgo.WithTimeout(time.Second),
			tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited), tgo.WithLimiter(chaoticLimiter{random}))
		if err != nil {
			t.Fatal(err)
		}
		sender := client.FromPhone(testSender)
		for range workersEach {
			workers.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= sends {
						return
					}
					verdicts[i] = tgo.DeliveryOf(chaoticSend(sender, random, i))
				}
			})
		}
	}
	workers.Wait()

	// How often the server has each message.
	arrived := make([]int, sends)
	for _, content := range c.arrived() {
		i, err := strconv.Atoi(strings.TrimPrefix(content, "message "))
		if err != nil || i < 0 || i >= sends {
			t.Fatalf("a message arrived that was not sent: %q", content)
		}
		arrived[i]++
	}
	var count [4]int
	var twice, most, lost, notNotSent, notRejected int
	for i, verdict := range verdicts {
		count[verdict]++
		most = max(most, arrived[i])
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
	struck := c.struck()
	for _, name := range slices.Sorted(maps.Keys(struck)) {
		t.Logf("fault %q struck %d times", name, struck[name])
	}
	t.Logf("duplicates: %d; called accepted but lost: %d; called not sent but sent: %d; called rejected but sent: %d", twice, lost, notNotSent, notRejected)
	if twice+lost+notNotSent+notRejected > 0 {
		t.Errorf("some verdicts of the client are wrong; one message arrived %d times", most)
	}
	for verdict, n := range count {
		if n == 0 {
			t.Errorf("no send was %v, so the run proves little", tgo.Delivery(verdict))
		}
	}
}

// counts has counters by name, for concurrent use.
type counts struct {
	mu sync.Mutex
	of map[string]int
}

func (c *counts) add(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[name]++
}

func (c *counts) copy() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.of)
}

// chaoticSend sends one message in one of many ways, some of which must fail.
func chaoticSend(sender *tgo.Sender, random *lockedRand, i int) error {
	ctx := context.Background()
	if random.chance(3) { // a caller with a short deadline, or one that is over
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(random.intn(3000))*time.Microsecond)
		defer cancel()
	}
	to := tgo.Phone(testRecipient)
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
		if random.chance(5) { // a file that is shorter than its size
			file = tgo.ReaderFile("a.bin", io.LimitReader(zeros{}, int64(size)), int64(size)+1)
		}
		_, err := sender.SendDocument(ctx, to, tgo.Document{File: file, Caption: content})
		return err
	}
}

// lockedRand is a sequence of random numbers for concurrent use. The scheduler decides which goroutine gets which number, so a seed
// repeats the mix of faults but not their order.
type lockedRand struct {
	mu sync.Mutex
	r  *rand.Rand
}

func (l *lockedRand) intn(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.r.IntN(n)
}

// chance returns true with a probability of so many percent.
func (l *lockedRand) chance(percent int) bool { return l.intn(100) < percent }

// fault returns a random fault for a third of the requests, and nil for the others.
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
		f.Kind = tgotest.FaultCutResponse
	case 7:
		f.Kind = tgotest.FaultBrokenJSON
	case 8:
		f.Kind = tgotest.FaultEmpty
	case 9:
		f.Delay = time.Duration(1+l.intn(20)) * time.Millisecond
		if l.chance(1) {
			f.Delay = 3 * time.Second // until the client has timed out
		}
	}
	return f
}

// chaosByFrames returns an HTTP/2 server that fails at any frame.
func chaosByFrames(t *testing.T, random *lockedRand) chaos {
	t.Helper()
	var struck counts
	server := frames.New(t, frames.Config{
		Window:  8 << 10, // so that files stall until they are read
		Streams: 2,       // so that the clients open more connections
		Handle: func(s *frames.Stream) {
			strike := chaoticStrikes[0]
			if random.chance(33) {
				strike = chaoticStrikes[1+random.intn(len(chaoticStrikes)-1)]
				struck.add(strike.name)
			}
			strike.strike(s, random)
		},
	})
	message := regexp.MustCompile(`message \d+`)
	return chaos{url: server.URL, transport: server.Transport(), key: testKey, struck: struck.copy, arrived: func() []string {
		var contents []string
		for _, request := range server.Requests() {
			if had(request) {
				contents = append(contents, string(message.Find(request.Body)))
			}
		}
		return contents
	}}
}

// chaoticStrikes are what the HTTP/2 server does to a request; the first one responds correctly.
var chaoticStrikes = []struct {
	name   string
	strike func(s *frames.Stream, random *lockedRand)
}{
	{"none", func(s *frames.Stream, _ *lockedRand) { chaoticAnswer(s, 201, sent(7)) }},
	{"reset", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(6))
		s.Reset(random.code())
	}},
	{"refusal", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(3))
		s.Reset(http2.ErrCodeRefusedStream)
	}},
	{"goaway below", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(3))
		s.GoAway(s.ID-1, random.code())
		chaoticEnd(s, random)
	}},
	{"goaway equal", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(6))
		s.GoAway(s.ID, random.code())
		chaoticEnd(s, random)
	}},
	{"goaway above", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(6))
		s.GoAway(math.MaxInt32, random.code())
		chaoticEnd(s, random)
	}},
	{"end of the connection", func(s *frames.Stream, random *lockedRand) { come(s, random.intn(6)); s.HangUp() }},
	{"reset of the connection", func(s *frames.Stream, random *lockedRand) { come(s, random.intn(6)); s.Abort() }},
	{"informational", func(s *frames.Stream, random *lockedRand) {
		s.Inform(102 + random.intn(2))
		chaoticAnswer(s, 201, sent(7))
	}},
	{"stall", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(6))
		if random.chance(3) {
			s.Wait() // until the client has timed out
			return
		}
		s.Reset(http2.ErrCodeCancel)
	}},
	{"status", func(s *frames.Stream, random *lockedRand) {
		statuses := []int{42, 302, 307, 400, 401, 403, 404, 408, 409, 413, 422, 429, 429, 429, 499, 500, 502, 503, 504, 599}
		chaoticAnswer(s, statuses[random.intn(len(statuses))], `{"message": "so it is"}`)
	}},
	{"early status", func(s *frames.Stream, random *lockedRand) {
		come(s, random.intn(2))
		s.Answer([]int{413, 429, 503}[random.intn(3)], `{"message": "no more, please"}`)
		s.Reset(http2.ErrCodeNo)
	}},
	{"bad response", func(s *frames.Stream, random *lockedRand) {
		chaoticAnswer(s, []int{200, 201, 202}[random.intn(3)], []string{"", "{", "[]", "<html>", sent(7)[:random.intn(200)], sent(7) + "}",
			`{"data": {"id": "seven"}}`, `{"data": {"id": 7}, "error": "no credit"}`, `{"success": false, "id": 7}`}[random.intn(9)])
	}},
	{"trailer", func(s *frames.Stream, random *lockedRand) {
		come(s, 5)
		s.Trailer([]string{"x-sum", ":status"}[random.intn(2)], "200")
	}},
}

// chaoticAnswer reads a request and responds.
func chaoticAnswer(s *frames.Stream, status int, body string) {
	if s.ReadAll() {
		s.Answer(status, body)
	}
}

// come continues a request up to one of the six boundaries.
func come(s *frames.Stream, boundary int) {
	boundaries[boundary].come(s, &http2Calls[0])
}

// chaoticEnd does what follows a GOAWAY.
func chaoticEnd(s *frames.Stream, random *lockedRand) {
	switch random.intn(4) {
	case 0:
		s.HangUp()
	case 1:
		s.Abort()
	case 2:
		s.Reset(http2.ErrCodeInternal)
	default: // does nothing if a response has begun
		if s.ReadAll() && s.Status == 0 {
			s.Answer(201, sent(7))
		}
	}
}

// code returns an error code of HTTP/2, usually one that net/http treats specially.
func (l *lockedRand) code() http2.ErrCode {
	return []http2.ErrCode{http2.ErrCodeNo, http2.ErrCodeProtocol, http2.ErrCodeProtocol, http2.ErrCode(l.intn(14))}[l.intn(4)]
}

// chaoticLimiter refuses some requests.
type chaoticLimiter struct{ random *lockedRand }

func (l chaoticLimiter) Wait(context.Context) error {
	if l.random.chance(2) {
		return errors.New("no budget")
	}
	return nil
}
