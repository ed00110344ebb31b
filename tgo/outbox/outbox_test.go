//go:build !386 && !arm

package outbox

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// Invariants 1, 4 and 6: what was committed is sent, what was rolled back does not exist, and the record has the receipt.
func TestSend(t *testing.T) {
	each(t, testSend[*sql.Tx], testSend[pgx.Tx])
}

func testSend[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	var ids []int64
	for _, commit := range []bool{false, true} {
		tx, err := b.begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		added, err := b.AddTx(t.Context(), tx, b.message(fmt.Sprintf("committed: %t", commit)))
		if err != nil {
			t.Fatal(err)
		}
		if err := b.end(tx, commit); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, added.ID)
	}
	record := b.until(ids[1], Sent)
	sent := b.fake.ExpectMessage(t)
	if sent.Content != "committed: true" || record.Receipt.ID != sent.ID || record.Attempts != 1 {
		t.Errorf("sent %q with id %d; the record says %+v", sent.Content, sent.ID, record)
	}
	if record.Message == nil || record.Message.Text != "committed: true" || record.Receipt.Content != "" {
		t.Errorf("the record is %+v", record)
	}
	if record.AddedAt.IsZero() || record.BegunAt.Before(record.AddedAt) || record.EndedAt.Before(record.BegunAt) {
		t.Errorf("added %s, begun %s, ended %s", record.AddedAt, record.BegunAt, record.EndedAt)
	}
	if ids[0] != ids[1] { // SQLite and PostgreSQL give ids of their own to what is rolled back
		if _, err := b.Get(t.Context(), ids[0]); !errors.Is(err, ErrNotFound) {
			t.Errorf("the message that was rolled back: %v", err)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// Each kind of media, by reference and as data, with what was detected when it was added.
func TestMedia(t *testing.T) {
	each(t, testMedia[*sql.Tx], testMedia[pgx.Tx])
}

func testMedia[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		media             Media
		name, contentType string
		size              int64
	}{
		{Media{Type: tgo.TypeDocument, Ref: file}, "invoice.pdf", "application/pdf", 16},
		{Media{Type: tgo.TypeDocument, Ref: file, Name: "May.pdf", ContentType: "application/x-invoice"}, "May.pdf", "application/x-invoice", 16},
		{Media{Type: tgo.TypeImage, Data: []byte("GIF89a and more"), Name: "a.gif"}, "a.gif", "image/gif", 15},
		{Media{Type: tgo.TypeVoice, Data: []byte("OggS\x00 and more"), Name: "a.ogg", Duration: 12 * time.Second}, "a.ogg", "audio/ogg", 14},
	} {
		m := b.message("caption")
		m.Media = &test.media
		record := b.until(b.add(m), Sent)
		sent := b.fake.ExpectMessage(t)
		if sent.Type != test.media.Type || sent.Content != "caption" || sent.Media.Name != test.name ||
			sent.Media.ContentType != test.contentType || sent.Media.Size != test.size {
			t.Errorf("%+v was sent as %+v", test.media, sent)
		}
		if got := record.Message.Media; got == nil || got.Data != nil || got.ContentType != test.contentType || got.Duration != test.media.Duration {
			t.Errorf("the record has %+v", got)
		}
	}
}

// A file that is not the one that was added is not sent.
func TestChangedFile(t *testing.T) {
	each(t, testChangedFile[*sql.Tx], testChangedFile[pgx.Tx])
}

func testChangedFile[TTx any](t *testing.T, b *bed[TTx]) {
	folder := t.TempDir()
	changes := map[string]func(file string) error{
		"same size": func(file string) error { return os.WriteFile(file, []byte("%PDF-1.7 INVOICE"), 0o600) },
		"longer":    func(file string) error { return os.WriteFile(file, []byte("%PDF-1.7 invoice and more"), 0o600) },
		"gone":      os.Remove,
	}
	ids := map[string]int64{}
	for name, change := range changes {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
			t.Fatal(err)
		}
		m := b.message("")
		m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
		ids[name] = b.add(m)
		if err := change(file); err != nil {
			t.Fatal(err)
		}
	}
	b.work(Workers{})
	for name, id := range ids {
		if record := b.until(id, Rejected); record.Code != "file" || record.Attempts != 0 {
			t.Errorf("%s: %+v", name, record)
		}
	}
	b.fake.ExpectNoMessage(t)
}

// An object store that is away is no reason to give a message up.
func TestOpenerAway(t *testing.T) {
	each(t, testOpenerAway[*sql.Tx], testOpenerAway[pgx.Tx])
}

func testOpenerAway[TTx any](t *testing.T, b *bed[TTx]) {
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	m := b.message("")
	m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
	id := b.add(m)
	var calls int
	box := b.box(Config{Open: func(ctx context.Context, ref string) (content io.ReadCloser, size int64, err error) {
		if calls++; calls == 1 {
			return nil, 0, errors.New("the store is away")
		}
		return OpenPath(ctx, ref)
	}})
	b.workOn(box, b.fake.Client, Workers{})
	b.until(id, Sent)
	if b.fake.ExpectMessage(t).Media.Size != 16 {
		t.Error("another file was sent")
	}
}

// Invariant 5, also for messages of one transaction, of one call, and long after the first has been sent and purged.
func TestKey(t *testing.T) {
	each(t, testKey[*sql.Tx], testKey[pgx.Tx])
}

func testKey[TTx any](t *testing.T, b *bed[TTx]) {
	keyed := func(key, text string) Message {
		m := b.message(text)
		m.Key = key
		return m
	}
	added, err := b.AddMany(t.Context(), []Message{keyed("a", "1"), keyed("b", "2"), keyed("a", "3"), keyed("", "4"), keyed("", "5")})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal([]bool{added[0].Duplicate != added[2].Duplicate, added[1].Duplicate, added[3].Duplicate, added[4].Duplicate},
		[]bool{true, false, false, false}) || added[0].ID != added[2].ID || added[3].ID == added[4].ID {
		t.Errorf("added %+v", added)
	}
	stop := b.work(Workers{})
	for _, id := range []int64{added[0].ID, added[1].ID, added[3].ID, added[4].ID} {
		b.until(id, Sent)
	}
	stop()
	if n, err := b.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil || n != 4 {
		t.Errorf("purged %d, %v", n, err)
	}
	again, err := b.Add(t.Context(), keyed("b", "6"))
	if err != nil || again != (Added{ID: added[1].ID, Duplicate: true}) {
		t.Errorf("again: %+v, %v", again, err)
	}
	if other, err := b.box(Config{Queue: "other"}).Add(t.Context(), keyed("b", "7")); err != nil || other.Duplicate {
		t.Errorf("in another queue: %+v, %v", other, err)
	}
	record, err := b.Get(t.Context(), added[1].ID)
	if err != nil || record.Key != "b" || record.State != Sent || record.Message != nil || record.Receipt.ID == 0 {
		t.Errorf("the record after the purge: %+v, %v", record, err)
	}
	waiting, err := b.List(t.Context(), Query{State: Waiting})
	if err != nil || len(waiting) != 0 {
		t.Errorf("waiting: %+v, %v", waiting, err)
	}
}

// Invariant 5 where the same key is added by many at once.
func TestKeyRace(t *testing.T) {
	each(t, testKeyRace[*sql.Tx], testKeyRace[pgx.Tx])
}

func testKeyRace[TTx any](t *testing.T, b *bed[TTx]) {
	ids := make([]int64, 20)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			m := b.message(fmt.Sprint(i))
			m.Key = "one"
			added, err := b.Add(t.Context(), m)
			if err != nil {
				t.Error(err)
			}
			ids[i] = added.ID
		})
	}
	group.Wait()
	if slices.Min(ids) != slices.Max(ids) {
		t.Errorf("the ids are %v", ids)
	}
	if status, err := b.Status(t.Context()); err != nil || status.Messages[Waiting] != 1 {
		t.Errorf("%+v, %v", status, err)
	}
}

// Invariants 3 and 6: what the server's answer says of a message.
func TestOutcomes(t *testing.T) {
	each(t, testOutcomes[*sql.Tx], testOutcomes[pgx.Tx])
}

func testOutcomes[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{PauseUnknown: -1, PauseRejected: -1})
	for _, test := range []struct {
		name     string
		fault    tgotest.Fault
		state    State
		code     string
		attempts int
		arrives  bool
	}{
		{"refused", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 422}, Rejected, "422", 1, false},
		{"failed", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 500, Stored: true}, Unknown, "500", 1, true},
		{"cut", tgotest.Fault{Kind: tgotest.FaultCut, Stored: true}, Unknown, "network", 1, true},
		{"cut midway", tgotest.Fault{Kind: tgotest.FaultCutMidway}, Unknown, "network", 1, false},
		{"too many", tgotest.Fault{Kind: tgotest.FaultStatus, Status: 429, RetryAfter: "1"}, Sent, "", 2, true},
	} {
		test.fault.Operation, test.fault.Times = "sendMessage", 1
		if _, err := b.fake.Inject(test.fault); err != nil {
			t.Fatal(err)
		}
		record := b.until(b.add(b.message(test.name)), test.state)
		if record.Code != test.code || record.Attempts != test.attempts || (record.Reason == "") != (test.state == Sent) {
			t.Errorf("%s: %+v", test.name, record)
		}
		if test.arrives {
			b.fake.ExpectMessage(t, withContent(test.name))
		}
		if record.Message == nil || record.Message.To != b.fake.RecipientPhone {
			t.Errorf("%s: the record has %+v", test.name, record.Message)
		}
	}
	b.fake.ExpectNoMessage(t)
	records, err := b.List(t.Context(), Query{State: Unknown})
	if err != nil || len(records) != 3 {
		t.Errorf("unknown: %+v, %v", records, err)
	}
}

// Invariant 3: what was not sent is tried again by itself.
func TestNotSent(t *testing.T) {
	each(t, testNotSent[*sql.Tx], testNotSent[pgx.Tx])
}

func testNotSent[TTx any](t *testing.T, b *bed[TTx]) {
	var refused sync.WaitGroup
	refused.Add(1)
	client, err := b.fake.ClientWith(b.fake.Key, tgo.WithWriteRetries(), tgo.WithLimiter(&refusing{times: 1, done: refused.Done}))
	if err != nil {
		t.Fatal(err)
	}
	b.workOn(b.Box, client, Workers{})
	id := b.add(b.message("hello"))
	refused.Wait()
	if record := b.until(id, Sent); record.Attempts != 2 {
		t.Errorf("%+v", record)
	}
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
}

// refusing is a limiter that lets no request go, the first few times.
type refusing struct {
	mu    sync.Mutex
	times int
	done  func()
}

func (r *refusing) Wait(context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.times == 0 {
		return nil
	}
	r.times--
	r.done()
	return errors.New("not now")
}

// A refusal that would meet every message pauses the queue and burns none.
func TestPauseByRefusal(t *testing.T) {
	each(t, testPauseByRefusal[*sql.Tx], testPauseByRefusal[pgx.Tx])
}

func testPauseByRefusal[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	for _, code := range []int{401, 402, 403, 404} {
		fault, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Kind: tgotest.FaultStatus, Status: code})
		if err != nil {
			t.Fatal(err)
		}
		id := b.add(b.message(fmt.Sprint(code)))
		status, err := b.pausedStatus()
		if err != nil || !strings.Contains(status.PauseReason, fmt.Sprint(code)) {
			t.Errorf("%+v, %v", status, err)
		}
		record := b.until(id, Waiting)
		if record.Attempts != 1 {
			t.Errorf("%+v", record)
		}
		fault.Remove()
		other := b.add(b.message("while paused"))
		if record, err := b.Get(t.Context(), other); err != nil || record.State != Waiting {
			t.Errorf("%+v, %v", record, err)
		}
		if err := b.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.until(id, Sent)
		b.until(other, Sent)
	}
}

// A sender number that nobody has would meet every message too.
func TestPauseByUnknownSender(t *testing.T) {
	each(t, testPauseByUnknownSender[*sql.Tx], testPauseByUnknownSender[pgx.Tx])
}

func testPauseByUnknownSender[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{})
	m := b.message("hello")
	m.From = "+201001187177"
	id := b.add(m)
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "sender_phone") {
		t.Errorf("%+v, %v", status, err)
	}
	if pause, err := b.Paused(t.Context()); err != nil || pause.PausedAt.IsZero() || !strings.Contains(pause.Reason, "sender_phone") {
		t.Errorf("%+v, %v", pause, err)
	}
	b.until(id, Waiting)
}

// A Query names messages, and may leave out what they say.
func TestListByID(t *testing.T) {
	each(t, testListByID[*sql.Tx], testListByID[pgx.Tx])
}

func testListByID[TTx any](t *testing.T, b *bed[TTx]) {
	var ids []int64
	for i := range 4 {
		m := b.message(fmt.Sprint(i))
		m.Key = fmt.Sprint("key ", i)
		ids = append(ids, b.add(m))
	}
	for _, without := range []bool{false, true} {
		for _, state := range []State{"", Waiting} {
			found, err := b.List(t.Context(), Query{IDs: []int64{ids[3], ids[1]}, State: state, WithoutMessages: without})
			if err != nil || len(found) != 2 || found[0].ID != ids[1] || found[1].ID != ids[3] || found[1].Key != "key 3" ||
				found[0].State != Waiting || (found[0].Message == nil) != without {
				t.Errorf("%v %q: %+v, %v", without, state, found, err)
			}
			if all, err := b.List(t.Context(), Query{State: state, WithoutMessages: without}); err != nil || len(all) != len(ids) {
				t.Errorf("%v %q: %d messages, %v", without, state, len(all), err)
			}
		}
	}
}

// pausedStatus is the status once the queue is paused.
func (b *bed[TTx]) pausedStatus() (Status, error) {
	b.t.Helper()
	var status Status
	var err error
	b.eventually(func() bool {
		status, err = b.Status(b.t.Context())
		return err != nil || !status.PausedAt.IsZero()
	}, func() { b.t.Fatalf("the queue is not paused: %+v", status) })
	return status, err
}

// Messages that end badly one after the other pause the queue; one that is sent between them begins the count again.
func TestPauseByTrouble(t *testing.T) {
	each(t, testPauseByTrouble[*sql.Tx], testPauseByTrouble[pgx.Tx])
}

func testPauseByTrouble[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{Concurrency: 1, PauseUnknown: 3, PauseRejected: 2})
	bad := func(kind tgotest.FaultKind, state State) {
		if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: kind, Status: map[tgotest.FaultKind]int{tgotest.FaultStatus: 422}[kind]}); err != nil {
			t.Fatal(err)
		}
		b.until(b.add(b.message("bad")), state)
	}
	for range 2 {
		bad(tgotest.FaultCut, Unknown)
		bad(tgotest.FaultCut, Unknown)
		bad(tgotest.FaultStatus, Rejected)
		b.until(b.add(b.message("good")), Sent)
	}
	if status, err := b.Status(t.Context()); err != nil || !status.PausedAt.IsZero() {
		t.Fatalf("%+v, %v", status, err)
	}
	bad(tgotest.FaultStatus, Rejected)
	bad(tgotest.FaultStatus, Rejected)
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "2 messages in a row were rejected for the same reason") {
		t.Errorf("%+v, %v", status, err)
	}
	if err := b.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		bad(tgotest.FaultCut, Unknown)
	}
	if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "3 messages in a row ended as unknown") {
		t.Errorf("%+v, %v", status, err)
	}
}

// What a person decides about an unknown message, and what can be decided of others.
func TestResolve(t *testing.T) {
	each(t, testResolve[*sql.Tx], testResolve[pgx.Tx])
}

func testResolve[TTx any](t *testing.T, b *bed[TTx]) {
	b.work(Workers{PauseUnknown: -1})
	for _, test := range []struct {
		resolution Resolution
		state      State
		attempts   int
	}{{WasSent, Sent, 1}, {SendAgain, Sent, 2}, {GiveUp, Cancelled, 1}} {
		if _, err := b.fake.Inject(tgotest.Fault{Operation: "sendMessage", Times: 1, Kind: tgotest.FaultCut}); err != nil {
			t.Fatal(err)
		}
		id := b.add(b.message(string(test.resolution)))
		b.until(id, Unknown)
		if err := b.Cancel(t.Context(), id, "not wanted"); !errors.Is(err, ErrNotWaiting) {
			t.Errorf("cancel an unknown message: %v", err)
		}
		// What somebody does in River UI leaves the message to be resolved.
		if _, err := b.river.JobCancel(t.Context(), id); err != nil {
			t.Error(err)
		}
		if _, err := b.Purge(t.Context(), time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		if err := b.Resolve(t.Context(), id, test.resolution); err != nil {
			t.Errorf("%s: %v", test.resolution, err)
		}
		record := b.until(id, test.state)
		if record.Attempts != test.attempts || record.EndedAt.IsZero() || (test.attempts == 1) != (record.Code == "person") {
			t.Errorf("%s: %+v", test.resolution, record)
		}
		if err := b.Resolve(t.Context(), id, SendAgain); !errors.Is(err, ErrNotUnknown) {
			t.Errorf("resolve again: %v", err)
		}
	}
	b.fake.ExpectMessage(t, withContent("again"))
	b.fake.ExpectNoMessage(t)
	if err := b.Resolve(t.Context(), 1<<40, WasSent); !errors.Is(err, ErrNotFound) {
		t.Errorf("resolve nothing: %v", err)
	}
	if err := b.Resolve(t.Context(), 1, "maybe"); err == nil {
		t.Error("a resolution that does not exist is accepted")
	}
}

// A message that waits can be cancelled, here or in River, and is never sent then.
func TestCancel(t *testing.T) {
	each(t, testCancel[*sql.Tx], testCancel[pgx.Tx])
}

func testCancel[TTx any](t *testing.T, b *bed[TTx]) {
	later := b.message("later")
	later.At = time.Now().Add(time.Hour)
	id, inRiver, deleted, atWork := b.add(later), b.add(later), b.add(later), b.add(later)
	raw, err := b.prepare(t.Context(), later)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := b.river.Insert(t.Context(), jobArgs{raw}, &river.InsertOpts{Queue: b.Queue(), ScheduledAt: later.At})
	if err != nil {
		t.Fatal(err)
	}
	foreign := alone.Job.ID // without a record
	if err := b.Cancel(t.Context(), id, "not wanted"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobCancel(t.Context(), inRiver); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobCancel(t.Context(), foreign); err != nil {
		t.Fatal(err)
	}
	if _, err := b.river.JobDelete(t.Context(), deleted); err != nil {
		t.Fatal(err)
	}
	if record := b.until(id, Cancelled); record.Code != "person" || record.EndedAt.IsZero() {
		t.Errorf("%+v", record)
	}
	b.work(Workers{Lease: time.Second})
	for _, id := range []int64{inRiver, foreign, deleted, atWork} {
		if record := b.until(id, Cancelled); record.Code != "job" {
			t.Errorf("%+v", record)
		}
		if id == deleted { // the worker has looked at all of them, and now looks for changes
			if _, err := b.river.JobCancel(t.Context(), atWork); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := b.Cancel(t.Context(), id, "not wanted"); !errors.Is(err, ErrNotWaiting) {
		t.Errorf("cancel again: %v", err)
	}
	// A job that somebody retries in River is not sent: the record counts.
	for _, id := range []int64{id, inRiver, foreign} {
		if _, err := b.river.JobRetry(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		b.eventually(func() bool {
			job, err := b.river.JobGet(t.Context(), id)
			return err == nil && job.State == "completed"
		}, func() { t.Errorf("the job of message %d is not completed", id) })
	}
	b.fake.ExpectNoMessage(t)
}

// A message is not sent before its time, and a code overtakes a newsletter.
func TestOrder(t *testing.T) {
	each(t, testOrder[*sql.Tx], testOrder[pgx.Tx])
}

func testOrder[TTx any](t *testing.T, b *bed[TTx]) {
	var messages []Message
	for _, m := range []struct {
		text     string
		priority Priority
		at       time.Time
	}{{"bulk", Bulk, time.Time{}}, {"normal", 0, time.Time{}}, {"code", Code, time.Time{}}, {"later", Code, time.Now().Add(time.Hour)}} {
		message := b.message(m.text)
		message.Priority, message.At = m.priority, m.at
		messages = append(messages, message)
	}
	added, err := b.AddMany(t.Context(), messages)
	if err != nil {
		t.Fatal(err)
	}
	b.work(Workers{Concurrency: 1})
	for _, want := range []string{"code", "normal", "bulk"} {
		if m := b.fake.ExpectMessage(t); m.Content != want {
			t.Errorf("sent %q instead of %q", m.Content, want)
		}
	}
	b.fake.ExpectNoMessage(t)
	if record := b.until(added[3].ID, Waiting); record.Message.At.Sub(messages[3].At).Abs() > time.Second || record.Message.Priority != Code {
		t.Errorf("%+v", record.Message)
	}
}

// What the API would refuse is refused when it is added, and nothing is.
func TestInvalid(t *testing.T) {
	each(t, testInvalid[*sql.Tx], testInvalid[pgx.Tx])
}

func testInvalid[TTx any](t *testing.T, b *bed[TTx]) {
	good := b.message("good")
	change := func(do func(m *Message)) Message {
		m := good
		do(&m)
		return m
	}
	media := func(media Media) Message { return change(func(m *Message) { m.Media = &media }) }
	for field, m := range map[string]Message{
		"to_phone":         change(func(m *Message) { m.To = "01010000000" }),
		"From ":            change(func(m *Message) { m.From = "1" }),
		"sender_number_id": change(func(m *Message) { m.From, m.FromNumber = "", -1 }),
		"From":             change(func(m *Message) { m.From = "" }),
		"FromNumber":       change(func(m *Message) { m.FromNumber = 1 }),
		"content":          change(func(m *Message) { m.Text = " " }),
		"Text":             change(func(m *Message) { m.Text = "a\x00b" }),
		"Key":              change(func(m *Message) { m.Key = strings.Repeat("k", MaxKey+1) }),
		"Priority":         change(func(m *Message) { m.Priority = 4 }),
		"At":               change(func(m *Message) { m.At = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC) }),
		"Media":            media(Media{Type: tgo.TypeImage}),
		"Media ":           media(Media{Type: tgo.TypeDocument, Ref: "a\xff"}),
		"Media.Type":       media(Media{Type: "film", Ref: "a"}),
		"Media.Data":       media(Media{Type: tgo.TypeDocument, Name: "a", Data: make([]byte, MaxData+1)}),
		"Media.Name":       media(Media{Type: tgo.TypeDocument, Data: []byte("a")}),
		"Media.Duration":   media(Media{Type: tgo.TypeDocument, Name: "a", Data: []byte("a"), Duration: 1}),
		"duration":         media(Media{Type: tgo.TypeVoice, Name: "a", Data: []byte("OggS")}),
		"media":            media(Media{Type: tgo.TypeImage, Name: "a", Data: []byte("%PDF-1.7")}),
	} {
		_, err := b.Add(t.Context(), m)
		var input *tgo.InputError
		if !errors.As(err, &input) || len(input.Fields) != 1 || input.Fields[0].Field != strings.TrimSpace(field) || !strings.HasPrefix(err.Error(), "tgo: add message: ") {
			t.Errorf("%s: %v", field, err)
		}
	}
	_, err := b.AddMany(t.Context(), []Message{good, {}})
	var invalid *InvalidError
	if !errors.As(err, &invalid) || invalid.Index != 1 || !strings.HasPrefix(err.Error(), "message 2: ") {
		t.Errorf("%v", err)
	}
	if _, err := b.box(Config{}).Add(t.Context(), media(Media{Type: tgo.TypeImage, Ref: "a.png"})); err == nil || !strings.Contains(err.Error(), "Config.Open") {
		t.Errorf("without an Opener: %v", err)
	}
	if _, err := b.Add(t.Context(), media(Media{Type: tgo.TypeImage, Ref: filepath.Join(t.TempDir(), "a.png")})); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
	if records, err := b.List(t.Context(), Query{}); err != nil || len(records) != 0 {
		t.Errorf("%+v, %v", records, err)
	}
}

// With Ciphers, the database holds neither text nor phone, and keys can be replaced.
func TestCiphers(t *testing.T) {
	each(t, testCiphers[*sql.Tx], testCiphers[pgx.Tx])
}

func testCiphers[TTx any](t *testing.T, b *bed[TTx]) {
	aead := func(key byte) cipher.AEAD {
		block, err := aes.NewCipher([]byte(strings.Repeat(string(key), 32)))
		if err != nil {
			t.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			t.Fatal(err)
		}
		return gcm
	}
	added, err := b.box(Config{Ciphers: []cipher.AEAD{aead('a')}}).Add(t.Context(), b.message("secret words"))
	if err != nil {
		t.Fatal(err)
	}
	job, err := b.river.JobGet(t.Context(), added.ID)
	if err != nil {
		t.Fatal(err)
	}
	if args := string(job.EncodedArgs); strings.Contains(args, "secret") || strings.Contains(args, string(b.fake.RecipientPhone[1:])) {
		t.Errorf("the job holds %s", args)
	}
	both := b.box(Config{Ciphers: []cipher.AEAD{aead('b'), aead('a')}})
	if record, err := both.Get(t.Context(), added.ID); err != nil || record.Message.Text != "secret words" {
		t.Errorf("%+v, %v", record, err)
	}
	b.workOn(both, b.fake.Client, Workers{})
	b.until(added.ID, Sent)
	b.fake.ExpectMessage(t, withContent("secret words"))
	if record, err := b.Get(t.Context(), added.ID); err != nil || record.Message != nil || record.State != Sent {
		t.Errorf("without the key: %+v, %v", record, err)
	}
}

// A job that another program added without a record gets one, and one that cannot be read ends as rejected.
func TestForeignJobs(t *testing.T) {
	each(t, testForeignJobs[*sql.Tx], testForeignJobs[pgx.Tx])
}

func testForeignJobs[TTx any](t *testing.T, b *bed[TTx]) {
	insert := func(args string) int64 {
		result, err := b.river.Insert(t.Context(), jobArgs{[]byte(args)}, &river.InsertOpts{Queue: b.Queue(), Priority: 2})
		if err != nil {
			t.Fatal(err)
		}
		return result.Job.ID
	}
	ends := `"from":"` + string(b.fake.SenderPhone) + `","to":"` + string(b.fake.RecipientPhone) + `"`
	good := `{"version":1,` + ends + `,"type":"text","text":"hello","key":"k"}`
	id, twin := insert(good), insert(good)
	waiting, err := b.List(t.Context(), Query{State: Waiting})
	if err != nil || len(waiting) != 2 || waiting[0].ID != id || waiting[0].Key != "k" || waiting[0].Message.Text != "hello" {
		t.Errorf("%+v, %v", waiting, err)
	}
	gone := insert(`{"version":1,` + ends + `,"type":"text","text":"never"}`)
	if err := b.Cancel(t.Context(), gone, "not wanted"); err != nil {
		t.Error(err)
	}
	if record, err := b.Get(t.Context(), gone); err != nil || record.State != Cancelled || record.Code != "person" {
		t.Errorf("%+v, %v", record, err)
	}
	bad := map[string]int64{}
	for _, args := range []string{
		`[]`, `{"version":1,"text":"hello"}`, `{"version":1,` + ends + `,"type":"image"}`, `{"version":1,"texts":1}`,
		`{"version":1,` + ends + `,"type":"voice","media":{"ref":"a","duration":1e300}}`,
		`{"version":1,` + ends + `,"type":"text","text":"` + strings.Repeat(" ", 3) + `"}`,
	} {
		bad[args] = insert(args)
	}
	b.work(Workers{Concurrency: 1, PauseRejected: -1})
	if record := b.until(id, Sent); record.Key != "k" || record.Attempts != 1 {
		t.Errorf("%+v", record)
	}
	if record := b.until(twin, Cancelled); record.Code != "key" || !strings.Contains(record.Reason, fmt.Sprint(id)) {
		t.Errorf("%+v", record)
	}
	for args, id := range bad {
		if record := b.until(id, Rejected); record.Code != "input" {
			t.Errorf("%s: %+v", args, record)
		}
	}
	b.fake.ExpectMessage(t)
	b.fake.ExpectNoMessage(t)
	if added, err := b.Add(t.Context(), func() Message { m := b.message("hello"); m.Key = "k"; return m }()); err != nil || added.ID != id {
		t.Errorf("%+v, %v", added, err)
	}
}

// A worker that lacks what it needs to read a message pauses the queue, and another one sends it.
func TestWrongWorker(t *testing.T) {
	each(t, testWrongWorker[*sql.Tx], testWrongWorker[pgx.Tx])
}

func testWrongWorker[TTx any](t *testing.T, b *bed[TTx]) {
	file := filepath.Join(t.TempDir(), "invoice.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7 invoice"), 0o600); err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []Config{{Open: OpenPath}, {Open: OpenPath, Ciphers: []cipher.AEAD{gcm}}} {
		m := b.message("")
		m.Media = &Media{Type: tgo.TypeDocument, Ref: file}
		added, err := b.box(right).Add(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		stop := b.workOn(b.box(Config{}), b.fake.Client, Workers{})
		if status, err := b.pausedStatus(); err != nil || !strings.Contains(status.PauseReason, "this worker cannot read them") {
			t.Errorf("%+v, %v", status, err)
		}
		stop()
		if record := b.until(added.ID, Waiting); record.Attempts != 0 {
			t.Errorf("%+v", record)
		}
		if err := b.Resume(t.Context()); err != nil {
			t.Fatal(err)
		}
		stop = b.workOn(b.box(right), b.fake.Client, Workers{})
		b.until(added.ID, Sent)
		stop()
	}
}

// Invariant 4: what another program encrypted may be what no column can hold. It is rejected all the same. So may be what the API answers; it
// is recorded.
func TestOddContent(t *testing.T) {
	each(t, testOddContent[*sql.Tx], testOddContent[pgx.Tx])
}

// answering is a transport that gives one answer.
type answering struct {
	status int
	body   string
}

func (a answering) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Request: req, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(a.body)),
	}, req.Body.Close()
}

func testOddContent[TTx any](t *testing.T, b *bed[TTx]) {
	block, err := aes.NewCipher(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		t.Fatal(err)
	}
	from, random := string(b.fake.SenderPhone), make([]byte, 4000)
	_, _ = rand.Read(random)
	var odd []int64
	for _, w := range []wire{
		{From: `+20"1`}, {From: `+20\1`}, {From: "+20\x001"}, {From: "1"}, {From: from, Key: hex.EncodeToString(random)}, {From: from, Key: "a\x00"},
	} {
		w.Version, w.Type, w.To, w.Text = jobVersion, tgo.TypeText, string(b.fake.RecipientPhone), "hello"
		plain, err := json.Marshal(w)
		if err != nil {
			t.Fatal(err)
		}
		args, err := json.Marshal(wire{Version: jobVersion, Sealed: seal(gcm, plain)})
		if err != nil {
			t.Fatal(err)
		}
		result, err := b.river.Insert(t.Context(), jobArgs{args}, &river.InsertOpts{Queue: b.Queue(), Priority: 2})
		if err != nil {
			t.Fatal(err)
		}
		odd = append(odd, result.Job.ID)
	}
	box := b.box(Config{Ciphers: []cipher.AEAD{gcm}})
	stop := b.workOn(box, b.fake.Client, Workers{Rate: 100, SenderRate: 100})
	for _, id := range odd {
		if record := b.until(id, Rejected); record.Code != "input" {
			t.Errorf("%+v", record)
		}
	}
	stop()
	b.fake.ExpectNoMessage(t)

	for state, transport := range map[State]answering{
		Rejected: {422, `{"message":"a\u0000b"}`},
		Sent:     {201, `{"data":{"id":5,"status":"a\u0000b"}}`},
	} {
		client, err := tgo.New("odd.invalid", tgo.NewKey("tgo_none"), tgo.WithHTTPClient(&http.Client{Transport: transport}))
		if err != nil {
			t.Fatal(err)
		}
		stop := b.workOn(box, client, Workers{})
		b.until(b.add(b.message("hello")), state)
		stop()
	}
}

// The tables can be made by many at once, and again.
func TestMigrate(t *testing.T) {
	each(t, testMigrate[*sql.Tx], testMigrate[pgx.Tx])
}

func testMigrate[TTx any](t *testing.T, b *bed[TTx]) {
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := b.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := b.checkMigrated(t.Context()); err != nil {
		t.Error(err)
	}
}

// What is wrong with a configuration is told by New.
func TestNew(t *testing.T) {
	t.Parallel()
	driver := riversqlite.New(openSQLite(t, filepath.Join(t.TempDir(), "a.db")))
	for _, queue := range []string{"not a queue", "Shop", "-", strings.Repeat("q", 65)} {
		if _, err := New(driver, Config{Queue: queue}); err == nil || !strings.Contains(err.Error(), "Config.Queue") {
			t.Errorf("queue %q: %v", queue, err)
		}
	}
	if _, err := New(driver, Config{Schema: "a;b"}); err == nil {
		t.Error("a schema that is no name is accepted")
	}
	if box, err := New(driver, Config{Queue: "shop_1-eu"}); err != nil || box.Queue() != "shop_1-eu" {
		t.Error(err)
	}
	if _, err := New(riversqlite.New(nil), Config{}); err == nil {
		t.Error("a driver without a pool is accepted")
	}
	if _, err := New[*sql.Tx](nil, Config{}); err == nil {
		t.Error("no driver is accepted")
	}
}

// In a database without the tables, every call says what to do.
func TestNotMigrated(t *testing.T) {
	db := openSQLite(t, filepath.Join(t.TempDir(), "empty.db"))
	box, err := New(riversqlite.New(db), Config{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	fake := tgotest.New(t)
	for name, err := range map[string]error{
		"Add":     second(box.Add(ctx, Message{From: fake.SenderPhone, To: fake.RecipientPhone, Text: "a"})),
		"Get":     second(box.Get(ctx, 1)),
		"List":    second(box.List(ctx, Query{})),
		"Status":  second(box.Status(ctx)),
		"Purge":   second(box.Purge(ctx, time.Now())),
		"Resolve": box.Resolve(ctx, 1, WasSent),
		"Cancel":  box.Cancel(ctx, 1, "not wanted"),
		"Pause":   box.Pause(ctx, ""),
		"Resume":  box.Resume(ctx),
		"Work":    box.Work(ctx, fake.Client, Workers{}),
	} {
		if !errors.Is(err, ErrNotMigrated) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func withContent(text string) tgotest.Match {
	return func(m tgotest.Message) bool { return m.Content == text }
}

func second[T any](_ T, err error) error { return err }
