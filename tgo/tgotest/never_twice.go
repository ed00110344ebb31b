package tgotest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/tgo-business/tgo-go/tgo/tgotest/internal/workspace"
)

// CheckNeverTwice checks whether your code sends a message twice when a response is lost. It calls send once without a fault, and
// then once for each fault, each time with a new fake. A fault affects one request: the message is stored, but its response is lost,
// late, or does not say whether the message was accepted. Code that retries succeeds, and has sent the message twice.
//
// The test fails if more messages arrive with a fault than without one, or if one message arrives more often. Messages are the
// same if recipient, type, content and file are the same. So your code may send the same message twice on purpose, but not another
// one because one failed.
//
// send must run the code under test as in production, including its retries, with fake.Client or with its own client for fake.URL.
// Its result does not matter. The late response is held for two seconds, and then the connection is cut. Give the client a
// timeout below two seconds; otherwise retries after a timeout are not tested.
func CheckNeverTwice(tb TB, send func(fake *Server)) {
	tb.Helper()
	fake := New(tb)
	send(fake)
	usual := fake.Messages()
	_ = fake.Close()
	if len(usual) == 0 {
		tb.Fatalf("tgotest: the fake accepted no message without a fault, so the check proves nothing: make send succeed first")
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
			tb.Fatalf("tgotest: send made no request to the fake, so the check proves nothing: send to fake.URL")
			return
		}
		sent := fake.Messages()
		if len(sent) == 0 {
			tb.Fatalf("tgotest: the fake accepted no message after the fault %q, so the check proves nothing: make send send the same messages each time", f.Kind)
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

// lateAnswer is how long a response that comes too late is held.
const lateAnswer = 2 * time.Second

// openOutcomes are the faults after which a client cannot know, or knows that it must not send again.
func openOutcomes() []Fault {
	faults := []Fault{
		{Kind: FaultCut, Stored: true},
		{Kind: FaultCutResponse},
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
