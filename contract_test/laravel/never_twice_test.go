package laravel_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
)

var sendsFlag = flag.Int("laravel.sends", 500, "how many messages TestNeverTwice sends at least")

// TestNeverTwice sends messages from 16 goroutines while the server fails in many ways, each at least once, and compares the delivery that
// the client reports for each message with the table of messages. Half of the goroutines may repeat sends that were certainly not
// processed.
func TestNeverTwice(t *testing.T) {
	ten := startTenant(t, "TENANT_CLIENT_MAX_BODY_SIZE=1m", "TENANT_FASTCGI_READ_TIMEOUT=2s")
	log := newSendLog()
	begun := time.Now()
	var workers sync.WaitGroup
	retries := work(t, ten, log, &workers)
	made := ten.trouble(t, log, *sendsFlag)
	workers.Wait()
	took := time.Since(begun)
	ten.settle(t)
	t.Logf("%d sends in %v, %d requests made again; meanwhile: %s", len(log.sends), took.Round(time.Second), retries.Load(), counted(made))
	if retries.Load() == 0 {
		t.Error("no request was repeated")
	}
	ten.judge(t, log.sends)
}

// sent is the client's result for a message.
type sent struct {
	receipt tgo.Receipt
	err     error
}

// outgoing is a message to send. It depends only on its number.
type outgoing struct {
	number, size int // a size of 0 is a text
	http1        bool
	to           tgo.Phone
	limited      bool // the caller gives up after patience
	patience     time.Duration
}

func (ten *tenant) outgoing(i int) outgoing {
	m := outgoing{number: i, to: ten.RecipientPhone, http1: i%8 == 7}
	switch {
	case i%20 == 0:
		m.size = 1 + i*7919%200_000 // from sizes that nginx keeps in memory to those that it writes to a file
	case i%50 == 1:
		m.to = ten.Contacts["unreachable"]
	case i%100 == 2:
		m.size = 2 << 20 // too large for nginx
	case i%25 == 3:
		m.limited, m.patience = true, time.Duration(i/25%20)*time.Millisecond
	}
	return m
}

func (m outgoing) content() string { return "message " + strconv.Itoa(m.number) }

func (m outgoing) file() []byte {
	return bytes.Repeat([]byte(strconv.Itoa(m.number)+"\n"), m.size)[:m.size]
}

func (m outgoing) send(ctx context.Context, from *tgo.Sender) sent {
	if m.limited {
		limited, cancel := context.WithTimeout(ctx, m.patience)
		defer cancel()
		ctx = limited
	}
	var s sent
	if m.size == 0 {
		s.receipt, s.err = from.SendText(ctx, m.to, m.content())
		return s
	}
	file := tgo.BytesFile("a.bin", m.file())
	s.receipt, s.err = from.SendDocument(ctx, m.to, tgo.Document{File: file, Caption: m.content()})
	return s
}

const senders = 16

// work starts the senders. They run until the log is closed. retries counts the repeated requests.
func work(t *testing.T, ten *tenant, log *sendLog, workers *sync.WaitGroup) (retries *atomic.Int64) {
	retries = new(atomic.Int64)
	from := func(options ...tgo.Option) (http1, http2 *tgo.Sender) {
		options = append(options, tgo.WithLimiter(retried{retries}))
		return ten.client(t, ten.URL, ten.APIKey, options...).FromPhone(ten.SenderPhone),
			ten.client(t, ten.HTTPSURL, ten.APIKey, options...).FromPhone(ten.SenderPhone)
	}
	once1, once2 := from(tgo.WithWriteRetries())
	// The server may ask for a wait of a whole minute.
	again1, again2 := from(tgo.WithWriteRetries(tgo.OnNotSent, tgo.OnRateLimited), tgo.WithRetryLimits(3, time.Minute))
	for i := range senders {
		http1, http2 := once1, once2
		if i%2 == 0 {
			http1, http2 = again1, again2
		}
		workers.Go(func() {
			for {
				i, ok := log.begin()
				if !ok {
					return
				}
				m, sender := ten.outgoing(i), http2
				if m.http1 {
					sender = http1
				}
				s := m.send(context.WithValue(t.Context(), retriedKey{}, new(atomic.Int64)), sender)
				if errors.Is(s.err, tgo.ErrServer) {
					time.Sleep(100 * time.Millisecond) // otherwise all the rest would be sent while the server is down
				}
				log.end(i, s)
			}
		})
	}
	return retries
}

// retried is a limiter without a limit. It counts the requests of a send after the first one.
type retried struct{ total *atomic.Int64 }

type retriedKey struct{}

func (r retried) Wait(ctx context.Context) error {
	if ctx.Value(retriedKey{}).(*atomic.Int64).Add(1) > 1 {
		r.total.Add(1)
	}
	return nil
}

// sendLog has the result for each message.
type sendLog struct {
	mu     sync.Mutex
	more   sync.Cond
	sends  []sent
	ended  int
	closed bool
}

func newSendLog() *sendLog {
	l := new(sendLog)
	l.more.L = &l.mu
	return l
}

// begin returns the number of the next message, or false if no more must be sent.
func (l *sendLog) begin() (number int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return 0, false
	}
	l.sends = append(l.sends, sent{})
	return len(l.sends) - 1, true
}

func (l *sendLog) end(number int, s sent) {
	l.mu.Lock()
	l.sends[number] = s
	l.ended++
	l.mu.Unlock()
	l.more.Broadcast()
}

// wait waits until a number of further sends have ended, and returns how many have ended in total.
func (l *sendLog) wait(n int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	for until := l.ended + n; l.ended < until; {
		l.more.Wait()
	}
	return l.ended
}

func (l *sendLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// trouble makes the server fail until enough is sent and each kind of failure has occurred. It returns how often each occurred.
func (ten *tenant) trouble(t *testing.T, log *sendLog, sends int) map[string]int {
	defer log.close()
	kill := func(pidFile string) func() {
		return func() {
			for _, pid := range ten.workers(t, pidFile) {
				ten.signal(t, pid, syscall.SIGKILL)
			}
		}
	}
	reload := func() { ten.signal(t, ten.pid(t, ten.NginxPID), syscall.SIGHUP) }
	// As many sends as there are senders may have been under way before the failure.
	during := func(begin, end func()) func() {
		return func() {
			begin()
			log.wait(2 * senders)
			end()
		}
	}
	set := func(name, value string) func() {
		return func() { ten.set(t, name, value) }
	}
	php := trouble{"workers of php-fpm killed", kill(ten.PHPFPMPID)}
	nginx := trouble{"workers of nginx killed", kill(ten.NginxPID)}
	reloaded := trouble{"nginx reloaded", reload}
	round := []trouble{
		php, reloaded, nginx,
		{"throttled", during(set("API_RATE_LIMIT", "1"), set("API_RATE_LIMIT", "1000000"))},
		php, reloaded, nginx,
		{"maintenance mode", during(func() { ten.artisan(t, "down") }, func() { ten.artisan(t, "up") })},
		php, reloaded, nginx,
		// Four workers respond to 16 senders, each after a second, and nginx waits for two seconds.
		{"php-fpm out of children", during(set("TEST_SLEEP", "1"), set("TEST_SLEEP", "0"))},
		php, reloaded, nginx,
		{"php-fpm restarted", during(func() { ten.command(t, "stop php-fpm") }, func() { ten.command(t, "start php-fpm") })},
	}
	rounds := max(1, min(8, sends/2000))
	made := map[string]int{}
	// Four of the failures in a round last for several sends.
	between := max(1, (sends-4*2*senders*rounds)/(rounds*len(round)+1))
	for i := 0; log.wait(between) < sends || i < len(round); i++ {
		one := round[i%len(round)]
		one.make()
		made[one.name]++
	}
	return made
}

type trouble struct {
	name string
	make func()
}

// pid reads a file with the id of a process.
func (ten *tenant) pid(t *testing.T, file string) int {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(content)))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// workers returns the child processes of a master process.
func (ten *tenant) workers(t *testing.T, pidFile string) []int {
	t.Helper()
	master := ten.pid(t, pidFile)
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", master, master))
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, field := range strings.Fields(string(list)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

// signal sends a signal to a process, which may already have ended.
func (ten *tenant) signal(t *testing.T, pid int, signal os.Signal) {
	t.Helper()
	process, err := os.FindProcess(pid)
	if err == nil {
		err = process.Signal(signal)
	}
	if err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
}

// settle waits until no sent message can be stored any longer. Requests are executed even if no one waits for the response. Those that
// php-fpm has not accepted yet are before this request in its queue, and after SIGQUIT it finishes the others.
func (ten *tenant) settle(t *testing.T) {
	t.Helper()
	if _, err := ten.client(t, ten.HTTPSURL, ten.APIKey).Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	master, err := os.FindProcess(ten.pid(t, ten.PHPFPMPID))
	if err == nil {
		err = master.Signal(syscall.SIGQUIT)
	}
	if err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for master.Signal(syscall.Signal(0)) == nil {
		<-tick.C
	}
}

// row is a message in the table.
type row struct{ id, sha256 string }

// judge fails the test if the client reported a wrong delivery. It logs all counts.
func (ten *tenant) judge(t *testing.T, sends []sent) {
	t.Helper()
	stored := map[string][]row{}
	for _, r := range ten.query(t, "SELECT id, content, media_sha256 FROM messages") {
		stored[r[1]] = append(stored[r[1]], row{id: r[0], sha256: r[2]})
	}
	said := map[tgo.Delivery]int{}
	causes := map[string]int{}
	var unknownStored, doubled, lost, denied, other int
	for i, s := range sends {
		m := ten.outgoing(i)
		rows, verdict := stored[m.content()], tgo.DeliveryOf(s.err)
		delete(stored, m.content())
		said[verdict]++
		if s.err != nil {
			causes[fmt.Sprintf("%v, %d rows: %s", verdict, len(rows), cause(s.err))]++
		}
		wrong := &other
		switch {
		case len(rows) > 1:
			wrong = &doubled
		case verdict == tgo.DeliveryUnknown:
			unknownStored += len(rows)
			continue
		case verdict != tgo.DeliveryAccepted && len(rows) == 1:
			wrong = &denied
		case verdict != tgo.DeliveryAccepted:
			continue
		case len(rows) == 0:
			wrong = &lost
		case rows[0] == m.row(s.receipt):
			continue
		}
		if *wrong++; *wrong <= 3 {
			t.Errorf("message %d: the client reports %v (receipt %d, %v), and the table has %v", i, verdict, s.receipt.ID, s.err, rows)
		}
	}
	for content, rows := range stored {
		t.Errorf("the table has a message that was not sent: %q: %v", content, rows)
	}
	unknown := said[tgo.DeliveryUnknown]
	t.Logf("%d accepted, %d rejected, %d not sent, %d unknown, of which %d are stored and %d not", said[tgo.DeliveryAccepted],
		said[tgo.DeliveryRejected], said[tgo.DeliveryNotSent], unknown, unknownStored, unknown-unknownStored)
	t.Logf("doubled: %d; called accepted and not stored: %d; called not sent or rejected and stored: %d; stored with another id or file: %d",
		doubled, lost, denied, other)
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		t.Logf("%6d %s", causes[cause], cause)
	}
	if said[tgo.DeliveryAccepted] == 0 || said[tgo.DeliveryRejected] == 0 || said[tgo.DeliveryNotSent] == 0 ||
		unknownStored == 0 || unknown == unknownStored {
		t.Error("the run did not have every kind of result")
	}
}

// row returns the row that the table must have for an accepted message.
func (m outgoing) row(receipt tgo.Receipt) row {
	r := row{id: strconv.FormatInt(receipt.ID, 10)}
	if m.size > 0 {
		sum := sha256.Sum256(m.file())
		r.sha256 = hex.EncodeToString(sum[:])
	}
	return r
}

// cause returns a short form of an error.
func cause(err error) string {
	var refused *tgo.APIError
	if errors.As(err, &refused) {
		status := strconv.Itoa(refused.Status)
		return status + " " + strings.TrimPrefix(refused.Message, status+" ")
	}
	var failed *tgo.SendError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	for wrapped := errors.Unwrap(err); wrapped != nil; wrapped = errors.Unwrap(err) {
		err = wrapped
	}
	return numbers.ReplaceAllString(err.Error(), "$1 N")
}

// numbers matches what differs between errors of the same kind.
var numbers = regexp.MustCompile(`(127\.0\.0\.1|LastStreamID|stream ID)[:= ]\d+`)

func counted(made map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(made)) {
		list = append(list, fmt.Sprintf("%s %d times", name, made[name]))
	}
	return strings.Join(list, ", ")
}
