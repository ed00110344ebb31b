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

var sendsFlag = flag.Int("laravel.sends", 500, "how many messages TestNeverTwice sends")

// TestNeverTwice sends messages by 16 goroutines while the server breaks in many ways, and holds what the client says of each
// message against the table of messages.
func TestNeverTwice(t *testing.T) {
	ten := startTenant(t, "TENANT_CLIENT_MAX_BODY_SIZE=1m", "TENANT_FASTCGI_READ_TIMEOUT=2s")
	sends := make([]sent, *sendsFlag)
	progress := newProgress(len(sends))
	begun := time.Now()
	var workers sync.WaitGroup
	work(t, ten, sends, progress, &workers)
	made := ten.trouble(t, progress)
	workers.Wait()
	took := time.Since(begun)
	ten.settle(t)
	t.Logf("%d sends in %v; meanwhile: %s", len(sends), took.Round(time.Second), counted(made))
	ten.judge(t, sends)
}

// sent is what became of a message, as the client says.
type sent struct {
	receipt tgo.Receipt
	err     error
}

// outgoing is one of the messages to be sent. Each is made of its number alone.
type outgoing struct {
	number, size int // without a size it is a text
	http1        bool
	to           tgo.Phone
	limited      bool          // the caller gives up
	patience     time.Duration // after so long
}

func (ten *tenant) outgoing(i int) outgoing {
	m := outgoing{number: i, to: ten.RecipientPhone, http1: i%8 == 7}
	switch {
	case i%20 == 0:
		m.size = 1 + i*7919%200_000 // from what nginx keeps in memory to what it writes to a file
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

// work starts the senders.
func work(t *testing.T, ten *tenant, sends []sent, progress *progress, workers *sync.WaitGroup) {
	http2 := ten.client(t, ten.HTTPSURL, ten.APIKey).FromPhone(ten.SenderPhone)
	http1 := ten.client(t, ten.URL, ten.APIKey).FromPhone(ten.SenderPhone)
	var next atomic.Int64
	for range 16 {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(sends); i = int(next.Add(1)) - 1 {
				m, from := ten.outgoing(i), http2
				if m.http1 {
					from = http1
				}
				sends[i] = m.send(t.Context(), from)
				if errors.Is(sends[i].err, tgo.ErrServer) {
					time.Sleep(100 * time.Millisecond) // or all the rest would be sent to a server that is down
				}
				progress.add()
			}
		})
	}
}

// progress is how many sends have ended.
type progress struct {
	mu         sync.Mutex
	more       sync.Cond
	done, want int
}

func newProgress(want int) *progress {
	p := &progress{want: want}
	p.more.L = &p.mu
	return p
}

func (p *progress) add() {
	p.mu.Lock()
	p.done++
	p.mu.Unlock()
	p.more.Broadcast()
}

// wait waits until so many more have ended, or all. It returns how many are left.
func (p *progress) wait(n int) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for until := min(p.done+n, p.want); p.done < until; {
		p.more.Wait()
	}
	return p.want - p.done
}

// trouble breaks the server until all is sent, and returns how often it did what.
func (ten *tenant) trouble(t *testing.T, progress *progress) map[string]int {
	kill := func(pidFile string) func() {
		return func() {
			for _, pid := range ten.workers(t, pidFile) {
				ten.signal(t, pid, syscall.SIGKILL)
			}
		}
	}
	reload := func() { ten.signal(t, ten.pid(t, ten.NginxPID), syscall.SIGHUP) }
	during := func(begin, end func(), sends int) func() {
		return func() {
			begin()
			progress.wait(sends)
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
		{"throttled", during(set("API_RATE_LIMIT", "1"), set("API_RATE_LIMIT", "1000000"), 20)},
		php, reloaded, nginx,
		{"maintenance mode", during(func() { ten.artisan(t, "down") }, func() { ten.artisan(t, "up") }, 10)},
		php, reloaded, nginx,
		// Four workers answer 16 senders after a second each, and nginx waits for two.
		{"php-fpm out of children", during(set("TEST_SLEEP", "1"), set("TEST_SLEEP", "0"), 32)},
		php, reloaded, nginx,
		{"php-fpm restarted", during(func() { ten.command(t, "stop php-fpm") }, func() { ten.command(t, "start php-fpm") }, 0)},
	}
	rounds := max(1, min(8, progress.want/2000))
	made := map[string]int{}
	// Some last through sends, up to a hundred in a round.
	between := max(1, (progress.want-100*rounds)/(rounds*len(round)+1))
	for i := 0; progress.wait(between) > 0; i++ {
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

// workers are the children of a master.
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

// signal signals a process, which may have ended by itself.
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

// settle waits until nothing that was sent can be stored any more. Requests that nobody waits for are carried out all the
// same: those that php-fpm has not accepted are before this one in its queue, and SIGQUIT has it finish the others.
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

// judge fails the test where the client did not tell the truth. All counts are logged.
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
			t.Errorf("message %d: the client says %v (receipt %d, %v), and the table has %v", i, verdict, s.receipt.ID, s.err, rows)
		}
	}
	for content, rows := range stored {
		t.Errorf("nobody sent %q: %v", content, rows)
	}
	unknown := said[tgo.DeliveryUnknown]
	t.Logf("%d accepted, %d rejected, %d not sent, %d unknown, of which %d are stored and %d not", said[tgo.DeliveryAccepted],
		said[tgo.DeliveryRejected], said[tgo.DeliveryNotSent], unknown, unknownStored, unknown-unknownStored)
	t.Logf("doubled: %d; called accepted and not stored: %d; called not sent or rejected and stored: %d; stored with another id or file: %d",
		doubled, lost, denied, other)
	for _, cause := range slices.Sorted(maps.Keys(causes)) {
		t.Logf("%6d %s", causes[cause], cause)
	}
	if said[tgo.DeliveryAccepted] < len(sends)/2 || said[tgo.DeliveryRejected] == 0 || said[tgo.DeliveryNotSent] == 0 ||
		unknownStored == 0 || unknown == unknownStored {
		t.Error("the run has not met all that it is for")
	}
}

// row is the only one that there may be of an accepted message.
func (m outgoing) row(receipt tgo.Receipt) row {
	r := row{id: strconv.FormatInt(receipt.ID, 10)}
	if m.size > 0 {
		sum := sha256.Sum256(m.file())
		r.sha256 = hex.EncodeToString(sum[:])
	}
	return r
}

// cause is an error in short.
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

// numbers differ from one failure to the next of the same kind.
var numbers = regexp.MustCompile(`(127\.0\.0\.1|LastStreamID|stream ID)[:= ]\d+`)

func counted(made map[string]int) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(made)) {
		list = append(list, fmt.Sprintf("%s %d times", name, made[name]))
	}
	return strings.Join(list, ", ")
}
