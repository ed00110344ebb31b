package suite

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/tgo-business/tgo-go/contract_test/internal/contract"
)

// Verdict is what an exchange says about an assumption.
type Verdict int

// The verdicts.
const (
	NotSeen Verdict = iota // it says nothing
	Held
	Refuted
)

func (v Verdict) String() string { return [...]string{"not seen", "held", "refuted"}[v] }

// Holds returns Held or Refuted.
func Holds(yes bool) Verdict {
	if yes {
		return Held
	}
	return Refuted
}

// Finding is what all exchanges together say about an assumption.
type Finding struct {
	Verdict       Verdict
	held, refuted int
	By            string // the first exchange that refuted it
}

// CheckAssumptions runs the checks of all assumptions, by their names in x-assumed: checks read one exchange at a time,
// historyChecks at all of them in order and return verdicts by their indexes.
func CheckAssumptions(all []contract.Exchange, checks map[string]func(contract.Exchange) Verdict, historyChecks map[string]func([]contract.Exchange) map[int]Verdict) map[string]Finding {
	report := map[string]Finding{}
	note := func(id string, x contract.Exchange, v Verdict) {
		f := report[id]
		switch v {
		case Held:
			f.held++
		case Refuted:
			if f.refuted++; f.refuted == 1 {
				f.By = fmt.Sprintf("%s %s, returned %d", x.Method, x.Operation, x.Status)
			}
		case NotSeen:
		}
		switch {
		case f.refuted > 0:
			f.Verdict = Refuted
		case f.held > 0:
			f.Verdict = Held
		}
		report[id] = f
	}
	for id, check := range checks {
		report[id] = Finding{}
		for _, x := range all {
			note(id, x, check(x))
		}
	}
	for id, check := range historyChecks {
		report[id] = Finding{}
		for i, v := range check(all) {
			note(id, all[i], v)
		}
	}
	return report
}

// WriteAssumptions writes a line for each assumption. The name is that of the server.
func WriteAssumptions(w io.Writer, name string, report map[string]Finding) {
	sentences, _ := contract.Assumptions() // a test reports the problems
	counts := map[Verdict]int{}
	_, _ = fmt.Fprintf(w, "What the contract assumes, as %s has it:\n", name)
	for _, id := range slices.Sorted(maps.Keys(report)) {
		f := report[id]
		counts[f.Verdict]++
		_, _ = fmt.Fprintf(w, "  %-9s %-20s %s", f.Verdict, id, sentences[id])
		if f.Verdict == Refuted {
			_, _ = fmt.Fprintf(w, " (%d times not; first by %s)", f.refuted, f.By)
		}
		_, _ = fmt.Fprintln(w)
	}
	_, _ = fmt.Fprintf(w, "  %d held, %d refuted, %d not seen\n", counts[Held], counts[Refuted], counts[NotSeen])
}
