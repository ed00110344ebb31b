package contract_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tgo-business/tgo-go/tgo"
	"github.com/tgo-business/tgo-go/tgo/tgotest"
)

// targetFlags choose the server that TestContract runs against. Without them it is a fake.
type targetFlags struct {
	live      bool
	mock      bool
	mockRoot  bool
	plan      bool
	inCI      bool
	keys      bool
	messages  int
	requests  int
	pause     time.Duration
	recipient string
	lookup    string
	record    string
}

// register defines the flags.
func (f *targetFlags) register(flags *flag.FlagSet) {
	flags.BoolVar(&f.live, "live", false, "run TestContract against the tenant that TGO_BASE_URL and TGO_API_KEY name, reading only")
	flags.BoolVar(&f.mock, "mock", false, "run TestContract against the stateless mock server that TGO_BASE_URL names, on this machine")
	flags.BoolVar(&f.mockRoot, "mock.root", false, "with -mock: the mock has the paths of the contract at its root, without /api/v1, as Prism does")
	flags.BoolVar(&f.plan, "plan", false, "with -live: print what would be done, and stop there")
	flags.BoolVar(&f.inCI, "live.in-ci", false, "with -live: run even where CI is set in the environment")
	flags.BoolVar(&f.keys, "live.keys", false, "with -live: make API keys that expire in a day, and revoke them")
	flags.IntVar(&f.messages, "live.messages", 0, "with -live: send at most this `number` of real messages, to -live.recipient")
	flags.IntVar(&f.requests, "live.requests", 80, "with -live: make at most this `number` of requests")
	flags.DurationVar(&f.pause, "live.pause", time.Second, "with -live: how long to wait between two requests")
	flags.StringVar(&f.recipient, "live.recipient", "", "with -live: the `phone` that messages go to; TGO_LIVE_RECIPIENT must say the same")
	flags.StringVar(&f.lookup, "live.lookup", "", "with -live: a `phone` that may be looked up; by default the recipient")
	flags.StringVar(&f.record, "record", "", "with -live: write the answers of the tenant to this `file`, without keys, phones, names and texts")
}

// needs is what a case asks of its target.
type needs int

const (
	needsRead   needs = 1 << iota // read what there is
	needsLookup                   // look up a phone
	needsSend                     // send messages
	needsKeys                     // make and revoke keys
	needsState                    // remember what was done: a mock does not
	needsAuth                     // know a right key from a wrong one
)

var needNames = map[needs]string{
	needsRead: "read", needsLookup: "lookup", needsSend: "send", needsKeys: "keys", needsState: "state", needsAuth: "auth",
}

func (n needs) String() string {
	var names []string
	for _, one := range slices.Sorted(maps.Keys(needNames)) {
		if n&one != 0 {
			names = append(names, needNames[one])
		}
	}
	return strings.Join(names, "+")
}

// target is a server to run the cases against.
type target struct {
	name    string
	baseURL string
	key     tgo.Key
	lacks   map[needs]string // with the reason, to be printed
	alone   bool             // nobody else uses the server

	senderField, senderValue string // as a request names the sender
	recipient, lookup        string

	guard     *guard // nil where nothing is at stake
	witness   *witness
	coverage  *tgotest.Coverage
	client    *tgo.Client
	transport http.RoundTripper
}

// connect makes the client and the transports: client, witness, coverage, guard, server.
func (on *target) connect(transport http.RoundTripper) error {
	on.coverage = tgotest.NewCoverage()
	on.witness = &witness{next: on.coverage.Transport(transport), base: on.baseURL}
	on.transport = on.witness
	var err error
	on.client, err = on.clientWith(on.key)
	return err
}

// clientWith is a client that sends each request once: retries are no business of the contract, and on a live tenant none
// of ours.
func (on *target) clientWith(key tgo.Key) (*tgo.Client, error) {
	return tgo.New("", key, tgo.WithBaseURL(on.baseURL), tgo.WithHTTPClient(&http.Client{Transport: on.transport}), tgo.WithReadRetries(), tgo.WithUserAgent("contract-suite"))
}

func (on *target) sender() *tgo.Sender {
	if on.senderField == "sender_phone" {
		return on.client.FromPhone(tgo.Phone(on.senderValue))
	}
	id, _ := strconv.ParseInt(on.senderValue, 10, 64)
	return on.client.FromNumber(tgo.NumberID(id))
}

// do sends a request as it is, with a key or without one, and checks that the answer is one that the document has.
func (on *target) do(t *testing.T, r rawRequest, key string) answer {
	t.Helper()
	req := r.request(t, on.baseURL, key)
	a := roundTrip(t, on.transport, req)
	a.tenant = on.guard != nil
	a.mustConform(t, on.inContract(req))
	return a
}

// shown is an error of the client as it may be printed: what a live tenant answered may have been put into it.
func (on *target) shown(err error) string {
	known := sentinelsOf(err)
	var api *tgo.APIError
	if errors.As(err, &api) {
		known = append(known, fmt.Sprintf("%s answered %d", api.Op, api.Status))
	}
	if on.guard == nil || len(known) == 0 {
		return fmt.Sprint(err)
	}
	return strings.Join(known, ", ")
}

// inContract is the request with the path that it has in the document, wherever the server has its API.
func (on *target) inContract(r *http.Request) *http.Request { return inContract(r, on.baseURL) }

func inContract(r *http.Request, baseURL string) *http.Request {
	base, err := url.Parse(baseURL)
	if err != nil {
		return r
	}
	moved := r.Clone(r.Context())
	moved.URL.Path = basePath + strings.TrimPrefix(r.URL.Path, strings.TrimSuffix(base.Path, "/"))
	return moved
}

// exchange is a request and its answer.
type exchange struct {
	op          string // operationId; empty where the document has none
	method      string
	target      string // below the base URL, with the query
	query       url.Values
	contentType string
	requestBody []byte
	status      int
	header      http.Header
	body        []byte
}

// witness is a transport that remembers what went through it, for the reports.
type witness struct {
	next http.RoundTripper
	base string

	mu   sync.Mutex
	seen []exchange
}

// RoundTrip is http.RoundTripper's.
func (w *witness) RoundTrip(r *http.Request) (*http.Response, error) {
	x := exchange{method: r.Method, query: r.URL.Query(), contentType: r.Header.Get("Content-Type")}
	if r.Body != nil {
		body, err := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
		x.requestBody = body
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	resp, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	x.body, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(x.body))
	x.status, x.header = resp.StatusCode, resp.Header
	moved := inContract(r, w.base)
	x.target = strings.TrimPrefix(moved.URL.RequestURI(), basePath)
	if route, _, err := findRoute(r.Method, moved.URL.Path); err == nil {
		x.op = route.Operation.OperationID
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = append(w.seen, x)
	return resp, nil
}

func (w *witness) exchanges() []exchange {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.seen)
}

// fakeTarget is a fake, where everything may be done.
func fakeTarget(t testing.TB, configure ...func(*tgotest.Config)) *target {
	t.Helper()
	fake := newExampleFake(t, append([]func(*tgotest.Config){eachTimeLater, func(c *tgotest.Config) { c.PageSize = 2 }}, configure...)...)
	for i := range 5 {
		if _, err := fake.Sender.SendText(t.Context(), recipient, "message "+strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	on := &target{
		name: "a fake", baseURL: fake.URL, key: fake.Key, alone: true,
		senderField: "sender_phone", senderValue: senderPhone, recipient: recipient, lookup: recipient,
	}
	if err := on.connect(http.DefaultTransport); err != nil {
		t.Fatal(err)
	}
	return on
}

// foreignTarget is the server that the flags and the environment name. All that is wrong with these is told at once.
func foreignTarget(f targetFlags, env func(string) string) (*target, error) {
	var problems []error
	must := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, errors.New(problem))
		}
	}
	on := &target{name: "a live tenant", baseURL: env("TGO_BASE_URL"), lacks: map[needs]string{}, recipient: f.recipient, lookup: f.lookup}
	must(on.baseURL != "", "TGO_BASE_URL is not set; it is the server's address with /api/v1")
	must(env("TGO_API_KEY") != "", "TGO_API_KEY is not set")
	must(f.live != f.mock, "-live and -mock are two things")
	on.key = tgo.NewKey(env("TGO_API_KEY"))
	if f.live {
		ci := env("CI")
		must(ci == "" || ci == "false" || ci == "0" || f.inCI, "CI is set in the environment: a live run there needs -live.in-ci too")
	}
	phone, id := env("TGO_SENDER_PHONE"), env("TGO_SENDER_NUMBER_ID")
	switch {
	case phone != "" && id != "":
		must(false, "TGO_SENDER_PHONE and TGO_SENDER_NUMBER_ID are both set; one is enough")
	case phone != "":
		_, err := tgo.ParsePhone(phone)
		must(err == nil, "TGO_SENDER_PHONE is no phone in E.164 form")
		on.senderField, on.senderValue = "sender_phone", phone
	case id != "":
		n, err := strconv.ParseInt(id, 10, 64)
		must(err == nil && n > 0, "TGO_SENDER_NUMBER_ID is no number")
		on.senderField, on.senderValue = "sender_number_id", id
	}
	must(f.messages >= 0 && f.requests > 0 && f.pause >= 0, "-live.messages, -live.requests and -live.pause must not be negative")
	rules := guardRules{requests: f.requests, pause: f.pause, keys: f.keys}
	if f.messages == 0 {
		must(f.recipient == "", "-live.recipient without -live.messages: how many messages may be sent?")
		on.lacks[needsSend] = "no messages are allowed; -live.messages and -live.recipient would"
	} else {
		_, err := tgo.ParsePhone(f.recipient)
		must(err == nil, "-live.messages needs -live.recipient, a phone in E.164 form")
		must(env("TGO_LIVE_RECIPIENT") == f.recipient, "TGO_LIVE_RECIPIENT must name the same phone as -live.recipient: real messages go there")
		must(on.senderValue != "", "sending needs TGO_SENDER_PHONE or TGO_SENDER_NUMBER_ID")
		rules.messages, rules.recipient = f.messages, f.recipient
		if on.lookup == "" {
			on.lookup = f.recipient
		}
	}
	if on.lookup == "" || on.senderValue == "" {
		on.lacks[needsLookup] = "no phone was named that may be looked up (-live.lookup), or no sender (TGO_SENDER_PHONE or TGO_SENDER_NUMBER_ID)"
	} else {
		_, err := tgo.ParsePhone(on.lookup)
		must(err == nil, "-live.lookup is no phone in E.164 form")
		rules.lookups = []string{on.lookup}
	}
	if !f.keys {
		on.lacks[needsKeys] = "making keys is not allowed; -live.keys would"
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	guard, err := newGuard(on.baseURL, rules)
	if err != nil {
		return nil, fmt.Errorf("TGO_BASE_URL: %w", err)
	}
	if f.mock {
		if guard.base.Scheme != "http" {
			return nil, errors.New("TGO_BASE_URL: a mock is on this machine; -live is for everything else")
		}
		return mockTarget(on, f.mockRoot)
	}
	on.guard = guard
	return on, on.connect(guard)
}

// mockTarget is a server that answers by the document and remembers nothing. There is nothing to guard.
func mockTarget(on *target, root bool) (*target, error) {
	on.name = "a stateless mock"
	on.senderField, on.senderValue, on.recipient, on.lookup = "sender_phone", senderPhone, recipient, recipient
	on.lacks = map[needs]string{
		needsState: "a stateless mock remembers nothing",
		needsAuth:  "a mock knows no keys, only whether there is one",
	}
	transport := http.DefaultTransport
	if root {
		transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.URL.Path = strings.TrimPrefix(r.URL.Path, basePath)
			return http.DefaultTransport.RoundTrip(r)
		})
	}
	return on, on.connect(transport)
}

// mockCannot are calls that some mock cannot take, though they are as the standards have it.
var mockCannot = map[string]string{
	"document: WithName: a percent sign and a semicolon": "Prism 5.14 splits Content-Disposition at the semicolon of a quoted file name, and ends with a syntax error",
}

// TestTheClientAgainstAMock makes every call of the client to the server that -mock chooses.
func TestTheClientAgainstAMock(t *testing.T) {
	if !targetFlag.mock {
		t.Skip("there is no -mock")
	}
	on, err := foreignTarget(targetFlag, os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, c := range calls(t) {
		if len(c.options) > 0 {
			continue // some of them are other transports
		}
		if why := mockCannot[c.name]; why != "" {
			t.Logf("skipped: %s: %s", c.name, why)
			continue
		}
		_, err := c.do(t.Context(), on.client)
		if logs := c.op == "listMessages" || c.thenOp == "listMessages"; logs && errors.Is(err, tgo.ErrUnreadable) {
			err = nil // a mock that remembers nothing answers each page by the first, and the client says so
		}
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		made++
	}
	t.Logf("%d calls", made)
	for _, x := range on.witness.exchanges() {
		r := rawRequest{method: x.method, target: x.target}.request(t, "http://tenant"+basePath, "tgo_key")
		if err := validateResponse(r, x.status, x.header, x.body); err != nil {
			t.Errorf("%s %s answered %d against the contract: %v", x.method, x.target, x.status, err)
		}
	}
}

// masked shows enough of a phone for its owner to know it.
func masked(phone string) string {
	if len(phone) < 9 {
		return "(none)"
	}
	return phone[:4] + strings.Repeat("*", len(phone)-7) + phone[len(phone)-3:]
}

// writePlan says what a run will do, before it does anything.
func writePlan(w io.Writer, on *target, list []contractCase) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(w, format+"\n", args...) }
	say("Plan for %s", on.name)
	if u, err := url.Parse(on.baseURL); err == nil {
		say("  server    %s://%s%s", u.Scheme, u.Host, u.Path)
	}
	if on.guard != nil {
		r := on.guard.rules
		say("  requests  %d at the most, one at a time, %v apart; the first 429 or redirect ends it", r.requests, r.pause)
		say("  messages  %d at the most, to %s", r.messages, masked(r.recipient))
		say("  lookups   of %s and of nobody else", masked(on.lookup))
		say("  keys      %s", map[bool]string{true: "may be made, to expire in a day, and are revoked", false: "none is made or revoked"}[r.keys])
	}
	requests, messages := 0, 0
	for _, c := range list {
		why := on.why(c)
		if why == "" && on.guard != nil {
			why = on.guard.rules.whyNot(c, requests, messages)
		}
		if why != "" {
			say("  skip      %s: %s", c.name, why)
			continue
		}
		say("  run       %s (%s; %d requests, %d messages)", c.name, c.needs, c.requests, c.messages)
		requests += c.requests
		messages += c.messages
	}
	say("  in all    %d requests, %d messages", requests, messages)
}

// why says why a case cannot run here; empty where it can.
func (on *target) why(c contractCase) string {
	for _, one := range slices.Sorted(maps.Keys(needNames)) {
		if c.needs&one != 0 && on.lacks[one] != "" {
			return on.lacks[one]
		}
	}
	if better := c.betterWith; better != 0 && !slices.ContainsFunc(slices.Collect(maps.Keys(on.lacks)), func(n needs) bool { return n&better != 0 }) {
		return "another case does the same and more"
	}
	return ""
}

// ranContract is whether TestContract has run in this process. Flags like -count and -cpu would multiply all that is
// allowed on a live tenant.
var ranContract bool

// TestContract runs the cases against the target that the flags choose.
func TestContract(t *testing.T) {
	before := ranContract
	ranContract = true
	if *replayFile != "" {
		replay(t, fileOfFlag(*replayFile))
		return
	}
	list := contractCases()
	var on *target
	if targetFlag.live || targetFlag.mock {
		if before && targetFlag.live {
			t.Fatal("a live run is made only once, whatever -count and -cpu say")
		}
		var err error
		if on, err = foreignTarget(targetFlag, os.Getenv); err != nil {
			t.Fatal(err)
		}
		writePlan(os.Stdout, on, list)
		if targetFlag.plan && testing.Verbose() {
			t.Skip("-plan: nothing was sent")
		}
		if targetFlag.plan {
			t.Fatal("-plan: nothing was sent. It counts as a failure, for go test shows nothing else without -v.")
		}
	} else {
		on = fakeTarget(t)
	}
	if targetFlag.live {
		on.readScopes(t)
	}
	runCases(t, on, list)
	report := assumptionReport(on.witness.exchanges())
	if targetFlag.live || targetFlag.mock || testing.Verbose() {
		writeAssumptions(os.Stdout, on.name, report)
	}
	if targetFlag.live || targetFlag.mock {
		fmt.Print(on.coverage.Report())
	}
	if on.guard != nil {
		fmt.Println("Used:", on.guard.used())
	}
	if targetFlag.record != "" {
		if err := writeRecording(fileOfFlag(targetFlag.record), on); err != nil {
			t.Error(err)
		}
	}
}

// scopesOf are those that cases need for what they need. What a case reads it reads in the log and in the usage too.
var scopesOf = map[needs][]string{
	needsRead: {"messages.read", "usage.read"}, needsLookup: {"contacts.lookup"}, needsSend: {"messages.send"},
}

// readScopes looks up what the key may do, so that cases for which it may do too little are skipped.
func (on *target) readScopes(t *testing.T) {
	t.Helper()
	me, err := on.client.Me(t.Context())
	if err != nil || me.APIKey == nil || len(me.APIKey.Scopes) == 0 || slices.Contains(me.APIKey.Scopes, "*") {
		return // the cases find out what is wrong
	}
	for need, scopes := range scopesOf {
		for _, scope := range scopes {
			if on.lacks[need] == "" && !slices.Contains(me.APIKey.Scopes, scope) {
				on.lacks[need] = "the key lacks the scope " + scope
			}
		}
	}
}

// runCases runs what the target can, one after the other, and skips the rest with the reason.
func runCases(t *testing.T, on *target, list []contractCase) {
	t.Helper()
	for _, c := range list {
		t.Run(c.name, func(t *testing.T) {
			why := on.why(c)
			if why == "" && on.guard != nil {
				why = on.guard.whyNot(c)
			}
			if why != "" {
				t.Skip(why)
			}
			before := len(on.witness.exchanges())
			c.run(t, on)
			if n := len(on.witness.exchanges()) - before; n > c.requests {
				t.Errorf("it made %d requests, and its plan says %d", n, c.requests)
			}
		})
	}
}

// whyNot says why a case cannot begin.
func (g *guard) whyNot(c contractCase) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopped != "" {
		return "the guard has ended the run"
	}
	return g.rules.whyNot(c, g.requests, g.messages)
}

// whyNot says why a case cannot begin after so much was done. One that leaves something begins only if it can end.
func (r guardRules) whyNot(c contractCase, requests, messages int) string {
	switch {
	case c.messages > r.messages-messages:
		return "all messages that are allowed were sent by then"
	case c.needs&(needsSend|needsKeys) != 0 && c.requests > r.requests-requests:
		return "the requests that are left by then are too few"
	}
	return ""
}
