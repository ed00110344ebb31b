//go:build !386 && !arm

package outbox

import (
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo"
)

// Invariant 2: an attempt begins only for a message that waits, only on a worker that counts as alive, and only in a queue that is neither
// paused nor held back.
func TestBegin(t *testing.T) {
	s := newStepper(t, Workers{})
	for _, test := range []struct {
		name, before, after string
		state               State
	}{
		{"sending", `update {message} set state = 'sending', attempt = 1, worker = 'other' where id = $1`, "", Sending},
		{"sent", `update {message} set state = 'sent', attempt = 1 where id = $1`, "", Sent},
		{"rejected", `update {message} set state = 'rejected', attempt = 1 where id = $1`, "", Rejected},
		{"unknown", `update {message} set state = 'unknown', attempt = 1 where id = $1`, "", Unknown},
		{"cancelled", `update {message} set state = 'cancelled' where id = $1`, "", Cancelled},
		{"dead", `update {worker} set lease_until = 1 where $1 > 0`, `update {worker} set lease_until = {now} + 60000000`, Waiting},
		{"paused", `update {queue} set paused_at = 1 where $1 > 0`, `update {queue} set paused_at = null`, Waiting},
		{"held back", `update {queue} set held_until = {now} + 60000000 where $1 > 0`, `update {queue} set held_until = 0`, Waiting},
	} {
		id := s.add(s.message(test.name))
		s.must(test.before, id)
		err := s.attempt(id)
		if record := s.get(id); record.State != test.state || !record.BegunAt.IsZero() {
			t.Errorf("%s: %+v, %v", test.name, record, err)
		}
		if test.after != "" {
			s.must(test.after)
			if err := s.attempt(id); err != nil || s.get(id).State != Sent {
				t.Errorf("%s, and no longer: %+v, %v", test.name, s.get(id), err)
			}
		}
	}
	for _, m := range s.fake.Messages() {
		if !slices.Contains([]string{"dead", "paused", "held back"}, m.Content) {
			t.Errorf("%q was sent", m.Content)
		}
	}
	if n := len(s.fake.Messages()); n != 3 {
		t.Errorf("%d messages were sent", n)
	}
}

// Checks before an attempt begins: a closed window, a file that has changed, the key of another message.
func TestBeforeAttempt(t *testing.T) {
	now := time.Now().UTC()
	clock := time.Duration(now.Hour()) * time.Hour
	closed := Window{From: (clock + 3*time.Hour) % (24 * time.Hour), Until: (clock + 4*time.Hour) % (24 * time.Hour)}
	s := newStepper(t, Workers{Windows: map[Priority]Window{Bulk: closed}})

	night := s.message("at night")
	night.Priority = Bulk
	id := s.add(night)
	var snooze *rivertype.JobSnoozeError
	if err := s.attempt(id); !errors.As(err, &snooze) || snooze.Duration < time.Hour || s.get(id).State != Waiting {
		t.Errorf("at night: %+v, %v", s.get(id), err)
	}

	file := filepath.Join(t.TempDir(), "invoice.pdf")
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("%PDF-1.7 invoice 1")
	invoice := s.message("")
	invoice.Media = &Media{Type: tgo.TypeDocument, Ref: file}
	id = s.add(invoice)
	write("%PDF-1.7 invoice 2")
	var cancel *rivertype.JobCancelError
	if err := s.attempt(id); !errors.As(err, &cancel) || s.get(id).State != Rejected || s.get(id).Code != codeFile {
		t.Errorf("another file: %+v, %v", s.get(id), err)
	}

	first := s.message("first")
	first.Key = "k"
	s.add(first)
	raw, err := s.prepare(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := s.river.Insert(t.Context(), jobArgs{raw}, &river.InsertOpts{Queue: s.Queue()})
	if err != nil {
		t.Fatal(err)
	}
	id = foreign.Job.ID
	if err := s.attempt(id); !errors.As(err, &cancel) || s.get(id).State != Cancelled || s.get(id).Code != codeKey {
		t.Errorf("another program's message with the same key: %+v, %v", s.get(id), err)
	}
	if n := len(s.fake.Messages()); n != 0 {
		t.Errorf("%d messages were sent", n)
	}
}

// Invariant 2: if the machine sleeps between the commit of the beginning and the request, nothing is sent, since the worker may count as dead by
// then. The clock of the synctest bubble advances while all goroutines wait; the database uses the real time.
func TestSleptBeforeSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
		box, err := New(riversqlite.New(db), Config{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		if err := box.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent := 0
		accepting := roundTripper(func(req *http.Request) (*http.Response, error) {
			sent++
			return &http.Response{
				StatusCode: http.StatusCreated, Request: req, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(`{"data":{"id":1}}`)),
			}, req.Body.Close()
		})
		client, err := tgo.New("outbox.invalid", tgo.NewKey("tgo_none"), tgo.WithHTTPClient(&http.Client{Transport: accepting}), tgo.WithWriteRetries())
		if err != nil {
			t.Fatal(err)
		}
		w, err := box.Register(river.NewWorkers(), client, Workers{})
		if err != nil {
			t.Fatal(err)
		}
		w.id.Store(here)
		if err := w.beat(t.Context(), here); err != nil {
			t.Fatal(err)
		}
		s := &stepper{&bed[*sql.Tx]{Box: box, t: t, driver: riversqlite.New(db)}, db, w}
		id := s.add(Message{From: "+201001187188", To: "+201010000000", Text: "hello"})
		s.fetchedBy(id, here)
		job := s.job(id)

		busy, err := db.Conn(t.Context()) // the only connection
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(w.cfg.Lease, func() { _ = busy.Close() })
		var snooze *rivertype.JobSnoozeError
		if err := w.attempt(t.Context(), job, job.EncodedArgs); !errors.As(err, &snooze) || sent != 0 || s.get(id).State != Waiting {
			t.Errorf("after sleeping: River gets %v, %d messages are sent, the record is %+v", err, sent, s.get(id))
		}
		if err := w.attempt(t.Context(), job, job.EncodedArgs); err != nil || sent != 1 || s.get(id).State != Sent {
			t.Errorf("awake: River gets %v, %d messages are sent, the record is %+v", err, sent, s.get(id))
		}
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (r roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return r(req) }

// A message in the queue of another Box belongs to another tenant: it must not be sent with this worker's API key.
func TestQueueOfAnotherBox(t *testing.T) {
	s := newStepper(t, Workers{})
	added, err := s.box(Config{Queue: "other"}).Add(t.Context(), s.message("hello"))
	if err != nil {
		t.Fatal(err)
	}
	var snooze *rivertype.JobSnoozeError
	if err := s.attempt(added.ID); !errors.As(err, &snooze) {
		t.Errorf("River gets %v", err)
	}
	s.fake.ExpectNoMessage(t)
}
