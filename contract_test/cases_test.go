package contract_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/contract_test/internal/suite"
	"github.com/tgo-business/tgo-go/tgo"
)

// testText is the text of the suite's messages. It may arrive on someone's phone.
const testText = "A test message of the tgo-go contract suite. Nothing to do."

// reads are the requests that read and have no parameters.
var reads = []request{
	{Method: http.MethodGet, Target: "/messages"},
	{Method: http.MethodGet, Target: "/usage"},
	{Method: http.MethodGet, Target: "/sender-numbers"},
	{Method: http.MethodGet, Target: "/me"},
	{Method: http.MethodGet, Target: "/subscription"},
}

// contractCases returns the cases that TestContract runs on a fake, on a mock and on live tenants. Each says what it needs there,
// and how many requests and messages it may send.
func contractCases() []suite.Case {
	list := []suite.Case{
		{Name: "every read returns what is documented", Needs: suite.NeedsRead, Requests: 5, Run: func(t *testing.T, on *suite.Target) {
			for _, r := range reads {
				if a := on.Do(t, r, on.Key.Reveal()); a.Status != http.StatusOK {
					t.Errorf("%s returned %d", r.Target, a.Status)
				}
			}
		}},
		{Name: "the client reads everything", Needs: suite.NeedsRead, Requests: 5, Run: clientReads},
		{Name: "reading twice reads the same", Needs: suite.NeedsRead | suite.NeedsState, Requests: 4, Run: readsTwice},
		{Name: "the sender is one of the listed numbers", Needs: suite.NeedsRead | suite.NeedsLookup, Requests: 1, Run: func(t *testing.T, on *suite.Target) {
			n, err := on.Sender().Check(t.Context())
			if err != nil && !errors.Is(err, tgo.ErrSenderInactive) && !errors.Is(err, tgo.ErrSenderUnverified) {
				t.Errorf("it is not one of them: %s", on.ErrorText(err))
			}
			t.Logf("status %s, verification %s: %s", suite.KnownWord(n.Status), suite.KnownWord(n.VerificationStatus), on.ErrorText(err))
		}},
		{Name: "a phone can be looked up", Needs: suite.NeedsLookup, Requests: 2, Run: looksUp},
		{Name: "a lookup changes nothing", Needs: suite.NeedsLookup | suite.NeedsRead | suite.NeedsState, Requests: 5, Run: lookupChangesNothing},
		{Name: "pages partition the log", Needs: suite.NeedsRead | suite.NeedsState, Requests: 3, Run: pagesPartition},
		{Name: "the page after the last is empty", Needs: suite.NeedsRead | suite.NeedsState, Requests: 2, Run: pageAfterTheLast},
		{Name: "without a key nothing is read", Needs: suite.NeedsRead, Requests: 5, Run: func(t *testing.T, on *suite.Target) {
			for _, r := range reads {
				refusedAs(t, on.Do(t, r, ""), http.StatusUnauthorized, textUnauthenticated)
			}
		}},
		{Name: "a wrong key reads nothing", Needs: suite.NeedsRead | suite.NeedsAuth, Requests: 5, Run: func(t *testing.T, on *suite.Target) {
			for _, r := range reads {
				refusedAs(t, on.Do(t, r, "tgo_no-key-of-anybody"), http.StatusUnauthorized, textUnauthenticated)
			}
		}},
		{Name: "a lookup of nothing is refused", Needs: suite.NeedsRead, Requests: 1, Run: func(t *testing.T, on *suite.Target) {
			a := on.Do(t, request{Method: http.MethodGet, Target: "/contacts/lookup"}, on.Key.Reveal())
			if refusedAs(t, a, http.StatusUnprocessableEntity, ""); !t.Failed() && len(a.Error(t).Errors) == 0 {
				t.Error("it does not say which field is wrong")
			}
		}},
	}
	for _, kind := range []string{"text", "image", "voice", "document"} {
		list = append(list,
			suite.Case{
				Name: "a message is accepted: " + kind, Needs: suite.NeedsSend, Requests: 1, Messages: 1, BetterWith: suite.NeedsState,
				Run: func(t *testing.T, on *suite.Target) { accepts(t, on, kind) },
			},
			suite.Case{
				Name: "a message is logged once and counted once: " + kind, Needs: suite.NeedsSend | suite.NeedsRead | suite.NeedsState, Requests: 5, Messages: 1,
				Run: func(t *testing.T, on *suite.Target) { logsOnce(t, on, kind) },
			})
	}
	return append(list,
		// A server that is more lenient than the contract would send it, so it counts as a message.
		suite.Case{Name: "a refused message leaves no trace", Needs: suite.NeedsSend | suite.NeedsRead | suite.NeedsState, Requests: 5, Messages: 1, Run: refusedLeavesNoTrace},
		suite.Case{Name: "a key can be made and revoked", Needs: suite.NeedsKeys, Requests: 2, Run: makesAKey, BetterWith: suite.NeedsState | suite.NeedsAuth},
		suite.Case{Name: "a key does what it may, and stops when it is revoked", Needs: suite.NeedsKeys | suite.NeedsState | suite.NeedsAuth, Requests: 5, Run: keyLives},
	)
}

// refusedAs checks the status and the message of an error. An empty message stands for any.
func refusedAs(t *testing.T, a suite.Answer, status int, message string) {
	t.Helper()
	if a.Status != status {
		t.Errorf("returned %d %.200s, want %d", a.Status, a.Shown(), status)
		return
	}
	if said := a.Error(t).Message; message != "" && said != message {
		t.Errorf("says %s, want %q", a.Shown(), message)
	}
}

func clientReads(t *testing.T, on *suite.Target) {
	ctx := t.Context()
	for name, read := range map[string]func() error{
		"Me":            func() error { _, err := on.Client.Me(ctx); return err },
		"Subscription":  func() error { _, err := on.Client.Subscription(ctx); return err },
		"Usage":         func() error { _, err := on.Client.Usage(ctx); return err },
		"SenderNumbers": func() error { _, err := on.Client.SenderNumbers(ctx); return err },
		"MessagePage":   func() error { _, err := on.Client.MessagePage(ctx, tgo.MessageQuery{}); return err },
	} {
		if err := read(); err != nil {
			t.Errorf("%s: %s", name, on.ErrorText(err))
		}
	}
}

func readsTwice(t *testing.T, on *suite.Target) {
	for _, r := range []request{{Method: http.MethodGet, Target: "/sender-numbers"}, {Method: http.MethodGet, Target: "/usage"}} {
		first, second := on.Do(t, r, on.Key.Reveal()), on.Do(t, r, on.Key.Reveal())
		if !slices.Equal(first.Body, second.Body) && (on.Alone || r.Target != "/usage") {
			t.Errorf("%s responded differently the second time", r.Target)
		}
	}
}

func looksUp(t *testing.T, on *suite.Target) {
	contact, err := on.Sender().Lookup(t.Context(), tgo.Phone(on.Lookup))
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	if contact.CanReceive && (!contact.Exists || contact.ReasonCode != "ok") {
		t.Errorf("it can receive, but exists: %v, reason: %s", contact.Exists, suite.KnownWord(contact.ReasonCode))
	}
	query := url.Values{"phone": {on.Lookup}, on.SenderField: {on.SenderValue}}
	if a := on.Do(t, request{Method: http.MethodGet, Target: "/contacts/lookup?" + query.Encode()}, on.Key.Reveal()); a.Status != http.StatusOK {
		t.Errorf("returned %d", a.Status)
	}
}

// logAndUsage is what a send changes.
type logAndUsage struct {
	newest []tgo.LogEntry
	total  int64
	used   int64
	counts bool // the usage has the counter that the contract assumes
}

func logAndUsageOf(t *testing.T, on *suite.Target) logAndUsage {
	t.Helper()
	page, err := on.Client.MessagePage(t.Context(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	usage, err := on.Client.Usage(t.Context())
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	state := logAndUsage{newest: page.Entries, total: page.Total}
	for _, s := range usage.Senders {
		state.used += s.MessagesSent
		state.counts = state.counts || s.SenderNumberID != 0
	}
	return state
}

func lookupChangesNothing(t *testing.T, on *suite.Target) {
	before := logAndUsageOf(t, on)
	if _, err := on.Sender().Lookup(t.Context(), tgo.Phone(on.Lookup)); err != nil {
		t.Fatal(on.ErrorText(err))
	}
	sameState(t, on, before, logAndUsageOf(t, on))
}

func sameState(t *testing.T, on *suite.Target, before, after logAndUsage) {
	t.Helper()
	if reflect.DeepEqual(before, after) {
		return
	}
	const what = "the log or the usage has changed: %d messages in the log before and %d after, %d and %d counted"
	if on.Alone {
		t.Errorf(what, before.total, after.total, before.used, after.used)
	} else {
		t.Logf(what+"; someone else may have sent in the meantime", before.total, after.total, before.used, after.used)
	}
}

func pagesPartition(t *testing.T, on *suite.Target) {
	seen := map[int64]int{}
	for number, count := 1, 0; number > 0 && count < 3; count++ {
		page, err := on.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: number})
		if err != nil {
			t.Fatal(on.ErrorText(err))
		}
		for _, e := range page.Entries {
			if other, twice := seen[e.ID]; twice && (on.Alone || other == number) {
				t.Errorf("entry %d is on page %d and on page %d", e.ID, other, number)
			}
			seen[e.ID] = number
		}
		if page.NextPage != 0 && page.NextPage != number+1 {
			t.Errorf("after page %d comes page %d", number, page.NextPage)
		}
		number = page.NextPage
	}
	if on.Alone && len(seen) < 5 {
		t.Errorf("only %d entries on three pages", len(seen))
	}
}

func pageAfterTheLast(t *testing.T, on *suite.Target) {
	first, err := on.Client.MessagePage(t.Context(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	if first.LastPage == 0 {
		t.Skip("the server does not say how many pages there are")
	}
	after, err := on.Client.MessagePage(t.Context(), tgo.MessageQuery{Page: first.LastPage + 1})
	if err != nil || (len(after.Entries) != 0 && on.Alone) || after.NextPage != 0 {
		t.Errorf("it has %d entries and continues at %d: %s", len(after.Entries), after.NextPage, on.ErrorText(err))
	}
}

// sendOne sends a message of this kind.
func sendOne(t *testing.T, on *suite.Target, kind string) (tgo.Receipt, error) {
	t.Helper()
	ctx, to := t.Context(), tgo.Phone(on.Recipient)
	switch kind {
	case "image":
		return on.Sender().SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demoFiles + "picture.png"), Caption: testText})
	case "voice":
		return on.Sender().SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demoFiles + "voice.ogg"), Duration: 2 * time.Second})
	case "document":
		return on.Sender().SendDocument(ctx, to, tgo.Document{File: tgo.FilePath(demoFiles + "invoice.pdf"), Caption: testText})
	}
	return on.Sender().SendText(ctx, to, testText)
}

// accepts sends a message and checks the receipt, for servers that remember nothing.
func accepts(t *testing.T, on *suite.Target, kind string) {
	t.Helper()
	receipt, err := sendOne(t, on, kind)
	if err != nil || receipt.ID < 1 || receipt.MessageType == "" {
		t.Errorf("the receipt has the id %d: %s", receipt.ID, on.ErrorText(err))
	}
}

func logsOnce(t *testing.T, on *suite.Target, kind string) {
	before := logAndUsageOf(t, on)
	receipt, err := sendOne(t, on, kind)
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	after := logAndUsageOf(t, on)
	count := func(entries []tgo.LogEntry) int {
		n := 0
		for _, e := range entries {
			if e.ID == receipt.ID {
				n++
				if e.MessageType != kind || e.SenderNumberID != receipt.SenderNumberID {
					t.Errorf("the log says %s from %d, want %s from %d", suite.KnownWord(e.MessageType), e.SenderNumberID, kind, receipt.SenderNumberID)
				}
			}
		}
		return n
	}
	switch {
	case count(before.newest) == 0 && count(after.newest) == 1:
	case assumptionReport(on.Recorder.Exchanges())["log-id"].Verdict == refuted:
		t.Log("the log has the message under another id than the receipt")
	default:
		t.Errorf("the message is %d times in the log before it was sent and %d times after", count(before.newest), count(after.newest))
	}
	if grew := after.total - before.total; grew != 1 && (on.Alone || (grew < 1 && after.total != 0)) {
		t.Errorf("the log grew by %d", grew)
	}
	switch used := after.used - before.used; {
	case !after.counts:
		t.Log("the usage has no counter that the client knows, so it was not compared")
	case used != 1 && (on.Alone || used < 1):
		t.Errorf("the usage grew by %d", used)
	}
}

func refusedLeavesNoTrace(t *testing.T, on *suite.Target) {
	before := logAndUsageOf(t, on)
	parts := []part{
		field(on.SenderField, on.SenderValue), field("to_phone", on.Recipient), field("type", "voice"), field("duration", "301"),
		filePart("voice.ogg", "audio/ogg", string(readFile(t, demoFiles+"voice.ogg"))),
	}
	contentType, body := formBody(parts...)
	refusedAs(t, on.Do(t, post("", "/messages", contentType, body), on.Key.Reveal()), http.StatusUnprocessableEntity, "")
	sameState(t, on, before, logAndUsageOf(t, on))
}

// newKey makes a key. It is revoked by the caller, or else at the end of the case.
func newKey(t *testing.T, on *suite.Target) (created tgo.CreatedAPIKey, revoke func() error) {
	t.Helper()
	created, err := on.Client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "tgo-go contract suite", Scopes: []tgo.Scope{tgo.ScopeUsageRead}, ExpiresInDays: 1})
	if err != nil {
		t.Fatal(on.ErrorText(err))
	}
	revoke = sync.OnceValue(func() error { return on.Client.RevokeAPIKey(context.Background(), created.ID) })
	t.Cleanup(func() {
		if err := revoke(); err != nil {
			t.Errorf("it was not revoked and expires in a day: %s", on.ErrorText(err))
		}
	})
	return created, revoke
}

func makesAKey(t *testing.T, on *suite.Target) {
	if created, _ := newKey(t, on); created.Key.Reveal() == "" {
		t.Error("it has no plain text")
	}
}

func keyLives(t *testing.T, on *suite.Target) {
	created, revoke := newKey(t, on)
	usage := request{Method: http.MethodGet, Target: "/usage"}
	if a := on.Do(t, usage, created.Key.Reveal()); a.Status != http.StatusOK {
		t.Errorf("it has the scope usage.read, and reading the usage returned %d", a.Status)
	}
	refusedAs(t, on.Do(t, request{Method: http.MethodGet, Target: "/messages"}, created.Key.Reveal()), http.StatusForbidden, textMissingScope)
	if revoke() == nil {
		refusedAs(t, on.Do(t, usage, created.Key.Reveal()), http.StatusUnauthorized, textUnauthenticated)
	}
}
