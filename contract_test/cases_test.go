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

	"github.com/tgo-business/tgo-go/tgo"
)

// contractCase is a case that any server of the API must pass. It says what it needs, and how much it does at the most.
type contractCase struct {
	name     string
	needs    needs
	requests int
	messages int // requests that may send a message
	run      func(t *testing.T, on *target)
	// betterWith is what another case needs that does the same and more.
	betterWith needs
}

// testText is what a message of the suite says: it may arrive on somebody's phone.
const testText = "A test message of the tgo-go contract suite. Nothing to do."

// reads are the operations that read without being asked anything.
var reads = []rawRequest{
	{method: http.MethodGet, target: "/messages"},
	{method: http.MethodGet, target: "/usage"},
	{method: http.MethodGet, target: "/sender-numbers"},
	{method: http.MethodGet, target: "/me"},
	{method: http.MethodGet, target: "/subscription"},
}

func contractCases() []contractCase {
	list := []contractCase{
		{name: "every read answers as documented", needs: needsRead, requests: 5, run: func(t *testing.T, on *target) {
			for _, r := range reads {
				if a := on.do(t, r, on.key.Reveal()); a.status != http.StatusOK {
					t.Errorf("%s answered %d", r.target, a.status)
				}
			}
		}},
		{name: "the client reads everything", needs: needsRead, requests: 5, run: clientReads},
		{name: "reading twice reads the same", needs: needsRead | needsState, requests: 4, run: readsTwice},
		{name: "the sender is one of the listed numbers", needs: needsRead | needsLookup, requests: 1, run: func(t *testing.T, on *target) {
			n, err := on.sender().Check(t.Context())
			if err != nil && !errors.Is(err, tgo.ErrSenderInactive) && !errors.Is(err, tgo.ErrSenderUnverified) {
				t.Errorf("it is not: %s", on.shown(err))
			}
			t.Logf("status %s, verification %s: %s", knownWord(n.Status), knownWord(n.VerificationStatus), on.shown(err))
		}},
		{name: "a phone can be looked up", needs: needsLookup, requests: 2, run: looksUp},
		{name: "a lookup changes nothing", needs: needsLookup | needsRead | needsState, requests: 5, run: lookupChangesNothing},
		{name: "pages partition the log", needs: needsRead | needsState, requests: 3, run: pagesPartition},
		{name: "the page after the last is empty", needs: needsRead | needsState, requests: 2, run: pageAfterTheLast},
		{name: "without a key nothing is read", needs: needsRead, requests: 5, run: func(t *testing.T, on *target) {
			for _, r := range reads {
				refusedAs(t, on.do(t, r, ""), http.StatusUnauthorized, textUnauthenticated)
			}
		}},
		{name: "a wrong key reads nothing", needs: needsRead | needsAuth, requests: 5, run: func(t *testing.T, on *target) {
			for _, r := range reads {
				refusedAs(t, on.do(t, r, "tgo_no-key-of-anybody"), http.StatusUnauthorized, textUnauthenticated)
			}
		}},
		{name: "a lookup of nothing is refused", needs: needsRead, requests: 1, run: func(t *testing.T, on *target) {
			a := on.do(t, rawRequest{method: http.MethodGet, target: "/contacts/lookup"}, on.key.Reveal())
			if refusedAs(t, a, http.StatusUnprocessableEntity, ""); !t.Failed() && len(a.refusal(t).Errors) == 0 {
				t.Error("it does not say which field is wrong")
			}
		}},
	}
	for _, kind := range []string{"text", "image", "voice", "document"} {
		list = append(list,
			contractCase{
				name: "a message is accepted: " + kind, needs: needsSend, requests: 1, messages: 1, betterWith: needsState,
				run: func(t *testing.T, on *target) { accepts(t, on, kind) },
			},
			contractCase{
				name: "a message is logged once and counted once: " + kind, needs: needsSend | needsRead | needsState, requests: 5, messages: 1,
				run: func(t *testing.T, on *target) { logsOnce(t, on, kind) },
			})
	}
	return append(list,
		// A server that is more lenient than we think would send it, so it is one of the messages that must be allowed.
		contractCase{name: "a refused message leaves no trace", needs: needsSend | needsRead | needsState, requests: 5, messages: 1, run: refusedLeavesNoTrace},
		contractCase{name: "a key can be made and revoked", needs: needsKeys, requests: 2, run: makesAKey, betterWith: needsState | needsAuth},
		contractCase{name: "a key does what it may, and stops when it is revoked", needs: needsKeys | needsState | needsAuth, requests: 5, run: keyLives},
	)
}

// refusedAs checks an error; an empty message is any.
func refusedAs(t *testing.T, a answer, status int, message string) {
	t.Helper()
	if a.status != status {
		t.Errorf("answered %d %.200s, want %d", a.status, a.shown(), status)
		return
	}
	if said := a.refusal(t).Message; message != "" && said != message {
		t.Errorf("says %s, want %q", a.shown(), message)
	}
}

func clientReads(t *testing.T, on *target) {
	ctx := t.Context()
	for name, read := range map[string]func() error{
		"Me":            func() error { _, err := on.client.Me(ctx); return err },
		"Subscription":  func() error { _, err := on.client.Subscription(ctx); return err },
		"Usage":         func() error { _, err := on.client.Usage(ctx); return err },
		"SenderNumbers": func() error { _, err := on.client.SenderNumbers(ctx); return err },
		"MessagePage":   func() error { _, err := on.client.MessagePage(ctx, tgo.MessageQuery{}); return err },
	} {
		if err := read(); err != nil {
			t.Errorf("%s: %s", name, on.shown(err))
		}
	}
}

func readsTwice(t *testing.T, on *target) {
	for _, r := range []rawRequest{{method: http.MethodGet, target: "/sender-numbers"}, {method: http.MethodGet, target: "/usage"}} {
		first, second := on.do(t, r, on.key.Reveal()), on.do(t, r, on.key.Reveal())
		if !slices.Equal(first.body, second.body) && (on.alone || r.target != "/usage") {
			t.Errorf("%s answered differently the second time", r.target)
		}
	}
}

func looksUp(t *testing.T, on *target) {
	contact, err := on.sender().Lookup(t.Context(), tgo.Phone(on.lookup))
	if err != nil {
		t.Fatal(on.shown(err))
	}
	if contact.CanReceive && (!contact.Exists || contact.ReasonCode != "ok") {
		t.Errorf("it can receive, but exists: %v, reason: %s", contact.Exists, knownWord(contact.ReasonCode))
	}
	query := url.Values{"phone": {on.lookup}, on.senderField: {on.senderValue}}
	if a := on.do(t, rawRequest{method: http.MethodGet, target: "/contacts/lookup?" + query.Encode()}, on.key.Reveal()); a.status != http.StatusOK {
		t.Errorf("answered %d", a.status)
	}
}

// logAndUsage is what a send would change.
type logAndUsage struct {
	newest []tgo.LogEntry
	total  int64
	used   int64
	counts bool // the usage has the counter that the contract assumes
}

func logAndUsageOf(t *testing.T, on *target) logAndUsage {
	t.Helper()
	page, err := on.client.MessagePage(t.Context(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(on.shown(err))
	}
	usage, err := on.client.Usage(t.Context())
	if err != nil {
		t.Fatal(on.shown(err))
	}
	state := logAndUsage{newest: page.Entries, total: page.Total}
	for _, s := range usage.Senders {
		state.used += s.MessagesSent
		state.counts = state.counts || s.SenderNumberID != 0
	}
	return state
}

func lookupChangesNothing(t *testing.T, on *target) {
	before := logAndUsageOf(t, on)
	if _, err := on.sender().Lookup(t.Context(), tgo.Phone(on.lookup)); err != nil {
		t.Fatal(on.shown(err))
	}
	sameState(t, on, before, logAndUsageOf(t, on))
}

func sameState(t *testing.T, on *target, before, after logAndUsage) {
	t.Helper()
	if reflect.DeepEqual(before, after) {
		return
	}
	const what = "the log or the usage is another: %d messages in the log before and %d after, %d and %d counted"
	if on.alone {
		t.Errorf(what, before.total, after.total, before.used, after.used)
	} else {
		t.Logf(what+"; somebody else may have sent meanwhile", before.total, after.total, before.used, after.used)
	}
}

func pagesPartition(t *testing.T, on *target) {
	seen := map[int64]int{}
	for number, count := 1, 0; number > 0 && count < 3; count++ {
		page, err := on.client.MessagePage(t.Context(), tgo.MessageQuery{Page: number})
		if err != nil {
			t.Fatal(on.shown(err))
		}
		for _, e := range page.Entries {
			if other, twice := seen[e.ID]; twice && (on.alone || other == number) {
				t.Errorf("entry %d is on page %d and on page %d", e.ID, other, number)
			}
			seen[e.ID] = number
		}
		if page.NextPage != 0 && page.NextPage != number+1 {
			t.Errorf("after page %d comes page %d", number, page.NextPage)
		}
		number = page.NextPage
	}
	if on.alone && len(seen) < 5 {
		t.Errorf("only %d entries on three pages", len(seen))
	}
}

func pageAfterTheLast(t *testing.T, on *target) {
	first, err := on.client.MessagePage(t.Context(), tgo.MessageQuery{})
	if err != nil {
		t.Fatal(on.shown(err))
	}
	if first.LastPage == 0 {
		t.Skip("the server does not say how many pages there are")
	}
	after, err := on.client.MessagePage(t.Context(), tgo.MessageQuery{Page: first.LastPage + 1})
	if err != nil || (len(after.Entries) != 0 && on.alone) || after.NextPage != 0 {
		t.Errorf("it has %d entries and goes on at %d: %s", len(after.Entries), after.NextPage, on.shown(err))
	}
}

// sendOne sends a message of a kind.
func sendOne(t *testing.T, on *target, kind string) (tgo.Receipt, error) {
	t.Helper()
	ctx, to := t.Context(), tgo.Phone(on.recipient)
	switch kind {
	case "image":
		return on.sender().SendImage(ctx, to, tgo.Image{File: tgo.FilePath(demoFiles + "picture.png"), Caption: testText})
	case "voice":
		return on.sender().SendVoice(ctx, to, tgo.Voice{File: tgo.FilePath(demoFiles + "voice.ogg"), Duration: 2 * time.Second})
	case "document":
		return on.sender().SendDocument(ctx, to, tgo.Document{File: tgo.FilePath(demoFiles + "invoice.pdf"), Caption: testText})
	}
	return on.sender().SendText(ctx, to, testText)
}

// accepts is for servers that remember nothing.
func accepts(t *testing.T, on *target, kind string) {
	t.Helper()
	receipt, err := sendOne(t, on, kind)
	if err != nil || receipt.ID < 1 || receipt.MessageType == "" {
		t.Errorf("the receipt has the id %d: %s", receipt.ID, on.shown(err))
	}
}

func logsOnce(t *testing.T, on *target, kind string) {
	before := logAndUsageOf(t, on)
	receipt, err := sendOne(t, on, kind)
	if err != nil {
		t.Fatal(on.shown(err))
	}
	after := logAndUsageOf(t, on)
	count := func(entries []tgo.LogEntry) int {
		n := 0
		for _, e := range entries {
			if e.ID == receipt.ID {
				n++
				if e.MessageType != kind || e.SenderNumberID != receipt.SenderNumberID {
					t.Errorf("the log says %s from %d, want %s from %d", knownWord(e.MessageType), e.SenderNumberID, kind, receipt.SenderNumberID)
				}
			}
		}
		return n
	}
	switch {
	case count(before.newest) == 0 && count(after.newest) == 1:
	case assumptionReport(on.witness.exchanges())["log-id"].verdict == refuted:
		t.Log("the log has the message by another id than it was sent with")
	default:
		t.Errorf("the message is %d times in the log before it was sent and %d times after", count(before.newest), count(after.newest))
	}
	if grew := after.total - before.total; grew != 1 && (on.alone || (grew < 1 && after.total != 0)) {
		t.Errorf("the log grew by %d", grew)
	}
	switch used := after.used - before.used; {
	case !after.counts:
		t.Log("the usage has no counter that is known, so it was not looked at")
	case used != 1 && (on.alone || used < 1):
		t.Errorf("the usage grew by %d", used)
	}
}

func refusedLeavesNoTrace(t *testing.T, on *target) {
	before := logAndUsageOf(t, on)
	parts := []part{
		field(on.senderField, on.senderValue), field("to_phone", on.recipient), field("type", "voice"), field("duration", "301"),
		filePart("voice.ogg", "audio/ogg", string(readFile(t, demoFiles+"voice.ogg"))),
	}
	contentType, body := formBody(parts...)
	refusedAs(t, on.do(t, post("", "/messages", contentType, body), on.key.Reveal()), http.StatusUnprocessableEntity, "")
	sameState(t, on, before, logAndUsageOf(t, on))
}

// newKey makes a key that is revoked by whoever asks for it, and at the end of the case in any way.
func newKey(t *testing.T, on *target) (created tgo.CreatedAPIKey, revoke func() error) {
	t.Helper()
	created, err := on.client.CreateAPIKey(t.Context(), tgo.NewAPIKey{Name: "tgo-go contract suite", Scopes: []tgo.Scope{tgo.ScopeUsageRead}, ExpiresInDays: 1})
	if err != nil {
		t.Fatal(on.shown(err))
	}
	revoke = sync.OnceValue(func() error { return on.client.RevokeAPIKey(context.Background(), created.ID) })
	t.Cleanup(func() {
		if err := revoke(); err != nil {
			t.Errorf("it was not revoked and expires in a day: %s", on.shown(err))
		}
	})
	return created, revoke
}

func makesAKey(t *testing.T, on *target) {
	if created, _ := newKey(t, on); created.Key.Reveal() == "" {
		t.Error("it has no text")
	}
}

func keyLives(t *testing.T, on *target) {
	created, revoke := newKey(t, on)
	usage := rawRequest{method: http.MethodGet, target: "/usage"}
	if a := on.do(t, usage, created.Key.Reveal()); a.status != http.StatusOK {
		t.Errorf("it may read the usage, and was answered %d", a.status)
	}
	refusedAs(t, on.do(t, rawRequest{method: http.MethodGet, target: "/messages"}, created.Key.Reveal()), http.StatusForbidden, textMissingScope)
	if revoke() == nil {
		refusedAs(t, on.do(t, usage, created.Key.Reveal()), http.StatusUnauthorized, textUnauthenticated)
	}
}
