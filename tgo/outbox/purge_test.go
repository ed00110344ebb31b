//go:build !386 && !arm

package outbox

import (
	"testing"
	"time"

	"github.com/riverqueue/river/rivertype"
)

// A purge keeps messages that have not ended, and messages that need a person.
func TestPurgeLeaves(t *testing.T) {
	s := newStepper(t, Workers{})
	ids := map[rivertype.JobState]int64{}
	for _, state := range []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStateScheduled, rivertype.JobStateRunning, rivertype.JobStatePending, rivertype.JobStateCompleted,
	} {
		ids[state] = s.add(s.message(string(state)))
		s.must(`update {job} set state = $2, finalized_at = case when $2 = 'completed' then {timestamp} end where id = $1`, ids[state], string(state))
	}
	s.must(`update {message} set state = 'sent' where id = $1`, ids[rivertype.JobStateCompleted])
	// An unknown message whose job somebody cancelled in River. A person may still decide to send it again.
	ids[rivertype.JobStateCancelled] = s.add(s.message("unknown"))
	s.must(`update {job} set state = 'cancelled', finalized_at = {timestamp} where id = $1`, ids[rivertype.JobStateCancelled])
	s.must(`update {message} set state = 'unknown' where id = $1`, ids[rivertype.JobStateCancelled])
	if n, err := s.Purge(t.Context(), time.Now().Add(time.Hour)); n != 1 || err != nil {
		t.Errorf("purged %d, %v", n, err)
	}
	for state, id := range ids {
		if record := s.get(id); (record.Message == nil) != (state == rivertype.JobStateCompleted) {
			t.Errorf("%s: %+v", state, record)
		}
	}
}
