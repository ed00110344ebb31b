//go:build unix && !386 && !arm

package crash_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// evidence is what a run is judged by.
type evidence struct {
	keys     []string // of the messages that were added
	records  []outbox.Record
	arrivals []arrival // at the server
	// doubtful are, for each process, how many of its attempts may have been under way when it was killed, or stopped past its lease, or
	// the database was.
	doubtful map[int]int
}

// verdict is what is wrong, and the counts that make a run worth something.
type verdict struct {
	faults                         []string
	states                         map[outbox.State]int
	twice, missing, unended, wrong int
	lost                           int // unknown, for the answer was lost
	killed                         int // unknown, for an attempt was under way at a kill
	gone, absent                   int // of these, those that were at the server then, and those that never arrived
}

func (v verdict) String() string {
	return fmt.Sprintf("%v: %d doubled, %d called sent and missing, %d without an end, %d otherwise wrong; "+
		"of the unknown ones %d whose answers were lost, %d under way at a kill (%d of these at the server, %d before they arrived)",
		v.states, v.twice, v.missing, v.unended, v.wrong, v.lost, v.killed, v.gone, v.absent)
}

// judge holds the records against what the server has seen.
func judge(e evidence) verdict {
	v := verdict{states: map[outbox.State]int{}}
	fault := func(counter *int, format string, args ...any) {
		*counter++
		v.faults = append(v.faults, fmt.Sprintf(format, args...))
	}
	seen := map[string][]arrival{}
	for _, a := range e.arrivals {
		seen[a.text] = append(seen[a.text], a)
	}
	left := map[string]bool{}
	for _, key := range e.keys {
		left[key] = true
	}
	budget, somewhere := maps.Clone(e.doubtful), 0
	for _, n := range e.doubtful {
		somewhere += n
	}
	for _, r := range e.records {
		v.states[r.State]++
		if !left[r.Key] {
			fault(&v.wrong, "%s: a record of a message that was not added, or a second one", r.Key)
		}
		delete(left, r.Key)
		all := seen[r.Key]
		delete(seen, r.Key)
		// Only a 429 leads to another request by itself.
		taken, requests := 0, 0
		for _, a := range all {
			if a.fate.took() {
				taken++
			}
			if a.fate != holdsBack {
				requests++
			}
		}
		if taken > 1 || requests > 1 {
			fault(&v.twice, "%s: arrived %d times, of which %d were accepted", r.Key, len(all), taken)
		}
		var last *arrival
		if len(all) > 0 {
			last = &all[len(all)-1]
		}
		switch r.State {
		case outbox.Sent:
			switch {
			case taken == 0:
				fault(&v.missing, "%s: is called sent and has not arrived", r.Key)
			case last.fate != accepts || r.Receipt.ID != last.id:
				fault(&v.wrong, "%s: is called sent with receipt %d; the server %s it, with %d", r.Key, r.Receipt.ID, last.fate, last.id)
			}
		case outbox.Rejected:
			if last == nil || last.fate != refuses {
				fault(&v.wrong, "%s: is called rejected (%s); requests: %v", r.Key, r.Reason, all)
			}
		case outbox.Unknown:
			switch {
			case last != nil && !last.fate.tells() && !last.gone:
				v.lost++
			case last != nil && budget[last.process] > 0:
				v.killed++
				budget[last.process]--
				somewhere--
			case last == nil && somewhere > 0:
				v.killed++
				v.absent++
				somewhere--
			default:
				fault(&v.wrong, "%s: is unknown (%s: %s) and no attempt can have been under way; requests: %v", r.Key, r.Code, r.Reason, all)
			}
		case outbox.Waiting, outbox.Sending:
			fault(&v.unended, "%s: is %s still; requests: %v", r.Key, r.State, all)
		default:
			fault(&v.wrong, "%s: is %s (%s), and nobody has cancelled it", r.Key, r.State, r.Reason)
		}
		if last != nil && last.gone {
			v.gone++
		}
		if last != nil && (!last.fate.tells() || last.gone) && r.State != outbox.Unknown {
			fault(&v.wrong, "%s: is %s without an answer: %+v", r.Key, r.State, all)
		}
	}
	for key := range left {
		fault(&v.unended, "%s: has no record", key)
	}
	for text, all := range seen {
		fault(&v.wrong, "%q arrived and has no record: %v", text, all)
	}
	return v
}

// report fails the test for what is wrong, at length only for the first few.
func (v verdict) report(t *testing.T) {
	t.Helper()
	t.Log(v)
	for i, f := range v.faults {
		if i == 10 {
			t.Errorf("and %d more", len(v.faults)-i)
			return
		}
		t.Error(f)
	}
}

// TestJudge plants one fault at a time: a judge that finds everything good would be none.
func TestJudge(t *testing.T) {
	t.Parallel()
	good := func() evidence {
		record := func(key string, state outbox.State, receipt int64) outbox.Record {
			r := outbox.Record{Key: key, State: state}
			r.Receipt.ID = receipt
			return r
		}
		return evidence{
			keys: []string{"sent", "again", "refused", "lost", "cut", "failed", "killed", "absent"},
			records: []outbox.Record{
				record("sent", outbox.Sent, 1), record("again", outbox.Sent, 3), record("refused", outbox.Rejected, 0), record("lost", outbox.Unknown, 0),
				record("cut", outbox.Unknown, 0), record("failed", outbox.Unknown, 0), record("killed", outbox.Unknown, 0), record("absent", outbox.Unknown, 0),
			},
			arrivals: []arrival{
				{text: "sent", fate: accepts, id: 1}, {text: "again", fate: holdsBack, id: 2}, {text: "again", fate: accepts, id: 3, process: 1},
				{text: "refused", fate: refuses}, {text: "lost", fate: loses}, {text: "cut", fate: cuts}, {text: "failed", fate: fails},
				{text: "killed", fate: accepts, process: 1, gone: true},
			},
			doubtful: map[int]int{1: 2},
		}
	}
	if v := judge(good()); len(v.faults) > 0 || v.lost != 3 || v.killed != 2 || v.absent != 1 || v.states[outbox.Sent] != 2 {
		t.Fatalf("a good run: %v\n%s", v, strings.Join(v.faults, "\n"))
	}
	for name, c := range map[string]struct {
		plant func(*evidence)
		found func(verdict) bool
	}{
		"doubled":              {func(e *evidence) { e.arrivals = append(e.arrivals, arrival{text: "sent", fate: accepts, id: 1}) }, func(v verdict) bool { return v.twice == 1 }},
		"attempted twice":      {func(e *evidence) { e.arrivals = append(e.arrivals, arrival{text: "cut", fate: cuts}) }, func(v verdict) bool { return v.twice == 1 }},
		"sent and missing":     {func(e *evidence) { e.arrivals = e.arrivals[1:] }, func(v verdict) bool { return v.missing == 1 }},
		"another's receipt":    {func(e *evidence) { e.records[0].Receipt.ID = 3 }, func(v verdict) bool { return v.wrong == 1 }},
		"waits":                {func(e *evidence) { e.records[2].State = outbox.Waiting }, func(v verdict) bool { return v.unended == 1 }},
		"is being sent":        {func(e *evidence) { e.records[2].State = outbox.Sending }, func(v verdict) bool { return v.unended == 1 }},
		"cancelled":            {func(e *evidence) { e.records[2].State = outbox.Cancelled }, func(v verdict) bool { return v.wrong == 1 }},
		"no record":            {func(e *evidence) { e.records = e.records[:7] }, func(v verdict) bool { return v.unended == 1 }},
		"two records":          {func(e *evidence) { e.records = append(e.records, e.records[2]) }, func(v verdict) bool { return v.wrong > 0 }},
		"nobody's":             {func(e *evidence) { e.arrivals[0].text = "other" }, func(v verdict) bool { return v.wrong == 1 && v.missing == 1 }},
		"rejected and there":   {func(e *evidence) { e.records[0].State = outbox.Rejected }, func(v verdict) bool { return v.wrong == 1 }},
		"lost and sent":        {func(e *evidence) { e.records[3].State = outbox.Sent }, func(v verdict) bool { return v.wrong > 0 }},
		"lost and rejected":    {func(e *evidence) { e.records[5].State = outbox.Rejected }, func(v verdict) bool { return v.wrong > 0 }},
		"unanswered and sent":  {func(e *evidence) { e.arrivals[0].gone = true }, func(v verdict) bool { return v.wrong == 1 }},
		"unknown without need": {func(e *evidence) { e.records[0].State = outbox.Unknown }, func(v verdict) bool { return v.wrong == 1 }},
		"too many at a kill":   {func(e *evidence) { e.doubtful[1] = 1 }, func(v verdict) bool { return v.wrong == 1 }},
		"without a kill":       {func(e *evidence) { e.doubtful = nil }, func(v verdict) bool { return v.wrong == 2 }},
	} {
		e := good()
		c.plant(&e)
		if v := judge(e); !c.found(v) {
			t.Errorf("%s: %v\n%s", name, v, strings.Join(v.faults, "\n"))
		}
	}
}
