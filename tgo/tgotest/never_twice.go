package tgotest

import (
	"fmt"
	"net/http"
)

// CheckNeverTwice finds out whether your code sends a message twice when an answer is lost. It calls send once for each of
// a number of faults, with a new fake in which the next message goes through but its answer does not, or in which it
// cannot be told whether it went through. The fault strikes once: who sends again succeeds, and has sent twice.
//
// send is to carry out the code under test as it runs in production, its own retries included, with fake.Client or with a
// client of its own for fake.URL. What it returns does not matter. Its messages must differ in recipient, type, content or
// file: two that are the same are taken for one that was sent twice.
func CheckNeverTwice(tb TB, send func(fake *Server)) {
	tb.Helper()
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
		if len(fake.Messages()) == 0 {
			tb.Fatalf("tgotest: the fake took no message after the fault %q, so nothing is proven", f.Kind)
			return
		}
		if twice := fake.sentTwice(); twice != "" {
			tb.Fatalf("tgotest: sent twice after the fault %q (stored: %v, status %d): %s", f.Kind, f.Stored, f.Status, twice)
			return
		}
		_ = fake.Close()
	}
}

// openOutcomes are the faults after which a client cannot know, or knows that it must not send again.
func openOutcomes() []Fault {
	faults := []Fault{
		{Kind: FaultCut, Stored: true},
		{Kind: FaultCutAnswer},
		{Kind: FaultBrokenJSON},
		{Kind: FaultEmpty},
	}
	for _, status := range []int{http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout, http.StatusRequestTimeout} {
		faults = append(faults, Fault{Kind: FaultStatus, Stored: true, Status: status})
	}
	for _, status := range []int{http.StatusOK, http.StatusBadGateway} {
		faults = append(faults, Fault{Kind: FaultHTML, Stored: true, Status: status})
	}
	for i := range faults {
		faults[i].Operation, faults[i].Times = "sendMessage", 1
	}
	return faults
}

// sentTwice describes the first message that is there twice.
func (s *Server) sentTwice() string {
	type identity struct{ to, messageType, content, media string }
	seen := map[identity]bool{}
	for _, m := range s.Messages() {
		id := identity{string(m.To), m.Type, m.Content, ""}
		if m.Media != nil {
			id.media = m.Media.SHA256
		}
		if seen[id] {
			return fmt.Sprintf("%s to %s %q", m.Type, m.To, m.Content)
		}
		seen[id] = true
	}
	return ""
}
