//go:build !386 && !arm

package outbox

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// stepper is a worker whose steps a test executes one by one, on SQLite and without River. Tests with a stepper wait for nothing and are not
// parallel, so they run before the parallel tests of the whole package: an error in a step is found within a second.
type stepper struct {
	*bed[*sql.Tx]

	db *sql.DB
	w  *Worker[*sql.Tx]
}

// here is the id of the stepper's river.Client.
const here = "here"

func newStepper(t *testing.T, workers Workers) *stepper {
	t.Helper()
	db := openSQLite(t, filepath.Join(t.TempDir(), "outbox.db"))
	b := newBed(t, riversqlite.New(db), func(ctx context.Context) (*sql.Tx, error) { return db.BeginTx(ctx, nil) }, nil)
	w, err := b.Register(river.NewWorkers(), b.fake.Client, workers)
	if err != nil {
		t.Fatal(err)
	}
	w.id.Store(here)
	runs.Store(here, nil)
	t.Cleanup(func() { runs.Delete(here) })
	w.stop() // so that it does not wait when it may not begin
	if err := w.beat(t.Context(), here); err != nil {
		t.Fatal(err)
	}
	return &stepper{b, db, w}
}

// attempt works a message's job as River does, and returns the error for River.
func (s *stepper) attempt(id int64) error {
	s.t.Helper()
	s.fetchedBy(id, here)
	job := s.job(id)
	return s.w.attempt(s.t.Context(), job, job.EncodedArgs)
}

func (s *stepper) job(id int64) *rivertype.JobRow {
	s.t.Helper()
	job, err := s.river.JobGet(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return job
}

func (s *stepper) get(id int64) Record {
	s.t.Helper()
	record, err := s.Get(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	return record
}

func (s *stepper) status() Status {
	s.t.Helper()
	status, err := s.Status(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return status
}

func (s *stepper) fault(f tgotest.Fault) {
	s.t.Helper()
	f.Operation, f.Times = "sendMessage", 1
	if _, err := s.fake.Inject(f); err != nil {
		s.t.Fatal(err)
	}
}

// begun adds a message and makes it look as if an attempt had begun.
func (s *stepper) begun(text, worker string, token int64) int64 {
	s.t.Helper()
	id := s.add(s.message(text))
	s.fetchedBy(id, worker)
	s.must(`update {message} set state = 'sending', attempt = 1, worker = $2, token = $3, begun_at = {now} where id = $1`, id, worker, token)
	return id
}

// snoozed reports whether an error makes River snooze the job.
func snoozed(err error) bool {
	var snooze *rivertype.JobSnoozeError
	return errors.As(err, &snooze)
}
