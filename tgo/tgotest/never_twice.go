package tgotest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// CheckNeverTwice checks whether your code sends a message twice when an answer is lost. It calls send once without a
// fault, and once for each of a number of faults, each time with a new fake: there the next message goes through but its
// answer does not, comes too late, or does not say whether it went through. The fault strikes once: code that sends again
// succeeds, and has sent twice.
//
// The test fails where more messages arrive after a fault than without one, or the same more often: recipient, type, content
// and file tell which are the same. So your code may send the same twice on purpose, but not another message because one
// failed.
//
// send is to carry out the code under test as it runs in production, its own retries included, with fake.Client or with a
// client of its own for fake.URL. What it returns does not matter. An answer that comes too late is held for two seconds;
// then the connection is cut. Give a client whose time-out is longer a shorter one, or what follows a time-out is not tried.
func CheckNeverTwice(tb TB, send func(fake *Server)) {
	tb.Helper()
	fake := New(tb)
	send(fake)
	usual := fake.Messages()
	_ = fake.Close()
	if len(usual) == 0 {
		tb.Fatalf("tgotest: without a fault nothing was sent that the fake took, so nothing is proven")
		return
	}
	for _, f := range openOutcomes() {
		fake := New(tb)
		injected, err := fake.Inject(f)
		if err != nil {
			tb.Fatalf("%v", err)
			return
		}
		send(fake)
		if injected.Struck() == 0 {
			tb.Fatalf("tgotest: nothing was sent to the fake, so nothing is proven")
			return
		}
		sent := fake.Messages()
		if len(sent) == 0 {
			tb.Fatalf("tgotest: the fake took no message after the fault %q, so nothing is proven", f.Kind)
			return
		}
		if twice := sentTwice(sent, usual); twice != "" {
			tb.Fatalf("tgotest: sent twice after the fault %q (stored: %v, status %d, delay %v): %s",
				f.Kind, f.Stored, f.Status, f.Delay, twice)
			return
		}
		_ = fake.Close()
	}
}

// lateAnswer is how long an answer is held that comes too late.
const lateAnswer = 2 * time.Second

// openOutcomes are the faults after which a client cannot know, or knows that it must not send again.
func openOutcomes() []Fault {
	faults := []Fault{
		{Kind: FaultCut, Stored: true},
		{Kind: FaultCutAnswer},
		{Kind: FaultBrokenJSON},
		{Kind: FaultEmpty},
	}
	const clientClosedRequest = 499 // nginx's
	for _, status := range []int{
		http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		http.StatusRequestTimeout, clientClosedRequest,
	} {
		faults = append(faults, Fault{Kind: FaultStatus, Stored: true, Status: status})
	}
	for _, status := range []int{http.StatusOK, http.StatusBadGateway} {
		faults = append(faults, Fault{Kind: FaultHTML, Stored: true, Status: status})
	}
	faults = append(faults, Fault{Kind: FaultCut, Stored: true, Delay: lateAnswer}) // it takes its time, so it comes last
	for i := range faults {
		faults[i].Operation, faults[i].Times = "sendMessage", 1
	}
	return faults
}

// sentTwice describes the first message that was sent more often than usual; failing that, the last of too many.
func sentTwice(sent, usual []Message) string {
	allowed, seen := map[workspace.Identity]int{}, map[workspace.Identity]int{}
	for _, m := range usual {
		allowed[m.forWorkspace().Identity()]++
	}
	for _, m := range sent {
		id := m.forWorkspace().Identity()
		seen[id]++
		if seen[id] > max(1, allowed[id]) {
			return fmt.Sprintf("%s to %s %q", m.Type, m.To, m.Content)
		}
	}
	if len(sent) > len(usual) {
		m := sent[len(sent)-1]
		return fmt.Sprintf("%d messages instead of %d, the last of them %s to %s %q",
			len(sent), len(usual), m.Type, m.To, m.Content)
	}
	return ""
}
