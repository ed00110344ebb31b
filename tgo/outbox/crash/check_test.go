//go:build unix && !386 && !arm

package crash_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/tgo-business/tgo-go/tgo/outbox"
)

// evidence is the data of a run that check needs.
type evidence struct {
	keys     []string // of the messages that were added
	records  []outbox.Record
	arrivals []arrival // at the server
	// doubtful is, for each process, how many of its attempts may have been in progress when it was killed, or stopped for longer than its lease,
	// or when the database was killed.
	doubtful map[int]int
}

// findings has the violations that check found, and counts which show that the run exercised something.
type findings struct {
	violations                     []string
	states                         map[outbox.State]int
	twice, missing, unended, wrong int
	lost                           int // unknown because the response was lost
	killed                         int // unknown because an attempt was in progress at a kill
	gone, absent                   int // of the killed ones: requests that had reached the server, and requests that never arrived
}

func (v findings) String() string {
	return fmt.Sprintf("%v: %d sent twice, %d recorded as sent and missing, %d not ended, %d otherwise wrong; "+
		"unknown: %d whose responses were lost, %d in progress at a kill (%d of these had reached the server, %d never arrived)",
		v.states, v.twice, v.missing, v.unended, v.wrong, v.lost, v.killed, v.gone, v.absent)
}

// check compares the records with the requests that the server received.
func check(e evidence) findings {
	v := findings{states: map[outbox.State]int{}}
	violation := func(counter *int, format string, args ...any) {
		*counter++
		v.violations = append(v.violations, fmt.Sprintf(format, args...))
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
			violation(&v.wrong, "%s: the record is of a message that was not added, or is a second record", r.Key)
		}
		delete(left, r.Key)
		all := seen[r.Key]
		delete(seen, r.Key)
		// Only a 429 leads to another request automatically.
		taken, requests := 0, 0
		for _, a := range all {
			if a.reaction.took() {
				taken++
			}
			if a.reaction != holdsBack {
				requests++
			}
		}
		if taken > 1 || requests > 1 {
			violation(&v.twice, "%s: arrived %d times, and was accepted %d times", r.Key, len(all), taken)
		}
		var last *arrival
		if len(all) > 0 {
			last = &all[len(all)-1]
		}
		switch r.State {
		case outbox.Sent:
			switch {
			case taken == 0:
				violation(&v.missing, "%s: is recorded as sent, but has not arrived", r.Key)
			case last.reaction != accepts || r.Receipt.ID != last.id:
				violation(&v.wrong, "%s: is recorded as sent with receipt %d; but the server %s it, with receipt %d", r.Key, r.Receipt.ID, last.reaction, last.id)
			}
		case outbox.Rejected:
			if last == nil || last.reaction != refuses {
				violation(&v.wrong, "%s: is recorded as rejected (%s), but the server did not refuse it; requests: %v", r.Key, r.Reason, all)
			}
		case outbox.Unknown:
			switch {
			case last != nil && !last.reaction.tells() && !last.gone:
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
				violation(&v.wrong, "%s: is unknown (%s: %s), but no attempt can have been in progress at a kill; requests: %v", r.Key, r.Code, r.Reason, all)
			}
		case outbox.Waiting, outbox.Sending:
			violation(&v.unended, "%s: is still %s; requests: %v", r.Key, r.State, all)
		default:
			violation(&v.wrong, "%s: is %s (%s), but nobody cancelled it", r.Key, r.State, r.Reason)
		}
		if last != nil && last.gone {
			v.gone++
		}
		if last != nil && (!last.reaction.tells() || last.gone) && r.State != outbox.Unknown {
			violation(&v.wrong, "%s: is %s, but there was no response: %+v", r.Key, r.State, all)
		}
	}
	for key := range left {
		violation(&v.unended, "%s: has no record", key)
	}
	for text, all := range seen {
		violation(&v.wrong, "%q arrived, but has no record: %v", text, all)
	}
	return v
}

// report fails the test if there are violations, and prints the first ten.
func (v findings) report(t *testing.T) {
	t.Helper()
	t.Log(v)
	for i, f := range v.violations {
		if i == 10 {
			t.Errorf("and %d more", len(v.violations)-i)
			return
		}
		t.Error(f)
	}
}

// TestCheck plants one violation at a time, since a check that finds nothing would be worthless.
func TestCheck(t *testing.T) {
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
				{text: "sent", reaction: accepts, id: 1}, {text: "again", reaction: holdsBack, id: 2}, {text: "again", reaction: accepts, id: 3, process: 1},
				{text: "refused", reaction: refuses}, {text: "lost", reaction: loses}, {text: "cut", reaction: cuts}, {text: "failed", reaction: fails},
				{text: "killed", reaction: accepts, process: 1, gone: true},
			},
			doubtful: map[int]int{1: 2},
		}
	}
	if v := check(good()); len(v.violations) > 0 || v.lost != 3 || v.killed != 2 || v.absent != 1 || v.states[outbox.Sent] != 2 {
		t.Fatalf("a good run: %v\n%s", v, strings.Join(v.violations, "\n"))
	}
	for name, c := range map[string]struct {
		plant func(*evidence)
		found func(findings) bool
	}{
		"doubled":              {func(e *evidence) { e.arrivals = append(e.arrivals, arrival{text: "sent", reaction: accepts, id: 1}) }, func(v findings) bool { return v.twice == 1 }},
		"attempted twice":      {func(e *evidence) { e.arrivals = append(e.arrivals, arrival{text: "cut", reaction: cuts}) }, func(v findings) bool { return v.twice == 1 }},
		"sent and missing":     {func(e *evidence) { e.arrivals = e.arrivals[1:] }, func(v findings) bool { return v.missing == 1 }},
		"another's receipt":    {func(e *evidence) { e.records[0].Receipt.ID = 3 }, func(v findings) bool { return v.wrong == 1 }},
		"waits":                {func(e *evidence) { e.records[2].State = outbox.Waiting }, func(v findings) bool { return v.unended == 1 }},
		"is being sent":        {func(e *evidence) { e.records[2].State = outbox.Sending }, func(v findings) bool { return v.unended == 1 }},
		"cancelled":            {func(e *evidence) { e.records[2].State = outbox.Cancelled }, func(v findings) bool { return v.wrong == 1 }},
		"no record":            {func(e *evidence) { e.records = e.records[:7] }, func(v findings) bool { return v.unended == 1 }},
		"two records":          {func(e *evidence) { e.records = append(e.records, e.records[2]) }, func(v findings) bool { return v.wrong > 0 }},
		"nobody's":             {func(e *evidence) { e.arrivals[0].text = "other" }, func(v findings) bool { return v.wrong == 1 && v.missing == 1 }},
		"rejected and there":   {func(e *evidence) { e.records[0].State = outbox.Rejected }, func(v findings) bool { return v.wrong == 1 }},
		"lost and sent":        {func(e *evidence) { e.records[3].State = outbox.Sent }, func(v findings) bool { return v.wrong > 0 }},
		"lost and rejected":    {func(e *evidence) { e.records[5].State = outbox.Rejected }, func(v findings) bool { return v.wrong > 0 }},
		"unanswered and sent":  {func(e *evidence) { e.arrivals[0].gone = true }, func(v findings) bool { return v.wrong == 1 }},
		"unknown without need": {func(e *evidence) { e.records[0].State = outbox.Unknown }, func(v findings) bool { return v.wrong == 1 }},
		"too many at a kill":   {func(e *evidence) { e.doubtful[1] = 1 }, func(v findings) bool { return v.wrong == 1 }},
		"without a kill":       {func(e *evidence) { e.doubtful = nil }, func(v findings) bool { return v.wrong == 2 }},
	} {
		e := good()
		c.plant(&e)
		if v := check(e); !c.found(v) {
			t.Errorf("%s: %v\n%s", name, v, strings.Join(v.violations, "\n"))
		}
	}
}
